import SparseCoding
import Testing

@testable import DictionaryMetrics

@Suite struct DirectionalCovarianceTests {
  @Test(arguments: [1, 2, 3, 10, 500]) func equalVariancesGiveEqualShares(width: Int) {
    let equal = [Double](repeating: 1 / Double(width), count: width)
    let moments = DirectionalCovariance.secondMoments(of: equal)
    #expect(moments.allSatisfy { abs($0 * Double(width) - 1) < 1e-12 })
  }

  @Test(arguments: [0.5, 0.9, 0.999, 0.01]) func inThePlaneSharesGoAsDeviations(first: Double) {
    // For two variances E[a g² / (a g² + b h²)] = sqrt(a) / (sqrt(a) + sqrt(b)).
    let second = 1 - first
    let expected = first.squareRoot() / (first.squareRoot() + second.squareRoot())
    let moments = DirectionalCovariance.secondMoments(of: [first, second])
    #expect(abs(moments[0] - expected) < 1e-9)
    #expect(abs(moments[0] + moments[1] - 1) < 1e-9)
    let back = DirectionalCovariance.variances(matching: [expected, 1 - expected])
    #expect(abs(back[0] - first) < 1e-7)
  }

  @Test func findsTheVariancesOfAnySharesAndKeepsZeros() {
    let shares = (1...60).map { 1 / Double($0 * $0) } + [0]
    let total = shares.reduce(0, +)
    let moments = DirectionalCovariance.secondMoments(
      of: DirectionalCovariance.variances(matching: shares))
    for (moment, share) in zip(moments, shares) {
      #expect(abs(moment - share / total) <= 1e-8 * share / total, "share \(share)")
    }
  }

  @Test func drawsHaveTheSecondMomentOfTheAtoms() throws {
    let atoms = try UnitAtoms(gaussianRows(300, 6, decay: 9, seed: 1), name: "a")
    let drawn = RandomAtoms(.matchedSecondMoment, like: atoms, on: compute)
      .draw(40_000, seed: 1, name: "drawn", on: compute)
    for (i, j) in [(0, 0), (1, 1), (5, 5), (0, 1), (2, 4)] {
      func moment(_ rows: Matrix) -> Double {
        (0..<rows.rows).reduce(0) { $0 + Double(rows[$1, i]) * Double(rows[$1, j]) }
          / Double(rows.rows)
      }
      #expect(abs(moment(drawn) - moment(atoms.live)) < 0.008)
    }
  }
}
