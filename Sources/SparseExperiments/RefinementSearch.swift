import DictionaryMetrics
import DictionaryTraining
import RunRecords
import SparseCoding

/// Atoms on their way through a `Refinement`: coded, fitted, and fewer where fewer do.
struct RefinementSearch {
  private let rows: Matrix
  private var k: Int
  private let merge: Double
  private let compute: Compute
  private var state = Coded.none
  private var residual = 0.0
  private(set) var rounds: [RefinementRecord.Round] = []

  init(rows: Matrix, k: Int, merge: Double, compute: Compute) {
    self.rows = rows
    self.k = k
    self.merge = merge
    self.compute = compute
  }

  /// Atoms with the codes of all rows on them.
  struct Coded {
    var atoms: Matrix
    var bias: [Float]
    var codes: SparseCodes
    /// What the codes come to, by which atoms are judged.
    var cost = 0.0
    /// The share of rows that leave more than they may.
    var unmet = 0.0

    static let none = Coded(
      atoms: Matrix(rows: 0, columns: 0), bias: [],
      codes: SparseCodes(latents: 0, offsets: [0], indices: [], values: []))

    /// The mean number of atoms a row.
    var l0: Double { Double(codes.indices.count) / Double(max(codes.rows, 1)) }
  }

  /// Codes atoms, fits them, and codes them again.
  mutating func begin(_ atoms: Matrix, bias: [Float], residual: Double) throws {
    self.residual = residual
    let merged = try joined(atoms)
    boundAtoms(merged, bias)
    state = try settled(code(rows, merged, bias, residual), residual)
    record(.begun, state, residual)
  }

  /// The atoms with what they code, without those that code nothing.
  func coded() -> Coded {
    let columns = CodeColumns(state.codes)
    let used = (0..<state.atoms.rows).filter { !columns.entries(of: $0).isEmpty }
    var places = [Int32](repeating: 0, count: state.atoms.rows)
    for (place, atom) in used.enumerated() { places[atom] = Int32(place) }
    var coded = state
    coded.atoms = state.atoms.selecting(rows: used)
    coded.codes = SparseCodes(
      latents: used.count, offsets: state.codes.offsets,
      indices: state.codes.indices.map { places[Int($0)] }, values: state.codes.values)
    return coded
  }

  /// Takes a quarter of the atoms away, those of least energy, and fits the others, as long as they need no more
  /// codes.
  mutating func quarter(tolerance: Double, progress: (Int) throws -> Void) throws {
    while state.atoms.rows > 4 {
      let kept = leastEnergy(of: state).dropFirst(state.atoms.rows / 4).sorted()
      // Where far too little is left, a sample shows it before pursuits of all rows go to their ends.
      let trial = code(sampled(1024), state.atoms.selecting(rows: kept), state.bias, residual)
      guard trial.cost <= 1.5 * state.cost else { return }
      let fewer = try settled(
        code(rows, state.atoms.selecting(rows: kept), state.bias, residual), residual)
      guard fewer.cost <= (1 + tolerance) * state.cost else { return }
      state = fewer
      record(.dropped, state, residual)
      try progress(state.atoms.rows)
    }
  }

  /// Takes atoms away, those of least energy first, as long as the others need no more codes.
  ///
  /// What is tried is coded on a sample of the rows: first a quarter of the atoms, half as many where that was
  /// too much, twice as many where it was not. One that cannot be spared alone stays; after four of those
  /// in a row it is over.
  mutating func drop(tolerance: Double, progress: (Int) throws -> Void) throws {
    let sample = sampled(4096)
    var atoms = state.atoms
    var best = code(sample, atoms, state.bias, residual)
    var least = best.cost
    var isNeeded = [Bool](repeating: false, count: atoms.rows)
    var chunk = atoms.rows / 4
    var misses = 0
    while misses < 4 {
      let order = leastEnergy(of: best).filter { !isNeeded[$0] }
      guard !order.isEmpty, atoms.rows > 1 else { break }
      chunk = max(1, min(chunk, (order.count + 1) / 2))
      let taken = Set(order.prefix(chunk))
      let kept = (0..<atoms.rows).filter { !taken.contains($0) }
      let trial = code(sample, atoms.selecting(rows: kept), state.bias, residual)
      if trial.cost <= (1 + tolerance) * least {
        atoms = trial.atoms
        isNeeded = kept.map { isNeeded[$0] }
        best = trial
        least = min(least, trial.cost)
        (chunk, misses) = (2 * chunk, 0)
      } else if chunk == 1 {
        isNeeded[order[0]] = true
        misses += 1
      } else {
        chunk /= 2
      }
      try progress(atoms.rows)
    }
    state = try settled(code(rows, atoms, state.bias, residual), residual)
    record(.dropped, state, residual)
  }

  /// Halves the residual as long as that needs few more codes and nine rows in ten can leave as little.
  mutating func sharpen(growth: Double, least: Double, progress: (Int) throws -> Void) throws {
    while residual / 2 >= least {
      let sharper = try settled(
        code(rows, state.atoms, state.bias, residual / 2), residual / 2)
      let isWorth = sharper.cost <= (1 + growth) * state.cost && sharper.unmet <= 0.1
      record(isWorth ? .sharpened : .blunt, sharper, residual / 2)
      try progress(sharper.atoms.rows)
      guard isWorth else { return }
      residual /= 2
      state = sharper
    }
  }

  /// The atoms by their energy, ascending.
  private func leastEnergy(of coded: Coded) -> [Int] {
    let energies = CodeColumns(coded.codes).energies
    return energies.indices.sorted { (energies[$0], $0) < (energies[$1], $1) }
  }

