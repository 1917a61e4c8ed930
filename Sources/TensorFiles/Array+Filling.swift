import SparseCoding

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension Array {
  /// An array whose elements a closure writes in place, or an error before anything is allocated
  /// where the machine cannot hold it.
  ///
  /// - Precondition: `Element` is trivial, and the closure writes every element unless it throws.
  static func filled(
    count: Int, path: String, location: TensorFileError.Location = .file,
    _ body: (UnsafeMutableBufferPointer<Element>) throws(TensorFileError) -> Void
  ) throws(TensorFileError) -> [Element] {
    try checkMemory(count: count, stride: MemoryLayout<Element>.stride, path, location)
    var failure: TensorFileError?
    let result = [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(TensorFileError) {
        try body(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
        initialized = count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return result
  }
}

/// Refuses what memory cannot hold: a sparse file may truthfully claim a size that would end
/// the process in the allocator.
func checkMemory(
  count: Int, stride: Int, _ path: String, _ location: TensorFileError.Location
) throws(TensorFileError) {
  let (bytes, overflow) = count.multipliedReportingOverflow(by: stride)
  var fits = !overflow && bytes >= 0
  // Small tensors are many; the limit is looked up in files.
  if fits, bytes > 1 << 20 { fits = bytes <= HostMemory.bytes }
  // Limits of the process show only in trying; a large block is reserved, not touched.
  if fits, bytes > 1 << 26 {
    let probe = malloc(bytes)
    fits = probe != nil
    free(probe)
  }
  guard fits else {
    throw TensorFileError(
      path: path, location: location, found: "\(count) values of \(stride) bytes",
      expected: "no more than the memory for this process", hint: "read the data in parts")
  }
}
