import Elute
import Foundation
import Testing

/// Every kind of method as a user meets it: trained, resumed, evaluated, compared and reported.
@Suite("methods") struct FamilyCommandTests {
  /// Settings, and what later commands are given the rows by.
  static let methods = [
    ("--data acts.npy --target y.npy --activation topk --k 4", "--data acts.npy --target y.npy"),
    (
      "--data acts.npy --target y.npy --skip --activation jumprelu --target-l0 4",
      "--data acts.npy --target y.npy"
    ),
    ("--sources acts.npy,y.npy,z.npy --activation relu --l1 0.3", "--sources acts.npy,y.npy,z.npy"),
    (
      "--sources acts.npy,y.npy --activation batchtopk --k 4 --matryoshka 12,48",
      "--sources acts.npy,y.npy"
    ),
    ("--data acts.npy --activation gated --l1 0.3 --averaging 0.9", "--data acts.npy"),
    ("--data acts.npy --activation abstopk --k 4 --multistep 3 --arip 0.1", "--data acts.npy"),
    ("--data acts.npy --tied --activation topk --k 4 --normalize layer_norm", "--data acts.npy"),
  ]

  private static func workspace() throws -> Workspace {
    let place = try Workspace.withActivations()
    for (name, width, seed) in [("y.npy", 9, 1), ("z.npy", 5, 2)] {
      try NpyFile.write(planted(width: width, seed: UInt64(seed)), to: place.file(name))
    }
    return place
  }

  @Test("trained in one go or in two, by one thread or three", arguments: methods)
  func trainsTheSame(_ settings: String, _ rows: String) throws {
    let place = try Self.workspace()
    let line = "train \(settings) --d-sae 48 --batch 150 --lr 0.003 --seeds 0,1 --decay 2"
    try eluteSucceeds(line + " --steps 30 --threads 1 --out whole", in: place)
    try eluteSucceeds(line + " --steps 20 --threads 3 --checkpoint-every 9 --out parts", in: place)
    try eluteSucceeds("train --resume --out parts --steps 30 --threads 2", in: place)
    for seed in ["seed-0", "seed-1"] {
      let dictionary = "\(seed)/dictionary/sae_weights.safetensors"
      #expect(try place.bytes("whole/" + dictionary) == place.bytes("parts/" + dictionary))
    }
    let record = try place.record("whole/seed-0")
    let first = try #require(record.curve.first), last = try #require(record.curve.last)
    #expect(last.loss < first.loss)
    #expect(last.objective >= last.loss * 0.999)
  }

  @Test("evaluated, compared and reported on the same rows", arguments: methods)
  func isMeasured(_ settings: String, _ rows: String) throws {
    let place = try Self.workspace()
    try eluteSucceeds(
      "train \(settings) --d-sae 48 --batch 150 --lr 0.003 --seeds 0,1 --steps 60 --out r",
      in: place)
    let record = try place.record("r/seed-0")
    let evaluated = try JSONOutput(
      eluteSucceeds("evaluate r/seed-0 \(rows) --holdout every:10 --json", in: place))
    // Biases that a file has no place for are folded into others, which rounds.
    let (fvu, l0) = (record.evaluation.fvu, record.evaluation.l0)
    #expect(abs(try #require(evaluated["fvu"].number) - fvu) < 1e-6 * fvu)
    #expect(abs(try #require(evaluated["l0"].number) - l0) < 1e-6 * l0)
    let compared = try JSONOutput(eluteSucceeds("compare r \(rows) --json", in: place))
    #expect(try #require(compared["kappa"].number).isFinite)
    #expect(compared["liveness"].text == "data")
    let overlap = try #require(compared["code_iou"].number)
    #expect(overlap > (try #require(compared["null_code_iou"].number)) && overlap < 1)
    #expect(try #require(compared["code_distance"].number) > 0)
    try eluteSucceeds("report r \(rows) -o r.html", in: place)
    let page = try place.text("r.html")
    #expect(page.contains(record.settings.architecture.replacing("_", with: " ")))
    let text = try eluteSucceeds("inspect r/seed-0/dictionary", in: place)
    #expect(!text.isEmpty)
  }

  @Test(
    "rows of other sites are refused",
    arguments: [
      ("--data acts.npy", "sites of width 12, expected width 12, 9"),
      ("--data y.npy --target acts.npy", "sites of width 9, 12"),
      ("--sources acts.npy,y.npy,z.npy", "sites of width 12, 9, 5"),
    ])
  func otherSites(_ rows: String, _ words: String) throws {
    let place = try Self.workspace()
    try eluteSucceeds(
      "train --data acts.npy --target y.npy --k 4 --d-sae 24 --batch 64 --steps 3 --out t",
      in: place)
    #expect(try eluteRefuses("evaluate t/seed-0 \(rows)", in: place).contains(words))
    let refused = try eluteRefuses("report t -o t.html \(rows)", in: place)
    #expect(refused.contains("the data changed since; give those of the run, acts.npy, y.npy"))
  }
}
