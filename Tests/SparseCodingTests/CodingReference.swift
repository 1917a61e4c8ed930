import SparseCoding

/// The solvers' definitions, obvious and slow, in `Double`, one row at a time.
struct CodingReference {
  let atoms: [[Double]]

  init(_ atoms: Matrix) { self.atoms = (0..<atoms.rows).map { atoms.row($0).map(Double.init) } }

  static func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }

  static func length(_ a: [Double]) -> Double { dot(a, a).squareRoot() }

  /// Solves a square system by elimination with pivots; nil if it is singular.
  static func solve(_ matrix: [[Double]], _ right: [Double]) -> [Double]? {
    let n = right.count
    var rows = zip(matrix, right).map { $0 + [$1] }
    for column in 0..<n {
      let pivot = (column..<n).max { abs(rows[$0][column]) < abs(rows[$1][column]) } ?? column
      guard abs(rows[pivot][column]) > 1e-13 else { return nil }
      rows.swapAt(column, pivot)
      for row in 0..<n where row != column {
        let factor = rows[row][column] / rows[column][column]
        for index in column...n { rows[row][index] -= factor * rows[column][index] }
      }
    }
    return (0..<n).map { rows[$0][n] / rows[$0][$0] }
  }

  /// The coefficients on a support that leave the least error, by the normal equations.
  func leastSquares(_ x: [Double], on support: [Int]) -> [Double]? {
    let gram = support.map { i in support.map { j in Self.dot(atoms[i], atoms[j]) } }
    return Self.solve(gram, support.map { Self.dot(atoms[$0], x) })
  }

  func residual(_ x: [Double], _ support: [Int], _ values: [Double]) -> [Double] {
    var left = x
    for (atom, value) in zip(support, values) {
      for index in left.indices { left[index] -= value * atoms[atom][index] }
    }
    return left
  }

  /// The same under nonnegative coefficients, by trying every subset; zeros are left out.
  func nonnegativeLeastSquares(_ x: [Double], on support: [Int]) -> (support: [Int], [Double]) {
    var best: (support: [Int], values: [Double]) = ([], [])
    var least = Self.length(x)
    for subset in 0..<1 << support.count {
      let chosen = support.indices.filter { subset >> $0 & 1 == 1 }.map { support[$0] }
      guard let values = leastSquares(x, on: chosen), values.allSatisfy({ $0 > 0 }) else {
        continue
      }
      let error = Self.length(residual(x, chosen, values))
      if error < least * (1 - 1e-12) { (best, least) = ((chosen, values), error) }
    }
    return best
  }

  enum Rule: String, CaseIterable { case omp, ols }

  /// A pursuit; the code by atom.
  func pursuit(_ x: [Double], k: Int, rule: Rule, isNonnegative: Bool) -> [Int: Double] {
    var support: [Int] = []
    var values: [Double] = []
    for _ in 0..<3 * k where support.count < k {
      let left = residual(x, support, values)
      guard Self.length(left) > 1e-6 * Self.length(x) else { break }
      var scores: [(atom: Int, score: Double, outside: Double)] = []
      for atom in atoms.indices {
        let length = Self.length(atoms[atom])
        guard length > 0, !support.contains(atom) else { continue }
        let product = Self.dot(left, atoms[atom]) / length
        let size = isNonnegative ? product : abs(product)
        guard size > 1e-9 * Self.length(left) else { continue }
        guard let inside = leastSquares(atoms[atom], on: support) else { continue }
        let outside = Self.length(residual(atoms[atom], support, inside)) / length
        if rule == .omp { scores.append((atom, size, outside)) }
        if rule == .ols, outside > 1e-5 { scores.append((atom, size / outside, outside)) }
      }
      let greatest = scores.map(\.score).max() ?? 0
      guard let best = scores.first(where: { $0.score >= greatest * (1 - 1e-9) }),
        best.outside > 1e-5
      else { break }
      if isNonnegative {
        (support, values) = nonnegativeLeastSquares(x, on: support + [best.atom])
      } else {
        guard let fit = leastSquares(x, on: support + [best.atom]) else { break }
        support.append(best.atom)
        values = fit
      }
    }
    return Dictionary(uniqueKeysWithValues: zip(support, values))
  }

  /// The lasso's optimum by trying every support and every sign.
  func lasso(_ x: [Double], l1: Double, isNonnegative: Bool) -> [Int: Double]? {
    for pattern in 0..<Int(pow3(atoms.count)) {
      var digits = pattern
      var signs: [Int: Double] = [:]
      for atom in atoms.indices {
        if digits % 3 != 0 { signs[atom] = digits % 3 == 1 ? 1 : -1 }
        digits /= 3
      }
      if isNonnegative, signs.values.contains(-1) { continue }
      let support = signs.keys.sorted()
      let gram = support.map { i in support.map { j in Self.dot(atoms[i], atoms[j]) } }
      let right = support.map { Self.dot(atoms[$0], x) - l1 * (signs[$0] ?? 0) }
      guard let values = Self.solve(gram, right),
        zip(support, values).allSatisfy({ $1 * (signs[$0] ?? 0) > 0 }),
        violation(x, Dictionary(uniqueKeysWithValues: zip(support, values)), l1, isNonnegative)
          < 1e-9
      else { continue }
      return Dictionary(uniqueKeysWithValues: zip(support, values))
    }
    return nil
  }

  private func pow3(_ count: Int) -> Int { (0..<count).reduce(1) { power, _ in 3 * power } }

  /// How far a code is from the lasso's optimality conditions, relative to `|x| |d_j|`:
  /// `<r, d_j> = l1 sign(z_j)` where `z_j` is not zero, else `|<r, d_j>| <= l1` (`<r, d_j> <= l1`).
  func violation(
    _ x: [Double], _ code: [Int: Double], _ l1: Double, _ isNonnegative: Bool
  ) -> Double {
    let support = code.keys.sorted()
    let left = residual(x, support, support.map { code[$0] ?? 0 })
    var worst = 0.0
    for atom in atoms.indices {
      let product = Self.dot(left, atoms[atom])
      let value = code[atom] ?? 0
      if isNonnegative, value < 0 { return .infinity }
      let excess =
        value != 0
        ? abs(product - (value > 0 ? l1 : -l1))
        : max(0, (isNonnegative ? product : abs(product)) - l1)
      worst = max(worst, excess / (Self.length(x) * max(Self.length(atoms[atom]), 1e-300)))
    }
    return worst
  }
}

