import SparseCoding
import SyntheticFeatures

@testable import DictionaryTraining

/// A small planted problem on which latents die, so that every part of the step acts.
enum Planted {
  static func matrix(_ compute: Compute, width: Int = 20, count: Int = 600) -> Matrix {
    let planted = PlantedDictionary(width: width, features: 40, active: 3, noise: 0.1, seed: 5)
    return planted.rows(count: count, on: compute)
  }

  static func rows(_ compute: Compute, width: Int = 20, count: Int = 600) -> TrainingRows {
    TrainingRows(matrix(compute, width: width, count: count), holdOut: .every(rows: 10))
  }

  static func configuration(width: Int = 20, steps: Int, seed: UInt64 = 0) -> TrainingConfiguration
  {
    TrainingConfiguration(
      architecture: .autoencoder(Site(name: "planted", width: width)), latents: 70,
      activation: .topK(k: 4),
      batchRows: 150, steps: steps,
      learningRate: LearningRate(
        peak: 2e-3, warmup: min(5, steps / 4), decay: .linear(steps: steps / 5)),
      encoderScale: 1, decoderRate: 2,
      deadLatents: .auxK(coefficient: 0.5, k: 5, afterRows: 600), seed: seed)
  }

  /// An initial state in which every third latent has such a bias that it never fires, and is dead.
  static func stateWithDeadLatents(
    _ configuration: TrainingConfiguration, _ rows: TrainingRows, _ compute: Compute
  ) throws -> TrainingState {
    var state = TrainingState(
      configuration, statistics: try RowStatistics(rows, for: configuration, compute: compute),
      compute: compute)
    for latent in stride(from: 0, to: configuration.latents, by: 3) {
      state.parameters.encoderBias[latent] = -2
      state.rowsSinceFired[latent] = 600
    }
    return state
  }

  /// The state after a run.
  static func train(
    _ configuration: TrainingConfiguration, _ compute: Compute, from state: TrainingState? = nil,
    upTo steps: Int? = nil
  ) throws -> (state: TrainingState, losses: [Double], dead: Int) {
    var trainer = try Trainer(
      configuration, rows: rows(compute, width: configuration.architecture.rowWidth),
      compute: compute,
      from: state)
    var losses: [Double] = []
    var dead = 0
    while trainer.step < steps ?? configuration.steps {
      let seen = try trainer.advance()
      losses.append(seen.loss)
      dead = max(dead, seen.dead)
    }
    return (trainer.state(), losses, dead)
  }
}
