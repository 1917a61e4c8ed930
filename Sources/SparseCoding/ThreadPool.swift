import CSparseKernels

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
  /// The number of threads that work, the caller counted.
  public let threads: Int

  private let pool: OpaquePointer

  /// The number of processors that this process may use.
  public static var coreCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// A pool of a number of threads.
  ///
  /// - Precondition: `threads` is positive and the system can start that many.
  public init(threads: Int) {
    precondition(threads > 0, "\(threads) threads cannot work")
    guard let pool = elute_pool_create(threads) else {
      preconditionFailure("the system could not start \(threads) threads")
    }
    self.threads = threads
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
