import SparseCoding
import Testing

@testable import DictionaryMetrics

/// The screened search of wide dictionaries finds what the exhaustive one finds.
struct BestMatchesTests {
  private static let compute = Compute(threads: 2)

  private static func atoms(_ rows: Int, width: Int, seed: UInt64) throws -> Matrix {
    var stream = RandomStream(seed: seed, name: "best matches")
    let values = stream.gaussians(count: rows * width)
    return try UnitAtoms(Matrix(rows: rows, columns: width, values: values), name: "atoms").live
  }

  @Test(arguments: [CosineConvention.signed, .absolute], [3, 40])
  func aScreenFindsTheSame(convention: CosineConvention, width: Int) throws {
    let a = try Self.atoms(300, width: width, seed: 1)
    let b = try Self.atoms(500, width: width, seed: 2)
    let found = BestMatches.screened(a, b, convention, on: Self.compute)
    let exact = Self.compute.bestMatches(of: a, in: b, absolute: convention == .absolute)
    #expect(found.indices == exact.indices)
    for (x, y) in zip(found.values, exact.values) { #expect(abs(x - y) < 1e-6) }
  }

  /// All cosines of the first atom are negative, those of the second are both signs.
  @Test func anAtomWithoutAPositiveCosineHasItsBest() {
    let a = Matrix(rows: 2, columns: 2, values: [1, 0, 0, 1])
    let b = Matrix(rows: 3, columns: 2, values: [-0.8, 0.6, -0.6, -0.8, -1, 0])
    let signed = BestMatches.screened(a, b, .signed, on: Self.compute)
    #expect(signed.indices == [1, 0])
    #expect(signed.values == [-0.6, 0.6])
    let absolute = BestMatches.screened(a, b, .absolute, on: Self.compute)
    #expect(absolute.indices == [2, 1])
    #expect(absolute.values == [1, 0.8])
  }
}
