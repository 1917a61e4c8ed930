import DictionaryMetrics
import SparseCoding
import Testing

@Suite struct AssignmentTests {
  /// The greatest total over every way to give each row of the shorter side a partner of its own.
  static func bruteForce(_ matrix: Matrix) -> Double {
    let wide = matrix.rows > matrix.columns ? matrix.transposed() : matrix
    var taken = [Bool](repeating: false, count: wide.columns)
    func best(from row: Int) -> Double {
      if row == wide.rows { return 0 }
      var greatest = -Double.infinity
      for column in 0..<wide.columns where !taken[column] {
        taken[column] = true
        greatest = max(greatest, Double(wide[row, column]) + best(from: row + 1))
        taken[column] = false
      }
      return greatest
    }
    return best(from: 0)
  }

  /// Whether it is a matching of the shorter side with the total it states, and proved by its prices.
  static func check(_ assignment: Assignment, of matrix: Matrix) {
    let shorter = min(matrix.rows, matrix.columns)
    let used = assignment.columns.compactMap { $0 }
    #expect(assignment.columns.count == matrix.rows)
    #expect(used.count == shorter && Set(used).count == shorter)
    var total = 0.0
    for (row, column) in assignment.columns.enumerated() {
      if let column { total += Double(matrix[row, column]) }
    }
    #expect(abs(total - assignment.total) < 1e-9 * (1 + abs(total)))
    let bound = assignment.rowGains.reduce(0, +) + assignment.columnPrices.reduce(0, +)
    #expect(abs(bound - assignment.total) < 1e-9 * (1 + abs(total)))
    for row in 0..<matrix.rows {
      for column in 0..<matrix.columns {
        let slack =
          assignment.rowGains[row] + assignment.columnPrices[column] - Double(matrix[row, column])
        if slack < -1e-9 { Issue.record("row \(row), column \(column) would gain \(-slack)") }
      }
    }
    // The bound holds for every matching only if the longer side may be left out at no price.
    let longer =
      matrix.rows > matrix.columns ? assignment.rowGains : assignment.columnPrices
    if matrix.rows != matrix.columns { #expect(longer.allSatisfy { $0 >= 0 }) }
  }

  @Test(
    arguments: [(1, 1), (1, 4), (4, 1), (2, 2), (3, 3), (3, 5), (5, 3), (6, 6), (7, 7), (4, 7)])
  func findsWhatTryingEverythingFinds(rows: Int, columns: Int) {
    for seed in 0..<40 {
      let matrix = gaussianRows(rows, columns, seed: UInt64(seed))
      let assignment = Assignment(maximizing: matrix)
      #expect(abs(assignment.total - Self.bruteForce(matrix)) < 1e-9)
      Self.check(assignment, of: matrix)
    }
  }

  @Test(arguments: [1, 2, 3]) func handlesTies(levels: Int) {
    for seed in 0..<60 {
      var stream = RandomStream(seed: UInt64(seed), name: "ties")
      let values = (0..<36).map { _ in Float(stream.index(below: levels)) }
      let matrix = Matrix(rows: 6, columns: 6, values: values)
      let assignment = Assignment(maximizing: matrix)
      #expect(assignment.total == Self.bruteForce(matrix))
      Self.check(assignment, of: matrix)
    }
  }

  @Test(arguments: [(200, 200), (150, 220), (220, 150)])
  func isProvedOptimalByItsPrices(rows: Int, columns: Int) {
    let matrix = gaussianRows(rows, columns, seed: 5)
    Self.check(Assignment(maximizing: matrix), of: matrix)
  }

  @Test func isProvedOptimalForCosinesThatCompete() throws {
    let a = try dictionary(gaussianRows(200, 32, decay: 9, seed: 1))
    let b = try dictionary(gaussianRows(200, 32, decay: 9, seed: 2))
    let cosines = compute.product(a.all, b.all)
    Self.check(Assignment(maximizing: cosines), of: cosines)
  }

  @Test func findsAPlantedPermutation() {
    var stream = RandomStream(seed: 3, name: "planted")
    let order = stream.permutation(count: 300)
    var matrix = gaussianRows(300, 300, seed: 4)
    for index in matrix.values.indices { matrix.values[index] *= 0.1 }
    for (row, column) in order.enumerated() { matrix[row, column] += 2 }
    #expect(Assignment(maximizing: matrix).columns == order)
  }

  @Test func survivesMatricesWithoutChoice() {
    #expect(Assignment(maximizing: Matrix(rows: 0, columns: 0)).columns.isEmpty)
    #expect(Assignment(maximizing: Matrix(rows: 0, columns: 3)).total == 0)
    #expect(Assignment(maximizing: Matrix(rows: 2, columns: 0)).columns == [nil, nil])
    let equal = Matrix(rows: 100, columns: 100, repeating: 0.5)
    #expect(Assignment(maximizing: equal).total == 50)
    Self.check(Assignment(maximizing: equal), of: equal)
  }
}
