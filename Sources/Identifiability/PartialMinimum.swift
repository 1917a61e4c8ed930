public import SparseCoding

/// Models at which neither the encoder alone nor the atoms alone can do better, and which are wrong.
///
/// - Source: the unified theory of sparse dictionary learning (arXiv 2512.05534), theorem 3.6.
public enum PartialMinimum {
  /// The construction of the theorem's proof: atoms that are optimal for an encoder.
  ///
  ///     atom_i = (sum over F_i of M_d z_d w_r^d) / (sum over F_i of M_d z_d²)
  ///
  /// The atoms' gradient is zero. The encoder's is not in general: the proof replaces `w_p^d` by the number `z_d` between
  /// its equations 64 and 65, which shows only that the gradient is orthogonal to the row. With orthonormal
  /// features of weights 1 and 2 and an encoder row (1, 2) it is (0.198, -0.099).
  public static func printed(_ encoder: [[Double]], of loss: FeatureLoss) -> PlainModel {
    let width = loss.outputs.first?.count ?? 0
    let atoms = encoder.map { row in
      var sum = [Double](repeating: 0, count: width)
      var square = 0.0
      for feature in loss.inputs.indices {
        let score = max(0, dot(row, loss.inputs[feature]))
        square += loss.weights[feature] * score * score
        for index in 0..<width {
          sum[index] += loss.weights[feature] * score * loss.outputs[feature][index]
        }
      }
      return square > 0 ? sum.map { $0 / square } : sum
    }
    return PlainModel(encoder: encoder, atoms: atoms)
  }

  /// A model at which both gradients are zero, for a pattern that gives every feature one latent.
  ///
  /// Stationary by the encoder means, for independent features, residuals orthogonal to the atom: codes
  /// `z_d = w_r^d · u` of a unit atom `u`. Then the atoms' gradient vanishes where `u` is an eigenvector of
  /// `sum over F_i of M_d w_r^d w_r^dᵀ`, here the first one. The encoder row is the shortest with
  /// `w · w_p^d = z_d` on `F_i` and `-1/10` elsewhere.
  ///
  /// - Returns: `nil` where it does not exist: a first eigenvector without positive products with all of its features,
  ///   which orthogonal features of different weights have, or inputs that are dependent.
  public static func stationary(
    _ pattern: ActivationPattern, of loss: FeatureLoss
  ) -> PlainModel? {
    guard pattern.isPartition, pattern.features == loss.inputs.count else { return nil }
    let width = loss.outputs.first?.count ?? 0
    var model = PlainModel(encoder: [], atoms: [])
    for own in pattern.active {
      var moments = [Double](repeating: 0, count: width * width)
      for feature in own {
        let output = loss.outputs[feature]
        for row in 0..<width {
          for column in 0..<width {
            moments[row * width + column] += loss.weights[feature] * output[row] * output[column]
          }
        }
      }
      var atom = Array(SymmetricEigen(moments, order: width).vector(0))
      if own.isEmpty { atom = [Double](repeating: 0, count: width) }
      if own.reduce(0, { $0 + dot(atom, loss.outputs[$1]) }) < 0 { atom = atom.map { -$0 } }
      var scores = [Double](repeating: -0.1, count: pattern.features)
      for feature in own { scores[feature] = dot(atom, loss.outputs[feature]) }
      guard own.allSatisfy({ scores[$0] > 1e-9 }),
        let row = shortest(withProducts: scores, on: loss.inputs)
      else { return nil }
      model.encoder.append(row)
      model.atoms.append(atom)
    }
    return model
  }

  /// The shortest vector that has given products with independent vectors.
  private static func shortest(
    withProducts products: [Double], on vectors: [[Double]]
  ) -> [Double]? {
    let gram = vectors.map { row in vectors.map { dot(row, $0) } }
    guard let multipliers = NonnegativeLeastSquares.leastSquares(gram, products) else { return nil }
    var sum = [Double](repeating: 0, count: vectors.first?.count ?? 0)
    for (multiplier, vector) in zip(multipliers, vectors) {
      for index in sum.indices { sum[index] += multiplier * vector[index] }
    }
    return sum
  }
}

/// Models without error that have found no feature.
public enum ZeroLoss {
  /// Every orthonormal basis and its negatives rebuild everything.
  ///
  ///     x = sum over i of (relu(u_i · x) u_i + relu(-u_i · x) (-u_i))
  ///
  /// With `2 d` latents the loss is zero on all inputs, not only on features, whatever the basis: which one training finds is
  /// chance. The features are found only if their directions are among it.
  ///
  /// - Source: theorem 3.4 and figure 4 of the unified theory show four directions in the plane; this is it in any dimension.
  /// - Precondition: The basis is orthonormal.
  public static func signedBasis(_ basis: [[Double]]) -> PlainModel {
    let rows = basis + basis.map { $0.map { -$0 } }
    return PlainModel(encoder: rows, atoms: rows)
  }

  /// The features themselves, `W_E = W_pᵀ` and `W_D = W_r`, and what their loss is at most.
  ///
  ///     L~ <= sum over d of M_d M² (K_d - 1)²
  ///
  /// with `M` the greatest product of two input features and `K_d` how many have a positive one with feature `d`.
  ///
  /// - Source: theorem 3.3, the sharper bound of its proof, which takes features of length one.
  /// - Precondition: Inputs and outputs have length one, else the bound does not hold.
  public static func features(of loss: FeatureLoss) -> (model: PlainModel, bound: Double) {
    let count = loss.inputs.count
    var greatest = 0.0
    var positive = [Int](repeating: 1, count: count)
    for d in 0..<count {
      for other in 0..<count where other != d {
        let product = dot(loss.inputs[d], loss.inputs[other])
        greatest = max(greatest, product)
        if product > 0 { positive[d] += 1 }
      }
    }
    let bound = (0..<count).reduce(0.0) { sum, d in
      let others = Double(positive[d] - 1)
      return sum + loss.weights[d] * greatest * greatest * others * others
    }
    return (PlainModel(encoder: loss.inputs, atoms: loss.outputs), bound)
  }
}
