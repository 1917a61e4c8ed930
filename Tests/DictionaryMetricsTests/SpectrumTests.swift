import DictionaryMetrics
import SparseCoding
import Testing

@Suite struct SpectrumTests {
  @Test(arguments: [1, 2, 5, 64]) func equalValuesFillEveryDimension(count: Int) {
    let spectrum = SingularSpectrum(values: [Double](repeating: 3, count: count) + [0, 0])
    #expect(abs(spectrum.effectiveRank - Double(count)) < 1e-12 * Double(count))
    #expect(abs(spectrum.effectiveRankOfSquares - Double(count)) < 1e-12 * Double(count))
    #expect(abs(spectrum.participationRatio - Double(count)) < 1e-12 * Double(count))
    #expect(spectrum.rank(atFVU: 0) == count)
  }

  @Test func unequalValuesHaveTheClosedForms() {
    // p = (2/3, 1/3): exp of its entropy is 3 / 2^(2/3), cubed 27 / 4. Squares: 4/5 and 1/5, 5 / 4^(4/5).
    let spectrum = SingularSpectrum(values: [1, 2])
    let rank = spectrum.effectiveRank
    #expect(abs(rank * rank * rank - 6.75) < 1e-13)
    let squared = spectrum.effectiveRankOfSquares
    #expect(abs(squared * squared * squared * squared * squared - 3125 / 256.0) < 1e-12)
    #expect(abs(spectrum.participationRatio - 25 / 17.0) < 1e-15)
    #expect(squared < rank && spectrum.participationRatio < squared)
  }

  @Test(arguments: [(0.0, 3), (0.05, 3), (0.1, 2), (0.3, 2), (0.5, 1), (0.99, 1), (1.0, 0), (2, 0)])
  func theRankAtAFloorLeavesNoMoreThanThat(fvu: Double, rank: Int) {
    // Variances 0.5, 0.4 and just under 0.1 of the whole.
    let spectrum = SingularSpectrum(values: [0.5, 0.4, 0.09999999].map { $0.squareRoot() })
    #expect(spectrum.rank(atFVU: fvu) == rank)
  }

  @Test func rowsThatDoNotVaryHaveNoRank() {
    let spectrum = SingularSpectrum(values: [0, 0])
    #expect(spectrum.effectiveRank == 0 && spectrum.participationRatio == 0)
    #expect(spectrum.rank(atFVU: 0) == 0)
  }

  @Test func singularValuesAreThoseOfTheCentredRows() {
    // Four corners of a rectangle around (10, -5): sums of squares 4 · 3² and 4 · 1².
    let rows = Matrix(rows: 4, columns: 2, values: [13, -4, 13, -6, 7, -4, 7, -6])
    var totals = CovarianceTotals(width: 2)
    totals.add(rows, on: compute)
    #expect(totals.mean == [10, -5])
    let values = totals.spectrum().values
    #expect(abs(values[0] - 6) < 1e-14 && abs(values[1] - 2) < 1e-14)
  }

  @Test(arguments: [[1500], [1, 1499], [512, 513, 475], [700, 800]])
  func blocksChangeOnlyRounding(blocks: [Int]) {
    var rows = gaussianRows(1500, 21, decay: 5, seed: 1)
    for index in rows.values.indices { rows.values[index] += 30 }
    var totals = CovarianceTotals(width: 21)
    var start = 0
    for count in blocks {
      totals.add(rows.selecting(rows: start..<start + count), on: compute)
      start += count
    }
    // Against the definition, in two plain passes.
    for (i, j) in [(0, 0), (7, 3), (20, 20), (20, 0)] {
      var means = (0.0, 0.0)
      for row in 0..<1500 {
        means.0 += Double(rows[row, i]) / 1500
        means.1 += Double(rows[row, j]) / 1500
      }
      var product = 0.0
      for row in 0..<1500 {
        product += (Double(rows[row, i]) - means.0) * (Double(rows[row, j]) - means.1)
      }
      #expect(abs(totals.scatter[i * 21 + j] - product) < 1e-9)
    }
    #expect(totals.rows == 1500)
  }

  @Test func threadsDoNotShow() {
    let rows = gaussianRows(700, 40, seed: 2)
    var one = CovarianceTotals(width: 40)
    one.add(rows, on: Compute(threads: 1))
    var many = CovarianceTotals(width: 40)
    many.add(rows, on: Compute(threads: 3))
    #expect(one.scatter == many.scatter && one.mean == many.mean)
  }

  @Test func rowsOfLowRankAreSeenAsSuch() {
    // 500 rows in a random plane of 30 dimensions, with a mean outside of it.
    let basis = gaussianRows(2, 30, seed: 3)
    let weights = gaussianRows(500, 2, seed: 4)
    var rows = compute.product(weights, basis.transposed())
    for index in rows.values.indices { rows.values[index] += 5 }
    var totals = CovarianceTotals(width: 30)
    totals.add(rows, on: compute)
    let spectrum = totals.spectrum()
    #expect(spectrum.rank(atFVU: 1e-9) == 2)
    #expect((1.8...2.001).contains(spectrum.effectiveRank))
  }
}
