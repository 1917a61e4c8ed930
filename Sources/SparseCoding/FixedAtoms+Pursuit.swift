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
    // Where k and width are large, fewer rows at a time, so that a thread keeps to 64 MiB.
    let slots = min(Int(ELUTE_PANEL_ROWS), max(8, (1 << 23) / share))
    let unitRows = max(slots, min(1024, rows.rows / (4 * compute.pool.threads)))
    return inUnits(of: unitRows, rows) { unit in
      pursue(rows, unit, pursuit, slots: min(slots, unit.count), share: share)
    }
  }

  /// Rows of a unit, some at a time: where one is finished the next takes its place.
  private func pursue(
    _ rows: Matrix, _ unit: Range<Int>, _ pursuit: Pursuit, slots: Int, share: Int
  ) -> SparseCodes {
    let memory = AlignedBuffer<Double>(count: slots * share)
    var found = [[(index: Int, value: Float)]](repeating: [], count: unit.count)
    var next = unit.lowerBound
    func begin(_ row: Int, at place: Int) -> PursuedRow {
      PursuedRow(
        GrowingSupport(
          of: rows.row(row), on: self, capacity: pursuit.k, in: memory, at: place * share),
        by: pursuit, on: self)
    }
    var numbers = Array(unit.prefix(slots))
    var pursued = numbers.enumerated().map { place, row in begin(row, at: place) }
    next += slots
    var screen = PursuitScreen(for: pursuit, on: self)
    while true {
      for place in pursued.indices {
        while pursued[place].isFinished, next < unit.upperBound {
          found[numbers[place] - unit.lowerBound] = pursued[place].entries()
          numbers[place] = next
          pursued[place] = begin(next, at: place)
          screen.startAgain(with: pursued[place], at: place)
          next += 1
        }
      }
      guard pursued.contains(where: { !$0.isFinished }) else { break }
      let candidates = screen.candidates(for: pursued)
      for place in pursued.indices where !pursued[place].isFinished {
        let dependent = pursued[place].advance(among: candidates[place])
        screen.exclude(dependent, at: place)
        if pursued[place].hasLostMembers, !pursued[place].isFinished {
          screen.startAgain(with: pursued[place], at: place)
        }
      }
    }
    for (place, row) in pursued.enumerated() {
      found[numbers[place] - unit.lowerBound] = row.entries()
    }
    var codes = SparseCodes(latents: count, offsets: [0], indices: [], values: [])
    for entries in found { codes.append(entries) }
    return codes
  }
}
