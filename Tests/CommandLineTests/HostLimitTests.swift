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

    /// A stack of four gigabytes for each thread, of which none fits beside the first; what waits for
    /// one forever is ended.
    static let alone = "ulimit -s 4194304 && ulimit -v 2097152 && exec timeout -k 1 60"

    @Test("without a thread for them, checkpoints are written by the one that trains")
    func checkpointsAlone() throws {
      let place = try Workspace.withActivations()
      let run = small + " --checkpoint-every 10"
      try eluteSucceeds(run + " --out whole", in: place)
      let outcome = try Command.run(words(run + " --out r"), in: place, under: Self.alone)
      #expect(outcome.ending == .exit(0), "\(outcome.errors)")
      #expect(trained("r", in: place) == trained("whole", in: place))
    }

    @Test("without a thread that reads ahead, rows are not read while training, and it says so")
    func streamAlone() throws {
      let place = try Workspace.withActivations()
      try eluteSucceeds(small + " --out whole", in: place)
      let run = small + " --stream --out r"
      let outcome = try Command.run(words(run), in: place, under: Self.alone)
      #expect(outcome.ending == .exit(2))
      #expect(outcome.output.isEmpty)
      #expect(
        outcome.errors == """
          error: threads: found no room for the thread that reads ahead, expected one more than \
          those that compute
          hint: lower --threads, or raise the limit on processes

          """)
      // Nothing stands in the way of the same command where there is room.
      try eluteSucceeds(run + " --resume", in: place)
      for folder in ["dictionary", "checkpoints/00000040"] {
        #expect(
          place.contents(of: "r/seed-0/" + folder) == place.contents(of: "whole/seed-0/" + folder))
      }
    }
  }
#endif
