import RunRecords
import Testing

@testable import ExperimentReports

/// Certificates as pages.
struct CertificatePageTests {
  private var record: CertificateRecord {
    CertificateRecord(
      eluteVersion: "9.9", source: "runs/<a>/seed-0", data: "acts & more.npy", latents: 4000,
      live: 3999, k: 32, isSigned: false, rows: 100_000, pairs: 500, fvu: 0.125, l0: 31.5,
      certifiedRows: 0.99999,
      searchedRows: .init(value: 1, low: 0.999, high: 1, sample: 32),
      claims: [
        .init(
          .unitNorm, "atoms have length one", scope: .weights, finding: .deductive(.proved),
          margin: 1e-7, source: "definition"),
        .init(
          .distinctAtoms, "no two atoms are one", scope: .rows, finding: .deductive(.refuted),
          margin: -0.05,
          witness: .init(
            "the nearest", latents: [1, 2, 3, 4, 5, 6, 7, 8], rows: [17], value: 0.95),
          assumptions: ["a < b"], source: "definition", figures: ["pairs_found": 12]),
        .init(
          .uniquenessAtK, "codes of 32 atoms are unique", scope: .weights,
          finding: .deductive(.inconclusive), reason: "neither", source: "theorem"),
        .init(
          .decoderStationary, "moving atoms would remove less than 1 %", scope: .distribution,
          finding: .statistical(.supported, level: 0.95), source: "C2"),
        .init(
          .wideOptimal, "no larger one costs less", scope: .rows,
          finding: .deductive(.notApplicable), reason: "give --lambda", source: "rays"),
      ],
      host: sampleRun(seed: 0, latents: 8, steps: [1]).host)
  }

  private func atom(_ latent: Int, certified: Double, replications: Int? = nil) -> CertifiedAtom {
    var atom = CertifiedAtom(latent: latent, length: 1)
    (atom.density, atom.certified, atom.rivalries) = (0.01, certified, 3)
    (atom.nearest, atom.cosine, atom.turn) = (7, 0.5, 0.02)
    atom.replications = replications
    return atom
  }

  @Test func everyClaimStandsWhereItsVerdictSays() throws {
    let page = certificatePage(record, atoms: (0..<30).map { atom($0, certified: 1) })
    #expect(
      page.hasPrefix("<!DOCTYPE html>") && !page.contains("<a>/seed") && !page.contains("<script"))
    #expect(page.contains("runs/&lt;a&gt;/seed-0") && page.contains("acts &amp; more.npy"))
    let order = [
      "id=\"codes\"", "id=\"holds\"", "id=\"fails\"", "id=\"open\"", "id=\"not-claimed\"",
      "id=\"atoms\"",
    ]
    let places = order.compactMap { page.firstRange(of: $0)?.lowerBound }
    #expect(places.count == order.count && places == places.sorted())
    for claim in record.claims {
      #expect(page.contains("<code>\(claim.id.rawValue)</code>"))
      #expect(page.contains("<p class=\"verdict \(claim.finding.verdict)\">"))
    }
    let holds = try #require(
      page.split(separator: "id=\"holds\"").last?.split(separator: "id=\"fails\"").first)
    #expect(
      holds.contains("unit-norm") && holds.contains("decoder-stationary") && holds.contains("95.0%")
    )
    #expect(!holds.contains("distinct-atoms"))
    #expect(
      page.contains("latents 1, 2, 3, 4, 5, 6 and 2 more; row 17") && page.contains("pairs found"))
    #expect(page.contains("1 proved, 1 supported, 1 refuted, 1 inconclusive"))
    // What is nearly all is not said to be all.
    #expect(
      page.contains("99.999%")
        && !page.contains("at once to be the only one of its size</dt><dd>100"))
  }

  @Test func theTableHasTheLeastProvedAtoms() {
    let atoms = (0..<30).map { atom($0, certified: $0 == 29 ? 0.25 : $0 == 3 ? 0.75 : 1) }
    let page = certificatePage(record, atoms: atoms)
    #expect(page.contains("Of 30 latents 28 fire only"))
    let rows =
      page.split(separator: "<tbody>").last?.split(separator: "<tr>").dropFirst(0).map(String.init)
      ?? []
    #expect(rows.first?.contains(">29<") == true && rows.dropFirst().first?.contains(">3<") == true)
    #expect(!page.contains("comes back in"))
    #expect(
      certificatePage(record, atoms: [atom(0, certified: 1, replications: 2)]).contains(
        "comes back in"))
    #expect(!certificatePage(record, atoms: []).contains("id=\"atoms\""))
  }
}
