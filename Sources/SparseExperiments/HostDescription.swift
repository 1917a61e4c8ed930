#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The machine, for records and estimates.
public enum HostDescription {
  /// The bytes of memory that it has.
  public static var memory: Int {
    sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
  }

  /// The most bytes of memory that this process has had.
  static var peakMemory: Int {
    var usage = rusage()
    // RUSAGE_SELF, which every C library defines as 0 but not all as an integer.
    guard getrusage(0, &usage) == 0 else { return 0 }
    #if canImport(Darwin)
      return usage.ru_maxrss
    #else
      return usage.ru_maxrss * 1024
    #endif
  }

  /// The operating system and the processor, such as `Linux x86_64, 2 processors`.
  static var current: String {
    var name = utsname()
    guard uname(&name) == 0 else { return "unknown" }
    func text<Tuple>(_ tuple: Tuple) -> String {
      withUnsafeBytes(of: tuple) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
    return "\(text(name.sysname)) \(text(name.machine)), "
      + "\(sysconf(Int32(_SC_NPROCESSORS_ONLN))) processors"
  }
}

/// Seconds since it was made, by the monotonic clock; for progress and records of the host only.
struct Stopwatch {
  private let start = ContinuousClock.now

  var seconds: Double {
    let elapsed = (ContinuousClock.now - start).components
    return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
  }
}
