import DictionaryMetrics
import SparseCoding
import Testing

@Suite struct CodeOverlapTests {
  static func codes(_ supports: [[Int32]], latents: Int = 9) -> SparseCodes {
    SparseCodes(
      latents: latents,
      offsets: supports.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) },
      indices: supports.flatMap(\.self),
      values: supports.flatMap { $0.map { _ in 1 } })
  }

  @Test func itIsTheMeanOverRowsWithAUnion() {
    var overlap = CodeOverlap()
    #expect(overlap.codeIoU.isNaN)
    overlap.add(
      Self.codes([[0, 3, 8], [], [1], [2, 5]]), Self.codes([[0, 3, 7], [], [], [2, 5]]))
    #expect(overlap.rows == 3)
    #expect(overlap.codeIoU == 0.5)
    overlap.add(Self.codes([[4, 5, 6]]), Self.codes([[6]]))
    #expect(overlap.rows == 4)
    let expected: Double = 11 / 24
    #expect(abs(overlap.codeIoU - expected) < 1e-15)
  }

  @Test func itDoesNotDependOnTheOrderOfTheTwo() {
    let first = Self.codes([[0, 1, 2, 3], [5, 8], [7]])
    let second = Self.codes([[3, 4], [1, 2, 8], [7]])
    var (a, b) = (CodeOverlap(), CodeOverlap())
    a.add(first, second)
    b.add(second, first)
    #expect(a == b)
  }

  /// |z - z'| is 1, sqrt(2), 5 for rows of lengths 2 and 1, 1 and 1, 3 and 4.
  @Test func theDistanceIsOverTheMeanLength() {
    func codes(_ rows: [[(Int32, Float)]]) -> SparseCodes {
      SparseCodes(
        latents: 4, offsets: rows.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) },
        indices: rows.flatMap { $0.map(\.0) }, values: rows.flatMap { $0.map(\.1) })
    }
    var overlap = CodeOverlap()
    overlap.add(
      codes([[(0, 2)], [(1, 1)], [(0, 3)], []]), codes([[(0, 1)], [(2, 1)], [(3, 4)], []]))
    let distances = 1 + 2.0.squareRoot() + 5
    #expect(abs(overlap.codeDistance - distances / ((3 + 2 + 7) / 2)) < 1e-12)
    #expect(overlap.rows == 3)
    var same = CodeOverlap()
    same.add(codes([[(0, 2), (3, -1)]]), codes([[(0, 2), (3, -1)]]))
    #expect(same.codeDistance == 0)
    #expect(same.codeIoU == 1)
  }
}
