import Foundation
import Testing

@Suite("reproduce") struct ReproduceTests {
  private func experiment(_ relation: String, in place: Workspace) throws {
    try FileManager.default.createDirectory(
      atPath: place.file("Experiments/tiny"), withIntermediateDirectories: true)
    try place.write(
      """
      {
        "id": "tiny", "title": "Tiny", "question": "Which?",
        "data": {"mine": {"data": "acts.npy", "about": "rows of mine"}},
        "base": {"d_sae": 16, "k": 3, "batch": 32, "steps": 6, "seeds": [0, 1, 2]},
        "tiers": {"smoke": {"settings": {}, "minutes": 0.1}},
        "variants": [{"id": "topk", "on": {"mine": {}}}],
        "expectations": [
          {"id": "fvu", "statement": "little is left", "source": "here", "measure": "fvu",
           "cell": "mine/topk", "relation": "\(relation)", "published": 5, "tolerance": 0.1}
        ],
        "deviations": []
      }
      """, to: "Experiments/tiny/experiment.json")
  }

  @Test("a judged expectation is in the record, and one that fails ends with 1")
  func judges() throws {
    let place = try Workspace.withActivations()
    try experiment("below", in: place)
    #expect(try eluteSucceeds("reproduce", in: place).hasPrefix("tiny  Tiny\n  --tier smoke"))
    let line = "reproduce tiny --tier smoke --data . --json"
    let done = try elute(line, in: place)
    #expect(done.ending == .exit(0))
    #expect(done.errors == "1/1  mine/topk\n")
    let json = try JSONOutput(done.output)
    #expect(json.keys == ["id", "tier", "question", "cells", "nulls", "missing", "expectations"])
    let expectation = json["expectations"].items[0]
    #expect(
      expectation.keys == [
        "id", "statement", "source", "published", "measured", "interval", "tolerance", "verdict",
      ])
    #expect(expectation["verdict"].text == "reproduced")
    #expect(place.exists("runs/tiny-smoke/results/mine/topk.json"))
    try experiment("above", in: place)
    let failed = try elute(line, in: place)
    #expect(failed.ending == .exit(1))
    #expect(failed.errors == "not reproduced: fvu\n")
    #expect(
      try JSONOutput(failed.output)["expectations"].items[0]["verdict"].text == "not reproduced")
  }

  @Test("what has no data is not run; results beside the experiment count with --keep")
  func keeps() throws {
    let place = try Workspace.withActivations()
    try experiment("below", in: place)
    try FileManager.default.createDirectory(
      atPath: place.file("none"), withIntermediateDirectories: true)
    let other = try eluteSucceeds("reproduce tiny --tier smoke --data none", in: place)
    #expect(other.contains("not run: mine/topk: none has no acts.npy; rows of mine"))
    let empty = try eluteSucceeds("reproduce tiny --tier smoke", in: place)
    #expect(empty.contains("not run: mine/topk: --data is not given; rows of mine"))
    #expect(empty.contains("| not run |"))
    #expect(try elute("reproduce tiny --tier smoke --data . --keep", in: place).ending == .exit(0))
    #expect(place.exists("Experiments/tiny/results/smoke/mine/topk.json"))
    let kept = try eluteSucceeds("reproduce Experiments/tiny --tier smoke --keep", in: place)
    #expect(kept.contains("| reproduced |"))
  }

  @Test(
    "what is not there is said",
    arguments: [
      (
        "reproduce nothing", "nothing: found no experiment there or in Experiments, expected tiny\n"
      ),
      ("reproduce tiny", "tier: found 'reduced', expected smoke\n"),
      (
        "reproduce tiny --tier smoke --data away", "away: found nothing there, expected a folder of"
      ),
    ])
  func refuses(_ line: String, _ message: String) throws {
    let place = try Workspace.withActivations()
    try experiment("below", in: place)
    let refused = try elute(line, in: place)
    #expect(refused.ending == .exit(2))
    #expect(refused.errors.contains(message))
  }
}
