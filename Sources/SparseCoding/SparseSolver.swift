/// A way to find sparse codes of rows on atoms that are given, without an encoder.
///
/// With a row `x`, the output bias `b` and atoms `d_j` of any length, each looks for a code `z` such that
/// `x - b` is near `sum over j of z_j d_j`. A closed set, Codable with labelled payloads. No solver but
/// FISTA reaches an optimum that can be certified: the best code of `k` atoms is hard to find (Natarajan
/// 1995), so an encoder may do better than a pursuit.
///
/// - Elsewhere: scikit-learn `orthogonal_mp` (its atoms must have unit length; no bias, no nonnegative
///   codes) and `sparse_encode`; SAELens `matching_pursuit` is plain matching pursuit, which
///   never corrects the coefficient of an atom once chosen and is not here.
public enum SparseSolver: Codable, Hashable, Sendable {
  /// Orthogonal matching pursuit: at most `k` atoms, one after the other.
  ///
  ///     next = argmax over j of |<r, d_j>| / |d_j|,   z = argmin |x - b - z_S D_S|²,   r = x - b - z_S D_S
  ///
  /// Nonnegative: the largest positive product instead, and least squares under `z >= 0`, whose zeros
  /// leave the support again; at most `3 k` choices. A row is finished before it has `k` atoms once
  /// `|r|² <= residual · |x - b|²`.
  ///
  /// - Source: Pati, Rezaiifar and Krishnaprasad 1993; Tropp and Gilbert 2007, IEEE Transactions on
  ///   Information Theory 53(12). Nonnegative: Bruckstein, Elad and Zibulevsky 2008, the same
  ///   transactions 54(11).
  case orthogonalMatchingPursuit(k: Int, isNonnegative: Bool = false, residual: Double = 0)
  /// Orthogonal least squares: at most `k` atoms, each the one that leaves the least error after the fit.
  ///
  ///     next = argmax over j of <r, d_j>² / |d_j - P_S d_j|²
  ///
  /// with `P_S` the projection on the span of the atoms chosen. Nonnegative: only positive products
  /// count, and least squares as above; the fit that chooses is still the one without signs. `residual` as above.
  ///
  /// - Source: Chen, Billings and Luo 1989, International Journal of Control 50(5); Rebollo-Neira and Lowe
  ///   2002, IEEE Signal Processing Letters 9(4). Nonnegative: Yaghoobi and Davies 2015, ICASSP.
  case orthogonalLeastSquares(k: Int, isNonnegative: Bool = false, residual: Double = 0)
  /// The lasso by accelerated proximal gradients.
  ///
  ///     z = argmin |x - b - z D|² / 2 + l1 · sum over j of |z_j|
  ///
  /// The momentum of a row starts again when it points uphill. A row is finished when its duality gap is at
  /// most `tolerance · |x - b|² / 2`, or after `iterations` steps. `l1` is in units of the data times the
  /// atoms. Codes are shrunk, so at equal l0 a pursuit leaves less error.
  ///
  /// - Source: Beck and Teboulle 2009, SIAM Journal on Imaging Sciences 2(1), equations 4.1-4.3; restarts:
  ///   O'Donoghue and Candès 2015, Foundations of Computational Mathematics 15. Gap: Kim et al. 2007.
  /// - Elsewhere: scikit-learn `sparse_encode(algorithm="lasso_cd", alpha=l1)` has the same optimum.
  case fista(
    l1: Double, isNonnegative: Bool = false, tolerance: Double = 1e-5, iterations: Int = 2000)

  /// Whether codes may not be negative.
  public var isNonnegative: Bool {
    switch self {
    case .orthogonalMatchingPursuit(_, let isNonnegative, _),
      .orthogonalLeastSquares(_, let isNonnegative, _), .fista(_, let isNonnegative, _, _):
      isNonnegative
    }
  }

  /// Codes of rows on atoms; `FixedAtoms` codes rows that come in parts.
  ///
  /// - Parameters:
  ///   - rows: `[rows, width]`, finite.
  ///   - atoms: `[atoms, width]`, finite, of any length; zero atoms are never used.
  ///   - bias: `[width]`, subtracted from the rows.
  /// - Complexity: See `FixedAtoms.codes(of:by:)`.
  public func codes(
    of rows: Matrix, on atoms: Matrix, bias: [Float], compute: Compute
  ) -> SparseCodes {
    FixedAtoms(atoms, bias: bias, on: compute).codes(of: rows, by: self)
  }
}
