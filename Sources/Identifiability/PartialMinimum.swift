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

  /// A model at which both gradients are zero.
  public struct Stationary: Hashable, Sendable {
    /// The model.
    public var model: PlainModel
    /// Whether small steps of both blocks together cannot lower the loss either, as long as the pattern holds.
    ///
    /// Then each atom belongs to the largest eigenvalue of its features. Else it is a saddle, which descent leaves.
    public var isMinimum: Bool
  }

  /// A model at which both gradients are zero, for a pattern that gives every feature one latent.
  ///
  /// Stationary by the encoder means, for independent features, residuals orthogonal to the atom: codes
  /// `z_d = w_r^d · u` of a unit atom `u`. Then the atoms' gradient vanishes where `u` is an eigenvector of
  /// `sum over F_i of M_d w_r^d w_r^dᵀ`, here of the largest eigenvalue that has one with positive products with all
  /// of `F_i`. The encoder row is the shortest with `w · w_p^d = z_d` on `F_i` and `-1/10` elsewhere.
  ///
  /// Within its pattern each latent is the approximation of its features by rank one, whose stationary points are
  /// singular pairs: the first is the minimum, all others are strict saddles (Eckart and Young 1936).
  ///
  /// - Returns: `nil` where none is found: no eigenvector with positive products, which orthogonal features of
  ///   different weights have, or inputs that are dependent. Of equal eigenvalues only the direction next to the
  ///   sum of the features is tried.
  public static func stationary(
    _ pattern: ActivationPattern, of loss: FeatureLoss
  ) -> Stationary? {
    guard pattern.isPartition, pattern.features == loss.inputs.count else { return nil }
    let width = loss.outputs.first?.count ?? 0
    var found = Stationary(model: PlainModel(encoder: [], atoms: []), isMinimum: true)
    for own in pattern.active {
      var scores = [Double](repeating: -0.1, count: pattern.features)
      var atom = [Double](repeating: 0, count: width)
      if !own.isEmpty {
        guard let first = eigenvector(own, of: loss) else { return nil }
        atom = first.direction
        found.isMinimum = found.isMinimum && first.isFirst
        for feature in own { scores[feature] = dot(atom, loss.outputs[feature]) }
      }
      guard let row = shortest(withProducts: scores, on: loss.inputs) else { return nil }
      found.model.encoder.append(row)
      found.model.atoms.append(atom)
    }
    return found
  }

  /// The unit eigenvector of the largest eigenvalue that has one with positive products with all of some features.
  private static func eigenvector(
    _ own: [Int], of loss: FeatureLoss
  ) -> (direction: [Double], isFirst: Bool)? {
    let width = loss.outputs[0].count
    var moments = [Double](repeating: 0, count: width * width)
    var sum = [Double](repeating: 0, count: width)
    for feature in own {
      let output = loss.outputs[feature]
      for row in 0..<width {
        sum[row] += output[row]
        for column in 0..<width {
          moments[row * width + column] += loss.weights[feature] * output[row] * output[column]
        }
      }
    }
    let eigen = SymmetricEigen(moments, order: width)
    var first = 0
    while first < width, eigen.values[first] > 1e-9 * eigen.values[0] {
      // Equal values have one space, in which any direction is an eigenvector.
      var last = first
      while last + 1 < width, eigen.values[last + 1] > (1 - 1e-9) * eigen.values[first] {
        last += 1
      }
      var direction = [Double](repeating: 0, count: width)
      for place in first...last {
        let vector = Array(eigen.vector(place))
        let part = dot(vector, sum)
        for index in direction.indices { direction[index] += part * vector[index] }
      }
      let atom = unit(direction)
      if own.allSatisfy({ dot(atom, loss.outputs[$0]) > 1e-9 }) { return (atom, first == 0) }
      first = last + 1
    }
    return nil
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
