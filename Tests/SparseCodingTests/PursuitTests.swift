import Foundation
import SparseCoding
import Testing

/// Pursuits against their definitions, on atoms of every kind.
@Suite struct PursuitTests {
  typealias Coding = (CodingProblem, Int, CodingReference.Rule, Bool) -> SparseCodes

  static func coding(
    _ problem: CodingProblem, _ k: Int, _ rule: CodingReference.Rule, _ isNonnegative: Bool
  ) -> SparseCodes {
    solver(k, rule, isNonnegative).codes(
      of: problem.rows, on: problem.atoms, bias: problem.bias, compute: Compute(threads: 2))
  }

  static func solver(
    _ k: Int, _ rule: CodingReference.Rule, _ isNonnegative: Bool
  ) -> SparseSolver {
    rule == .omp
      ? .orthogonalMatchingPursuit(k: k, isNonnegative: isNonnegative)
      : .orthogonalLeastSquares(k: k, isNonnegative: isNonnegative)
  }

  static let shapes = [
    (rows: 0, width: 5, atoms: 9, k: 2), (1, 1, 1, 1), (70, 8, 20, 3), (40, 17, 33, 6),
    (20, 16, 8, 8), (20, 3, 40, 7), (5, 6, 0, 2),
  ]

  /// The rows that break the law that every code is the reference's, whatever the atoms.
  static func violations(
    _ coding: Coding, _ shape: (rows: Int, width: Int, atoms: Int, k: Int),
    _ rule: CodingReference.Rule, _ isNonnegative: Bool, coherence: Float = 0
  ) -> [String] {
    var problem = CodingProblem(
      rows: shape.rows, width: shape.width, atoms: shape.atoms, seed: 7)
    // Something that all atoms have in common, by their length.
    for atom in 0..<shape.atoms {
      let size = problem.atoms.row(atom).reduce(0) { max($0, abs($1)) }
      for index in 0..<shape.width { problem.atoms[atom, index] += coherence * size }
    }
    let reference = CodingReference(problem.atoms)
    let codes = coding(problem, shape.k, rule, isNonnegative)
    guard codes.rows == shape.rows, codes.latents == shape.atoms else { return ["shape"] }
    return (0..<shape.rows).compactMap { row in
      let expected = reference.pursuit(
        problem.centered(row), k: shape.k, rule: rule, isNonnegative: isNonnegative)
      let found = codes.code(ofRow: row)
      let isSame =
        found.keys.sorted() == expected.keys.sorted()
        && expected.allSatisfy { abs($1 - (found[$0] ?? 0)) <= 1e-5 * abs($1) + 1e-6 }
      return isSame ? nil : "row \(row): \(found), expected \(expected)"
    }
  }

  @Test(arguments: CodingReference.Rule.allCases, [false, true])
  func theCodesAreThoseOfTheDefinition(rule: CodingReference.Rule, isNonnegative: Bool) {
    for shape in Self.shapes {
      #expect(Self.violations(Self.coding, shape, rule, isNonnegative).isEmpty, "\(shape)")
    }
  }

  /// Similar atoms take each other's place: many leave a nonnegative code again.
  @Test(arguments: CodingReference.Rule.allCases, [false, true])
  func similarAtomsAreNoTrouble(rule: CodingReference.Rule, isNonnegative: Bool) {
    for coherence: Float in [0.5, 1] {
      let found = Self.violations(
        Self.coding, (100, 12, 60, 6), rule, isNonnegative, coherence: coherence)
      #expect(found.isEmpty, "coherence \(coherence)")
    }
  }

