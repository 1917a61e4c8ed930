/// The loss of features that are active one at a time, which for sparse features is the loss.
///
///     L~ = sum over d of M_d |w_r^d - W_D sigma(W_E w_p^d)|²,   M_d = Pr(x = x_d e_d) E[x_d² | x_d > 0]
///
/// - Source: the unified theory of sparse dictionary learning (arXiv 2512.05534), theorem 3.1. It presupposes
///   that sigma is positively homogeneous, so it does not hold at a threshold above zero.
public struct FeatureLoss: Hashable, Sendable {
  /// `w_p^d`, where the encoder reads, and `w_r^d`, where the atoms are: `[features][width]`.
  public let inputs, outputs: [[Double]]
  /// `M_d`, positive.
  public let weights: [Double]

  /// A loss of the features given; the outputs are the inputs and all weights one where it does not say.
  ///
  /// - Precondition: As many of each.
  public init(inputs: [[Double]], outputs: [[Double]]? = nil, weights: [Double]? = nil) {
    self.inputs = inputs
    self.outputs = outputs ?? inputs
    self.weights = weights ?? [Double](repeating: 1, count: inputs.count)
    precondition(
      self.outputs.count == inputs.count && self.weights.count == inputs.count,
      "\(inputs.count) inputs, \(self.outputs.count) outputs, \(self.weights.count) weights")
  }

  /// The loss of a model.
  public func value(of model: PlainModel) -> Double {
    parts(of: model).reduce(0, +)
  }

  /// What each feature adds to the loss.
  func parts(of model: PlainModel) -> [Double] {
    inputs.indices.map { feature in
      let missing = residual(of: feature, model.code(inputs[feature]), in: model)
      return weights[feature] * dot(missing, missing)
    }
  }

  /// The gradients by encoder rows and by atoms, at a model whose codes do not change near it.
  public func gradients(of model: PlainModel) -> (encoder: [[Double]], atoms: [[Double]]) {
    var encoder = model.encoder.map { $0.map { _ in 0.0 } }
    var atoms = model.atoms.map { $0.map { _ in 0.0 } }
    for feature in inputs.indices {
      let code = model.code(inputs[feature])
      let missing = residual(of: feature, code, in: model)
      for (latent, value) in code.enumerated() where value != 0 {
        let along = -2 * weights[feature] * dot(missing, model.atoms[latent])
        for index in inputs[feature].indices {
          encoder[latent][index] += along * inputs[feature][index]
        }
        for index in missing.indices {
          atoms[latent][index] -= 2 * weights[feature] * value * missing[index]
        }
      }
    }
    return (encoder, atoms)
  }

  /// The features that switch each latent on when they are active alone: `F_i` of definition 3.1.
  public func pattern(of model: PlainModel) -> ActivationPattern {
    let codes = inputs.map(model.code)
    return ActivationPattern(
      features: inputs.count,
      active: model.encoder.indices.map { latent in
        inputs.indices.filter { codes[$0][latent] > 0 }
      })
  }

  private func residual(of feature: Int, _ code: [Double], in model: PlainModel) -> [Double] {
    zip(outputs[feature], model.output(ofCode: code)).map { $0 - $1 }
  }
}
