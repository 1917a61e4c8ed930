import SparseCoding
import Testing

/// FISTA against the lasso's optimality conditions and against optima found by trying everything.
@Suite struct FISTATests {
  static func codes(_ problem: CodingProblem, _ solver: SparseSolver) -> SparseCodes {
    solver.codes(
      of: problem.rows, on: problem.atoms, bias: problem.bias, compute: Compute(threads: 2))
  }

  /// The worst row's distance from the optimality conditions, relative to `|x| |d_j|`; the law bounds it.
  static func violation(
    _ problem: CodingProblem, _ codes: SparseCodes, _ l1: Double, _ isNonnegative: Bool
  )
    -> Double
  {
    let reference = CodingReference(problem.atoms)
    return (0..<problem.rows.rows).map { row in
      reference.violation(problem.centered(row), codes.code(ofRow: row), l1, isNonnegative)
    }.max() ?? 0
  }

  @Test(arguments: [false, true], [0.3, 1, 5])
  func codesMeetTheOptimalityConditions(isNonnegative: Bool, l1: Double) {
    for (rows, width, atoms) in [(70, 20, 50), (3, 1, 1), (40, 33, 10), (2, 4, 0), (0, 4, 7)] {
      let problem = CodingProblem(rows: rows, width: width, atoms: atoms, seed: 21)
      let codes = Self.codes(
        problem,
        .fista(l1: l1, isNonnegative: isNonnegative, tolerance: 1e-6, iterations: 5000))
      #expect(codes.rows == rows)
      #expect(Self.violation(problem, codes, l1, isNonnegative) < 1e-3, "\(rows) \(width) \(atoms)")
    }
  }

  @Test func aBrokenMemberFailsTheConditions() {
    let problem = CodingProblem(rows: 20, width: 20, atoms: 50, seed: 21)
    let few = Self.codes(problem, .fista(l1: 0.5, tolerance: 1e-7, iterations: 3))
    #expect(Self.violation(problem, few, 0.5, false) > 1e-3)
    let other = Self.codes(problem, .fista(l1: 0.6, tolerance: 1e-6, iterations: 5000))
    #expect(Self.violation(problem, other, 0.5, false) > 1e-3)
    let signed = Self.codes(problem, .fista(l1: 0.5, tolerance: 1e-6, iterations: 5000))
    #expect(Self.violation(problem, signed, 0.5, true) > 1e-3)
  }

  @Test(arguments: [false, true])
  func smallProblemsHaveTheirExactSolutions(isNonnegative: Bool) throws {
    let problem = CodingProblem(rows: 12, width: 5, atoms: 6, seed: 22)
    let reference = CodingReference(problem.atoms)
    let codes = Self.codes(
      problem, .fista(l1: 0.7, isNonnegative: isNonnegative, tolerance: 1e-9, iterations: 20000))
    for row in 0..<12 {
      let x = problem.centered(row)
      let exact = try #require(reference.lasso(x, l1: 0.7, isNonnegative: isNonnegative))
      let found = codes.code(ofRow: row)
      for atom in 0..<6 {
        let difference = abs((found[atom] ?? 0) - (exact[atom] ?? 0))
        #expect(
          difference * CodingReference.length(reference.atoms[atom])
            < 2e-3 * CodingReference.length(x), "row \(row), atom \(atom)")
      }
    }
  }

  /// With orthonormal atoms the solution is known: products, shrunk.
  @Test func orthonormalAtomsShrink() {
    var atoms = Matrix(rows: 3, columns: 3)
    for index in 0..<3 { atoms[index, index] = 1 }
    let rows = Matrix(rows: 1, columns: 3, values: [3, -2, 0.25])
    func values(_ isNonnegative: Bool) -> [Int: Double] {
      SparseSolver.fista(l1: 0.5, isNonnegative: isNonnegative, tolerance: 1e-9)
        .codes(of: rows, on: atoms, bias: [0, 0, 0], compute: Compute(threads: 1)).code(ofRow: 0)
    }
    let (signed, nonnegative) = (values(false), values(true))
    #expect(signed.keys.sorted() == [0, 1] && nonnegative.keys.sorted() == [0])
    #expect(abs((signed[0] ?? 0) - 2.5) < 1e-3 && abs((signed[1] ?? 0) + 1.5) < 1e-3)
    #expect(abs((nonnegative[0] ?? 0) - 2.5) < 1e-3)
  }

  @Test(arguments: KernelSet.available)
  func noKernelSetOrNumberOfThreadsShows(set: KernelSet) {
    let problem = CodingProblem(rows: 270, width: 20, atoms: 30, seed: 23)
    for isNonnegative in [false, true] {
      let solver = SparseSolver.fista(
        l1: 0.5, isNonnegative: isNonnegative, tolerance: 1e-2, iterations: 60)
      let expected = Self.codes(problem, solver)
      for threads in 1...3 {
        let found = solver.codes(
          of: problem.rows, on: problem.atoms, bias: problem.bias,
          compute: Compute(kernels: set, threads: threads))
        #expect(found.offsets == expected.offsets && found.indices == expected.indices)
        #expect(bits(found.values) == bits(expected.values), "\(threads) threads")
      }
    }
  }

  @Test func rowsDoNotDependOnTheOthers() {
    let problem = CodingProblem(rows: 300, width: 10, atoms: 30, seed: 24)
    let all = Self.codes(problem, .fista(l1: 0.3))
    for row in [0, 64, 255, 299] {
      var alone = problem
      alone.rows = problem.rows.selecting(rows: [row])
      let code = Self.codes(alone, .fista(l1: 0.3))
      #expect(code.indices == Array(all.indices[all.entries(ofRow: row)]))
      #expect(bits(code.values) == bits(all.values[all.entries(ofRow: row)]))
    }
  }

  @Test func fromTheGreatestPenaltyOnCodesAreZero() {
    let problem = CodingProblem(rows: 30, width: 10, atoms: 30, seed: 25)
    let atoms = FixedAtoms(problem.atoms, bias: problem.bias, on: Compute(threads: 1))
    let greatest = atoms.greatestPenalty(of: problem.rows)
    #expect(atoms.codes(of: problem.rows, by: .fista(l1: 1.0001 * greatest)).indices.isEmpty)
    #expect(!atoms.codes(of: problem.rows, by: .fista(l1: 0.9 * greatest)).indices.isEmpty)
  }
}
