public import SparseCoding

/// How far the atoms of one support are from orthonormal, with bounds that rounding cannot break.
///
/// Of `G`, the cosines of the atoms in `S`, with eigenvalues `λ`:
///
///     delta = max |λ - 1|,   scale-free delta = (max λ - min λ) / (max λ + min λ),   R = mean of (λ - 1)²
///
/// `R <= delta² <= |S| R`, so a small `R` alone proves nothing about `delta`. For unit vectors in random directions
/// `R` is near `(|S| - 1) / width`.
///
/// - Source: the restricted isometry constant of a support: Candès and Tao 2005; `R`: "Toward Identifiable Sparse
///   Autoencoders", section 4; scale-free: Foucart and Lai 2009.
public struct SupportConditioning: Hashable, Sendable {
  /// The number of atoms.
  public var size: Int
  /// What the smallest eigenvalue lies in.
  public var least: ClosedRange<Double>
  /// What the largest eigenvalue lies in.
  public var greatest: ClosedRange<Double>
  /// `R`, the mean squared distance of the eigenvalues from 1.
  public var spread: Double

  /// What `delta` is at most.
  public var deltaAtMost: Double { max(greatest.upperBound - 1, 1 - least.lowerBound) }
  /// What `delta` is at least.
  public var deltaAtLeast: Double { max(greatest.lowerBound - 1, 1 - least.upperBound, 0) }
  /// The scale-free `delta`, up to the bounds of the eigenvalues.
  public var scaleFreeDelta: Double {
    let (low, high) = (max(0, least.lowerBound), greatest.upperBound)
    return high + low > 0 ? (high - low) / (high + low) : 0
  }
}

extension BoundedAtoms {
  /// How far the atoms of a support are from orthonormal.
  ///
  /// - Precondition: The support is not empty.
  /// - Complexity: O(support² × (width + support)).
  public func conditioning(of support: [Int]) -> SupportConditioning {
    let count = support.count
    precondition(count > 0, "no atoms have no conditioning")
    let gram = gram(of: support)
    let bounds = EigenvalueBounds(of: gram, order: count, entryError: cosineError)
    return SupportConditioning(
      size: count, least: bounds.least, greatest: bounds.greatest,
      spread: Self.spread(ofGram: gram, count))
  }

  /// `R` of a support alone.
  ///
  /// - Precondition: The support is not empty.
  /// - Complexity: O(support² × width).
  public func spread(of support: [Int]) -> Double {
    precondition(!support.isEmpty, "no atoms have no conditioning")
    return Self.spread(ofGram: gram(of: support), support.count)
  }

  private static func spread(ofGram gram: [Double], _ count: Int) -> Double {
    max(0, gram.reduce(0) { $0 + $1 * $1 } / Double(count) - 1)
  }
}
