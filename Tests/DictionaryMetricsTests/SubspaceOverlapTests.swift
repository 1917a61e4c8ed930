import SparseCoding
import Testing

@testable import DictionaryMetrics

struct SubspaceOverlapTests {
  /// Atoms along some axes of a space, each turned in the plane of two of them.
  private func atoms(_ axes: [Int], width: Int, turned angle: Bool = false) throws -> UnitAtoms {
    var matrix = Matrix(rows: axes.count, columns: width)
    for (row, axis) in axes.enumerated() {
      matrix[row, axis] = angle ? 0.6 : 1
      if angle { matrix[row, axes[(row + 1) % axes.count]] = 0.8 }
    }
    return try dictionary(matrix)
  }

  private func overlap(_ first: UnitAtoms, _ second: UnitAtoms) -> Double {
    SubspaceOverlap(AtomMoment(of: first, on: compute), AtomMoment(of: second, on: compute)).overlap
  }

  @Test func itIsOfTheSpaceAndNotOfTheAtoms() throws {
    let eight = try atoms(Array(0..<8), width: 20)
    #expect(abs(overlap(eight, eight) - 1) < 1e-12)
    #expect(try abs(overlap(eight, atoms(Array(0..<8), width: 20, turned: true)) - 1) < 1e-6)
    #expect(try abs(overlap(eight, atoms(Array(8..<16), width: 20))) < 1e-12)
    #expect(try abs(overlap(eight, atoms(Array(4..<12), width: 20)) - 0.5) < 1e-12)
  }

  /// Eigenvectors beyond the atoms would be any.
  @Test func fewAtomsHaveFewDirections() throws {
    let two = try atoms([3, 5], width: 20)
    #expect(abs(overlap(two, two) - 1) < 1e-12)
    #expect(try abs(overlap(two, atoms([5, 7], width: 20)) - 0.5) < 1e-12)
  }

  @Test func chanceIsThatOfUniformSpaces() throws {
    let pairs = try (0..<40).map { seed in
      try overlap(
        dictionary(gaussianRows(8, 32, seed: UInt64(2 * seed))),
        dictionary(gaussianRows(8, 32, seed: UInt64(2 * seed + 1))))
    }
    let mean = pairs.reduce(0, +) / 40
    // One pair scatters by about 0.03.
    #expect(abs(mean - SubspaceOverlap.null(width: 32)) < 0.02)
    #expect(SubspaceOverlap.null(width: 32) == 0.25)
  }
}
