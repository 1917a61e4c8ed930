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
}
