import SparseCoding

/// The gradient of `TrainingEngine`'s objective, by hand.
extension ReferenceEngine {
  func gradient(of pass: BatchPass, _ constants: StepConstants) -> Weights {
    var gradient = Weights(model)
    let penalty = Penalty(self, pass, constants)
    for row in pass.rows {
      // The gradient with respect to the code: of the residuals, then of the penalty.
      let following = sumsOfFollowing(row.residuals)
      let factor = 2 / Double(pass.rows.count * settings.prefixes.count)
      var code = [Double](repeating: 0, count: model.latents)
      for latent in 0..<model.latents {
        let residual = following[prefix(of: latent)]
        code[latent] = factor * dotProduct(residual, weights.atom(latent))
        if row.code[latent] != 0 {
          gradient.add(factor * row.code[latent], residual, to: .decoder, row: latent)
        }
      }
      gradient.add(factor, following[0], to: .decoderBias, row: 0)
      addSkip(factor, following[0], row, to: &gradient)
      if model.activation != .gated { penalty.addCodeGradient(of: row, to: &code) }
      let scores = throughActivation(code, row, penalty, &gradient)
      encode(scores, row, &gradient)
      if let chosen = auxiliaryCode(of: row) { addAuxiliary(chosen, row, pass, &gradient) }
    }
    penalty.addAtomGradient(to: &gradient)
    addIsometry(pass, constants, &gradient)
    addAnchors(constants, &gradient)
    return gradient
  }

  /// The prefix in which a latent first stands.
  func prefix(of latent: Int) -> Int { settings.prefixes.firstIndex { latent < $0 } ?? 0 }

  /// For each prefix the sum of its residual and all later ones: what its latents take part in.
  private func sumsOfFollowing(_ residuals: [[Double]]) -> [[Double]] {
    var sums = residuals
    for place in sums.indices.dropLast().reversed() {
      for i in sums[place].indices { sums[place][i] += sums[place + 1][i] }
    }
    return sums
  }

  private func addSkip(
    _ factor: Double, _ residual: [Double], _ row: RowPass, to gradient: inout Weights
  ) {
    guard model.architecture.hasSkip else { return }
    for (i, value) in residual.enumerated() {
      gradient.add(factor * value, row.input, to: .skip, row: i)
    }
  }

  /// From the gradient of the code to that of the last scores; what the rule learns is added up.
  ///
  /// The second part of the result is the gradient of the latents' biases, which differs under `gated` alone.
  private func throughActivation(
    _ code: [Double], _ row: RowPass, _ penalty: Penalty, _ gradient: inout Weights
  ) -> (scores: [Double], bias: [Double]) {
    var scores = [Double](repeating: 0, count: model.latents)
    switch model.activation {
    case .relu, .topK, .absTopK, .batchTopK:
      for latent in row.support { scores[latent] = code[latent] }
    case .jumpReLU:
      for latent in row.support { scores[latent] = code[latent] }
      let width = settings.objective.bandwidth
      for latent in 0..<model.latents {
        let threshold = weights[.thresholds][latent]
        guard abs(row.lastScores[latent] - threshold) < width / 2 else { continue }
        gradient[.thresholds][latent] -=
          (threshold * code[latent] + penalty.countWeight) / width
      }
    case .gated:
      let bias = gateGradient(row, penalty)
      scores = bias
      for latent in row.support {
        let scale = Elementary.exp(weights[.magnitudeScale][latent])
        let u = row.lastScores[latent] - weights[.encoderBias][latent]
        gradient[.magnitudeBias][latent] += code[latent]
        gradient[.magnitudeScale][latent] += code[latent] * scale * u
        scores[latent] += code[latent] * scale
      }
      return (scores, bias)
    }
    return (scores, scores)
  }

  /// Gradient of `|sum max(h, 0) d + ... - t|²` and of its sparsity penalty, with atoms held.
  private func gateGradient(_ row: RowPass, _ penalty: Penalty) -> [Double] {
    let residual = gateResidual(of: row)
    return (0..<model.latents).map { latent in
      guard row.lastScores[latent] > 0 else { return 0 }
      return 2 / Double(penalty.rowCount) * dotProduct(residual, weights.atom(latent))
        + penalty.slope(of: latent, value: row.lastScores[latent])
    }
  }

  /// What gated pre-activations leave of the target.
  func gateResidual(of row: RowPass) -> [Double] {
    var sum = constantPart(of: row)
    add(row.lastScores.map { max($0, 0) }, in: 0..<model.latents, to: &sum)
    return sum
  }

  /// From the gradient of the last scores to those of the encoder, through all of its steps.
  private func encode(
    _ last: (scores: [Double], bias: [Double]), _ row: RowPass, _ gradient: inout Weights
  ) {
    var scores = last.scores
    var bias = last.bias
    for step in row.scores.indices.reversed() {
      for latent in 0..<model.latents where scores[latent] != 0 || bias[latent] != 0 {
        gradient.add(scores[latent], row.centered, to: weights.encoderName, row: latent)
        gradient[.encoderBias][latent] += bias[latent]
        if model.architecture.readsItsTarget {
          gradient.add(-scores[latent], weights.encoderRow(latent), to: .decoderBias, row: 0)
        }
      }
      guard step > 0 else { break }
      let feedback = weights[.feedback]
      let before = row.codes[step - 1]
      var earlier = [Double](repeating: 0, count: model.latents)
      for other in 0..<model.latents where before[other] != 0 {
        gradient.add(before[other], scores, to: .feedback, row: other)
        let own = feedback[other * model.latents..<(other + 1) * model.latents]
        earlier[other] = dotProduct(scores, own)
      }
      scores = earlier
      bias = earlier
    }
  }

  // MARK: Dead latents

  var dead: [Int] {
    (0..<model.latents).filter { base.rowsSinceFired[$0] >= settings.deadAfterRows }
  }

  /// y of a row; `nil` where nothing is dead.
  func auxiliaryCode(of row: RowPass) -> [Double]? {
    let dead = dead
    guard let auxiliary = settings.auxiliary, !dead.isEmpty else { return nil }
    let sizes = dead.map { latent in
      let score = row.scores[0][latent]
      return model.activation.isSigned ? abs(score) : max(score, 0)
    }
    var code = [Double](repeating: 0, count: model.latents)
    for place in largest(auxiliary.k, of: sizes) { code[dead[place]] = row.scores[0][dead[place]] }
    return code
  }

  /// y W_dec + r, with the residual r given.
  func auxiliaryResidual(_ code: [Double], holding residual: [Double]) -> [Double] {
    var left = residual
    add(code, in: 0..<model.latents, to: &left)
    return left
  }

  private func addAuxiliary(
    _ code: [Double], _ row: RowPass, _ pass: BatchPass, _ gradient: inout Weights
  ) {
    let left = auxiliaryResidual(code, holding: row.residual)
    let weight = settings.auxiliary?.weight(dead: dead.count) ?? 0
    let factor = 2 * weight / Double(pass.rows.count)
    var scores = [Double](repeating: 0, count: model.latents)
    for latent in 0..<model.latents where code[latent] != 0 {
      gradient.add(factor * code[latent], left, to: .decoder, row: latent)
      scores[latent] = factor * dotProduct(left, weights.atom(latent))
    }
    var alone = row
    alone.scores = [row.scores[0]]
    encode((scores, scores), alone, &gradient)
  }
}
