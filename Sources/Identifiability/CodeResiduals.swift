import SparseCoding

/// What codes leave of rows, in `Double`.
///
///     y = x - b,   r = y - sum over j of z_j d_j,   size = sum over j of |d_j| |z_j|
struct CodeResiduals {
  private(set) var goals: [[Double]] = []
  private(set) var residuals: [[Double]] = []
  private(set) var sizes: [Double] = []

  init(
    _ rows: Matrix, _ codes: SparseCodes, rows chosen: Range<Int>, _ atoms: BoundedAtoms,
    bias: [Float], on compute: Compute
  ) {
    var found = [(goal: [Double], residual: [Double], size: Double)](
      repeating: ([], [], 0), count: chosen.count)
    found.withUnsafeMutableBufferPointer { found in
      nonisolated(unsafe) let found = found
      compute.pool.run(units: chosen.count) { place, _ in
        let row = chosen.lowerBound + place
        let goal = zip(rows.row(row), bias).map { Double($0) - Double($1) }
        var (residual, size) = (goal, 0.0)
        for entry in codes.entries(ofRow: row) {
          let atom = Int(codes.indices[entry])
          let value = Double(codes.values[entry])
          size += abs(value) * atoms.lengths[atom]
          atoms.atoms.row(atom).withUnsafeBufferPointer { atom in
            for index in residual.indices { residual[index] -= value * Double(atom[index]) }
          }
        }
        found[place] = (goal, residual, size)
      }
    }
    goals = found.map(\.goal)
    residuals = found.map(\.residual)
    sizes = found.map(\.size)
  }

  /// The residuals, rounded.
  func matrix(width: Int) -> Matrix {
    Matrix(
      rows: residuals.count, columns: width, values: residuals.flatMap { $0.map(Float.init) })
  }

  /// A number that no product of an atom at length one with a residual exceeds, some float roundings above the greatest.
  func greatestPulls(on atoms: BoundedAtoms, isSigned: Bool, compute: Compute) -> [Double] {
    let products = compute.product(matrix(width: atoms.width), atoms.units)
    return residuals.indices.map { place in
      let slack =
        (atoms.productError + 0x1p-23)
        * dot(residuals[place], residuals[place])
        .squareRoot()
      let greatest = products.row(place).reduce(0) { max($0, isSigned ? abs($1) : $1) }
      return Double(greatest) + slack
    }
  }
}
