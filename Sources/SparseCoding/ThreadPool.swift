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

/// Threads that sleep between jobs and take the units of a job as they come free.
///
/// Which thread runs a unit is not determined, so a unit writes only what is its own, and whoever adds
/// units up does so in their order: then results do not depend on the number of threads.
public final class ThreadPool: @unchecked Sendable {
  /// The number of threads that work, the caller counted; fewer than asked for where the system could
  /// not start them.
  public let threads: Int

  private let pool: OpaquePointer

  /// The number of processors that this process may use: those of its affinity mask, which batch
  /// systems, containers and `taskset` narrow.
  public static var coreCount: Int {
    #if os(Linux)
      // As sched_getaffinity has it, which Swift does not see. It is the mask of the first thread; a
      // pool's workers have their own.
      if let status = FileManager.default.contents(atPath: "/proc/self/status"),
        let allowed = processors(inStatus: String(decoding: status, as: UTF8.self))
      {
        return allowed
      }
    #endif
    return max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }

  /// The bits of the line `Cpus_allowed: ff,ffffffff` of a process's status.
  static func processors(inStatus status: String) -> Int? {
    let key = "Cpus_allowed:"
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(key) }) else {
      return nil
    }
    let bits = line.dropFirst(key.count).reduce(0) { $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0) }
    return bits > 0 ? bits : nil
  }

  /// A pool of a number of threads, or of as many of them as the system starts.
  ///
  /// Fewer threads take longer and give the same results, so a limit on processes ends nothing.
  ///
  /// - Precondition: `threads` is positive.
  public init(threads: Int) {
    precondition(threads > 0, "\(threads) threads cannot work")
    var count = threads
    var pool = elute_pool_create(count)
    while pool == nil, count > 1 {
      count /= 2
      pool = elute_pool_create(count)
    }
    guard let pool else { preconditionFailure("no memory for a pool of one thread") }
    self.threads = count
    self.pool = pool
  }

  deinit { elute_pool_destroy(pool) }

  /// Runs `body` for every unit below `units` and returns when all are done.
  ///
  /// `worker` is below `threads` and names the thread: two units that run at the same time have
  /// different workers, so it may index scratch memory.
  public func run(units: Int, _ body: (_ unit: Int, _ worker: Int) -> Void) {
    withoutActuallyEscaping(body) { escaping in
      var job = Job(body: escaping)
      withUnsafeMutablePointer(to: &job) { job in
        elute_pool_run(
          pool, units,
          { context, unit, worker in
            context?.assumingMemoryBound(to: Job.self).pointee.body(unit, worker)
          }, job)
      }
    }
  }

  private struct Job {
    let body: (Int, Int) -> Void
  }
}
