import ExperimentReports
import Testing

@Suite struct SummaryLinesTests {
  @Test func saysTheNumbersThatMatter() {
    let lines = summaryLines(sampleContent(seeds: 3))
    #expect(lines.contains { $0.contains("97.9%") && $0.contains("guessing the mean") })
    #expect(lines.contains { $0.contains("0.731, chance 0.622") })
    #expect(lines.contains { $0.contains("0.288") && $0.contains("0.251 to 0.325") })
    #expect(lines.contains { $0.contains("48 of 64") })
    #expect(
      lines.last?.contains("Not shared: the initial weights and the order of the data.") == true)
  }

  @Test(arguments: Sample.allCases) func areFewAndPlain(_ sample: Sample) {
    let lines = summaryLines(sample.content)
    #expect(lines.count <= 7)
    #expect(!lines.contains { $0.contains("\n") || $0.contains("href") || $0.contains("nan") })
    for line in lines where line.contains("MMCS") { #expect(line.contains("chance")) }
  }

  @Test func saysWhenThereIsNothingToCompare() {
    #expect(summaryLines(Sample.singleRun.content).contains { $0.contains("not measured") })
    #expect(summaryLines(Sample.nothing.content).isEmpty)
  }
}
