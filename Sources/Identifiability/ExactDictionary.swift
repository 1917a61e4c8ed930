public import SparseCoding

/// A small dictionary learned without an encoder: exact nonnegative codes with an L1 penalty, and atoms in turn.
///
///     F = sum over rows of |x - sum over k of z_k d_k|² / 2 + lambda sum over k of z_k,   z >= 0, |d_k| = 1
///
/// A round codes every row to the last digits (`ExactCodes`) and then moves each atom to its best place with all else held,
/// `d_k <- (sum of z_k r + d_k sum of z_k²)` at length one. An atom that no row uses goes where a new one saves most, along
/// the longest residual, if that is longer than lambda. `F` never rises. The end is a local minimum at best: the problem is
/// not convex, and beginnings differ.
///
/// - Complexity: O(rounds × rows × (steps of a code + k × width)).
/// - Source: Engan, Aase and Husøy 1999 (alternation); atoms one by one: Mairal et al. 2010, Online Learning for Matrix
///   Factorization, algorithm 2.
/// - Elsewhere: scikit-learn `DictionaryLearning(positive_code=True)` (codes to a tolerance; atoms of length at most one).
public struct ExactDictionary: Sendable {
  /// The atoms at length one, `[atoms, width]`.
  public let atoms: Matrix
  /// The best codes of the rows on them.
  public let codes: SparseCodes
  /// `F`.
  public let cost: Double
  /// The rounds that were made.
  public let rounds: Int
  /// The atoms that some row uses.
  public let used: Int

  /// How long to go on.
  public struct Limits: Hashable, Sendable {
    /// The most rounds.
    public var rounds: Int
    /// The relative fall of `F` in a round at which to stop.
    public var fall: Double

    /// Limits of the values given.
    public init(rounds: Int = 500, fall: Double = 1e-10) {
      (self.rounds, self.fall) = (rounds, fall)
    }
  }

  /// Learns atoms for rows, from atoms to begin with.
  ///
  /// - Parameters:
  ///   - rows: `[rows, width]`, centered as they shall be coded.
  ///   - start: `[atoms, width]`, none zero.
  ///   - lambda: The weight of the penalty; positive.
  public init(
    of rows: Matrix, from start: Matrix, lambda: Double, limits: Limits = Limits(),
    compute: Compute
  ) {
    precondition(rows.columns == start.columns && lambda > 0)
    let rows = (0..<rows.rows).map { rows.row($0).map(Double.init) }
    var state = State(rows, (0..<start.rows).map { unit(start.row($0).map(Double.init)) })
    var last = Double.infinity
    var round = 0
    repeat {
      let cost = state.code(lambda: lambda, on: compute)
      let isDone = !(cost < last * (1 - limits.fall))
      last = cost
      guard !isDone, round < limits.rounds else { break }
      round += 1
      state.moveAtoms(lambda: lambda)
    } while true
    // Codes of the atoms as they are stored.
    let stored = Matrix(
      rows: start.rows, columns: start.columns,
      values: state.atoms.flatMap { $0.map(Float.init) })
    state.atoms = (0..<start.rows).map { unit(stored.row($0).map(Double.init)) }
    cost = state.code(lambda: lambda, on: compute)
    (atoms, rounds) = (stored, round)
    var codes = SparseCodes(latents: start.rows, offsets: [0], indices: [], values: [])
    for code in state.codes {
      for (atom, value) in zip(code.support, code.values).sorted(by: { $0.0 < $1.0 })
      where Float(value) > 0 {
        codes.indices.append(Int32(atom))
        codes.values.append(Float(value))
      }
      codes.offsets.append(codes.indices.count)
    }
    self.codes = codes
    used = Set(codes.indices).count
  }

  private struct State {
    let rows: [[Double]]
    var atoms: [[Double]]
    var codes: [ExactCodes.Code]
    var residuals: [[Double]]

    init(_ rows: [[Double]], _ atoms: [[Double]]) {
      (self.rows, self.atoms, residuals) = (rows, atoms, rows)
      codes = [ExactCodes.Code](repeating: .init(), count: rows.count)
    }

    /// Codes every row, from its last code on.
    ///
    /// - Returns: `F`.
    mutating func code(lambda: Double, on compute: Compute) -> Double {
      let exact = ExactCodes(atoms, lambda: lambda)
      let (rows, before) = (rows, codes)
      var found = [(code: ExactCodes.Code, cost: Double, residual: [Double])](
        repeating: (.init(), 0, []), count: rows.count)
      found.withUnsafeMutableBufferPointer { found in
        nonisolated(unsafe) let found = found
        compute.pool.run(units: rows.count) { row, _ in
          let code = exact.code(of: rows[row], from: before[row])
          let (cost, residual) = exact.cost(of: rows[row], code)
          found[row] = (code, cost, residual)
        }
      }
      codes = found.map(\.code)
      residuals = found.map(\.residual)
      return found.reduce(0) { $0 + $1.cost }
    }

    /// Moves each atom to its best place with all else held.
    mutating func moveAtoms(lambda: Double) {
      var uses = [[(row: Int, value: Double)]](repeating: [], count: atoms.count)
      for (row, code) in codes.enumerated() {
        for (atom, value) in zip(code.support, code.values) where value > 0 {
          uses[atom].append((row, value))
        }
      }
      for atom in atoms.indices where !uses[atom].isEmpty {
        var goal = [Double](repeating: 0, count: atoms[atom].count)
        for (row, value) in uses[atom] {
          for index in goal.indices {
            goal[index] += value * (residuals[row][index] + value * atoms[atom][index])
          }
        }
        guard dot(goal, goal) > 0 else { continue }
        let moved = unit(goal)
        for (row, value) in uses[atom] {
          for index in goal.indices {
            residuals[row][index] += value * (atoms[atom][index] - moved[index])
          }
        }
        atoms[atom] = moved
      }
      placeUnused(atoms.indices.filter { uses[$0].isEmpty }, lambda: lambda)
    }

    /// Moves atoms along the longest residuals, no two of them the same way.
    private mutating func placeUnused(_ unused: [Int], lambda: Double) {
      guard !unused.isEmpty else { return }
      let lengths = residuals.map { dot($0, $0).squareRoot() }
      let longest = lengths.indices.filter { lengths[$0] > lambda * (1 + 1e-9) }
        .sorted { (lengths[$1], $0) < (lengths[$0], $1) }
      var ways: [[Double]] = []
      for row in longest where ways.count < unused.count {
        let way = unit(residuals[row])
        if ways.allSatisfy({ dot($0, way) < 0.999 }) { ways.append(way) }
      }
      for (atom, way) in zip(unused, ways) { atoms[atom] = way }
    }
  }
}
