import SparseCoding
import Testing

@testable import DictionaryTraining

/// The laws that hold for every member of the family.
struct FamilyTests {
  @Test func theTableHoldsEveryRuleArchitectureAndPenalty() {
    let configurations = Member.all.map(\.configuration)
    #expect(Set(configurations.map(\.activation.name)).count == 6)
    #expect(Set(configurations.map(\.architecture.name)).count == 4)
    #expect(Set(configurations.map(\.objective.sparsity.name)).count == 5)
    #expect(configurations.count > 150)
  }

  @Test(arguments: Member.all)
  func theFastEngineFollowsTheReference(member: Member) throws {
    let compute = Compute(threads: 2)
    let start = try member.state(compute)
    let fast = CPUEngine(start, settings: member.settings, compute: compute)
    let slow = ReferenceEngine(start, settings: member.settings)
    #expect(try Laws.difference(member, fast, slow, steps: 4, compute) < 1)
  }

  @Test(arguments: Member.all.filter { $0.configuration.optimizer == .adam(Adam()) })
  func gradientsAgreeWithCentralDifferences(member: Member) throws {
    for (name, error) in try Laws.gradientErrors(member) {
      #expect(error < 1e-6, "\(name.rawValue)")
    }
  }

  @Test(arguments: Member.all)
  func theLossFalls(member: Member) throws {
    #expect(try Laws.lossRatio(member) < 0.9)
  }

  @Test(arguments: Member.all)
  func threadsKernelsAndInterruptionsDoNotShow(member: Member) throws {
    let reference = try Laws.trained(member, Compute(threads: 1), steps: 12)
    for set in KernelSet.available {
      #expect(try Laws.trained(member, Compute(kernels: set, threads: 3), steps: 12) == reference)
    }
    let half = try Laws.trained(member, Compute(threads: 2), steps: 7)
    #expect(try Laws.trained(member, Compute(threads: 2), from: half, steps: 12) == reference)
  }

  /// What is saved encodes rows in the data's own units as training did in its own.
  @Test(arguments: Member.all.filter { $0.configuration.averaging == nil })
  func theSavedDictionaryReconstructsAsTrainingDid(member: Member) throws {
    let compute = Compute(threads: 2)
    let state = try Laws.trained(member, compute, steps: 5)
    let (worst, size) = try Laws.savedError(member, state, compute)
    #expect(worst < 2e-5 * size)
  }
}

/// Rules that do not know how many latents are active take a batch in parts and begin anew where room is
/// too little; none of it shows.
struct RoomTests {
  private static let dense = Member.all.filter { $0.settings.perRowK == nil }

  @Test(arguments: dense)
  func partsAndRoomDoNotShow(member: Member) throws {
    let compute = Compute(threads: 2)
    let start = try member.state(compute)
    func trained(_ room: ThresholdRoom, guess: Float? = nil) -> TrainingState {
      let engine = CPUEngine(start, settings: member.settings, compute: compute)
      engine.room = room
      for step in 0..<4 {
        if let guess { engine.threshold?.guess = guess }
        let batch = member.batch(compute, step: step, rows: 300)
        _ = engine.step(on: batch, member.configuration.constants(at: step))
      }
      return engine.state()
    }
    let ample = trained(ThresholdRoom())
    // Parts of 128 rows, lists of 64, and room for one entry a row: three parts, which overflow.
    #expect(trained(ThresholdRoom(partBytes: 1, listBytes: 1, entriesPerRow: 1)) == ample)
    // A cut that keeps nothing, and one that keeps all.
    #expect(trained(ThresholdRoom(), guess: 1e9) == ample)
    #expect(trained(ThresholdRoom(), guess: 1e-9) == ample)
  }

  /// Rows that read their atoms together, in tiles of a few, and rows that read them one by one.
  @Test(arguments: Member.all)
  func tilesDoNotShow(member: Member) throws {
    let compute = Compute(threads: 2)
    let start = try member.state(compute)
    func trained(_ tiles: AtomTiles) -> TrainingState {
      let engine = CPUEngine(start, settings: member.settings, compute: compute)
      engine.tiles = tiles
      for step in 0..<6 {
        let batch = member.batch(compute, step: step, rows: 150)
        _ = engine.step(on: batch, member.configuration.constants(at: step))
      }
      return engine.state()
    }
    #expect(trained(AtomTiles(bytes: 700, entries: 0)) == trained(AtomTiles(bytes: 1 << 20)))
  }
}

/// A law that a broken member satisfies would say nothing.
struct BrokenFamilyTests {
  private static func member(_ name: String) throws -> Member {
    try #require(Member.all.first { $0.name == name })
  }

  @Test func aWrongEngineIsNoticed() throws {
    let compute = Compute(threads: 1)
    let member = try Self.member("jumprelu autoencoder l0")
    let start = try member.state(compute)
    var wrong = member.settings
    wrong.objective.bandwidth *= 1.1
    let difference = try Laws.difference(
      member, CPUEngine(start, settings: wrong, compute: compute),
      ReferenceEngine(start, settings: member.settings), steps: 4, compute)
    #expect(difference > 1)
  }

  @Test func aWrongGradientIsNoticed() throws {
    let member = try Self.member("topk autoencoder none")
    let errors = try Laws.gradientErrors(member) { gradient in
      // The output's path of the bias alone, without the input's.
      gradient[.decoderBias] = gradient[.decoderBias].map { 0.99 * $0 }
    }
    #expect(errors.first { $0.name == .decoderBias }.map(\.error) ?? 0 > 1e-6)
  }

  @Test func aLossThatDoesNotFallIsNoticed() throws {
    let member = try Self.member("topk autoencoder none")
    #expect(try Laws.lossRatio(member) < 0.9)
    var configuration = member.configuration
    configuration.learningRate.peak = 1e-9
    #expect(try Laws.lossRatio(Member(name: "still", configuration: configuration)) > 0.9)
  }

  @Test func aStateThatForgetsIsNoticed() throws {
    let member = try Self.member("batchtopk autoencoder auxk")
    let compute = Compute(threads: 1)
    let whole = try Laws.trained(member, compute, steps: 12)
    var half = try Laws.trained(member, compute, steps: 7)
    half.batchThreshold = 0
    #expect(try Laws.trained(member, compute, from: half, steps: 12) != whole)
  }

  @Test func aScaleThatIsNotFoldedIsNoticed() throws {
    let compute = Compute(threads: 1)
    let member = try Self.member("relu crosscoder l1")
    var state = try Laws.trained(member, compute, steps: 5)
    let normalizer = state.normalizer
    state.normalizer.scales[0] *= 1.01
    let (worst, size) = try Laws.savedError(member, state, compute, trainedIn: normalizer)
    #expect(worst > 2e-5 * size)
  }
}
