import Elute
import Testing

@testable import SparseExperiments

@Suite("what a run will take") struct RunEstimateTests {
  @Test("rows, epochs, memory and disk follow from the plan")
  func numbers() throws {
    let plan = try plan {
      $0.seeds = [1, 2, 3]
      $0.snapshots = 4
    }
    let estimate = RunEstimate(plan, rows: 300, compute: oneThread)
    #expect(estimate.rows == 300)
    #expect(estimate.trainingRows == 270)
    #expect(estimate.epochs == 32.0 * 60 / 270)
    let atoms = 24 * 8 * 4
    let weights = 2 * atoms + 4 * (24 + 8)
    #expect(estimate.memoryBytes >= 300 * 8 * 4 + 3 * weights)
    #expect(estimate.seconds == nil)
    #expect(estimate.diskBytes == 3 * (weights + 2 * 3 * weights + 4 * atoms))
    let decaying = try SparseExperimentsTests.plan { $0.schedule = "linear" }
    // The checkpoint at which the decay begins is a third one.
    let disk = RunEstimate(decaying, rows: 300, compute: oneThread).diskBytes
    #expect(disk == weights + 3 * 3 * weights)
    let lines = estimate.lines(size: { "\($0)" }, duration: { "\($0)" })
    #expect(lines.count == 7 && lines[6] == "disk        about \(estimate.diskBytes)")
  }

  @Test(
    "rows that do not fit into memory stay on disk; seeds that share an order go in groups that fit"
  )
  func streams() throws {
    let plan = try plan {
      $0.seeds = [1, 2, 3, 4]
      $0.dataSeed = 0
      $0.dSae = 4096
    }
    let rows = 100_000_000
    func estimate(_ memory: Int, _ rows: Int) -> RunEstimate {
      RunEstimate(plan, rows: rows, compute: oneThread, memory: memory)
    }
    let roomy = estimate(1 << 40, rows)
    #expect(!roomy.isStreamed && roomy.seedsAtOnce == 4 && roomy.memoryBytes > rows * 8 * 4)
    let tight = estimate(2 << 30, rows)
    #expect(tight.isStreamed && tight.memoryBytes < 2 << 30)
    let four = estimate(1 << 40, 300)
    let fewer = estimate(four.memoryBytes, 300)
    #expect(four.seedsAtOnce == 4 && !fewer.isStreamed && (1..<4).contains(fewer.seedsAtOnce))
    #expect(fewer.memoryBytes <= four.memoryBytes - four.memoryBytes / 10)
  }

  @Test("small steps of several seeds go side by side where rows are in memory, one a thread")
  func sideBySide() throws {
    let plan = try plan { $0.seeds = [1, 2, 3] }
    func seedsAtOnce(_ threads: Int, streaming: Bool? = nil) -> Int {
      RunEstimate(
        plan, rows: 300, compute: Compute(threads: threads), streaming: streaming
      ).seedsAtOnce
    }
    #expect([1, 2, 4].map { seedsAtOnce($0) } == [1, 2, 3])
    #expect(seedsAtOnce(2, streaming: true) == 1)
  }

  @Test("a run that does not fit into memory is refused")
  func memory() throws {
    let estimate = RunEstimate(try plan(), rows: 300, compute: oneThread)
    #expect(HostMemory.bytes > 1 << 28)
    try estimate.check(memory: estimate.memoryBytes)
    let error = #expect(throws: ConfigurationError.self) {
      try estimate.check(memory: estimate.memoryBytes - 1)
    }
    #expect(error?.key == "d_sae")
  }

  @Test("the disk that it says is nearly what is written")
  func disk() throws {
    let place = try Place()
    let plan = try plan {
      $0.dSae = 200
      $0.snapshots = 3
      $0.logEvery = 60
    }
    let run = try TrainingRun(plan, rows: planted, path: "p", out: place.file("r"))
    _ = try run.train(resume: false, compute: oneThread)
    var bytes = 0
    let steps = ["checkpoints", "snapshots"].flatMap { folder in
      place.names(in: "r/seed-0/" + folder).map { "\(folder)/\($0)" }
    }
    for folder in ["dictionary"] + steps {
      for name in place.names(in: "r/seed-0/" + folder) {
        bytes += place.bytes("r/seed-0/\(folder)/\(name)").count
      }
    }
    let estimate = RunEstimate(plan, rows: planted.rows, compute: oneThread).diskBytes
    #expect(bytes > estimate && Double(bytes) < 1.4 * Double(estimate))
  }
}