  @Test func aBrokenPursuitFailsTheLaw() {
    let shape = Self.shapes[2]
    // Chooses by <r, d> without dividing by the atoms' lengths.
    let undivided: Coding = { problem, k, _, isNonnegative in
      let reference = CodingReference(problem.atoms)
      var codes = SparseCodes(latents: problem.atoms.rows, offsets: [0], indices: [], values: [])
      for row in 0..<problem.rows.rows {
        let x = problem.centered(row)
        var support: [Int] = []
        var values: [Double] = []
        for _ in 0..<k {
          let left = reference.residual(x, support, values)
          let products = reference.atoms.map { abs(CodingReference.dot(left, $0)) }
          let best = products.indices.max { products[$0] < products[$1] } ?? 0
          guard let fit = reference.leastSquares(x, on: support + [best]) else { break }
          support.append(best)
          values = fit
        }
        for (atom, value) in zip(support, values).sorted(by: { $0.0 < $1.0 }) {
          codes.indices.append(Int32(atom))
          codes.values.append(Float(value))
        }
        codes.offsets.append(codes.indices.count)
      }
      return codes
    }
    let noBias: Coding = { problem, k, rule, isNonnegative in
      var problem = problem
      problem.bias = problem.bias.map { _ in 0 }
      return Self.coding(problem, k, rule, isNonnegative)
    }
    let other: Coding = { Self.coding($0, $1, $2 == .omp ? .ols : .omp, $3) }
    let signed: Coding = { problem, k, rule, _ in Self.coding(problem, k, rule, false) }
    #expect(!Self.violations(undivided, shape, .omp, false).isEmpty)
    #expect(!Self.violations(noBias, shape, .omp, false).isEmpty)
    #expect(!Self.violations(other, shape, .omp, false).isEmpty)
    #expect(!Self.violations(other, shape, .ols, false).isEmpty)
    #expect(!Self.violations(signed, shape, .omp, true).isEmpty)
    #expect(!Self.violations(signed, shape, .ols, true).isEmpty)
  }

  @Test(arguments: KernelSet.available)
  func noKernelSetOrNumberOfThreadsShows(set: KernelSet) {
    let problem = CodingProblem(rows: 150, width: 20, atoms: 60, seed: 11)
    for rule in CodingReference.Rule.allCases {
      for isNonnegative in [false, true] {
        let expected = Self.coding(problem, 9, rule, isNonnegative)
        for threads in 1...3 {
          let found = Self.solver(9, rule, isNonnegative).codes(
            of: problem.rows, on: problem.atoms, bias: problem.bias,
            compute: Compute(kernels: set, threads: threads))
          #expect(found.offsets == expected.offsets && found.indices == expected.indices)
          #expect(bits(found.values) == bits(expected.values), "\(rule), \(threads) threads")
        }
      }
    }
  }

  /// A pursuit that may leave a share of the row is the same pursuit, ended at the first step that leaves no more.
  @Test(arguments: CodingReference.Rule.allCases)
  func aResidualEndsAPursuitWhenItIsReached(rule: CodingReference.Rule) {
    let problem = CodingProblem(rows: 200, width: 24, atoms: 60, seed: 31)
    let share = 0.2
    let solver: SparseSolver =
      rule == .omp
      ? .orthogonalMatchingPursuit(k: 12, residual: share)
      : .orthogonalLeastSquares(k: 12, residual: share)
    let ended = solver.codes(
      of: problem.rows, on: problem.atoms, bias: problem.bias, compute: Compute(threads: 2))
    let byCount = (0...12).map { k in
      k == 0 ? nil : Self.coding(problem, k, rule, false)
    }
    func left(_ row: Int, _ k: Int) -> Double {
      let centered = problem.centered(row)
      let square = centered.reduce(0) { $0 + $1 * $1 }
      guard let codes = byCount[k] else { return 1 }
      var residual = centered
      for (atom, value) in codes.code(ofRow: row) {
        for (index, part) in problem.atoms.row(atom).enumerated() {
          residual[index] -= Double(value) * Double(part)
        }
      }
      return residual.reduce(0) { $0 + $1 * $1 } / square
    }
    var counts: Set<Int> = []
    for row in 0..<problem.rows.rows {
      let count = ended.entries(ofRow: row).count
      counts.insert(count)
      #expect(left(row, count) <= share + 1e-6 || count == 12, "row \(row)")
      #expect(count == 0 || left(row, count - 1) > share - 1e-6, "row \(row)")
      #expect(ended.code(ofRow: row) == (byCount[count]?.code(ofRow: row) ?? [:]))
    }
    // Rows differ, so some ended while their neighbors went on.
    #expect(counts.count > 2)
  }

