import Elute
import Testing

@testable import SparseExperiments

@Suite("runs on disk") struct TrainingRunTests {
  /// Trains a plan in a folder, stopping at a step of a seed if asked.
  @discardableResult
  private func train(
    _ plan: RunPlan, in place: Place, _ name: String = "r", resume: Bool = true,
    stopAt stop: (seed: UInt64, step: Int)? = nil
  ) throws -> [TrainingRun.Ending] {
    let run = try TrainingRun(plan, rows: planted, path: "p.npy", out: place.file(name))
    return try run.train(resume: resume, compute: oneThread) { now in
      now.seeds.first == stop?.seed && now.step == stop?.step ? .stop : .goOn
    }.map(\.ending)
  }

  /// What a seed's dictionary and last checkpoint are, as bytes.
  private func bits(_ place: Place, _ name: String, seed: UInt64 = 0) -> [[UInt8]] {
    let folder = "\(name)/seed-\(seed)"
    let checkpoint = place.names(in: folder + "/checkpoints").last ?? "none"
    return [
      "dictionary/sae_weights.safetensors", "dictionary/cfg.json",
      "checkpoints/\(checkpoint)/training.safetensors",
    ].map { place.bytes("\(folder)/\($0)") }
  }

  @Test("stopped at any step, it goes on with the same bits", arguments: [1, 10, 59, 60])
  func stopped(_ step: Int) throws {
    let place = try Place()
    let plan = try plan { $0.seeds = [0, 1] }
    #expect(try train(plan, in: place, "whole") == [.completed, .completed])
    let endings = try train(plan, in: place, stopAt: (seed: 0, step: step))
    #expect(step == 60 ? endings.first == .completed : endings == [.stopped(atStep: step)])
    try train(plan, in: place)
    for seed in [0, 1] as [UInt64] {
      #expect(bits(place, "r", seed: seed) == bits(place, "whole", seed: seed))
      #expect(bits(place, "r", seed: seed).allSatisfy { !$0.isEmpty })
    }
    #expect(try train(plan, in: place) == [.alreadyDone, .alreadyDone])
  }

