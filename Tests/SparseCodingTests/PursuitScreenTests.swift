import Testing

@testable import SparseCoding

/// The screen of a pursuit only saves time: every atom a candidate at every step gives the same bits.
@Suite struct PursuitScreenTests {
  static func unscreened(_ problem: CodingProblem, _ pursuit: Pursuit) -> SparseCodes {
    let atoms = FixedAtoms(problem.atoms, bias: problem.bias, on: Compute(threads: 1))
    let all = (0..<atoms.count).map { Int32($0) }
    var codes = SparseCodes(latents: atoms.count, offsets: [0], indices: [], values: [])
    for row in 0..<problem.rows.rows {
      let memory = AlignedBuffer<Double>(
        count: GrowingSupport.memoryCount(capacity: pursuit.k, stride: atoms.stride))
      var pursued = PursuedRow(
        GrowingSupport(
          of: problem.rows.row(row), on: atoms, capacity: pursuit.k, in: memory, at: 0),
        by: pursuit, on: atoms)
      while !pursued.isFinished { _ = pursued.advance(among: all) }
      codes.append(pursued.entries())
    }
    return codes
  }

  /// Atoms that have something in common, so that many leave a nonnegative code again.
  @Test(arguments: [false, true], [0, 0.2, 1] as [Float])
  func nothingOfItShows(isNonnegative: Bool, coherence: Float) {
    var problem = CodingProblem(rows: 150, width: 40, atoms: 300, seed: 19)
    for atom in 0..<300 {
      let size = problem.atoms.row(atom).reduce(0) { max($0, abs($1)) }
      for index in 0..<40 { problem.atoms[atom, index] += coherence * size }
    }
    for row in 0..<150 { for index in 0..<40 { problem.rows[row, index] += coherence } }
    for rule in [Pursuit.Rule.correlation, .decrease] {
      let pursuit = Pursuit(rule: rule, k: 20, isNonnegative: isNonnegative)
      let atoms = FixedAtoms(problem.atoms, bias: problem.bias, on: Compute(threads: 2))
      let (found, expected) = (
        atoms.pursue(problem.rows, pursuit), Self.unscreened(problem, pursuit)
      )
      #expect(found.offsets == expected.offsets && found.indices == expected.indices)
      #expect(bits(found.values) == bits(expected.values))
    }
  }
}
