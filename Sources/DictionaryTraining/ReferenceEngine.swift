import SparseCoding

/// The step in `Double`, dense and obvious: what every other engine is judged by.
///
/// Nothing is blocked, fused or skipped; each line is a line of the formulas in `TrainingEngine`.
///
/// - Complexity: O(rows × d_sae × (d_in + log d_sae)) a step, in one thread.
public final class ReferenceEngine: TrainingEngine {
  private let settings: EngineSettings
  private let width: Int
  private let latents: Int
  private let scale: Double
  private var weights: Weights
  private var first: Weights
  private var second: Weights
  private var steps: Int
  private var beta1Power: Double
  private var beta2Power: Double
  private var rowsSinceFired: [UInt64]

  /// An engine that goes on from a state.
  public init(_ state: TrainingState, settings: EngineSettings) {
    self.settings = settings
    width = state.parameters.encoder.columns
    latents = state.parameters.encoder.rows
    scale = Double(state.scale)
    weights = Weights(state.parameters)
    first = Weights(state.firstMoments)
    second = Weights(state.secondMoments)
    steps = state.step
    beta1Power = state.beta1Power
    beta2Power = state.beta2Power
    rowsSinceFired = state.rowsSinceFired
  }

  /// A copy of all that is needed to go on, rounded to `Float`.
  public func state() -> TrainingState {
    var state = TrainingState(parameters: weights.parameters, scale: Float(scale))
    state.firstMoments = first.parameters
    state.secondMoments = second.parameters
    state.step = steps
    state.beta1Power = beta1Power
    state.beta2Power = beta2Power
    state.rowsSinceFired = rowsSinceFired
    return state
  }

  /// Steps once on a batch at a learning rate; see `TrainingEngine` for what a step is.
  public func step(on batch: Batch, learningRate: Double) -> StepStatistics {
    let pass = gradient(on: batch)
    var gradient = pass.gradient
    gradient.projectDecoder(away: weights)
    if let limit = settings.gradientClip {
      let norm = gradient.squaredNorm.squareRoot()
      if norm > limit { gradient.scale(by: limit / norm) }
    }
    update(with: gradient, learningRate: learningRate)
    for latent in 0..<latents {
      rowsSinceFired[latent] =
        pass.fired[latent] ? 0 : rowsSinceFired[latent] + UInt64(batch.rows.count)
    }
    return pass.statistics
  }

  /// What one row's forward pass holds.
  struct Pass {
    var centered, scores: [Double]
    var support: [Int]
    var residual: [Double]
  }

  /// The weights as they are.
  var currentWeights: Weights { weights }

  /// Puts other weights in their place, for tests.
  func replaceWeights(_ other: Weights) { weights = other }

  var dead: [Int] { (0..<latents).filter { rowsSinceFired[$0] >= settings.deadAfterRows } }

  var auxiliaryWeight: Double { settings.auxiliary?.weight(dead: dead.count) ?? 0 }

  /// Losses and their gradient at the current weights, before projection and clipping.
  func gradient(on batch: Batch) -> (
    gradient: Weights, statistics: StepStatistics, fired: [Bool]
  ) {
    var gradient = Weights(latents: latents, width: width)
    var fired = [Bool](repeating: false, count: latents)
    let rowCount = Double(batch.rows.count)
    let (dead, auxiliaryWeight) = (dead, auxiliaryWeight)
    var seen = StepStatistics(loss: 0, auxiliaryLoss: 0, l0: 0, dead: dead.count)
    for row in batch.rows {
      let pass = forward(batch, row: row)
      seen.loss += pass.residual.reduce(0) { $0 + $1 * $1 } / rowCount
      seen.l0 += Double(pass.support.count) / rowCount
      for latent in pass.support { fired[latent] = true }
      for i in 0..<width { gradient.decoderBias[i] += 2 / rowCount * pass.residual[i] }
      backward(pass.support, pass, of: pass.residual, factor: 2 / rowCount, into: &gradient)
      guard settings.auxiliary != nil, !dead.isEmpty else { continue }
      let left = auxiliaryResidual(pass, holding: pass.residual)
      seen.auxiliaryLoss += auxiliaryWeight * left.reduce(0) { $0 + $1 * $1 } / rowCount
      backward(
        auxiliarySupport(pass), pass, of: left, factor: 2 * auxiliaryWeight / rowCount,
        into: &gradient)
    }
    return (gradient, seen, fired)
  }

  func forward(_ batch: Batch, row: Int) -> Pass {
    let centered = (0..<width).map {
      scale * Double(batch[row, $0]) - weights.decoderBias[$0]
    }
    let scores = (0..<latents).map { latent in
      weights.encoderBias[latent]
        + (0..<width).reduce(0) { $0 + weights.encoder[latent * width + $1] * centered[$1] }
    }
    let support = largest(settings.k, of: Array(0..<latents), scores: scores)
    var residual = centered.map { -$0 }
    add(support, scores, to: &residual)
    return Pass(centered: centered, scores: scores, support: support, residual: residual)
  }

