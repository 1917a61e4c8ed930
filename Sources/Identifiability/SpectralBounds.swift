public import SparseCoding

/// What the eigenvalues of the cosines of every support provably lie in, from those of all atoms.
///
/// The eigenvalues of a principal submatrix lie between the smallest and the largest of the whole (Cauchy), so that every
/// support has `delta <= max(greatest - 1, 1 - least)`. More atoms than dimensions are dependent, and then this proves
/// nothing; of fewer it can prove what cosines one by one cannot.
///
/// - Source: Horn and Johnson, Matrix Analysis, theorem 4.3.28.
/// - Complexity: O(atoms² × (width + atoms)).
public struct SpectralBounds: Hashable, Sendable {
  /// What no eigenvalue of a support is below, and none above.
  public let least, greatest: Double

  /// What `delta` of every support is at most.
  public var delta: Double { max(greatest - 1, 1 - least) }

  /// The most atoms for which it is computed: the cost is that of their cube.
  public static let mostAtoms = 1024

  /// The bounds of a dictionary; nil where it has more atoms than dimensions, or too many.
  public init?(_ bounded: BoundedAtoms) {
    let count = bounded.count
    guard count <= min(bounded.width, Self.mostAtoms) else { return nil }
    let bounds = EigenvalueBounds(
      of: bounded.gram(of: Array(0..<count)), order: count, entryError: bounded.cosineError)
    (least, greatest) = (bounds.least.lowerBound, bounds.greatest.upperBound)
  }
}