  @Test func aRowDoesNotDependOnTheOthers() {
    let problem = CodingProblem(rows: 90, width: 12, atoms: 50, seed: 12)
    for rule in CodingReference.Rule.allCases {
      let all = Self.coding(problem, 6, rule, true)
      for row in [0, 63, 64, 89] {
        var alone = problem
        alone.rows = problem.rows.selecting(rows: [row])
        let code = Self.coding(alone, 6, rule, true)
        #expect(code.indices == Array(all.indices[all.entries(ofRow: row)]))
        #expect(bits(code.values) == bits(all.values[all.entries(ofRow: row)]))
      }
    }
  }

  /// Random unit atoms of coherence well below one, codes of three atoms: both pursuits find them.
  @Test(arguments: CodingReference.Rule.allCases, [false, true])
  func plantedSupportsAreFound(rule: CodingReference.Rule, isNonnegative: Bool) {
    let (rows, width, atoms, k) = (200, 64, 128, 3)
    var draw = Draw(13)
    let problem = CodingProblem(rows: 1, width: width, atoms: atoms, seed: 14, awkward: false)
    var data = Matrix(rows: rows, columns: width)
    var planted: [[Int: Float]] = []
    for row in 0..<rows {
      var code: [Int: Float] = [:]
      while code.count < k {
        let size = 1 + abs(draw.float())
        code[draw.index(below: atoms)] = isNonnegative || draw.float() > 0 ? size : -size
      }
      for index in 0..<width {
        data[row, index] = code.sorted { $0.key < $1.key }.reduce(problem.bias[index]) {
          sum, entry in
          let atom = problem.atoms.row(entry.key)
          let length = Float(CodingReference.length(atom.map(Double.init)))
          return sum + entry.value / length * problem.atoms[entry.key, index]
        }
      }
      planted.append(code)
    }
    let codes = Self.solver(k, rule, isNonnegative).codes(
      of: data, on: problem.atoms, bias: problem.bias, compute: Compute(threads: 2))
    let found = (0..<rows).count { codes.support(ofRow: $0) == planted[$0].keys.sorted() }
    #expect(found >= 190, "\(found) of \(rows)")
  }

  /// The pair of supports of papers.md 2.2, theorem 3.2: {1..k} and {1..k-2, k+1, k+2} span the same space,
  /// so an oracle reconstructs exactly with another support than the one planted.
  @Test(arguments: CodingReference.Rule.allCases)
  func equalSpansHaveExactCodesOfDifferentSupports(rule: CodingReference.Rule) {
    let (k, width, epsilon) = (4, 6, Float(0.3))
    var atoms = Matrix(rows: k + 2, columns: width)
    for atom in 0..<k { atoms[atom, atom] = 1 }
    let norm = (1 + epsilon * epsilon).squareRoot()
    atoms[k, k - 2] = 1 / norm
    atoms[k, k - 1] = epsilon / norm
    atoms[k + 1, k - 2] = epsilon / norm
    atoms[k + 1, k - 1] = 1 / norm
    let row = Matrix(rows: 1, columns: width, values: [0.7, -0.4, 1.2, 1.1, 0, 0])
    let codes = Self.solver(k, rule, false).codes(
      of: row, on: atoms, bias: [Float](repeating: 0, count: width), compute: Compute(threads: 1))
    let support = codes.support(ofRow: 0)
    let planted = [0, 1, 2, 3]
    #expect(support != planted)
    let shared = Set(support).intersection(planted).count
    #expect(Double(shared) / Double(2 * k - shared) < 1)
    let left = CodingReference(atoms).residual(
      row.values.map(Double.init), support, support.map { codes.code(ofRow: 0)[$0] ?? 0 })
    #expect(CodingReference.length(left) < 1e-6)
  }