  @Test("a stop ends the run with the seed that it met")
  func stopEndsTheRun() throws {
    let place = try Place()
    let plan = try plan { $0.seeds = [0, 1, 2] }
    #expect(
      try train(plan, in: place, stopAt: (seed: 1, step: 5))
        == [.completed, .stopped(atStep: 5)])
    #expect(place.names(in: "r") == [".lock", "run.json", "seed-0", "seed-1"])
    #expect(try RunFolder(place.file("r")).finishedSeeds() == [0])
    #expect(
      try train(plan, in: place) == [.alreadyDone, .completed, .completed])
  }

  @Test("without resuming, a folder that holds anything is refused and stays as it is")
  func occupied() throws {
    let place = try Place()
    let plan = try plan()
    try place.makeFolder("empty")
    try train(plan, in: place, "empty", resume: false)
    #expect(throws: TensorFileError.self) { try train(plan, in: place, "empty", resume: false) }
    try place.makeFolder("other")
    try place.write("x", to: "other/notes.txt")
    for resume in [false, true] {
      #expect(throws: TensorFileError.self) {
        try train(plan, in: place, "other", resume: resume)
      }
    }
    #expect(place.names(in: "other") == ["notes.txt"])
  }

  @Test("what a kill leaves, at any place, is cleared away by the next start")
  func leftovers() throws {
    let place = try Place()
    let plan = try plan { $0.snapshots = 3 }
    try train(plan, in: place, "whole")
    try train(plan, in: place, stopAt: (seed: 0, step: 25))
    let folder = "r/seed-0"
    try place.copy(folder + "/checkpoints/00000020", to: folder + "/checkpoints/00000030.tmp-9")
    try place.copy(folder + "/checkpoints/00000020", to: folder + "/dictionary.tmp-9")
    // Killed before it removed the oldest.
    try place.copy(folder + "/checkpoints/00000020", to: folder + "/checkpoints/00000005")
    for name in [
      "r/run.json.tmp-9", "\(folder)/record.json.tmp-9", "\(folder)/metrics.jsonl.tmp-9",
      "\(folder)/snapshots/00000060.tmp-9",
    ] { try place.write("half", to: name) }
    try train(plan, in: place)
    for part in ["", "/seed-0", "/seed-0/checkpoints", "/seed-0/snapshots"] {
      #expect(place.names(in: "r" + part) == place.names(in: "whole" + part))
    }
    #expect(bits(place, "r") == bits(place, "whole"))
  }

  @Test("a decay of another length goes on from before it begins, or is refused for equal steps")
  func decays() throws {
    let place = try Place()
    func plan(_ steps: Int, decay: Int) throws -> RunPlan {
      try SparseExperimentsTests.plan {
        $0.steps = steps
        $0.decay = decay
      }
    }
    try train(plan(60, decay: 20), in: place)
    let error = #expect(throws: ConfigurationError.self) {
      try train(plan(60, decay: 10), in: place)
    }
    #expect(error?.key == "decay")
    try train(plan(80, decay: 10), in: place)
    try train(plan(80, decay: 10), in: place, "fresh")
    #expect(bits(place, "r") == bits(place, "fresh"))
  }

  @Test("a seed that was left out of a longer run does not go on from its own decay")
  func seedsLeftOut() throws {
    let place = try Place()
    func plan(_ steps: Int, _ seeds: [UInt64]) throws -> RunPlan {
      try SparseExperimentsTests.plan {
        $0.steps = steps
        $0.seeds = seeds
        $0.schedule = "linear"
      }
    }
    try train(plan(60, [0, 1]), in: place)
    try train(plan(100, [0]), in: place)
    try train(plan(100, [0, 1]), in: place)
    try train(plan(100, [0, 1]), in: place, "fresh")
    for seed in [0, 1] as [UInt64] {
      #expect(bits(place, "r", seed: seed) == bits(place, "fresh", seed: seed))
    }
  }

  @Test("stopped while it extends, a decaying run still ends with the bits of the longer one")
  func stoppedExtension() throws {
    let place = try Place()
    func plan(_ steps: Int) throws -> RunPlan {
      try SparseExperimentsTests.plan {
        $0.steps = steps
        $0.schedule = "cosine"
        $0.snapshots = 4
      }
    }
    try train(plan(60), in: place)
    #expect(place.names(in: "r/seed-0/snapshots").last == "00000060")
    try train(plan(100), in: place, stopAt: (seed: 0, step: 53))
    // The decoder at step 60 of the shorter run's decay is none of the longer one's.
    #expect(!place.names(in: "r/seed-0/snapshots").contains("00000060"))
    #expect(try RunFolder(place.file("r")).seed(0).readRecord().settings.steps == 60)
    try train(plan(100), in: place)
    try train(plan(100), in: place, "fresh")
    #expect(bits(place, "r") == bits(place, "fresh"))
  }

  @Test("fewer steps than are done are refused, and what is done stays")
  func fewerSteps() throws {
    let place = try Place()
    let long = try plan()
    try train(long, in: place)
    let before = bits(place, "r")
    let error = #expect(throws: ConfigurationError.self) {
      try train(plan { $0.steps = 59 }, in: place)
    }
    #expect(error?.key == "steps")
    #expect(bits(place, "r") == before)
    // A run that has not come that far may end sooner.
    try train(long, in: place, "begun", stopAt: (seed: 0, step: 25))
    try train(plan { $0.steps = 40 }, in: place, "begun")
    try train(plan { $0.steps = 40 }, in: place, "fresh")
    #expect(bits(place, "begun") == bits(place, "fresh"))
  }

  @Test("a checkpoint of another shape is refused, and nothing is changed")
  func otherShape() throws {
    let place = try Place()
    let plan = try plan()
    try train(plan, in: place, stopAt: (seed: 0, step: 20))
    try train(
      SparseExperimentsTests.plan { $0.dSae = 16 }, in: place, "other",
      stopAt: (seed: 0, step: 20))
    try place.remove("r/seed-0/checkpoints/00000020")
    try place.copy("other/seed-0/checkpoints/00000020", to: "r/seed-0/checkpoints/00000020")
    let log = place.bytes("r/seed-0/metrics.jsonl")
    let error = #expect(throws: TensorFileError.self) { try train(plan, in: place) }
    #expect(error?.found == "[16, 8]")
    #expect(place.bytes("r/seed-0/metrics.jsonl") == log)
  }

  @Test("a loss that is not finite ends the run with what to do")
  func divergence() throws {
    let place = try Place()
    let error = #expect(throws: ConfigurationError.self) {
      try train(plan { $0.lr = 1e30 }, in: place)
    }
    #expect(error?.key == "lr")
    #expect(error?.hint == "lower --lr, or lengthen --warmup")
    #expect(try RunFolder(place.file("r")).finishedSeeds().isEmpty)
  }

  @Test("whatever bit of a record is flipped, it is refused or read, and never ends the process")
  func flippedRecord() throws {
    let place = try Place()
    try train(plan { $0.logEvery = 30 }, in: place)
    let folder = RunFolder(place.file("r")).seed(0)
    let whole = place.bytes("r/seed-0/record.json")
    var stream = RandomStream(seed: 1, name: "flips")
    for byte in whole.indices {
      var flipped = whole
      flipped[byte] ^= 1 << UInt8(stream.index(below: 8))
      try place.write(flipped, to: "r/seed-0/record.json")
      do {
        _ = try folder.readRecord()
      } catch {
        #expect(error.path == folder.record)
      }
    }
  }

  @Test("the record holds the run: curve, settings, data and densities")
  func records() throws {
    let place = try Place()
    try train(plan { $0.dataSeed = 7 }, in: place)
    let record = try RunFolder(place.file("r")).seed(0).readRecord()
    #expect(record.run == "r")
    #expect(record.seed == 0)
    #expect(record.dataSeed == 7)
    #expect(record.settings.dSae == 24)
    #expect(record.settings.steps == 60)
    #expect(record.data.rows == 300)
    #expect(record.data.heldOutRows == 30)
    #expect(record.data.fingerprint == ActivationStore.fingerprint(of: planted))
    #expect(record.curve.map(\.step) == Array(1...60))
    #expect(record.curve.last?.fvu == record.evaluation.fvu)
    #expect(record.evaluation.rows == 30)
    #expect(record.evaluation.fvu < 0.9)
    #expect(record.firingDensities.count == 24)
    let dead = record.firingDensities.count { $0 == 0 }
    #expect(record.evaluation.deadFraction == Double(dead) / 24)
    let coder = try NamedDictionary(place.file("r/seed-0")).coder
    let rows = TrainingRows(planted, holdOut: .every(rows: 10)).heldOut
    let again = try evaluate(coder, on: planted, rows: rows, path: "p", compute: oneThread)
    #expect(again.measures == record.evaluation)
    #expect(again.firingDensities == record.firingDensities)
  }
}

