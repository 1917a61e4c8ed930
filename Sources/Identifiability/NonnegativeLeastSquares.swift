/// Least squares under nonnegative coefficients.
///
///     x = argmin |goal - sum over j of x_j column_j|²,   x >= 0
///
/// At the solution no column has a positive product with the residual, and those in use have none.
///
/// - Complexity: O(steps × m² × rows), `m` columns in use.
/// - Source: Lawson and Hanson 1974, Solving Least Squares Problems, chapter 23.
/// - Elsewhere: SciPy `optimize.nnls`.
struct NonnegativeLeastSquares {
  let solution: [Double]
  let residual: [Double]

  init(columns: [[Double]], goal: [Double]) {
    var solution = [Double](repeating: 0, count: columns.count)
    var used: [Int] = []
    var residual = goal
    let lengths = columns.map { dot($0, $0).squareRoot() }
    for _ in 0..<(3 * columns.count + 10) {
      let gains = columns.indices.map { dot(columns[$0], residual) / max(lengths[$0], 1e-300) }
      let candidates = columns.indices.filter { !used.contains($0) && gains[$0] > 1e-12 }
      guard let next = candidates.max(by: { gains[$0] < gains[$1] }) else { break }
      used.append(next)
      while !used.isEmpty {
        guard let aim = Self.leastSquares(used.map { columns[$0] }, goal) else {
          // Dependent on the others: it cannot help.
          used.removeAll { $0 == next }
          break
        }
        guard aim.contains(where: { $0 <= 0 }) else {
          for (place, column) in used.enumerated() { solution[column] = aim[place] }
          break
        }
        var step = 1.0
        for (place, column) in used.enumerated() where aim[place] <= 0 {
          step = min(step, solution[column] / (solution[column] - aim[place]))
        }
        for (place, column) in used.enumerated() {
          solution[column] += step * (aim[place] - solution[column])
        }
        used.removeAll { column in
          guard solution[column] <= 1e-14 else { return false }
          solution[column] = 0
          return true
        }
      }
      residual = goal
      for column in used {
        for index in residual.indices {
          residual[index] -= solution[column] * columns[column][index]
        }
      }
    }
    self.solution = solution
    self.residual = residual
  }

  /// Least squares without signs, by two passes of Gram and Schmidt; nil where columns are dependent.
  static func leastSquares(_ columns: [[Double]], _ goal: [Double]) -> [Double]? {
    var basis: [[Double]] = []
    var factor: [[Double]] = []
    for column in columns {
      var rest = column
      var parts = [Double](repeating: 0, count: basis.count)
      for _ in 0..<2 {
        for (place, direction) in basis.enumerated() {
          let part = dot(direction, rest)
          parts[place] += part
          for index in rest.indices { rest[index] -= part * direction[index] }
        }
      }
      let length = dot(rest, rest).squareRoot()
      guard length > 1e-11 * dot(column, column).squareRoot() else { return nil }
      basis.append(rest.map { $0 / length })
      factor.append(parts + [length])
    }
    var solution = basis.map { dot($0, goal) }
    for place in solution.indices.reversed() {
      for later in solution.indices.dropFirst(place + 1) {
        solution[place] -= factor[later][place] * solution[later]
      }
      solution[place] /= factor[place][place]
    }
    return solution
  }
}
