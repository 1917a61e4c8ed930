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
    let weights = 2 * 24 * 8 * 4
    #expect(estimate.memoryBytes >= 300 * 8 * 4 + 3 * weights)
    #expect(estimate.diskBytes == 3 * (weights + 2 * 3 * weights + 4 * weights / 2))
    let decaying = try SparseExperimentsTests.plan { $0.schedule = "linear" }
    // The checkpoint at which the decay begins is a third one.
    #expect(RunEstimate(decaying, rows: 300, compute: oneThread).diskBytes == weights + 3 * 3 * weights)
    #expect(estimate.lines(size: { "\($0)" }, duration: { "\($0)" }).count == 7)
    #expect(estimate.lines(size: { "\($0)" }, duration: { "\($0)" })[6] == "disk        about \(estimate.diskBytes)")
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
