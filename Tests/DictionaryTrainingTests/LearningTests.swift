import SparseCoding
import SyntheticFeatures
import Testing

@testable import DictionaryTraining

/// What training does to losses, atoms and dead latents.
struct LearningTests {
  @Test func lossFallsAndFeaturesAreFound() throws {
    let compute = Compute(threads: 2)
    let planted = PlantedDictionary(width: 20, features: 24, active: 2, noise: 0.05, seed: 9)
    let rows = TrainingRows(planted.rows(count: 4000, on: compute), holdOut: .none)
    let configuration = TrainingConfiguration(
      site: Site(name: "planted", width: 20), latents: 48, activation: .topK(k: 2),
      batchRows: 512, steps: 800, learningRate: LearningRate(peak: 2e-3))
    var trainer = try Trainer(configuration, rows: rows, compute: compute)
    let first = try trainer.advance().loss
    var last = first
    while !trainer.isFinished { last = try trainer.advance().loss }
    #expect(last < first / 4)
    let found = compute.bestMatches(
      of: planted.features, in: trainer.dictionary().decoder, absolute: false
    ).values.filter { $0 > 0.95 }
    #expect(found.count >= 18, "\(found.count) of 24 features found")
  }

  @Test func atomsKeepUnitLength() throws {
    let state = try Planted.train(Planted.configuration(steps: 50), Compute(threads: 1)).state
    for latent in 0..<state.parameters.decoder.rows {
      let squared = state.parameters.decoder.row(latent).reduce(0.0) { $0 + Double($1 * $1) }
      #expect(abs(squared - 1) < 1e-6)
    }
  }

  /// The control of a frozen random decoder: the encoder learns to code on atoms that nobody learned.
  @Test func atomsStayAtARateOfZero() throws {
    let compute = Compute(threads: 1)
    var configuration = Planted.configuration(steps: 100)
    configuration.decoderRate = 0
    let rows = Planted.rows(compute)
    let start = TrainingState(
      configuration, statistics: try RowStatistics(rows, for: configuration, compute: compute),
      compute: compute)
    let (end, losses, _) = try Planted.train(configuration, compute, from: start)
    let moved = zip(end.parameters.decoder.values, start.parameters.decoder.values)
      .reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(moved < 1e-6, "by \(moved)")
    #expect(losses[99] < losses[0] * 0.8, "\(losses[0]) to \(losses[99])")
    #expect(throws: ConfigurationError.self) {
      configuration.decoderRate = -1
      try configuration.validate()
    }
    configuration.decoderRate = 0
    for change in [
      { $0.deadLatents = .resample(every: 10) }, { $0.encoder = .tied },
      { $0.objective.anchorWeight = 1 },
    ] as [(inout TrainingConfiguration) -> Void] {
      var changed = configuration
      change(&changed)
      let error = #expect(throws: ConfigurationError.self) { try changed.validate() }
      #expect(error?.key == "decoder_rate")
    }
  }

  @Test func theFastEngineFollowsTheReference() throws {
    let compute = Compute(threads: 2)
    let rows = Planted.rows(compute)
    var configuration = Planted.configuration(steps: 60)
    configuration.gradientClip = 0.5
    let start = try Planted.stateWithDeadLatents(configuration, rows, compute)
    let settings = EngineSettings(configuration, trainingRows: rows.training.count)
    var fast = Trainer(configuration, rows: rows, from: start, compute: compute) {
      CPUEngine($0, settings: settings, compute: compute)
    }
    var slow = Trainer(configuration, rows: rows, from: start, compute: compute) {
      ReferenceEngine($0, settings: settings)
    }
    var dead = 0
    while !fast.isFinished {
      let a = try fast.advance()
      let b = try slow.advance()
      #expect(abs(a.loss / b.loss - 1) < 1e-5)
      #expect(a.dead == b.dead)
      dead = max(dead, a.dead)
    }
    #expect(dead > 0)
  }

  @Test func auxKBringsDeadLatentsBack() throws {
    let compute = Compute(threads: 2)
    var with = Planted.configuration(steps: 600)
    with.learningRate.peak = 5e-3
    with.deadLatents = .auxK(coefficient: 1, afterRows: 600)
    var without = with
    without.deadLatents = .none
    func dead(_ configuration: TrainingConfiguration) throws -> Int {
      let start = try Planted.stateWithDeadLatents(configuration, Planted.rows(compute), compute)
      let end = try Planted.train(configuration, compute, from: start).state
      return end.rowsSinceFired.filter { $0 >= 3000 }.count
    }
    #expect(try dead(with) < dead(without))
  }

  /// A latent whose score is chosen but not positive has not fired.
  @Test func whatIsChosenButNegativeDoesNotFire() {
    let compute = Compute(threads: 1)
    let identity = Matrix(rows: 2, columns: 2, values: [1, 0, 0, 1])
    let state = TrainingState(
      parameters: Parameters(
        encoder: identity, decoder: identity, encoderBias: [0, -5], decoderBias: [0, 0]),
      k: 2, scale: 1)
    let configuration = TrainingConfiguration(
      site: Site(name: "two", width: 2), latents: 2, activation: .topK(k: 2), batchRows: 3,
      steps: 1)
    let settings = EngineSettings(configuration, trainingRows: 3)
    let data = Matrix(rows: 3, columns: 2, values: [1, 1, 2, 1, 1, 2])
    for engine: any TrainingEngine in [
      ReferenceEngine(state, settings: settings),
      CPUEngine(state, settings: settings, compute: compute),
    ] {
      let seen = engine.step(
        on: Batch(source: data, rows: [0, 1, 2]),
        StepConstants(learningRate: 1e-3, k: 2))
      #expect(seen.l0 == 1)
      #expect(engine.state().rowsSinceFired == [0, 3])
    }
  }

  @Test func theScaleIsFoldedIntoWhatIsSaved() throws {
    let compute = Compute(threads: 1)
    let rows = Planted.matrix(compute)
    let state = try Planted.train(Planted.configuration(steps: 100), compute).state
    let coder = state.dictionary()
    var unfolded = coder
    unfolded.encoderBias = state.parameters.encoderBias
    unfolded.decoderBias = state.parameters.decoderBias
    let scale = try #require(state.normalizer.uniformScale)
    var scaled = rows
    for i in scaled.values.indices { scaled.values[i] *= scale }
    let direct = coder.encode(rows, on: compute)
    let viaScale = unfolded.encode(scaled, on: compute)
    #expect(scale != 1)
    #expect(direct.indices == viaScale.indices)
    for (a, b) in zip(direct.values, viaScale.values) {
      #expect(abs(a * scale / b - 1) < 1e-4)
    }
  }
}
