import Elute
import Foundation
import Testing

@Suite("elute compare --per-atom") struct PerAtomTests {
  private func trained() throws -> Workspace {
    let place = try Workspace.withActivations()
    try eluteSucceeds(small + " --out r --seeds 4,5,6", in: place)
    return place
  }

  private func table(_ name: String, in place: Workspace) throws -> [[String: Double]] {
    let lines = try place.text(name).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    return lines.dropFirst().map { line in
      Dictionary(
        uniqueKeysWithValues: zip(lines[0], line).map { ($0, Double($1) ?? .nan) })
    }
  }

  @Test("a line for each live atom, consistent in itself, the same every time")
  func writes() throws {
    let place = try trained()
    let printed = try eluteSucceeds("compare r --per-atom atoms.csv", in: place)
    let atoms = try table("atoms.csv", in: place)
    let densities = try place.record("r/seed-4").firingDensities
    let live = densities.indices.filter { densities[$0] > 0 }
    #expect(atoms.map { $0["atom"] } == live.map(Double.init))
    let found = atoms.count { ($0["q_value"] ?? 1) <= 0.05 }
    #expect(
      printed.contains("\n  atoms     \(found) of \(atoms.count) in at least 2 of 2 others beyond"))
    for atom in atoms {
      let value = { (key: String) in atom[key] ?? .nan }
      #expect(value("p_value") > 0 && value("p_value") <= value("q_value"))
      #expect(value("q_value") <= 1 && value("trials") == 2)
      #expect((0...2).contains(value("replications")))
      let share = value("replications") / 2
      #expect(value("low") <= share && share <= value("high"))
      #expect(value("density") > 0 && value("density") <= 1)
      if value("mutual") == 0 { #expect(value("replications") < 2) }
    }
    let bytes = try place.bytes("atoms.csv")
    let plain = try eluteSucceeds("compare r --json", in: place)
    let both = try eluteSucceeds(
      "compare r --json --per-atom atoms.csv --threads 1 --kernels plain", in: place)
    #expect(both == plain)
    #expect(try place.bytes("atoms.csv") == bytes)
  }

  @Test("the flags change what they say they change")
  func flags() throws {
    let place = try trained()
    func run(_ flags: String) throws -> [[String: Double]] {
      try eluteSucceeds("compare r --per-atom t.csv" + flags, in: place)
      return try table("t.csv", in: place)
    }
    let usual = try run("")
    #expect(try run(" --null matched_second_moment --tau 0.7 --at-least 2") == usual)
    let literal = try run(" --null decoder_second_moment")
    #expect(literal.map { $0["cosine"] } == usual.map { $0["cosine"] })
    #expect(literal.map { $0["p_value"] } != usual.map { $0["p_value"] })
    let (loose, strict) = (try run(" --tau 0.1"), try run(" --tau 1"))
    #expect(loose.contains { ($0["replications"] ?? 0) > 0 })
    #expect(strict.allSatisfy { $0["replications"] == 0 })
    let either = try run(" --at-least 1")
    #expect(either.map { $0["p_value"] } != usual.map { $0["p_value"] })
    #expect(try run(" --draws 60").map { $0["p_value"] } != usual.map { $0["p_value"] })
    #expect(try run(" --seed 1").map { $0["p_value"] } != usual.map { $0["p_value"] })
  }

  @Test(
    "what cannot be is refused before anything is written",
    arguments: [
      (
        "--per-atom no/such/t.csv",
        """
        error: no/such/t.csv: found no such file or folder, expected a folder that can be written to

        """
      ),
      (
        "--per-atom t.csv --tau 0",
        """
        error: tau: found 0.0, expected a cosine above 0 and at most 1
        hint: 0.7 is the default

        """
      ),
      (
        "--per-atom t.csv --at-least 3",
        """
        error: at_least: found 3, expected 1 to 2, the number of other dictionaries
        hint: leave it out for more than half of them

        """
      ),
      (
        "--tau 0.8",
        """
        error: tau: found 0.8 without --per-atom, expected --per-atom FILE with it
        hint: only the table of atoms has it

        """
      ),
    ])
  func refusals(_ flags: String, _ errors: String) throws {
    let place = try trained()
    #expect(try eluteRefuses("compare r " + flags, in: place) == errors)
  }

  @Test("a report of several seeds shows which latents came back")
  func inTheReport() throws {
    let place = try trained()
    try eluteSucceeds("report r -o r.html", in: place)
    let page = try place.text("r.html")
    #expect(page.contains("Which latents came back"))
    let json = try JSONOutput(eluteSucceeds("report r --json", in: place))
    let atoms = json["replication"]["atoms"].items
    #expect(page.components(separatedBy: "<tr role=\"row\" style=").count == atoms.count + 1)
    #expect(atoms.contains { $0["top_inputs"].items.count == 3 })
  }
}
