import Elute
import Testing

@testable import SparseExperiments

@Suite("seeds at once") struct SeedsAtOnceTests {
  private func run(_ plan: RunPlan, in place: Place, _ name: String, atOnce: Int) throws
    -> TrainingRun
  {
    try TrainingRun(
      plan, rows: planted, path: "p.npy", out: place.file(name), seedsAtOnce: atOnce)
  }

  private func bits(_ place: Place, _ name: String, seed: Int) -> [[UInt8]] {
    ["dictionary/sae_weights.safetensors", "checkpoints/00000060/training.safetensors"].map {
      place.bytes("\(name)/seed-\(seed)/\($0)")
    }
  }

  private func threeSeeds() throws -> RunPlan {
    try plan {
      $0.seeds = [0, 1, 2]
      $0.dataSeed = 8
    }
  }

  @Test("stopped in a group, and extended by a seed that is behind, each ends with its own bits")
  func stopped() throws {
    let place = try Place()
    let plan = try threeSeeds()
    #expect(
      try run(plan, in: place, "alone", atOnce: 1).train(resume: false, compute: oneThread)
        .map(\.ending) == [.completed, .completed, .completed])
    var two = plan
    two.seeds = [0, 1]
    let stopped = try run(two, in: place, "r", atOnce: 2)
      .train(resume: false, compute: Compute(threads: 2)) { $0.step == 17 ? .stop : .goOn }
    #expect(stopped.map(\.ending) == [.stopped(atStep: 17), .stopped(atStep: 17)])
    let ended = try run(plan, in: place, "r", atOnce: 3)
      .train(resume: true, compute: Compute(threads: 2))
    #expect(ended.map(\.seed) == [0, 1, 2])
    #expect(ended.allSatisfy { $0.ending == .completed })
    for seed in 0..<3 { #expect(bits(place, "r", seed: seed) == bits(place, "alone", seed: seed)) }
    let again = try run(plan, in: place, "r", atOnce: 3).train(resume: true, compute: oneThread)
    #expect(again.map(\.ending) == [.alreadyDone, .alreadyDone, .alreadyDone])
  }

  @Test("seeds may share their initial weights, and differ in the order of rows alone")
  func sharedWeights() throws {
    let place = try Place()
    let base = try plan {
      $0.seeds = [3, 4]
      $0.initSeed = 3
      $0.steps = 0
    }
    _ = try run(base, in: place, "r", atOnce: 2).train(resume: false, compute: oneThread)
    let weights = "dictionary/sae_weights.safetensors"
    #expect(place.bytes("r/seed-3/\(weights)") == place.bytes("r/seed-4/\(weights)"))
    let own = try plan {
      $0.seeds = [3, 4]
      $0.steps = 0
    }
    _ = try run(own, in: place, "own", atOnce: 2).train(resume: false, compute: oneThread)
    #expect(place.bytes("own/seed-3/\(weights)") == place.bytes("r/seed-3/\(weights)"))
    #expect(place.bytes("own/seed-4/\(weights)") != place.bytes("r/seed-4/\(weights)"))
    let seeds = try [3, 4].map { try NamedDictionary(place.file("r/seed-\($0)")) }
    let options = ComparisonOptions(liveOn: planted)
    let shared = try compare(seeds, options: options, compute: oneThread).shared
    #expect(shared == Shared(initialization: .same, dataOrder: .different, data: .same))
  }

  @Test("seeds that train on parts have the bits of their part, at once or one after the other")
  func parts() throws {
    let place = try Place()
    let halves = try plan {
      $0.seeds = [0, 1, 2]
      $0.dataSeed = 8
      $0.initSeed = 0
      $0.parts = 2
    }
    _ = try run(halves, in: place, "r", atOnce: 3).train(resume: false, compute: oneThread)
    for seed in [0, 1, 2] as [UInt64] {
      var one = halves
      one.seeds = [seed]
      let alone = try run(one, in: place, "alone-\(seed)", atOnce: 1)
      _ = try alone.train(resume: false, compute: oneThread) { $0.step == 20 ? .stop : .goOn }
      _ = try alone.train(resume: true, compute: oneThread)
      let (a, b) = (
        bits(place, "r", seed: Int(seed)), bits(place, "alone-\(seed)", seed: Int(seed))
      )
      #expect(a == b)
    }
    // Two seeds of one half differ in nothing, those of the two halves in their rows alone.
    #expect(bits(place, "r", seed: 0) == bits(place, "r", seed: 2))
    #expect(bits(place, "r", seed: 0) != bits(place, "r", seed: 1))
    let seeds = try [0, 1].map { try NamedDictionary(place.file("r/seed-\($0)")) }
    let shared = try compare(seeds, options: ComparisonOptions(), compute: oneThread).shared
    #expect(shared == Shared(initialization: .same, dataOrder: .different, data: .disjoint))
    #expect(seeds[0].record?.settings.method["parts"] == "2")
  }

