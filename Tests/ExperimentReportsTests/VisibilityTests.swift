import ExperimentReports
import RunRecords
import Testing

@Suite("what a run cannot see, on the page") struct VisibilityTests {
  @Test("a line a strength, the band of chance, and from which frequency on each is seen")
  func page() throws {
    let text = try Sample.spiked.page().text
    #expect(text.contains("What this run cannot see"))
    #expect(text.contains("Features of strength 1 are seen from 1 row in 1,000 on."))
    #expect(text.contains("Features of strength 0.25 are not seen, not even the commonest."))
    #expect(text.contains("The rarest that any run found was on 1 row in 1,000."))
    #expect(text.contains("add 7.8% to the rows’ variance"))
    #expect(text.contains("1 of 1 3–100%") && text.contains("0 of 1 0–98%"))
    let charts = try Sample.spiked.page().elements.filter {
      $0.attributes["aria-labelledby"]?.hasPrefix("chart-visibility") == true
    }
    #expect(charts.count == 1)
    let source = Sample.spiked.report
    for mark in ["area chance", "line run-0", "dots run-0", "line run-1", "dots run-1"] {
      let isDrawn = source.contains(mark)
      #expect(isDrawn, "\(mark)")
    }
  }

  @Test("runs without planted directions say nothing of them")
  func absent() {
    let source = Sample.eightSeeds.report
    #expect(!source.contains("visibility") && !source.contains("def-planted"))
    #expect(!summaryLines(Sample.eightSeeds.content).contains { $0.contains("planted") })
    #expect(
      summaryLines(Sample.spiked.content).contains {
        $0 == "planted directions  2 of 18 found, chance 0; the page says how rare is too rare."
      })
  }

  @Test(
    "a strength is seen down to the first frequency of which less than half is found",
    arguments: [
      ([2, 1, 0, 2], 0.01), ([2, 2, 2, 2], 0.0001), ([0, 2, 2, 2], nil), ([1, 0, 0, 0], 0.1),
    ] as [([Int], Double?)])
  func threshold(_ found: [Int], _ expected: Double?) {
    let cells = zip([0.1, 0.01, 0.001, 0.0001], found).map {
      SpikeVisibility.Cell(frequency: $0, planted: 2, found: $1, interval: [0, 1])
    }
    #expect(SpikeVisibility(strength: 1, cells: cells).frequency == expected)
  }
}
