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

/// Refuses what this machine cannot hold: a sparse file may truthfully claim a size that would end
/// the process in the allocator.
func checkMemory(
  count: Int, stride: Int, _ path: String, _ location: TensorFileError.Location
) throws(TensorFileError) {
  let (bytes, overflow) = count.multipliedReportingOverflow(by: stride)
  let physical = Int(sysconf(Int32(_SC_PHYS_PAGES))).multipliedReportingOverflow(
    by: Int(sysconf(Int32(_SC_PAGESIZE))))
  var fits = !overflow && bytes >= 0 && (physical.overflow || bytes <= physical.partialValue)
  // Limits of the process show only in trying; a large block is reserved, not touched.
  if fits, bytes > 1 << 26 {
    let probe = malloc(bytes)
    fits = probe != nil
    free(probe)
  }
  guard fits else {
    throw TensorFileError(
      path: path, location: location, found: "\(count) values of \(stride) bytes",
      expected: "no more than this machine's memory", hint: "read the data in parts")
  }
}
