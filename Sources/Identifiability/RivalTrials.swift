import DictionaryMetrics
import SparseCoding

/// Dictionaries without some atoms of another, fitted to rows.
struct RivalTrials {
  /// The own atoms at length one.
  let own: Matrix
  /// What the loss of each would cost, as a share of the variance of the rows.
  let costs: [Double]
  private let bias: [Float]
  private let rows: Matrix
  private let isSigned: Bool
  private let settings: RivalDictionary.Settings
  private let compute: Compute
  /// Of each atom the one that it fires with most.
  private let partners: [Int?]

  init(
    own: Matrix, bias: [Float], fitted: Matrix, convention: CosineConvention,
    settings: RivalDictionary.Settings, compute: Compute
  ) {
    let bounded = BoundedAtoms(BoundedAtoms(own).units)
    self.own = bounded.atoms
    (self.bias, rows, self.settings, self.compute) = (bias, fitted, settings, compute)
    isSigned = convention == .absolute
    let codes = Self.codes(of: fitted, on: self.own, bias, isSigned, settings.k, compute)
    var removal = RemovalCosts(latents: own.rows)
    removal.add(codes, targets: fitted, atoms: self.own, bias: bias, on: compute)
    var totals = ReconstructionTotals(width: fitted.columns)
    totals.add(fitted, target: fitted)
    costs = removal.costs.map { $0 / totals.squaredDeviation }
    let firing = CoFiring(
      of: codes, columns: CodeColumns(codes), on: bounded, compute: compute)
    partners = firing.parents.map { $0?.latent }
  }

  private static func codes(
    of rows: Matrix, on atoms: Matrix, _ bias: [Float], _ isSigned: Bool, _ k: Int,
    _ compute: Compute
  ) -> SparseCodes {
    SparseSolver.orthogonalMatchingPursuit(k: k, isNonnegative: !isSigned)
      .codes(of: rows, on: atoms, bias: bias, compute: compute)
  }

  /// Codes of rows by pursuit, and the fraction of variance that they leave.
  func judge(_ atoms: Matrix, on rows: Matrix) -> (codes: SparseCodes, fvu: Double) {
    let codes = Self.codes(of: rows, on: atoms, bias, isSigned, settings.k, compute)
    var totals = ReconstructionTotals(width: rows.columns)
    totals.add(rows, target: rows)
    let left = residuals(of: rows, codes, atoms)
    let error = (0..<rows.rows).reduce(0) { $0 + BoundedAtoms.dot(left.row($1), left.row($1)) }
    return (codes, error / totals.squaredDeviation)
  }

  /// Of each own atom the largest cosine with some of others.
  func greatestCosines(in atoms: Matrix) -> [Double] {
    compute.bestMatches(of: own, in: atoms, absolute: isSigned).values.map(Double.init)
  }

  /// The own atoms that none of others is near.
  func replaced(in atoms: Matrix) -> [Int] {
    let cosines = greatestCosines(in: atoms)
    return cosines.indices.filter { cosines[$0] < settings.threshold }
  }

  /// Atoms of which none is near any of those left out, fitted to the rows.
  ///
  /// Only those that have to be turned are fitted: what the others would gain is no part of the question, and few
  /// rows would be fitted too well.
  ///
  /// - Parameter start: Atoms to begin with; nil for the own, those left out turned to the ones they fire with.
  func rival(from start: Matrix?, without out: [Int]) -> Matrix {
    var atoms = start ?? own
    var moved = start == nil ? Set(out) : []
    if start == nil {
      var stream = RandomStream(seed: settings.seed, name: "rival")
      for atom in out {
        var way = own.row(atom).map(Double.init)
        let towards =
          partners[atom].map { own.row($0).map(Double.init) }
          ?? stream.gaussians(count: own.columns).map(Double.init)
        turn(&way, awayFrom: way, towards: towards)
        for (index, value) in way.enumerated() { atoms[atom, index] = Float(value) }
      }
    }
    let forbidden = own.selecting(rows: out)
    moved.formUnion(keepAway(&atoms, from: forbidden))
    for _ in 0..<settings.rounds {
      let codes = Self.codes(of: rows, on: atoms, bias, isSigned, settings.k, compute)
      fit(&atoms, moved.sorted(), to: codes)
      moved.formUnion(keepAway(&atoms, from: forbidden))
    }
    return atoms
  }

