extension ReadableFile {
  /// The SHA-256 digest of the file, read a mebibyte at a time.
  func digest() throws(TensorFileError) -> String {
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { piece.deallocate() }
    return try reading { (descriptor) throws(TensorFileError) in
      var digest = SHA256()
      for start in stride(from: 0, to: size, by: piece.count) {
        let part = UnsafeMutableRawBufferPointer(rebasing: piece[..<min(piece.count, size - start)])
        try fill(part, at: start, from: descriptor)
        digest.update(UnsafeRawBufferPointer(part))
      }
      return digest.finish()
    }
  }
}
