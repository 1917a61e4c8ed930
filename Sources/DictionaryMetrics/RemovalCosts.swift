public import SparseCoding

/// By how much the squared error of rows grows when one atom is taken away, gathered block by block.
///
///     cost_j = sum over rows with j in S of z_j² / (G_S⁻¹)_jj,   z = argmin |t - b - z D_S|²
///
/// with `S` the active latents of a row and `G_S = D_S D_Sᵀ`. Each term is exactly what leaving `j` out of `S`
/// adds to the least squared error on the atoms that are left: the codes are refit, so an atom that another
/// one can stand in for costs little. What the encoder would choose in its place is not looked at, and codes
/// may take either sign.
///
/// - Complexity: O(rows × (k² × width + k³)) time, in `Double`; of rows with more than `mostAtoms` active
///   latents only those of the greatest magnitude are fitted.
/// - Source: the elimination step of Reeves 1999 (IEEE Signal Processing Letters 6), of backward greedy
///   selection.
/// - Elsewhere: the optimal brain surgeon (Hassibi and Stork 1993) removes weights of a network by the same
///   ratio, with a Hessian in place of the Gram matrix.
public struct RemovalCosts: Hashable, Sendable {
  /// The cost of each latent, in squared units of the rows.
  public private(set) var costs: [Double]
  /// The most active latents of a row that are fitted.
  public static let mostAtoms = 256

  /// No rows of codes with a number of latents.
  public init(latents: Int) { costs = [Double](repeating: 0, count: latents) }

  /// Adds rows, by their codes.
  ///
  /// - Parameters:
  ///   - codes: Which atoms are active in each row.
  ///   - targets: What is reconstructed, `[rows, width]`.
  ///   - atoms: The atoms, `[latents, width]`, of any length.
  ///   - bias: The output bias, `[width]`.
  /// - Precondition: Shapes agree.
  public mutating func add(
    _ codes: SparseCodes, targets: Matrix, atoms: Matrix, bias: [Float], on compute: Compute
  ) {
    precondition(
      codes.latents == costs.count && atoms.rows == costs.count && codes.rows == targets.rows
        && atoms.columns == targets.columns && bias.count == targets.columns,
      "codes of \(codes.rows) x \(codes.latents), targets of \(targets.rows) x \(targets.columns), "
        + "\(atoms.rows) atoms of \(atoms.columns) for \(costs.count) latents")
    var terms = [Double](repeating: 0, count: codes.indices.count)
    terms.withUnsafeMutableBufferPointer { terms in
      // Each unit writes the entries of its own rows.
      nonisolated(unsafe) let terms = terms
      let block = 16
      compute.pool.run(units: (codes.rows + block - 1) / block) { unit, _ in
        for row in unit * block..<min((unit + 1) * block, codes.rows) {
          let chosen = Self.fitted(codes, row)
          let fit = SupportFit(
            atoms: chosen.map { atoms.row(Int(codes.indices[$0])) }, target: targets.row(row),
            bias: bias)
          for (place, entry) in chosen.enumerated() { terms[entry] = fit.costs[place] }
        }
      }
    }
    for (entry, term) in terms.enumerated() { costs[Int(codes.indices[entry])] += term }
  }

  /// The entries of a row that are fitted.
  private static func fitted(_ codes: SparseCodes, _ row: Int) -> [Int] {
    let entries = Array(codes.entries(ofRow: row))
    guard entries.count > mostAtoms else { return entries }
    return entries.sorted { (-abs(codes.values[$0]), $0) < (-abs(codes.values[$1]), $1) }
      .prefix(mostAtoms).sorted()
  }
}

/// Least squares on a few atoms, and what each of them saves.
private struct SupportFit {
  /// What the squared error grows by without each atom.
  private(set) var costs: [Double]

  init(atoms: [ArraySlice<Float>], target: ArraySlice<Float>, bias: [Float]) {
    let count = atoms.count
    costs = [Double](repeating: 0, count: count)
    let rest = zip(target, bias).map { Double($0) - Double($1) }
    let rows = atoms.map { $0.map(Double.init) }
    func dot(_ a: [Double], _ b: [Double]) -> Double {
      var sum = 0.0
      for index in a.indices { sum += a[index] * b[index] }
      return sum
    }
    // The lower triangle of the Gram matrix, with a ridge that keeps equal atoms apart.
    var factor = [Double](repeating: 0, count: count * count)
    for i in 0..<count { for j in 0...i { factor[i * count + j] = dot(rows[i], rows[j]) } }
    let trace = (0..<count).reduce(0.0) { $0 + factor[$1 * count + $1] }
    guard trace > 0 else { return }
    let ridge = 1e-9 * trace / Double(count)
    // Cholesky's factor L, then its inverse.
    for j in 0..<count {
      for i in j..<count {
        var sum = factor[i * count + j] + (i == j ? ridge : 0)
        for k in 0..<j { sum -= factor[i * count + k] * factor[j * count + k] }
        factor[i * count + j] =
          i == j ? max(sum, ridge).squareRoot() : sum / factor[j * count + j]
      }
    }
    var inverse = [Double](repeating: 0, count: count * count)
    for j in 0..<count {
      inverse[j * count + j] = 1 / factor[j * count + j]
      for i in j + 1..<count {
        var sum = 0.0
        for k in j..<i { sum -= factor[i * count + k] * inverse[k * count + j] }
        inverse[i * count + j] = sum / factor[i * count + i]
      }
    }
    let products = rows.map { dot($0, rest) }
    let solved = (0..<count).map { i in
      (0...i).reduce(0.0) { $0 + inverse[i * count + $1] * products[$1] }
    }
    for j in 0..<count {
      var (code, diagonal) = (0.0, 0.0)
      for i in j..<count {
        code += inverse[i * count + j] * solved[i]
        diagonal += inverse[i * count + j] * inverse[i * count + j]
      }
      costs[j] = code * code / diagonal
    }
  }
}
