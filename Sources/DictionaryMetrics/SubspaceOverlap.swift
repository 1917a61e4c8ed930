public import SparseCoding

/// How far the leading directions of two dictionaries span the same space.
///
///     subspace_overlap = |U_A^T U_B|_F^2 / r
///
/// `U` are the `r` leading eigenvectors of the second moment of the live atoms at unit length, eight unless
/// there are fewer atoms. It is 1 for equal spaces, whatever the atoms in them, and `r / d_in` for uniformly
/// random ones: data that vary along few directions alone lift it far above that.
///
/// - Complexity: O(live × width² + width³).
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

  /// The overlap of the live atoms of two dictionaries.
  public init(_ pair: DictionaryPair, on compute: Compute) {
    let count = min(
      Self.directions, pair.first.width, min(pair.first.live.rows, pair.second.live.rows))
    let (a, b) = (
      Self.leading(count, of: pair.first.live, on: compute),
      Self.leading(count, of: pair.second.live, on: compute)
    )
    var sum = 0.0
    for x in a {
      for y in b {
        let cosine = zip(x, y).reduce(0.0) { $0 + $1.0 * $1.1 }
        sum += cosine * cosine
      }
    }
    overlap = sum / Double(a.count)
  }

  private static func leading(
    _ count: Int, of atoms: Matrix, on compute: Compute
  ) -> [[Double]] {
    let width = atoms.columns
    var moment = [Double](repeating: 0, count: width * width)
    addOuterProducts(of: atoms.values.map(Double.init), width: width, to: &moment, on: compute.pool)
    let eigen = SymmetricEigen(moment, order: width)
    return (0..<count).map { Array(eigen.vector($0)) }
  }
}
