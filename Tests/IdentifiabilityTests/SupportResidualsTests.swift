import SparseCoding
import Testing

@testable import Identifiability

/// What active atoms could still take of the residuals, on codes that are the best and on such that are not.
struct SupportResidualsTests {
  private let compute = Compute(threads: 2)

  /// Rows of two atoms at 60 degrees, and what is outside of their span.
  private func problem(
    change: (Double, [Double]) -> [Double]
  ) -> (rows: Matrix, codes: SparseCodes, atoms: Matrix) {
    var atoms = axes(2, width: 4)
    (atoms[1, 0], atoms[1, 1]) = (0.5, Float(0.75).squareRoot())
    var stream = RandomStream(seed: 2, name: "rows")
    var rows = Matrix(rows: 200, columns: 4)
    var codes: [[(Int, Float)]] = []
    for row in 0..<200 {
      let best = [1 + stream.uniform(), 1 + stream.uniform()]
      for index in 0..<4 {
        rows[row, index] = Float(
          best[0] * Double(atoms[0, index]) + best[1] * Double(atoms[1, index]))
      }
      rows[row, 2] = 0.5
      rows[row, 3] = Float(stream.uniform() - 0.5)
      codes.append(change(stream.uniform(), best).enumerated().map { ($0, Float($1)) })
    }
    return (rows, writtenCodes(latents: 2, codes), atoms)
  }

  private func residuals(
    _ problem: (rows: Matrix, codes: SparseCodes, atoms: Matrix)
  ) -> SupportResiduals {
    SupportResiduals(
      problem.rows, problem.codes, on: BoundedAtoms(problem.atoms),
      bias: [Float](repeating: 0, count: 4), compute: compute)
  }

  @Test func theBestCodesLeaveNothing() {
    let found = residuals(problem { $1 })
    #expect(found.removable.upperBound < 1e-10 && found.removable.lowerBound >= 0)
    #expect(abs(found.pull) < 1e-6 && found.pullDeviation < 1e-6)
  }

  /// With a penalty on the codes all that is left in the span is a function of the active set.
  @Test func aPenaltyIsFoundAgain() {
    // G^-1 (1, 1) is (2/3, 2/3).
    let shrunken = problem { _, best in best.map { $0 - 0.3 * 2 / 3 } }
    let found = residuals(shrunken)
    #expect(abs(found.penalty - 0.3) < 1e-5 && abs(found.pull - 0.3) < 1e-5)
    #expect(found.pullDeviation < 1e-5)
    #expect(abs(found.fixed - found.removable.lowerBound) < 1e-6, "all of it is the penalty's")
    #expect(found.fixed > 0.05)
  }

  /// Codes that are off at random: what refitting removes is what it says.
  @Test func whatIsRemovableIsWhatRefittingRemoves() {
    let off = problem { noise, best in [best[0] + noise - 0.5, best[1]] }
    let found = residuals(off)
    let refitted = problem { _, best in best }
    let energy = { (problem: (rows: Matrix, codes: SparseCodes, atoms: Matrix)) in
      CodeResiduals(
        problem.rows, problem.codes, rows: 0..<200, BoundedAtoms(problem.atoms),
        bias: [0, 0, 0, 0], on: compute
      ).residuals.reduce(0) { $0 + dot($1, $1) }
    }
    // The second stream of numbers is another: only codes differ, not what is outside of the span on average.
    let outside = off.rows.values.indices.filter { $0 % 4 > 1 }.reduce(0.0) {
      $0 + Double(off.rows.values[$1]) * Double(off.rows.values[$1])
    }
    #expect(abs(energy(refitted) - outside) < 1e-3 * outside)
    #expect(abs(found.removable.lowerBound - (1 - outside / energy(off))) < 1e-6)
    #expect(found.fixed < found.removable.lowerBound && found.pullDeviation > 0.1)
  }

  /// Atoms that depend on each other: what could be removed is not said to be nothing.
  @Test func dependentAtomsStayOpen() {
    let atoms = axes(1, width: 2)
    var three = Matrix(rows: 3, columns: 2)
    (three[0, 0], three[1, 1], three[2, 0], three[2, 1]) = (1, 1, atoms[0, 0], 1)
    let codes = writtenCodes(latents: 3, [[(0, 1), (1, 1), (2, 1)], [(0, 1)]])
    let rows = Matrix(rows: 2, columns: 2, values: [2.5, 2, 1, 1])
    let found = SupportResiduals(
      rows, codes, on: BoundedAtoms(three), bias: [0, 0], compute: compute)
    // The first row leaves 0.25 and the second 1, which its atom does not see.
    #expect(found.removable.lowerBound == 0)
    #expect(abs(found.removable.upperBound - 0.2) < 1e-6)
  }

  /// Two atoms that are nearly one: what rounding would make of them is no number to judge by.
  @Test func nearlyDependentAtomsStayOpen() {
    var atoms = axes(2, width: 3)
    (atoms[1, 0], atoms[1, 1]) = (1, 1e-6)
    let codes = writtenCodes(latents: 2, [[(0, 1), (1, 1)]])
    let rows = Matrix(rows: 1, columns: 3, values: [2.5, 0.5, 1])
    let found = SupportResiduals(
      rows, codes, on: BoundedAtoms(atoms), bias: [0, 0, 0], compute: compute)
    #expect(found.removable == 0...1)
  }
}