  /// Atoms fitted to codes on them and joined where they have become one, with the codes of those.
  private func settled(_ coded: Coded, _ residual: Double) throws -> Coded {
    let fit = AtomFit(of: centred(coded.bias), by: coded.codes, from: coded.atoms, on: compute)
    let bias = zip(coded.bias, fit.bias).map { $0 + $1 }
    return code(rows, try joined(fit.atoms), bias, residual)
  }

  /// Atoms at length one without those of length zero, of each cluster the mean.
  private func joined(_ atoms: Matrix) throws -> Matrix {
    let units = try UnitAtoms(atoms, name: "the dictionary")
    let clusters = DuplicateAtoms(
      among: units, convention: .signed, threshold: Float(merge), on: compute
    ).clusters
    var joined = Matrix(rows: clusters.count, columns: units.width)
    for (place, cluster) in clusters.enumerated() {
      for latent in cluster {
        for (index, value) in units.all.row(latent).enumerated() { joined[place, index] += value }
      }
    }
    return try UnitAtoms(joined, name: "the dictionary").live
  }

  private func code(
    _ rows: Matrix, _ atoms: Matrix, _ bias: [Float], _ residual: Double
  ) -> Coded {
    let solver = SparseSolver.orthogonalMatchingPursuit(
      k: k, isNonnegative: true, residual: residual)
    var coded = Coded(
      atoms: atoms, bias: bias,
      codes: solver.codes(of: rows, on: atoms, bias: bias, compute: compute))
    coded.weigh(rows, k: k, residual: residual, compute: compute)
    return coded
  }

  /// Bounds the atoms a row by twice what nine rows in ten need: the others are rows whose features are missing,
  /// for which no number would do.
  private mutating func boundAtoms(_ atoms: Matrix, _ bias: [Float]) {
    let codes = code(sampled(512), atoms, bias, residual).codes
    let counts = (0..<codes.rows).map { codes.entries(ofRow: $0).count }.sorted()
    k = min(k, max(1, 2 * counts[counts.count * 9 / 10]))
  }

  /// At most so many of the rows, evenly spread.
  private func sampled(_ count: Int) -> Matrix {
    let step = max(1, (rows.rows + count - 1) / count)
    return rows.selecting(rows: Array(stride(from: 0, to: rows.rows, by: step)))
  }

  private func centred(_ bias: [Float]) -> Matrix {
    var centred = rows
    for row in 0..<rows.rows {
      for index in 0..<rows.columns { centred[row, index] -= bias[index] }
    }
    return centred
  }

  private mutating func record(
    _ kind: RefinementRecord.Round.Kind, _ coded: Coded, _ residual: Double
  ) {
    var totals = ReconstructionTotals(width: rows.columns)
    // Decoded a part at a time.
    for start in stride(from: 0, to: rows.rows, by: 4096) {
      let chosen = start..<min(start + 4096, rows.rows)
      totals.add(
        coded.decoded(chosen), target: rows.selecting(rows: chosen))
    }
    rounds.append(
      RefinementRecord.Round(
        kind: kind, residual: residual, latents: coded.atoms.rows, l0: coded.l0,
        fvu: totals.fvu))
  }
}

extension RefinementSearch.Coded {
  /// The mean cost of a row: its atoms, or where even `k` leave too much, more than `k`.
  ///
  ///     cost = atoms, or k + 1 + log2(left / allowed)
  ///
  /// Each atom more is taken to halve what is left. Without it rows that end at `k` would cost the same whatever
  /// is taken away from them.
  fileprivate mutating func weigh(
    _ rows: Matrix, k: Int, residual: Double, compute: Compute
  ) {
    var costs = [Double](repeating: 0, count: rows.rows)
    costs.withUnsafeMutableBufferPointer { costs in
      nonisolated(unsafe) let costs = costs
      let coded = self
      compute.pool.run(units: rows.rows) { row, _ in
        let (left, whole) = coded.squares(of: row, in: rows)
        // Rounding puts the end of a pursuit on either side of what it was asked for.
        let excess = left / max((1 + 1e-3) * residual * whole, .leastNormalMagnitude)
        costs[row] =
          excess <= 1 || whole == 0
          ? Double(coded.codes.entries(ofRow: row).count)
          : -(Double(k) + 1 + Elementary.log(excess) / Elementary.log(2))
      }
    }
    cost = costs.reduce(0) { $0 + abs($1) } / Double(max(rows.rows, 1))
    unmet = Double(costs.count { $0 < 0 }) / Double(max(rows.rows, 1))
  }

  /// What a row's code leaves of it, and the row itself, both from the bias and squared.
  private func squares(of row: Int, in rows: Matrix) -> (left: Double, whole: Double) {
    var rest = zip(rows.row(row), bias).map { $0 - $1 }
    let whole = rest.reduce(0) { $0 + Double($1) * Double($1) }
    for entry in codes.entries(ofRow: row) {
      let value = codes.values[entry]
      let start = Int(codes.indices[entry]) * atoms.columns
      for index in rest.indices { rest[index] -= value * atoms.values[start + index] }
    }
    return (rest.reduce(0) { $0 + Double($1) * Double($1) }, whole)
  }

  /// Rows rebuilt from their codes.
  fileprivate func decoded(_ chosen: Range<Int>) -> Matrix {
    var rebuilt = Matrix(rows: chosen.count, columns: atoms.columns)
    for (place, row) in chosen.enumerated() {
      for index in bias.indices { rebuilt[place, index] = bias[index] }
      for entry in codes.entries(ofRow: row) {
        let value = codes.values[entry]
        for (index, part) in atoms.row(Int(codes.indices[entry])).enumerated() {
          rebuilt[place, index] += value * part
        }
      }
    }
    return rebuilt
  }
}
