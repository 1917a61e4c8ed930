import SparseCoding
import Testing

@testable import DictionaryTraining

/// The hand-derived gradient of the reference engine against central differences, in `Double`.
struct GradientTests {
  private static func engine(_ weights: Weights? = nil) throws -> (ReferenceEngine, Batch) {
    let compute = Compute(threads: 1)
    let rows = Planted.rows(compute, width: 7, count: 24)
    var configuration = Planted.configuration(width: 7, steps: 10)
    configuration.latents = 16
    configuration.deadLatents = .auxK(coefficient: 0.5, k: 5, afterRows: 1)
    var state = TrainingState(
      configuration, statistics: try RowStatistics(rows, compute: compute), compute: compute)
    // Seven dead latents act through AuxK; biases are away from zero, the encoder from the decoder.
    var stream = RandomStream(seed: 3, name: "test biases")
    for latent in 0..<7 { state.rowsSinceFired[latent * 2] = 1 }
    state.parameters.encoderBias = stream.gaussians(count: 16).map { 0.1 * $0 }
    for i in state.parameters.encoder.values.indices {
      state.parameters.encoder.values[i] += Float(0.1 * stream.gaussian())
    }
    let settings = EngineSettings(configuration, trainingRows: rows.training.count)
    let engine = ReferenceEngine(state, settings: settings)
    if let weights { engine.replaceWeights(weights) }
    return (
      engine,
      Batch(
        source: Planted.matrix(compute, width: 7, count: 24), rows: Array(rows.training)[...])
    )
  }

  /// Main and auxiliary loss with the residual that AuxK reconstructs held where it was: the
  /// gradient of the auxiliary loss does not flow into the main code, so each is taken apart.
  @Test(arguments: 0..<4)
  func everyTensorAgreesWithCentralDifferences(part index: Int) throws {
    let part = Weights.parts[index]
    let (engine, batch) = try Self.engine()
    let weights = engine.currentWeights
    let residuals = engine.residuals(on: batch)
    let gradient = engine.gradient(on: batch).gradient[keyPath: part]
    let step = 1e-6
    var worst = 0.0
    for i in weights[keyPath: part].indices {
      func loss(_ offset: Double) throws -> Double {
        var moved = weights
        moved[keyPath: part][i] += offset
        return try Self.engine(moved).0.loss(on: batch, holding: residuals)
      }
      let numeric = try (loss(step) - loss(-step)) / (2 * step)
      worst = max(worst, abs(numeric - gradient[i]))
    }
    let size = gradient.map(abs).max() ?? 0
    #expect(size > 1e-3)
    #expect(worst < 1e-6 * max(size, 1))
  }

  @Test func aWrongGradientIsNoticed() throws {
    let (engine, batch) = try Self.engine()
    let weights = engine.currentWeights
    let residuals = engine.residuals(on: batch)
    var moved = weights
    moved.decoderBias[0] += 1e-6
    let slope =
      try
      (Self.engine(moved).0.loss(on: batch, holding: residuals)
      - engine.loss(on: batch, holding: residuals)) / 1e-6
    // The output's path alone, without the input's, would be this:
    let incomplete = 2 * residuals.map { $0[0] }.reduce(0, +) / Double(batch.rows.count)
    #expect(abs(slope - incomplete) > 1e-3)
  }
}
