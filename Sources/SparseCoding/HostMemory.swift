import CSparseKernels

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

/// The memory that this process may use.
public enum HostMemory {
  /// The bytes of memory that there are for this process: those of the machine, or the limit of its
  /// control group (a container, a batch job) if that is smaller.
  public static var bytes: Int { min(physical, controlGroupLimit(under: "") ?? .max) }

  /// The most bytes of memory that this process has had.
  public static var peak: Int {
    var usage = rusage()
    // RUSAGE_SELF, which every C library defines as 0 but not all as an integer.
    guard getrusage(0, &usage) == 0 else { return 0 }
    #if canImport(Darwin)
      return usage.ru_maxrss
    #else
      return usage.ru_maxrss * 1024
    #endif
  }

  /// Has large blocks go back to the system as soon as they are freed; for a program's first line.
  public static func giveBackLargeBlocks() { elute_give_back_large_blocks() }

  private static var physical: Int {
    let (bytes, overflow) = Int(sysconf(Int32(_SC_PHYS_PAGES)))
      .multipliedReportingOverflow(by: Int(sysconf(Int32(_SC_PAGESIZE))))
    return overflow ? .max : bytes
  }

  /// The smallest memory limit of the process's control group and of the groups above it; none where
  /// there is no limit or no such thing as a control group.
  ///
  /// Version 2 has `memory.max`, version 1 `memory.limit_in_bytes`, which is a number beyond all memory
  /// where nothing is limited.
  ///
  /// - Parameter root: What stands before `/proc` and `/sys`; tests have their own.
  static func controlGroupLimit(under root: String) -> Int? {
    text(root + "/proc/self/cgroup")?.split(separator: "\n").compactMap { line -> Int? in
      // Number, controllers, path; version 2 is the line without controllers.
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { return nil }
      if parts[1].isEmpty {
        return limit(of: parts[2], under: root + "/sys/fs/cgroup", file: "memory.max")
      }
      guard parts[1].split(separator: ",").contains("memory") else { return nil }
      return limit(
        of: parts[2], under: root + "/sys/fs/cgroup/memory", file: "memory.limit_in_bytes")
    }.min()
  }

  /// The smallest limit of a group and those above it.
  ///
  /// The topmost is always looked at: in a container that is its own group, whatever path the kernel says.
  private static func limit(of group: Substring, under mount: String, file: String) -> Int? {
    let parts = group.split(separator: "/")
    return (0...parts.count).compactMap { depth in
      let folder = parts.prefix(depth).reduce(mount) { $0 + "/" + $1 }
      // "max", which is no number, is no limit.
      return text(folder + "/" + file).flatMap { Int($0.prefix { $0.isNumber }) }
    }.min()
  }

  private static func text(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }
}
