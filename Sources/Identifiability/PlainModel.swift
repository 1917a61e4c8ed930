/// A dictionary as the theory has it: without biases, and of few enough latents that every sum can be exact.
///
///     z = sigma(W_E x),   x̂ = W_D z,   sigma(h)_i in {0, h_i}
///
/// In `Double`, the slow and obvious twin of `SparseCoder`.
///
/// - Source: the unified theory of sparse dictionary learning (arXiv 2512.05534), definition 2.3.
public struct PlainModel: Hashable, Sendable {
  /// Which scores a code keeps.
  public enum Rule: Hashable, Sendable {
    /// Those above a threshold that is not negative; zero is ReLU.
    case above(Double)
    /// The `k` largest, where they are positive; of equal ones the first.
    case largest(k: Int)
  }

  /// `W_E`, a row a latent, `[latents][d_in]`.
  public var encoder: [[Double]]
  /// The columns of `W_D`, `[latents][d_out]`.
  public var atoms: [[Double]]
  /// sigma.
  public var rule: Rule

  /// A model of the weights given.
  ///
  /// - Precondition: As many rows as atoms.
  public init(encoder: [[Double]], atoms: [[Double]], rule: Rule = .above(0)) {
    precondition(encoder.count == atoms.count, "\(encoder.count) rows, \(atoms.count) atoms")
    self.encoder = encoder
    self.atoms = atoms
    self.rule = rule
  }

  /// The code of an input, `[latents]`.
  public func code(_ input: [Double]) -> [Double] {
    let scores = encoder.map { dot($0, input) }
    switch rule {
    case .above(let threshold): return scores.map { $0 > threshold ? $0 : 0 }
    case .largest(let k):
      let kept = Set(scores.indices.sorted { (-scores[$0], $0) < (-scores[$1], $1) }.prefix(k))
      return scores.indices.map { kept.contains($0) && scores[$0] > 0 ? scores[$0] : 0 }
    }
  }

  /// What a code stands for, `[d_out]`.
  public func output(ofCode code: [Double]) -> [Double] {
    var sum = [Double](repeating: 0, count: atoms.first?.count ?? 0)
    for (latent, value) in code.enumerated() where value != 0 {
      for index in sum.indices { sum[index] += value * atoms[latent][index] }
    }
    return sum
  }
}

/// The product of two vectors.
package func dot(_ a: [Double], _ b: [Double]) -> Double {
  zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
}

/// The direction of a vector; zeros of zeros.
package func unit(_ vector: [Double]) -> [Double] {
  let length = dot(vector, vector).squareRoot()
  return length > 0 ? vector.map { $0 / length } : vector
}
