import CSparseKernels

extension FixedAtoms {
  /// Orthogonal matching pursuit or least squares, a unit of rows side by side: one product of their
  /// residuals with all atoms a step.
  func pursue(_ rows: Matrix, _ wanted: Pursuit) -> SparseCodes {
    precondition(wanted.k > 0, "\(wanted.k) atoms a row code nothing")
    var pursuit = wanted
    // No more atoms than that are independent.
    pursuit.k = min(wanted.k, width, count)
    guard pursuit.k > 0 else {
      return SparseCodes(
        latents: count, offsets: [Int](repeating: 0, count: rows.rows + 1), indices: [],
        values: [])
    }
    let share = GrowingSupport.memoryCount(capacity: pursuit.k, stride: stride)
    // Where k and width are large, fewer rows, so that a thread keeps to 64 MiB.
    let unitRows = min(Int(ELUTE_PANEL_ROWS), max(8, (1 << 23) / share))
    return inUnits(of: unitRows, rows) { unit in
      pursue(rows, unit, pursuit, share: share)
    }
  }

  private func pursue(
    _ rows: Matrix, _ unit: Range<Int>, _ pursuit: Pursuit, share: Int
  ) -> SparseCodes {
    let memory = AlignedBuffer<Double>(count: unit.count * share)
    var pursued = unit.enumerated().map { place, row in
      PursuedRow(
        GrowingSupport(
          of: rows.row(row), on: self, capacity: pursuit.k, in: memory, at: place * share),
        by: pursuit, on: self)
    }
    var screen = PursuitScreen(for: pursuit, on: self)
    while pursued.contains(where: { !$0.isFinished }) {
      let candidates = screen.candidates(for: pursued)
      for place in pursued.indices where !pursued[place].isFinished {
        let dependent = pursued[place].advance(among: candidates[place])
        screen.exclude(dependent, at: place)
        if pursued[place].hasLostMembers, !pursued[place].isFinished {
          screen.startAgain(with: pursued[place], at: place)
        }
      }
    }
    var codes = SparseCodes(latents: count, offsets: [0], indices: [], values: [])
    for row in pursued { codes.append(row.entries()) }
    return codes
  }
}