  @Test("parts that leave a seed without rows, and anchors beside parts, are refused")
  func refusedParts() throws {
    #expect(throws: ConfigurationError.self) { _ = try plan { $0.parts = 0 } }
    #expect(throws: ConfigurationError.self) { _ = try plan { $0.parts = 1 << 30 } }
  }

  @Test("what fails ends the run, and what the seeds have learned is kept")
  func failure() throws {
    struct Failure: Error {}
    let place = try Place()
    let plan = try threeSeeds()
    let failing = try run(plan, in: place, "r", atOnce: 3)
    #expect(throws: Failure.self) {
      _ = try failing.train(resume: false, compute: oneThread) {
        if $0.step == 33 { throw Failure() }
        return .goOn
      }
    }
    for seed in 0..<3 {
      #expect(place.names(in: "r/seed-\(seed)/checkpoints").last == "00000033")
    }
  }

  @Test("a checkpoint is of the moment at which it was asked for, whatever training does then")
  func moment() throws {
    let place = try Place()
    let checkpoints = Checkpoints(folder: place.file("checkpoints"))
    // So large that it takes the system longer to take it than training to go on.
    let latents = 1 << 16
    let weights = Parameters(
      encoder: Matrix(rows: latents, columns: 8, values: Array(repeating: 1, count: 8 * latents)),
      decoder: Matrix(rows: latents, columns: 8, values: Array(repeating: 2, count: 8 * latents)),
      encoderBias: Array(repeating: 3, count: latents), decoderBias: Array(repeating: 4, count: 8))
    let configuration = try plan { $0.dSae = latents }.configuration
    var state = TrainingState(
      configuration.model, parameters: weights, normalizer: RowNormalizer(scale: 2, width: 8))
    state.step = 3
    state.firstMoments = weights
    state.secondMoments = weights
    state.rowsSinceFired = Array(repeating: 5, count: latents)
    let view = state.view
    let writer = CheckpointWriter(checkpoints, keeping: nil)
    try writer.write(view)
    for part in [view.secondMoments, view.firstMoments, view.parameters] {
      for buffer in part.buffers.values {
        buffer.start.update(repeating: 0, count: buffer.count)
      }
    }
    try writer.finish()
    #expect(try checkpoints.read(configuration, step: 3) == state)
  }

  @Test("a checkpoint of the same step is not written again")
  func sameStep() throws {
    let place = try Place()
    let checkpoints = Checkpoints(folder: place.file("checkpoints"))
    let writer = CheckpointWriter(checkpoints, keeping: nil)
    let state = try CheckpointTests.state(step: 3)
    try writer.write(state.view)
    try writer.finish()
    try place.write("mark", to: "checkpoints/00000003/mark")
    try writer.write(state.view)
    try CheckpointWriter(checkpoints, keeping: nil).write(state.view)
    #expect(place.names(in: "checkpoints/00000003").contains("mark"))
  }

  @Test("a checkpoint that cannot be written is said at once, and the next is tried")
  func unwritable() throws {
    let place = try Place()
    try place.write("in the way", to: "checkpoints")
    let writer = CheckpointWriter(Checkpoints(folder: place.file("checkpoints")), keeping: nil)
    let view = try CheckpointTests.state(step: 3).view
    #expect(throws: TensorFileError.self) {
      try writer.write(view)
      try writer.finish()
    }
    try place.remove("checkpoints")
    try writer.write(view)
    try writer.finish()
    #expect(place.names(in: "checkpoints") == ["00000003"])
  }
}
