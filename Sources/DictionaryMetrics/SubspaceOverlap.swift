import SparseCoding

/// How far the leading directions of two dictionaries span the same space.
///
///     subspace_overlap = |U_A^T U_B|_F^2 / r
///
/// `U` are the `r` leading eigenvectors of the second moment of the live atoms at unit length, eight unless
/// there are fewer atoms. It is 1 for equal spaces, whatever the atoms in them, and `r / d_in` for uniformly
/// random ones: data that vary along few directions alone lift it far above that.
///
/// - Complexity: O(width), given the `AtomMoment` of either.
/// - Source: mean squared cosine of principal angles (Björck and Golub 1973).
/// - Elsewhere: HUSAI (the 8 leading directions, as here).
public struct SubspaceOverlap: Hashable, Sendable {
  /// The overlap, in [0, 1].
  public let overlap: Double

  /// The number of directions.
  public static let directions = 8

  /// The overlap of random spaces of that many directions.
  public static func null(width: Int) -> Double {
    Double(min(directions, width)) / Double(width)
  }

  /// The overlap of the live atoms of two dictionaries of one width.
  public init(_ first: AtomMoment, _ second: AtomMoment) {
    precondition(first.width == second.width, "atoms of widths \(first.width), \(second.width)")
    let count = min(Self.directions, first.width, min(first.live, second.live))
    var sum = 0.0
    for a in 0..<count {
      for b in 0..<count {
        let cosine = zip(first.eigen.vector(a), second.eigen.vector(b))
          .reduce(0.0) { $0 + $1.0 * $1.1 }
        sum += cosine * cosine
      }
    }
    overlap = sum / Double(count)
  }
}
