import Elute
import Testing

@testable import SparseExperiments

@Suite("the plan of a run") struct RunPlanTests {
  @Test(
    "snapshots are at the first step, the last one and log-spaced ones between",
    arguments: [
      (0, 1024, []), (1, 1024, [1024]), (2, 1024, [0, 1024]), (3, 1024, [0, 1, 1024]),
      (12, 1024, [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]),
      (5, 1000, [0, 1, 10, 100, 1000]),
      (6, 3, [0, 1, 2, 3]), (4, 0, [0]),
    ] as [(Int, Int, [Int])])
  func snapshotSteps(_ count: Int, _ steps: Int, _ expected: [Int]) throws {
    let plan = try plan {
      $0.snapshots = count
      $0.steps = steps
    }
    #expect(plan.snapshotSteps == expected)
  }

  @Test(
    "logged are the first step, the last, every so many, and powers of two before the first of those"
  )
  func loggedSteps() throws {
    let plan = try plan {
      $0.steps = 95
      $0.logEvery = 20
    }
    #expect((0...95).filter(plan.isLogged) == [0, 1, 2, 4, 8, 16, 20, 40, 60, 80, 95])
    #expect((1...95).filter { plan.isLogged($0) && plan.isEvaluated($0) } == [1, 2, 4, 8, 16, 95])
  }

  @Test("held-out rows are looked at on every fifth logged step, and numbers do not overflow")
  func evaluatedSteps() throws {
    let often = try plan {
      $0.steps = 95
      $0.logEvery = 3
    }
    #expect(
      (1...95).filter { often.isLogged($0) && often.isEvaluated($0) } == [
        1, 2, 15, 30, 45, 60, 75, 90, 95,
      ])
    let never = try plan { $0.logEvery = .max }
    #expect((1...60).filter(never.isEvaluated) == [1, 2, 4, 8, 16, 32, 60])
  }

  @Test("what two plans share ends where the first decay of either begins")
  func sharedSteps() throws {
    func plan(_ steps: Int, _ schedule: String, decay: Int? = nil) throws -> RunPlan {
      try SparseExperimentsTests.plan {
        $0.steps = steps
        $0.schedule = schedule
        $0.decay = decay
      }
    }
    let cases: [(RunPlan, RunPlan, Int)] = [
      (try plan(500, "constant"), try plan(500, "constant"), 500),
      (try plan(900, "constant"), try plan(500, "constant"), 500),
      (try plan(300, "constant"), try plan(500, "constant"), 300),
      (try plan(500, "linear"), try plan(500, "linear"), 500),
      (try plan(900, "linear"), try plan(500, "linear"), 400),
      (try plan(500, "linear", decay: 500), try plan(1000, "linear", decay: 100), 0),
      (try plan(500, "cosine", decay: 100), try plan(500, "cosine", decay: 200), 300),
    ]
    for (mine, theirs, expected) in cases {
      #expect(mine.sharedSteps(with: theirs) == expected)
      #expect(theirs.sharedSteps(with: mine) == expected)
    }
    #expect(try plan(500, "linear").decayStart == 400)
    #expect(try plan(500, "constant").decayStart == nil)
  }

  @Test("a resumed run may change what does not decide the bits, and steps and seeds")
  func noDifference() throws {
    let plan = try plan()
    let other = try SparseExperimentsTests.plan {
      $0.steps = 99
      $0.seeds = [4, 5]
      $0.checkpointEvery = 7
      $0.logEvery = 7
      $0.snapshots = 7
    }
    #expect(plan.firstDifference(from: plan) == nil)
    #expect(other.firstDifference(from: plan) == nil)
  }

  @Test("a decay of another length is a difference only between runs of one length")
  func decayDifference() throws {
    func plan(_ steps: Int, _ decay: Int) throws -> RunPlan {
      try SparseExperimentsTests.plan {
        $0.steps = steps
        $0.decay = decay
      }
    }
    let difference = try plan(100, 10).firstDifference(from: plan(100, 20))
    #expect(difference?.key == "decay")
    #expect(difference?.mine == "10")
    #expect(difference?.theirs == "20")
    #expect(try plan(100, 20).firstDifference(from: plan(50, 10)) == nil)
  }

  @Test("each seed has its own order of rows unless one is shared")
  func seedConfigurations() throws {
    let own = try plan { $0.seeds = [3, 4] }
    #expect(own.configuration(seed: 4).seed == 4)
    #expect(own.configuration(seed: 4).dataSeed == 4)
    let shared = try plan { $0.dataSeed = 9 }
    #expect(shared.configuration(seed: 4).seed == 4)
    #expect(shared.configuration(seed: 4).dataSeed == 9)
  }
}
