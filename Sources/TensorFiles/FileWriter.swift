#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The open temporary file that a closure of `AtomicFile.write` fills from start to end.
public struct FileWriter: ~Copyable {
  private let descriptor: OpenDescriptor
  private let path: String
  /// The number of bytes written so far.
  public private(set) var written = 0

  /// A writer to an open file; messages name `path`, where the bytes will be in the end.
  init(_ descriptor: consuming OpenDescriptor, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  /// Appends bytes, straight from where they lie.
  public mutating func write(_ bytes: RawSpan) throws(TensorFileError) {
    try bytes.withUnsafeBytes { (source) throws(TensorFileError) in
      var done = 0
      while done < source.count {
        #if canImport(Glibc)
          let count = Glibc.write(
            descriptor.number, source.baseAddress?.advanced(by: done),
            min(source.count - done, 1 << 30))
        #elseif canImport(Musl)
          let count = Musl.write(
            descriptor.number, source.baseAddress?.advanced(by: done),
            min(source.count - done, 1 << 30))
        #else
          let count = Darwin.write(
            descriptor.number, source.baseAddress?.advanced(by: done),
            min(source.count - done, 1 << 30))
        #endif
        if count >= 0 {
          done += count
          written += count
        } else if errno != EINTR {
          throw .system(
            errno, path: path, location: .byte(written),
            expected: "room for \(source.count - done) bytes more")
        }
      }
    }
  }

  /// Appends bytes.
  public mutating func write(_ bytes: [UInt8]) throws(TensorFileError) {
    try write(bytes.span.bytes)
  }

  /// Appends text as UTF-8.
  public mutating func write(_ text: String) throws(TensorFileError) {
    try write(Array(text.utf8))
  }

  /// Waits until the bytes have reached the disk, and closes.
  consuming func finish() throws(TensorFileError) {
    let path = path
    try descriptor.synchronize(path: path)
    try descriptor.closing(path: path)
  }
}