/// Rows and atoms to code.
struct CodingProblem: Sendable {
  var rows, atoms: Matrix
  var bias: [Float]

  /// Random rows, and atoms of lengths from a tenth to ten, of which some are zero, equal, opposite or
  /// nearly dependent.
  init(rows: Int, width: Int, atoms count: Int, seed: UInt64, awkward: Bool = true) {
    var draw = Draw(seed)
    self.rows = Matrix(rows: rows, columns: width, values: draw.floats(rows * width))
    atoms = Matrix(rows: count, columns: width, values: draw.floats(count * width))
    bias = draw.floats(width).map { $0 / 4 }
    for atom in 0..<count {
      let scale = Float(0.1 + 10 * abs(draw.float()))
      for index in 0..<width { atoms[atom, index] *= scale }
      guard awkward, count > 6 else { continue }
      switch atom {
      case 2: for index in 0..<width { atoms[atom, index] = 0 }
      case 3, 4:
        for index in 0..<width { atoms[atom, index] = atoms[1, index] * (atom == 3 ? 1 : -2) }
      case 6: for index in 0..<width { atoms[atom, index] = atoms[5, index] + atoms[0, index] }
      default: break
      }
    }
  }

  func centered(_ row: Int) -> [Double] {
    zip(rows.row(row), bias).map { Double($0) - Double($1) }
  }
}

extension SparseCodes {
  func code(ofRow row: Int) -> [Int: Double] {
    Dictionary(
      uniqueKeysWithValues: entries(ofRow: row).map { (Int(indices[$0]), Double(values[$0])) })
  }

  func support(ofRow row: Int) -> [Int] { entries(ofRow: row).map { Int(indices[$0]) } }
}