  @Test(arguments: CodingReference.Rule.allCases)
  func emptyAndSpannedRowsStopEarly(rule: CodingReference.Rule) {
    var atoms = Matrix(rows: 5, columns: 4)
    for (atom, column) in [(0, 0), (1, 1), (2, 1), (4, 2)] { atoms[atom, column] = 2 }
    let rows = Matrix(
      rows: 4, columns: 4, values: [0, 0, 0, 0, 3, 0, 0, 0, 1, 2, 0, 5, 0, 0, 0, 1])
    let codes = Self.solver(4, rule, false).codes(
      of: rows, on: atoms, bias: [0, 0, 0, 0], compute: Compute(threads: 1))
    #expect((0..<4).map { codes.support(ofRow: $0) } == [[], [0], [0, 1], []])
    #expect(codes.values == [1.5, 0.5, 1])
  }

  @Test(arguments: CodingReference.Rule.allCases)
  func tinyAndHugeNumbersAreNoTrouble(rule: CodingReference.Rule) {
    var problem = CodingProblem(rows: 10, width: 8, atoms: 12, seed: 15)
    let expected = Self.coding(problem, 3, rule, false)
    for index in problem.rows.values.indices { problem.rows.values[index] *= 0x1p60 }
    problem.bias = problem.bias.map { $0 * 0x1p60 }
    for index in problem.atoms.values.indices { problem.atoms.values[index] *= 0x1p-50 }
    let found = Self.coding(problem, 3, rule, false)
    #expect(found.indices == expected.indices && found.offsets == expected.offsets)
    #expect(found.values == expected.values.map { $0 * 0x1p110 })
  }

  /// Sixty atoms within 1e-6 of each other and one row: float products cannot tell which is the best, the
  /// sums in `Double` behind them can.
  @Test(arguments: CodingReference.Rule.allCases)
  func nearlyEqualAtomsAreToldApart(rule: CodingReference.Rule) {
    var draw = Draw(16)
    var problem = CodingProblem(rows: 40, width: 100, atoms: 60, seed: 17, awkward: false)
    for atom in 0..<60 {
      for index in 0..<100 {
        problem.atoms[atom, index] = problem.atoms[0, index] * (1 + 1e-6 * draw.float())
      }
    }
    let reference = CodingReference(problem.atoms)
    let codes = Self.coding(problem, 2, rule, false)
    for row in 0..<40 {
      let expected = reference.pursuit(
        problem.centered(row), k: 2, rule: rule, isNonnegative: false)
      #expect(codes.support(ofRow: row) == expected.keys.sorted())
      #expect(codes.support(ofRow: row).count == 1)
    }
  }

  /// With enough atoms allowed, a nonnegative pursuit ends where nonnegative least squares on all atoms does:
  /// no atom has a positive product with the residual, and those used have none.
  @Test(arguments: CodingReference.Rule.allCases)
  func withoutALimitNonnegativePursuitsEndAtTheOptimum(rule: CodingReference.Rule) {
    let problem = CodingProblem(rows: 4, width: 160, atoms: 220, seed: 18)
    let reference = CodingReference(problem.atoms)
    let codes = Self.coding(problem, 1000, rule, true)
    for row in 0..<4 {
      let x = problem.centered(row)
      let code = codes.code(ofRow: row)
      #expect(code.count > 64, "\(code.count) members")
      #expect(code.values.allSatisfy { $0 > 0 })
      #expect(reference.violation(x, code, 0, true) < 1e-5)
    }
  }

  @Test func solversAreWrittenWithTheirLabels() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let solver = SparseSolver.orthogonalMatchingPursuit(k: 3, isNonnegative: true)
    let text = String(decoding: try encoder.encode(solver), as: UTF8.self)
    #expect(text == #"{"orthogonalMatchingPursuit":{"isNonnegative":true,"k":3,"residual":0}}"#)
    let lasso = SparseSolver.fista(l1: 0.5)
    #expect(try JSONDecoder().decode(SparseSolver.self, from: encoder.encode(lasso)) == lasso)
  }
}