@Suite("dictionaries by name") struct NamedDictionaryTests {
  @Test("a run stands for its finished seeds, a seed for its dictionary, and the record is found")
  func names() throws {
    let place = try Place()
    let plan = try plan {
      $0.seeds = [10, 2]
      $0.steps = 5
    }
    let run = try TrainingRun(plan, rows: planted, path: "p", out: place.file("r"))
    _ = try run.train(resume: false, compute: oneThread)
    let opened = try NamedDictionary.open([place.file("r"), place.file("r/seed-10/dictionary/")])
    #expect(
      opened.map(\.name) == [
        place.file("r/seed-2"), place.file("r/seed-10"), place.file("r/seed-10/dictionary/"),
      ])
    #expect(opened.map { $0.record?.seed } == [2, 10, 10])
    #expect(opened[1].coder == opened[2].coder)
    try place.move("r/seed-10/dictionary", to: "alone")
    #expect(try NamedDictionary(place.file("alone")).record == nil)
    let error = #expect(throws: TensorFileError.self) { try NamedDictionary(place.file("r")) }
    #expect(error?.hint == "name one of its seeds, such as \(place.file("r/seed-2"))")
  }

  @Test("a run without a finished seed is said to be one")
  func unfinished() throws {
    let place = try Place()
    let run = try TrainingRun(plan(), rows: planted, path: "p", out: place.file("r"))
    _ = try run.train(resume: false, compute: oneThread) { _ in .stop }
    let error = #expect(throws: TensorFileError.self) {
      try NamedDictionary.open([place.file("r")])
    }
    #expect(error?.found == "a run without a finished seed")
  }
}
