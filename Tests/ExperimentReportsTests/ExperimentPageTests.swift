import RunRecords
import Testing

@testable import ExperimentReports

/// Experiments as pages.
struct ExperimentPageTests {
  private func cell(_ id: String, _ measures: [String: Measured]) -> CellRecord {
    let run = sampleRun(seed: 0, latents: 8, steps: [1])
    return CellRecord(
      id: id, eluteVersion: "9.9", settings: run.settings, data: run.data, host: run.host,
      seeds: [0, 1], shared: nil, measures: measures)
  }

  private var record: ExperimentRecord {
    var record = ExperimentRecord(
      id: "a", tier: "reduced", title: "A <title>", question: "Which & why?",
      deviations: ["fewer rows"],
      cells: [
        cell("bench/topk", ["recovery": Measured(value: 0.75, interval: [0.7, 0.8])]),
        cell(
          "bench/relu",
          [
            "recovery": Measured(value: 0.25, interval: nil),
            "fvu": Measured(value: .nan, interval: nil),
          ]),
      ],
      missing: [MissingCell(id: "acts/topk", reason: "no data")],
      expectations: [
        JudgedExpectation(
          id: "e", statement: "most are found", source: "table 1", measure: "recovery",
          relation: "near", published: 0.849, measured: 0.75, interval: [0.7, 0.8],
          tolerance: 0.05, verdict: .inconclusive)
      ])
    record.theory = [
      TheoryRecord(
        eluteVersion: "9.9", id: "theory/x", statement: "minima_stay", about: "It stays.",
        features: 4, width: 5, latents: 6, instances: 7,
        measures: ["loss_kept": Measured(value: 1, interval: [0.9, 1.1])],
        curves: [
          .init(
            x: "steps", y: "loss",
            lines: [.init(name: "one", x: [0, 1, 2], y: [1, 0.5, 0.25])])
        ])
    ]
    return record
  }

  @Test func aPageIsWellFormedAndSaysWhatWasFound() throws {
    let source = experimentPage(record)
    let page = try Page(source)
    for words in [
      "A &lt;title&gt;", "Which &amp; why?", "Of 1 expectations: 1 inconclusive", "most are found",
      "0.750 ± 0.050; near 0.849, tolerance 0.05", "Minima stay", "It stays.",
      "7 random instances of 4 features", "Fewer rows", "Not run: acts/topk: no data",
      "not defined",
      "Made by Elute 9.9",
    ] {
      #expect(page.text.contains(words), "\(words)")
    }
    #expect(page.tags.contains { $0.name == "svg" })
    // The same for the same record, and nothing that is loaded.
    #expect(source == experimentPage(record) && !source.contains("http"))
  }

  @Test func onlySectionsWithContentAreThere() throws {
    var bare = record
    (bare.theory, bare.cells, bare.missing, bare.deviations) = ([], [], [], [])
    let page = try Page(experimentPage(bare))
    let sections = page.tags.filter { $0.name == "section" && !$0.isEnd }
    #expect(sections.map { $0.attributes["id"] } == ["expectations"])
  }

  @Test(
    arguments: [
      (0.5, nil, "0.500"), (0.5, [0.4, 0.6], "0.500 ± 0.10"), (0, [0, 0], "0"),
      (1, [0.93, 1], "1.00 (0.93 to 1.0)"),
    ] as [(Double, [Double]?, String)])
  func estimatesSayHowSure(_ value: Double, _ interval: [Double]?, _ text: String) {
    #expect(estimate(value, interval) == text)
  }
}
