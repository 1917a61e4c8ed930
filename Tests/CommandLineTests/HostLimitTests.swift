import Elute
import Foundation
import Testing

#if os(Linux)
  /// Limits that a machine puts on a process: fewer processors, no room for threads.
  @Suite("limits of the machine") struct HostLimitTests {
    static let benchmark = words(
      "benchmark step --d-in 16 --d-sae 64 --k 4 --batch 64 --warmup 1 --repeats 1 --json")
    static let taskset = "/usr/bin/taskset"

    @Test(
      "as many threads as the affinity mask has processors",
      .enabled(if: FileManager.default.isExecutableFile(atPath: taskset)))
    func affinity() throws {
      let place = try Workspace()
      let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
      let list = try #require(
        status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") })
      let processor = try #require(list.split { !$0.isNumber }.first)
      let outcome = try Command.run(
        Self.benchmark, in: place, under: "\(Self.taskset) -c \(processor)")
      #expect(outcome.ending == .exit(0), "\(outcome.errors)")
      #expect(try JSONOutput(outcome.output)["threads"].number == 1)
    }

    @Test("threads that cannot be started are done without")
    func noThreads() throws {
      let place = try Workspace()
      // A gigabyte of stack for each thread, of which only a few fit.
      let limits = "ulimit -s 1048576 && ulimit -v 4194304 && exec"
      let outcome = try Command.run(
        Self.benchmark + ["--threads", "64"], in: place, under: limits)
      #expect(outcome.ending == .exit(0), "\(outcome.errors)")
      let threads = try #require(JSONOutput(outcome.output)["threads"].number)
      #expect(threads >= 1 && threads < 5)
    }
  }
#endif
