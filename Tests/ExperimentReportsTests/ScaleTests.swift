import Testing

@testable import ExperimentReports

@Suite struct ScaleTests {
  @Test(arguments: [
    (0.0, 1.0, 5, 0.2), (0, 10, 5, 2), (0, 7, 5, 2), (0, 1, 10, 0.1), (0, 100, 4, 50),
    (-3, 3, 6, 1), (0, 0.3, 4, 0.1), (0, 1200, 6, 200),
  ]) func stepsAreRound(_ low: Double, _ high: Double, _ count: Int, _ step: Double) {
    #expect(abs(linearTickStep(from: low, to: high, count: count) - step) < 1e-12 * step)
  }

  @Test func linearTicksHaveTheDecimalsOfTheirStep() {
    let fifths = linearTicks(from: 0, to: 1, step: 0.2).map(\.label)
    #expect(fifths == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(linearTicks(from: -2, to: 4, step: 2).map(\.label) == ["\u{2212}2", "0", "2", "4"])
    #expect(linearTicks(from: 0, to: 0.1, step: 0.05).map(\.label) == ["0.00", "0.05", "0.10"])
    #expect(linearTicks(from: 0, to: 40_000, step: 20_000).map(\.label) == ["0", "20k", "40k"])
  }

  @Test func logarithmicTicksLabelOneTwoFiveWhereThereIsRoom() {
    let labels = logarithmicTicks(from: 0.02, to: 2, labels: 8).compactMap(\.label)
    #expect(labels == ["0.02", "0.05", "0.1", "0.2", "0.5", "1", "2"])
  }

  @Test func logarithmicTicksLabelPowersWhereThereIsNot() {
    let ticks = logarithmicTicks(from: 1, to: 20_000, labels: 7)
    #expect(ticks.compactMap(\.label) == ["1", "10", "100", "1k", "10k"])
    #expect(ticks.count == 9 * 4 + 2)
    let wide = logarithmicTicks(from: 1, to: 1e12, labels: 7).compactMap(\.label)
    #expect(wide == ["1", "100", "10k", "1M", "100M", "1 × 10¹⁰", "1 × 10¹²"])
  }

  @Test func linearPositionsAreShares() {
    let scale = Scale(kind: .linear, lower: 2, upper: 6)
    #expect(scale.position(of: 2) == 0)
    #expect(scale.position(of: 3) == 0.25)
    #expect(scale.position(of: 6) == 1)
    #expect(scale.position(of: .nan) == nil)
    #expect(scale.position(of: .infinity) == nil)
  }

  @Test func logarithmicPositionsAreSharesOfTheDecades() throws {
    let scale = Scale(kind: .logarithmic(hasZero: false), lower: 1, upper: 1000)
    #expect(abs(try #require(scale.position(of: 10)) - 1.0 / 3) < 1e-12)
    #expect(scale.position(of: 0) == nil)
    #expect(scale.position(of: -1) == nil)
  }

  @Test func zeroStandsBeforeALogarithmicScale() throws {
    let scale = Scale(kind: .logarithmic(hasZero: true), lower: 1, upper: 100)
    #expect(scale.position(of: 0) == 0)
    #expect(abs(try #require(scale.position(of: 1)) - Scale.zeroGap) < 1e-12)
    #expect(abs(try #require(scale.position(of: 100)) - 1) < 1e-12)
  }

  @Test func stepsAreLogarithmicOnceTheySpanAFactorOfTwenty() {
    #expect(Axis.steps([1, 10, 19]).scale.kind == .linear)
    #expect(Axis.steps([1, 10, 20]).scale.kind == .logarithmic(hasZero: false))
    #expect(Axis.steps([0, 1, 20]).scale.kind == .logarithmic(hasZero: true))
    #expect(Axis.steps([0]).scale == Scale(kind: .linear, lower: 0, upper: 1))
    #expect(Axis.steps([]).scale.kind == .linear)
  }

  @Test func valuesAreLogarithmicOnceTheySpanAFactorOfEight() {
    let wide = Axis.values([0.03, 0.9, .nan], title: "FVU")
    #expect(wide.scale.kind == .logarithmic(hasZero: false))
    #expect(abs(wide.scale.lower - 0.02) < 1e-15 && wide.scale.upper == 1)
    #expect(Axis.values([0.2, 0.9], title: "FVU").scale.kind == .linear)
    #expect(Axis.values([-1, 100], title: "x").scale.kind == .linear)
  }

  @Test(arguments: [[], [0.0], [5.0], [.nan], [1.1494, 1.1495], [0, 0]])
  func everyAxisHasRoomAndTicks(_ values: [Double]) {
    let axis = Axis.values(values, title: "x")
    #expect(axis.scale.lower < axis.scale.upper)
    #expect(axis.ticks.count >= 2)
    for value in values where value.isFinite {
      #expect((0...1).contains(axis.scale.position(of: value) ?? -1))
    }
  }
}
