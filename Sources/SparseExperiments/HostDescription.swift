import RunRecords
import SparseCoding

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension RunRecord.Host {
  /// This machine, and what of it is used.
  init(_ compute: Compute) {
    self.init(
      description: machine, kernels: compute.kernels.rawValue, threads: compute.pool.threads)
  }
}

/// The operating system and the processor, such as `Linux x86_64, 2 processors`.
private var machine: String {
  var name = utsname()
  guard uname(&name) == 0 else { return "unknown" }
  func text<Tuple>(_ tuple: Tuple) -> String {
    withUnsafeBytes(of: tuple) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
  return "\(text(name.sysname)) \(text(name.machine)), "
    + "\(sysconf(Int32(_SC_NPROCESSORS_ONLN))) processors"
}
