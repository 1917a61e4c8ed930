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
    #expect(
      json.keys == [
        "id", "tier", "title", "question", "deviations", "cells", "nulls", "theory", "missing",
        "expectations",
      ])
    #expect(place.exists("runs/tiny-smoke/experiment.html"))
    let expectation = json["expectations"].items[0]
    #expect(
      expectation.keys == [
        "id", "statement", "source", "measure", "relation", "published", "measured", "interval",
        "tolerance", "verdict",
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

  @Test("features that are known: what is recovered is measured, and anchors are features")
  func recovers() throws {
    let place = try Workspace()
    try FileManager.default.createDirectory(
      atPath: place.file("Experiments/known"), withIntermediateDirectories: true)
    func write(_ data: String) throws {
      try place.write(
        """
        {
          "id": "known", "title": "Known", "question": "Which?",
          "data": {"lrb": {"bench": {"features": 30, "width": 24, "rows": 2000, \(data)
            "activation_probability": 0.2, "interference": 0.3}, "about": "a bench"}},
          "base": {"d_sae": 48, "k": 6, "batch": 128, "steps": 600, "lr": 3e-3, "seeds": [0, 1]},
          "tiers": {"smoke": {"settings": {}, "minutes": 0.1}},
          "variants": [
            {"id": "topk", "on": {"lrb": {}}},
            {"id": "anchored", "on": {"lrb": {}},
             "settings": {"anchors": "features", "anchor_count": 20, "anchor_weight": 10}}
          ],
          "expectations": [
            {"id": "given", "statement": "anchors are recovered", "source": "here",
             "measure": "recovery", "cell": "lrb/anchored", "relation": "above", "published": 0.6,
             "tolerance": 0.05}
          ],
          "deviations": []
        }
        """, to: "Experiments/known/experiment.json")
    }
    try write("")
    let done = try elute("reproduce known --tier smoke --keep --json", in: place)
    #expect(done.ending == .exit(0), "\(done.errors)")
    let cells = try JSONOutput(done.output)["cells"].items
    #expect(cells.count == 2)
    for cell in cells {
      let measures = cell["measures"]
      #expect(
        measures.keys.isSuperset(of: [
          "recovery", "recovery_90", "recovery_mean", "recovery_raw", "recovery_others",
          "path_gain", "precision",
        ]))
      let (all, others) = (
        try #require(measures["recovery"]["value"].number),
        try #require(measures["recovery_others"]["value"].number)
      )
      // Of thirty features twenty were given to one of the two.
      #expect(cell["features_given"].number == 20)
      if cell["id"].text == "lrb/anchored" { #expect(all > 0.6 && all != others) }
    }
    let table = try eluteSucceeds(
      "reproduce known --tier smoke --keep --out elsewhere", in: place)
    #expect(table.contains("| lrb      | recovered % "))
    // Nothing was trained again, though anchors would be elsewhere.
    #expect(!place.exists("elsewhere/runs"))
    try write("\"nonsense\": 1,")
    let refused = try eluteRefuses("reproduce known --tier smoke", in: place)
    #expect(refused.contains("data.lrb.bench.nonsense: found an unknown key, expected "))
    try write("\"sites\": 0,")
    #expect(try eluteRefuses("reproduce known --tier smoke", in: place).contains("sites: found 0"))
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
