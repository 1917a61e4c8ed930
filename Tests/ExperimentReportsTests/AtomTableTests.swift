import ExperimentReports
import RunRecords
import Testing

@Suite("the table of latents that came back") struct AtomTableTests {
  /// The rows of the table: what each order makes of them, by the name of the order.
  private func places(_ page: Page) -> [[String: Int]] {
    page.elements.filter { $0.name == "tr" && $0.attributes["style"] != nil }.map { row in
      let parts = (row.attributes["style"] ?? "").split(separator: ";").map {
        $0.dropFirst(2).split(separator: ":").map(String.init)
      }
      return Dictionary(uniqueKeysWithValues: parts.map { ($0[0], Int($0[1]) ?? -1) })
    }
  }

  @Test("every order is one of all rows, and the page has a choice and a rule for each")
  func orders() throws {
    let source = Sample.eightSeeds.report
    let page = try Page(source)
    let places = places(page)
    #expect(places.count == 48)
    let orders = page.elements.filter { $0.attributes["type"] == "radio" }.compactMap {
      $0.attributes["id"]?.split(separator: "-").last.map(String.init)
    }
    #expect(orders == ["replications", "q", "cosine", "density", "atom"])
    for order in orders {
      #expect(places.compactMap { $0[order] }.sorted() == Array(0..<48))
      #expect(
        source.contains(":has(#atoms-by-\(order):checked) .atoms tbody tr{order:var(--\(order))}"))
    }
    // The page itself has the order that is chosen at first.
    #expect(places.map { $0["replications"] } == Array(0..<48))
    #expect(page.elements.count { $0.attributes["checked"] != nil } == 1)
  }

  @Test(
    "by cosine the greatest is first, by density the densest, by q the surest, by number the least")
  func directions() throws {
    let content = Sample.eightSeeds.content
    let atoms = try #require(content.replication).atoms
    let page = try Sample.eightSeeds.page()
    let places = places(page)
    let tags = page.elements
    // The position of the row that an order puts first.
    func first(_ order: String) throws -> Int {
      try #require(places.firstIndex { $0[order] == 0 })
    }
    // Rows begin as the default has them: came back in all, surest, greatest cosine.
    let ranked = atoms.sorted {
      ($0.replications, -$0.qValue, $0.cosine) > ($1.replications, -$1.qValue, $1.cosine)
    }
    #expect(ranked[try first("cosine")].cosine == atoms.map(\.cosine).max())
    #expect(ranked[try first("density")].density == atoms.compactMap(\.density).max())
    #expect(ranked[try first("q")].qValue == atoms.map(\.qValue).min())
    #expect(ranked[try first("atom")].atom == 0)
    #expect(tags.contains { $0.attributes["id"] == "atoms-reversed" })
  }

  @Test("of many latents both ends are shown, and the page says so")
  func both() throws {
    let content = sampleContent(seeds: 3, latents: 4000)
    let source = htmlReport(content)
    #expect(places(try Page(source)).count == 500)
    #expect(
      source.contains(
        "The 250 latents that came back most and the 250 that came back least, of 3,000"))
    let few = htmlReport(sampleContent(seeds: 3, latents: 600))
    #expect(places(try Page(few)).count == 450 && few.contains("All 450 live latents"))
    #expect(!few.contains("at most are drawn"))
    let wide = htmlReport(sampleContent(seeds: 3, latents: 16_000))
    #expect(wide.contains("of many latents 3,000 at most are drawn"))
  }

  @Test("the sentence counts what the record has, with what chance gives")
  func sentence() {
    let source = Sample.eightSeeds.report
    #expect(source.contains("Of 48 live latents"))
    #expect(source.contains(##"<a class="figure" href="#def-qValue">16</a>"##))
    #expect(source.contains(##"<a class="figure" href="#def-foundAgain">16</a>"##))
    #expect(source.contains("in at least 4 of the 7 other runs"))
    #expect(Sample.twoSeeds.report.contains("in the other run"))
  }

  @Test("a single run has no such section")
  func single() {
    #expect(!Sample.singleRun.report.contains("came back"))
  }
}