  private func residuals(of rows: Matrix, _ codes: SparseCodes, _ atoms: Matrix) -> Matrix {
    var left = rows
    let width = rows.columns
    left.values.withUnsafeMutableBufferPointer { left in
      nonisolated(unsafe) let left = left
      compute.pool.run(units: rows.rows) { row, _ in
        for index in 0..<width { left[row * width + index] -= bias[index] }
        for entry in codes.entries(ofRow: row) {
          let (atom, value) = (Int(codes.indices[entry]) * width, codes.values[entry])
          for index in 0..<width { left[row * width + index] -= value * atoms.values[atom + index] }
        }
      }
    }
    return left
  }

  /// Moves some atoms in turn to their best places at length one with codes and all others held.
  private func fit(_ atoms: inout Matrix, _ moved: [Int], to codes: SparseCodes) {
    var left = residuals(of: rows, codes, atoms)
    let (columns, width) = (CodeColumns(codes), atoms.columns)
    left.values.withUnsafeMutableBufferPointer { left in
      for atom in moved {
        let entries = columns.entries(of: atom)
        guard !entries.isEmpty else { continue }
        let before = Array(atoms.row(atom))
        var goal = [Float](repeating: 0, count: width)
        for entry in entries {
          let (start, value) = (Int(columns.rows[entry]) * width, columns.values[entry])
          for index in 0..<width {
            goal[index] += value * (left[start + index] + value * before[index])
          }
        }
        let length = goal.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        guard length > 0 else { continue }
        for index in 0..<width { goal[index] = Float(Double(goal[index]) / length) }
        for entry in entries {
          let (start, value) = (Int(columns.rows[entry]) * width, columns.values[entry])
          for index in 0..<width {
            left[start + index] += value * (before[index] - goal[index])
          }
        }
        for index in 0..<width { atoms[atom, index] = goal[index] }
      }
    }
  }

  /// Takes every atom that is too near a forbidden one to the nearest place that is not.
  ///
  /// - Returns: The atoms that were.
  private func keepAway(_ atoms: inout Matrix, from forbidden: Matrix) -> Set<Int> {
    guard forbidden.rows > 0 else { return [] }
    var taken: Set<Int> = []
    // Where several are near, one turn may end at another.
    for _ in 0..<30 {
      let near = compute.bestMatches(of: atoms, in: forbidden, absolute: isSigned)
      let wrong = near.values.indices.filter { Double(near.values[$0]) >= allowed + 1e-5 }
      guard !wrong.isEmpty else { break }
      taken.formUnion(wrong)
      for atom in wrong {
        var way = atoms.row(atom).map(Double.init)
        let from = forbidden.row(Int(near.indices[atom])).map(Double.init)
        turn(&way, awayFrom: from, towards: way)
        for (index, value) in way.enumerated() { atoms[atom, index] = Float(value) }
      }
    }
    return taken
  }

  /// A little less than the threshold, so that rounding does not matter.
  private var allowed: Double { settings.threshold - 1e-3 }

  /// The direction at the allowed cosine from one, in the plane that another spans with it.
  private func turn(_ way: inout [Double], awayFrom: [Double], towards: [Double]) {
    let cosine = dot(awayFrom, towards)
    let side = isSigned && cosine < 0 ? -1.0 : 1
    var across = zip(towards, awayFrom).map { $0 - cosine * $1 }
    if dot(across, across) < 1e-12 {
      // The same atom: any direction will do.
      let least = awayFrom.indices.min { abs(awayFrom[$0]) < abs(awayFrom[$1]) } ?? 0
      across = awayFrom.map { -awayFrom[least] * $0 }
      across[least] += 1
    }
    across = unit(across)
    let part = (1 - allowed * allowed).squareRoot()
    way = zip(awayFrom, across).map { side * allowed * $0 + part * $1 }
  }
}
