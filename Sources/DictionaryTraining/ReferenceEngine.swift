import SparseCoding

/// The step in `Double`, dense and obvious: what every other engine is judged by.
///
/// Nothing is blocked, fused or skipped; each line is a line of the formulas in `TrainingEngine`. The files
/// beside this one hold the forward pass, the penalties and the gradient.
///
/// - Complexity: O(rows × d_sae × (d_in + log d_sae)) a step, in one thread.
public final class ReferenceEngine: TrainingEngine {
  let settings: EngineSettings
  /// The state but for its weights and moments.
  var base: TrainingState
  var weights: Weights
  /// Samples for the isometry penalty in place of its own, a row for each row of the batch.
  var isometrySamples: Matrix?
  private var first: Weights
  private var second: Weights
  private var average: Weights?

  var model: ModelShape { settings.model }

  /// An engine that goes on from a state.
  public init(_ state: TrainingState, settings: EngineSettings) {
    self.settings = settings
    base = state
    weights = Weights(state.parameters, settings.model)
    first = Weights(state.firstMoments, settings.model)
    second = Weights(state.secondMoments, settings.model)
    average = state.average.map { Weights($0, settings.model) }
  }

  /// A copy of all that is needed to go on, rounded to `Float`.
  public func state() -> TrainingState {
    var state = base
    state.parameters = weights.parameters
    state.firstMoments = first.parameters
    state.secondMoments = second.parameters
    state.average = average?.parameters
    return state
  }

  /// Steps once on a batch; see `TrainingEngine` for what a step is.
  public func step(on batch: Batch, _ constants: StepConstants) -> StepStatistics {
    let pass = forward(batch, constants)
    var gradient = gradient(of: pass, constants)
    let seen = statistics(of: pass, constants)
    if settings.decoder == .unit { gradient.projectDecoder(away: weights) }
    if let limit = settings.gradientClip {
      let norm = gradient.squaredNorm.squareRoot()
      if norm > limit { gradient.scale(by: limit / norm) }
    }
    update(with: gradient, constants)
    for latent in 0..<model.latents {
      let fires = pass.rows.contains { $0.code[latent] != 0 }
      base.rowsSinceFired[latent] =
        fires ? 0 : base.rowsSinceFired[latent] + UInt64(batch.rows.count)
    }
    let next = power(constants.nextPower, of: pass)
    if constants.nextPower != constants.power, next > 0 {
      base.annealedWeight *= power(constants.power, of: pass) / next
    }
    if case .batchTopK = model.activation, let smallest = pass.smallestKept {
      let count = Double(min(base.step, TrainingState.thresholdSteps))
      base.batchThreshold += (smallest - base.batchThreshold) / count
    }
    return seen
  }

  private func update(with gradient: Weights, _ constants: StepConstants) {
    base.step += 1
    let betas = settings.optimizer.betas
    base.beta1Power *= betas.first
    base.beta2Power *= betas.second
    for name in weights.names {
      let rate = constants.learningRate * settings.relativeRate(of: name)
      for i in weights[name].indices {
        let g = gradient[name][i]
        let m = betas.first * first[name][i] + (1 - betas.first) * g
        first[name][i] = m
        switch settings.optimizer {
        case .adam(let adam), .adamW(let adam, _):
          let v = betas.second * second[name][i] + (1 - betas.second) * g * g
          second[name][i] = v
          let denominator = (v / (1 - base.beta2Power)).squareRoot() + adam.epsilon
          let decay = settings.weightDecay(of: name)
          weights[name][i] -= rate * decay * weights[name][i]
          weights[name][i] -= rate / (1 - base.beta1Power) * m / denominator
        case .signum:
          weights[name][i] -= m > 0 ? rate : m < 0 ? -rate : 0
        }
      }
    }
    if settings.decoder == .unit { weights.normalizeDecoder() }
    weights[.thresholds] = weights[.thresholds].map { max($0, 0) }
    if let decay = settings.averaging, var mean = average {
      for name in weights.names {
        for i in mean[name].indices {
          mean[name][i] = decay * mean[name][i] + (1 - decay) * weights[name][i]
        }
      }
      average = mean
    }
  }
}

extension EngineSettings {
  /// The learning rate of a weight over that of most.
  ///
  /// Adam moves every number by about its rate, and a score by that of its whole row: thresholds would fall
  /// behind the scores that they are compared with, and l0 would reach its target late or never.
  func relativeRate(of name: WeightName) -> Double {
    switch name {
    case .decoder: decoderRate
    case .thresholds: 4 * Double(model.inputWidth).squareRoot()
    case .encoder, .encoderBias, .decoderBias, .magnitudeScale, .magnitudeBias, .skip, .feedback: 1
    }
  }

  /// How fast a weight decays beside its gradient: biases and atoms of unit length do not.
  func weightDecay(of name: WeightName) -> Double {
    guard case .adamW(_, let decay) = optimizer else { return 0 }
    switch name {
    case .encoder, .skip, .feedback: return decay
    case .decoder: return decoder == .free ? decay : 0
    case .encoderBias, .decoderBias, .thresholds, .magnitudeScale, .magnitudeBias: return 0
    }
  }
}
