import CSparseKernels

/// SHA-256 by the processor's own instructions, where it has them.
public enum ProcessorDigest {
  /// Takes whole blocks of 64 bytes into the state a to h; source: FIPS 180-4, section 6.2.2.
  ///
  /// - Returns: Whether the processor has the instructions; without them nothing is done.
  /// - Precondition: The number of bytes is a multiple of 64.
  public static func take(
    _ bytes: UnsafeRawBufferPointer, into state: inout SIMD8<UInt32>
  ) -> Bool {
    precondition(bytes.count % 64 == 0, "\(bytes.count) bytes are no whole blocks of 64")
    let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    return withUnsafeMutableBytes(of: &state) { words in
      guard let words = words.baseAddress?.assumingMemoryBound(to: UInt32.self) else {
        return false
      }
      return elute_sha256_blocks(words, start, bytes.count / 64) != 0
    }
  }
}
