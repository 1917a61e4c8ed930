import RunRecords
import Testing

@testable import ExperimentReports

@Suite struct WordingTests {
  @Test(arguments: [
    (0.7314, 3, "0.731"), (0.9996, 3, "1.000"), (-0.0004, 3, "0.000"), (-0.25, 1, "\u{2212}0.3"),
    (1234.5, 1, "1,234.5"), (0.05, 2, "0.05"), (12, 0, "12"), (.nan, 2, "not defined"),
    (-.infinity, 2, "not defined"), (1e300, 2, "1.00 × 10³⁰⁰"),
  ]) func fixedDecimals(_ value: Double, _ places: Int, _ text: String) {
    #expect(value.fixed(places) == text)
  }

  @Test(arguments: [
    (0.0041234, "0.00412"), (12345.6, "12,346"), (0, "0"), (3.2e-7, "3.20 × 10⁻⁷"), (1, "1.00"),
    (-0.5, "\u{2212}0.500"),
  ]) func significantDigits(_ value: Double, _ text: String) {
    #expect(value.significant(3) == text)
  }

  @Test(arguments: [
    (0.9787, "97.9%"), (0.9987, "99.87%"), (0.99987, "99.987%"), (0.9999999, "over 99.999%"),
    (1, "100%"), (0, "0%"), (0.0031, "0.31%"), (0.000_000_1, "under 0.001%"),
    (-0.5, "\u{2212}50.0%"),
    (.nan, "not defined"),
  ]) func percentagesNeverRoundToAllOrNone(_ value: Double, _ text: String) {
    #expect(value.percent == text)
  }

  @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "\u{2212}1,234,567")])
  func thousandsAreGrouped(_ value: Int, _ text: String) {
    #expect(value.grouped == text)
  }

  @Test func quantilesLieBetweenNeighbors() {
    #expect([1.0, 2, 3, 4, 5].quantile(0.5) == 3)
    #expect([0.0, 1].quantile(0.25) == 0.25)
    #expect([7.0].quantile(0.95) == 7)
    #expect([Double]().quantile(0.5).isNaN)
  }

  @Test(arguments: [
    (["runs/a/seed-0/dictionary", "runs/a/seed-1/dictionary"], ["seed-0", "seed-1"]),
    (["a/x", "b/x"], ["a", "b"]), (["a", "a/b"], ["a", "a/b"]), (["x/y/z"], ["z"]),
    (["a", "a"], ["a", "a"]), ([], []), (["", "b"], ["", "b"]),
  ]) func namesAreAsShortAsTheyCanBeToldApart(_ paths: [String], _ names: [String]) {
    #expect(distinctNames(paths) == names)
  }

  @Test func textIsEscapedAndMarkupIsNot() {
    let inner: Markup = "<b>\("<&\"'>")</b>"
    #expect(inner.source == "<b>&lt;&amp;&quot;&#39;&gt;</b>")
    let outer: Markup = "<i>\(inner)</i>"
    #expect(outer.source == "<i>\(inner.source)</i>")
  }

  @Test func sharingClaimsNoMoreThanIsKnown() {
    let unknown = Shared(initialization: .unknown, dataOrder: .different, data: .same)
    #expect(
      sharingText(unknown)
        == "Shared between the runs: the data. Not shared: the order of the data. "
        + "Not known: whether they shared the initial weights.")
    #expect(
      sharingText(Shared(initialization: .mixed, dataOrder: .different, data: .mixed))
        == "Not shared: the order of the data. "
        + "Shared by some pairs of runs, not by all: the initial weights and the data.")
    var content = sampleContent(seeds: 2)
    #expect(counterpart(content) == "a run that differs only in its seed")
    content.comparison?.shared = unknown
    #expect(counterpart(content) == "another dictionary")
  }

  @Test func spacedStepsKeepBothEnds() {
    let steps = spacedSteps(Array(0...10_000), count: 16)
    #expect(steps.first == 0 && steps.last == 10_000)
    #expect(steps.count <= 16 && steps.count > 8)
    #expect(spacedSteps([5, 1, 3], count: 16) == [1, 3, 5])
  }

  @Test(arguments: Term.allCases) func everyTermSaysWhatItIsAndWhatItIsNot(_ term: Term) {
    let definition = term.definition
    #expect(definition.meaning.source.count > 20 && definition.isNot.source.count > 20)
  }

  @Test func noTwoTermsShareADefinition() {
    #expect(Set(Term.allCases.map(\.definition.name.source)).count == Term.allCases.count)
  }
}
