import ExperimentReports
import RunRecords
import Testing

@Suite struct HTMLReportTests {
  @Test(arguments: Sample.allCases) func isWellFormed(_ sample: Sample) throws {
    _ = try sample.page()
  }

  @Test(arguments: [
    "<p>a</b></p>", "<p>", "a < b", "<p title=x></p>", "a & b", "<p id=\"a\" id=\"b\"></p>",
  ]) func theCheckerRejects(_ page: String) {
    #expect(throws: Page.Malformed.self) { try Page(page) }
  }

  @Test(arguments: Sample.allCases) func loadsAndRunsNothing(_ sample: Sample) throws {
    let source = sample.report
    for forbidden in ["http", "<script", "javascript:", "url(", "@import", "<link", "<img"] {
      let isFound = source.contains(forbidden)
      #expect(!isFound, "\(forbidden)")
    }
    let names = try Set(sample.page().elements.flatMap(\.attributes.keys))
    #expect(!names.contains { $0.hasPrefix("on") || $0 == "src" })
  }

  @Test(arguments: hostileFields) func escapesEveryTextOfTheRecord(_ field: String) {
    let source = Sample.hostile.report
    let shown =
      field == "print"
      ? "&lt;u&gt;&amp;print" : "&lt;u onclick=&#39;x(&quot;y&quot;)&#39;&gt;&amp;\u{FFFD}\(field)"
    // Outside the macro, so that a failure does not print the whole page.
    let isShown = source.contains(shown)
    let isMarkup = source.contains("<u>") || source.contains("<u ") || source.contains("\u{0}")
    #expect(isShown && !isMarkup)
  }

  @Test(arguments: Sample.allCases) func everyLinkLeadsSomewhere(_ sample: Sample) throws {
    let page = try sample.page()
    let anchors = page.elements.compactMap { $0.attributes["id"] }
    #expect(Set(anchors).count == anchors.count, "an identifier stands twice")
    for link in page.elements.compactMap({ $0.attributes["href"] }) {
      #expect(link.hasPrefix("#") && anchors.contains(String(link.dropFirst())), "\(link)")
    }
    for tag in page.elements {
      for name in (tag.attributes["aria-labelledby"] ?? "").split(separator: " ") {
        #expect(anchors.contains(String(name)), "\(name)")
      }
    }
  }

  @Test(arguments: Sample.allCases) func everyNumberIsLinkedToItsDefinition(_ sample: Sample) throws
  {
    let elements = try sample.page().elements
    let kinds: Set = ["number", "similarity", "chance", "ruler-cell"]
    for (index, tag) in elements.enumerated() where tag.name == "th" {
      guard tag.attributes["scope"] == "col", kinds.contains(tag.attributes["class"] ?? "") else {
        continue
      }
      let next = elements[index + 1]
      #expect(next.name == "a" && next.attributes["href"]?.hasPrefix("#def-") == true)
    }
    for tag in elements
    where (tag.attributes["class"] ?? "").split(separator: " ").contains("figure") {
      #expect(tag.attributes["href"]?.hasPrefix("#def-") == true)
    }
  }

  @Test(arguments: Sample.allCases) func chanceStandsBesideEverySimilarity(_ sample: Sample) throws
  {
    let classes = try sample.page().classes
    var isWaiting = false
    for names in classes {
      if names.contains("similarity") {
        #expect(!isWaiting, "a similarity follows another without its chance")
        isWaiting = true
      } else if names.contains("chance") && !names.contains("line") && !names.contains("area") {
        isWaiting = false
      }
    }
    #expect(!isWaiting)
    #expect(classes.contains { $0.contains("similarity") } == (sample.content.comparison != nil))
  }

  @Test(arguments: Sample.allCases) func everyTableRowHasItsColumns(_ sample: Sample) throws {
    var columns = 0
    var cells = 0
    for tag in try sample.page().tags {
      switch (tag.name, tag.isEnd) {
      case ("thead", false): columns = 0
      case ("tr", false): cells = 0
      case ("th", false), ("td", false):
        cells += Int(tag.attributes["colspan"] ?? "1") ?? 0
      case ("tr", true):
        if columns == 0 { columns = cells }
        #expect(cells == columns)
      default: break
      }
    }
  }

  @Test func numbersWithoutAValueAreSaidToHaveNone() throws {
    let source = htmlReport(Sample.undefined.content)
    #expect(source.contains("not defined"))
    let words = try Page(source).text.lowercased().split { !$0.isLetter }
    #expect(!words.contains("nan") && !words.contains("inf") && !words.contains("infinity"))
    let drawn = try Page(source).elements.flatMap { tag in
      ["d", "x", "y", "x1", "y1", "cx", "height"].compactMap { tag.attributes[$0]?.lowercased() }
    }
    #expect(!drawn.contains { $0.contains("nan") || $0.contains("inf") })
  }

  @Test func sizeDependsOnNeitherLatentsNorSteps() throws {
    let large = htmlReport(sampleContent(seeds: 8, latents: 100_000, logged: 20_000))
    #expect(large.utf8.count < 1_000_000)
    let elements = try Page(large).elements.count
    let few = try Page(htmlReport(sampleContent(seeds: 8, latents: 1000, logged: 200))).elements
      .count
    #expect(abs(elements - few) < 100)
  }

  @Test func theSameContentGivesTheSamePage() {
    #expect(htmlReport(Sample.eightSeeds.content) == htmlReport(Sample.eightSeeds.content))
  }

  @Test func intervalsAreShownOnlyWhereTheRecordHasThem() {
    #expect(htmlReport(Sample.eightSeeds.content).contains("0.251 to 0.325"))
    #expect(htmlReport(Sample.twoSeeds.content).contains("at least three seeds"))
    #expect(!htmlReport(Sample.twoSeeds.content).contains("kappa_interval"))
  }

  @Test func controlsAreLinesOfTheCurveAndRowsOfATable() {
    var content = Sample.eightSeeds.content
    #expect(!htmlReport(content).contains("table-controls"))
    content.comparison?.controls = [
      "pca": .init(
        mmcs: 0.871, nullMmcs: 0.6, kappa: 0.6775, dcs: 0.81, nullDcs: 0.55, dcsKappa: 0.5778,
        atoms: [48, 47])
    ]
    content.comparison?.codeIoU = 0.417
    let without = htmlReport(content)
    #expect(without.contains("table-controls") && without.contains("0.871"))
    #expect(without.contains("48 – 47"))
    #expect(!without.contains("0.417"), "no similarity without what chance gives")
    content.comparison?.nullCodeIoU = 0.052
    #expect(htmlReport(content).contains("0.417") && htmlReport(content).contains("0.052"))
    let level = #"<text x="0" y=""#
    #expect(htmlReport(content).split(separator: level).count == 2)
  }

  @Test func agreementIsLeftOutForASingleRun() {
    let source = htmlReport(Sample.singleRun.content)
    #expect(source.contains("not measured"))
    #expect(!source.contains("def-mmcs") && !source.contains("def-kappa"))
  }

  @Test func withoutANullNoHistogramOfCosinesIsDrawn() {
    let source = htmlReport(Sample.noNull.content)
    #expect(!source.contains("chart-cosines"))
    #expect(source.contains("lacks what chance gives"))
  }

  @Test func everyChartSaysWhatItShows() throws {
    let elements = try Page(htmlReport(Sample.eightSeeds.content)).elements
    let charts = elements.indices.filter { elements[$0].attributes["role"] == "img" }
    #expect(charts.count > 6)
    for index in charts { #expect(elements[index + 1].name == "title") }
  }
}
