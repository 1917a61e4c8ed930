import DictionaryMetrics
import SparseCoding
import Testing

@Suite struct ReconstructionTests {
  static func totals(_ reconstruction: Matrix, _ target: Matrix, blocks: [Int])
    -> ReconstructionTotals
  {
    var totals = ReconstructionTotals(width: target.columns)
    var start = 0
    for rows in blocks {
      let chosen = start..<start + rows
      totals.add(reconstruction.selecting(rows: chosen), target: target.selecting(rows: chosen))
      start += rows
    }
    return totals
  }

  @Test func valuesOfASmallCaseAreThoseByHand() {
    let target = Matrix(rows: 3, columns: 2, values: [0, 0, 3, 0, 0, 6])
    let reconstruction = Matrix(rows: 3, columns: 2, values: [1, 0, 3, 2, 0, 6])
    let totals = Self.totals(reconstruction, target, blocks: [3])
    // Mean (1, 2); squared deviations 5, 8, 17; squared errors 1, 4, 0.
    #expect(totals.mean == [1, 2])
    #expect(totals.squaredDeviation == 30 && totals.squaredError == 5)
    #expect(totals.fvu == 5 / 30.0)
    #expect(totals.explainedVariance == 1 - 5 / 30.0)
    #expect(totals.loss == 5 / 3.0)
    #expect(totals.mse == 5 / 6.0)
  }

  @Test func theMeanOfTheRowsExplainsNothing() {
    let target = gaussianRows(50, 4, seed: 1)
    let totals = Self.totals(target, target, blocks: [50])
    #expect(totals.fvu == 0)
    var mean = target
    for row in 0..<50 { for column in 0..<4 { mean[row, column] = Float(totals.mean[column]) } }
    #expect(abs(Self.totals(mean, target, blocks: [50]).fvu - 1) < 1e-6)
  }

  @Test func aConstantOffsetCosts() {
    // Where only the variance of the residual counts (dictionary_learning) this would be perfect.
    let target = gaussianRows(200, 3, seed: 1)
    var shifted = target
    for index in shifted.values.indices { shifted.values[index] += 2 }
    let totals = Self.totals(shifted, target, blocks: [200])
    #expect(abs(totals.squaredError - 200 * 3 * 4) < 1e-3)
    #expect(totals.fvu > 3)
  }

  @Test(arguments: [[1000], [1, 999], [333, 333, 334], [500, 0, 500], [999, 1]])
  func blocksChangeOnlyRounding(blocks: [Int]) {
    let target = gaussianRows(1000, 5, seed: 1)
    let reconstruction = gaussianRows(1000, 5, seed: 2)
    let whole = Self.totals(reconstruction, target, blocks: [1000])
    let parts = Self.totals(reconstruction, target, blocks: blocks)
    #expect(parts.rows == 1000)
    #expect(abs(parts.squaredError / whole.squaredError - 1) < 1e-13)
    #expect(abs(parts.squaredDeviation / whole.squaredDeviation - 1) < 1e-13)
  }

  @Test func aMeanFarFromZeroCostsNoDigits() {
    // 2^20 plus 0 or 1, exactly half of each: the variance is 1/4 to the last digit.
    let values = (0..<4096).map { Float(1 << 20) + Float($0 % 2) }
    let target = Matrix(rows: 4096, columns: 1, values: values)
    let totals = Self.totals(target, target, blocks: [1, 1023, 2048, 1024])
    #expect(abs(totals.squaredDeviation / 1024 - 1) < 1e-12)
  }

  @Test func mergingEqualsAdding() {
    let target = gaussianRows(60, 4, seed: 1)
    let reconstruction = gaussianRows(60, 4, seed: 2)
    var merged = ReconstructionTotals(width: 4)
    for start in [0, 20, 40] {
      var block = ReconstructionTotals(width: 4)
      block.add(
        reconstruction.selecting(rows: start..<start + 20),
        target: target.selecting(rows: start..<start + 20))
      merged.merge(block)
    }
    #expect(merged == Self.totals(reconstruction, target, blocks: [20, 20, 20]))
  }

  @Test func withoutRowsOrVariationThereIsNoRatio() {
    #expect(ReconstructionTotals(width: 3).fvu.isNaN)
    let constant = Matrix(rows: 5, columns: 2, repeating: 1)
    #expect(Self.totals(constant, constant, blocks: [5]).fvu.isNaN)
  }
}
