import SparseCoding
import Testing

@testable import Identifiability

/// Parents and children at the bounds of their definition.
struct CoFiringTests {
  private let compute = Compute(threads: 2)

  /// A child on 100 of 400 rows with a parent on some of them, at an angle of some cosine.
  private func coFiring(together: Int, cosine: Double = 0) -> CoFiring {
    var atoms = axes(2, width: 3)
    (atoms[1, 0], atoms[1, 1]) = (Float(cosine), Float((1 - cosine * cosine).squareRoot()))
    let codes = writtenCodes(
      latents: 2,
      (0..<400).map { row in
        (row < together || (row >= 100 && row < 150) ? [(0, 1)] : [])
          + (row < 100 ? [(1, 0.1)] : [])
      })
    return CoFiring(
      of: codes, columns: CodeColumns(codes), on: BoundedAtoms(atoms), compute: compute)
  }

  @Test func whatRoundingLeavesOpenIsNeither() {
    // The activity on 95 of 100 equal rows is 0.95 but for rounding.
    #expect(coFiring(together: 96).hierarchy.map(\.child) == [1])
    #expect(coFiring(together: 96).undecided == 0)
    #expect(coFiring(together: 95).hierarchy.isEmpty && coFiring(together: 95).undecided == 1)
    #expect(coFiring(together: 94).hierarchy.isEmpty && coFiring(together: 94).undecided == 0)
  }

  @Test func anAtomThatIsNearlyTheParentsIsNoChild() {
    #expect(coFiring(together: 100, cosine: 0.8999).hierarchy.count == 1)
    #expect(coFiring(together: 100, cosine: 0.9001).hierarchy.isEmpty)
  }

  /// The table has every pair with a share of a fifth, both ways round.
  @Test func theTableHasBothDirections() throws {
    let found = coFiring(together: 60).pairs
    #expect(found.map { [$0.child, $0.parent, $0.rows] } == [[0, 1, 110], [1, 0, 100]])
    #expect(abs(found[0].share - 60.0 / 110) < 1e-9 && abs(found[1].share - 0.6) < 1e-6)
    #expect(coFiring(together: 19).pairs.map(\.child) == [0], "19 of 69 and 19 of 100")
  }

  @Test func rowsSharedAreCounted() {
    let codes = writtenCodes(
      latents: 3, [[(0, 1), (1, 1)], [(1, 1)], [(0, 1)], [(0, 1), (1, 2), (2, 1)], [(2, 1)]])
    let columns = CodeColumns(codes)
    #expect(columns.rowsShared(by: 0, 1) == 2 && columns.rowsShared(by: 1, 0) == 2)
    #expect(columns.rowsShared(by: 0, 2) == 1 && columns.rowsShared(by: 2, 2) == 2)
  }
}