  /// y W_dec + r with the residual r given.
  func auxiliaryResidual(_ pass: Pass, holding residual: [Double]) -> [Double] {
    var left = residual
    add(auxiliarySupport(pass), pass.scores, to: &left)
    return left
  }

  private func auxiliarySupport(_ pass: Pass) -> [Int] {
    let dead = dead
    return largest(min(settings.auxiliary?.k ?? 0, dead.count), of: dead, scores: pass.scores)
  }

  /// Of `candidates` the `count` largest scores, of those the positive ones; ties by index.
  private func largest(_ count: Int, of candidates: [Int], scores: [Double]) -> [Int] {
    candidates.sorted { (scores[$0], $1) > (scores[$1], $0) }
      .prefix(count).filter { scores[$0] > 0 }.sorted()
  }

  private func add(_ support: [Int], _ scores: [Double], to sum: inout [Double]) {
    for latent in support {
      for i in 0..<width { sum[i] += scores[latent] * weights.decoder[latent * width + i] }
    }
  }

  private func backward(
    _ support: [Int], _ pass: Pass, of residual: [Double], factor: Double,
    into gradient: inout Weights
  ) {
    for latent in support {
      let at = latent * width
      let codeGradient =
        factor * (0..<width).reduce(0) { $0 + residual[$1] * weights.decoder[at + $1] }
      for i in 0..<width {
        gradient.decoder[at + i] += factor * pass.scores[latent] * residual[i]
        gradient.encoder[at + i] += codeGradient * pass.centered[i]
        gradient.decoderBias[i] -= codeGradient * weights.encoder[at + i]
      }
      gradient.encoderBias[latent] += codeGradient
    }
  }

  private func update(with gradient: Weights, learningRate: Double) {
    steps += 1
    beta1Power *= settings.adam.beta1
    beta2Power *= settings.adam.beta2
    let adam = settings.adam
    let rate = learningRate / (1 - beta1Power)
    let correction = 1 / (1 - beta2Power).squareRoot()
    for part in Weights.parts {
      let rate = part == \Weights.decoder ? rate * settings.decoderRate : rate
      for i in weights[keyPath: part].indices {
        let g = gradient[keyPath: part][i]
        let m = adam.beta1 * first[keyPath: part][i] + (1 - adam.beta1) * g
        let v = adam.beta2 * second[keyPath: part][i] + (1 - adam.beta2) * g * g
        first[keyPath: part][i] = m
        second[keyPath: part][i] = v
        weights[keyPath: part][i] -= rate * m / (v.squareRoot() * correction + adam.epsilon)
      }
    }
    weights.normalizeDecoder()
  }
}

/// Parameters in `Double`, flat.
struct Weights {
  var encoder, decoder, encoderBias, decoderBias: [Double]
  let width: Int

  static var parts: [WritableKeyPath<Weights, [Double]>] {
    [\.encoder, \.decoder, \.encoderBias, \.decoderBias]
  }

  init(latents: Int, width: Int) {
    encoder = [Double](repeating: 0, count: latents * width)
    decoder = encoder
    encoderBias = [Double](repeating: 0, count: latents)
    decoderBias = [Double](repeating: 0, count: width)
    self.width = width
  }

  init(_ parameters: Parameters) {
    encoder = parameters.encoder.values.map(Double.init)
    decoder = parameters.decoder.values.map(Double.init)
    encoderBias = parameters.encoderBias.map(Double.init)
    decoderBias = parameters.decoderBias.map(Double.init)
    width = parameters.encoder.columns
  }

  var parameters: Parameters {
    func matrix(_ values: [Double]) -> Matrix {
      Matrix(rows: encoderBias.count, columns: width, values: values.map(Float.init))
    }
    return Parameters(
      encoder: matrix(encoder), decoder: matrix(decoder),
      encoderBias: encoderBias.map(Float.init), decoderBias: decoderBias.map(Float.init))
  }

  var squaredNorm: Double {
    Weights.parts.reduce(0) { sum, part in
      self[keyPath: part].reduce(sum) { $0 + $1 * $1 }
    }
  }

  mutating func scale(by factor: Double) {
    for part in Weights.parts {
      for i in self[keyPath: part].indices { self[keyPath: part][i] *= factor }
    }
  }

  /// Removes from each decoder row its component along the atom.
  mutating func projectDecoder(away weights: Weights) {
    for start in stride(from: 0, to: decoder.count, by: width) {
      let row = start..<start + width
      let along = row.reduce(0) { $0 + decoder[$1] * weights.decoder[$1] }
      for i in row { decoder[i] -= along * weights.decoder[i] }
    }
  }

  mutating func normalizeDecoder() {
    for start in stride(from: 0, to: decoder.count, by: width) {
      let row = start..<start + width
      let norm = row.reduce(0) { $0 + decoder[$1] * decoder[$1] }.squareRoot()
      if norm > 0 { for i in row { decoder[i] /= norm } }
    }
  }
}
