public import SparseCoding

/// The second moment of a dictionary's live atoms at unit length, by its eigenvectors.
///
///     M = sum over live atoms u of u u^T
///
/// Nulls are drawn from it and leading directions read from it; many pairs of a few dictionaries need it once
/// for each.
///
/// - Complexity: O(live × width² / 2 + width³); holds width² numbers of eight bytes.
public struct AtomMoment: Sendable {
  /// Eigenvalues, descending, and eigenvectors.
  let eigen: SymmetricEigen
  /// The number of coordinates of an atom.
  let width: Int
  /// The number of live atoms.
  let live: Int

  /// The second moment of the live atoms of a dictionary.
  public init(of atoms: UnitAtoms, on compute: Compute) {
    var moment = [Double](repeating: 0, count: atoms.width * atoms.width)
    compute.addOuterProducts(
      of: atoms.live.values.map(Double.init), width: atoms.width, to: &moment)
    eigen = SymmetricEigen(moment, order: atoms.width)
    width = atoms.width
    live = atoms.live.rows
  }
}
