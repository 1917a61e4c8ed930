public import SparseCoding

/// What the active atoms of rows could still take of what is left of them.
///
/// Of a row with active atoms `U` at length one, signs `s`, cosines `G` and the residual `r`, with `q = Uᵀ r`:
///
///     removable = qᵀ G^-1 q   of |r|² by the best codes on the same support; 0 where they are the best
///
/// A penalty on codes leaves `q = lambda s` instead, whatever the row. `penalty` is the `lambda` that fits all rows best, and
/// `fixed` the share of the residuals' energy that `lambda U G^-1 s`, a function of the active set alone, then explains.
///
/// - Source: "How optimality structures sparse dictionaries", conditions C1 and C4, and the form of C1 without a penalty.
/// - Complexity: O(rows × k² × (width + k)).
public struct SupportResiduals: Hashable, Sendable {
  /// The share of all residuals' energy that the best codes on the same supports would remove.
  ///
  /// A row whose atoms are not independent counts as nothing below and as all above.
  public let removable: ClosedRange<Double>
  /// The row that would lose most.
  public let worstRow: Int
  /// The penalty that fits best.
  public let penalty: Double
  /// The share of the energy that it explains.
  public let fixed: Double
  /// The mean of `s u · r` where latents are active.
  public let pull: Double
  /// The root of its mean square around each latent's own mean.
  public let pullDeviation: Double

  /// Of rows and their codes.
  ///
  /// - Parameter bias: The output's bias, `[width]`.
  /// - Precondition: As many rows as codes, and as many latents as atoms.
  public init(
    _ rows: Matrix, _ codes: SparseCodes, on atoms: BoundedAtoms, bias: [Float], compute: Compute
  ) {
    precondition(rows.rows == codes.rows && codes.latents == atoms.count)
    let left = CodeResiduals(rows, codes, rows: 0..<rows.rows, atoms, bias: bias, on: compute)
    var found = [Row](repeating: Row(), count: rows.rows)
    found.withUnsafeMutableBufferPointer { found in
      nonisolated(unsafe) let found = found
      compute.pool.run(units: rows.rows) { row, _ in
        found[row] = Row(ActiveSet(codes, row, left.residuals[row], atoms, lambda: 1), atoms)
        let energy = dot(left.residuals[row], left.residuals[row])
        found[row].removable = min(found[row].removable, energy)
      }
    }
    let energies = left.residuals.map { dot($0, $0) }
    let whole = energies.reduce(0, +)
    let share = { (value: Double) in whole > 0 ? value / whole : 0 }
    let low = found.reduce(0) { $0 + $1.removable }
    let open = zip(found, energies).reduce(0) { $0 + ($1.0.isIndependent ? 0 : $1.1) }
    removable = share(low)...share(low + open)
    worstRow = found.indices.max { (found[$0].removable, $1) < (found[$1].removable, $0) } ?? 0
    let (product, square) = found.reduce((0, 0)) { ($0.0 + $1.product, $0.1 + $1.square) }
    penalty = square > 0 ? product / square : 0
    fixed = share(penalty * product)

    var sums = [Int: (count: Double, sum: Double, square: Double)]()
    for (atom, pull) in found.flatMap(\.pulls) {
      let sum = sums[atom] ?? (0, 0, 0)
      sums[atom] = (sum.count + 1, sum.sum + pull, sum.square + pull * pull)
    }
    let latents = sums.sorted { $0.key < $1.key }.map(\.value)
    let count = max(1, latents.reduce(0) { $0 + $1.count })
    pull = latents.reduce(0) { $0 + $1.sum } / count
    let around = latents.reduce(0) { $0 + max(0, $1.square - $1.sum * $1.sum / $1.count) }
    pullDeviation = (around / count).squareRoot()
  }

  private struct Row {
    var isIndependent = true
    /// `qᵀ G^-1 q`, `sᵀ G^-1 q` and `sᵀ G^-1 s`.
    var removable = 0.0
    var product = 0.0
    var square = 0.0
    var pulls: [(atom: Int, pull: Double)] = []

    init() {}

    init(_ active: ActiveSet, _ atoms: BoundedAtoms) {
      pulls = zip(active.support, active.pulls).map { ($0, $1) }
      guard !active.support.isEmpty else { return }
      let order = active.support.count
      let gram = order <= atoms.width ? atoms.gram(of: active.support) : []
      // What the rounding of cosines does is then a ten-millionth at most.
      guard order <= atoms.width, let factor = CholeskyFactor(of: gram, order: order),
        EigenvalueBounds.floor(of: gram, order: order, entryError: atoms.cosineError)
          > 1e7 * Double(order) * atoms.cosineError
      else {
        isIndependent = false
        return
      }
      let products = zip(active.signs, active.pulls).map { $0 * $1 }
      let weights = factor.solution(active.signs)
      removable = max(0, dot(products, factor.solution(products)))
      (product, square) = (dot(weights, products), dot(weights, active.signs))
    }
  }
}
