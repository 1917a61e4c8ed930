import Elute
import Foundation
import Testing

@testable import SparseExperiments

/// What experiments measure beyond the training of their cells.
struct ExperimentMeasuresTests {
  @Test func snapshotsAndNullsAreMeasured() throws {
    let place = try Place()
    let nulls = #""nulls": [{"id": "d8", "width": 8, "atoms": 16, "pairs": 400}], "variants""#
    let claim = """
      {"id": "n", "statement": "", "source": "", "measure": "null_error", "cell": "null/d8",
       "relation": "near", "published": 0, "tolerance": 0.1}
      """
    let wording = experimentText(more: #", "snapshots": 3"#, expectations: claim)
      .replacing(#""variants""#, with: nulls)
    let run = try ExperimentRun(experiment(wording, in: place), tier: "smoke", out: place.file("o"))
    let record = try #require(try run.run(compute: oneThread) { _ in .goOn })
    let steps = try #require(record.cells[0].snapshots)
    #expect(steps.map(\.step) == [0, 1, 8])
    // 12,769 rows of which every tenth is held out.
    #expect(abs(steps[2].epoch - 8 * 128 / 11_492) < 1e-12)
    #expect(steps.allSatisfy { $0.measures["mmcs_all"]?.interval != nil })
    #expect(record.cells[0].measures["code_iou"]?.interval != nil)
    #expect(record.nulls[0].pairs == 400)
    #expect(record.expectations.map(\.verdict) == [.reproduced])
    #expect(experimentLines(record).contains { $0.contains("400") })
    // Read again, not drawn again.
    let file = "o/results/null/d8.json"
    try place.write(
      String(decoding: place.bytes(file), as: UTF8.self).replacing(
        #""simulated" : 0"#, with: #""simulated" : 1"#),
      to: file)
    let again = try #require(try run.run(compute: oneThread) { _ in .goOn })
    #expect(again.nulls[0].simulated >= 1)
  }

  /// Rows of one's own with features that they are taken to have: measured, given as anchors, and measured anew when
  /// they change.
  @Test func aTruthBesideRowsIsWhatTheyAreMeasuredBy() throws {
    let place = try Place()
    var settings = BenchSettings()
    (settings.features, settings.width, settings.rows) = (20, 16, 600)
    (settings.activationProbability, settings.descent.interference) = (0.15, 0.4)
    let bench = try LinearRepresentationBench(settings, on: oneThread)
    try NpyFile.write(bench.matrix(ofRows: Array(0..<600)), to: place.file("acts.npy"))
    func write(_ features: Matrix) throws {
      try FileManager.default.createDirectory(
        atPath: place.file("known"), withIntermediateDirectories: true)
      try NpyFile.write(features, to: place.file("known/features.npy"))
    }
    func text(anchors: Int?) -> String {
      let count = anchors.map { "\"anchor_count\": \($0), " } ?? ""
      return """
        {
          "id": "t", "title": "T", "question": "Which?", "compare_seeds": false, "curves": true,
          "data": {"mine": {"data": "acts.npy", "truth": "known", "about": "rows of mine"}},
          "base": {"d_sae": 32, "k": 4, "batch": 64, "steps": 60, "lr": 0.003, "seeds": [0, 1],
            "log_every": 20},
          "tiers": {"smoke": {"settings": {}, "minutes": 0.1}},
          "variants": [
            {"id": "plain", "on": {"mine": {}}},
            {"id": "anchored", "on": {"mine": {}},
             "settings": {"anchors": "features", \(count)"anchor_weight": 10}}
          ],
          "expectations": [], "deviations": []
        }
        """
    }
    func done(anchors: Int? = 5) throws -> (record: ExperimentRecord, trained: Int) {
      let found = try experiment(text(anchors: anchors), in: place)
      let run = try ExperimentRun(found, tier: "smoke", data: place.path, out: place.file("o"))
      var trained: Set<String> = []
      let record = try run.run(compute: oneThread) { now in
        trained.insert(now.cell)
        return .goOn
      }
      return (try #require(record), trained.count)
    }
    let without = try done()
    #expect(without.trained == 0 && without.record.missing.count == 2, "there is no truth yet")

    try write(bench.features[0])
    let first = try done()
    #expect(first.trained == 2)
    let (plain, anchored) = (first.record.cells[0], first.record.cells[1])
    let rest = try #require(anchored.measures["recovery_others"]).value
    #expect(try #require(anchored.measures["recovery"]).value > rest)
    // Of those that the other run was not given, or the two could not be held against each other.
    let others = bench.features[0].selecting(rows: 5..<20)
    let found = try recovery(of: others, by: place.file("o/runs/mine"), "plain-")
    #expect(plain.measures["recovery_others"]?.seeds == found && found.contains { $0 > 0 })
    #expect(plain.featuresGiven == 5 && anchored.featuresGiven == 5)
    // What was logged at steps that both seeds have.
    let training = try #require(plain.training)
    #expect(training.map(\.step).contains(60) && training.last?.measures["train_loss"] != nil)
    #expect(training[0].measures["train_loss"]?.seeds?.count == 2)
    let losses = training.compactMap { $0.measures["train_loss"]?.value }
    #expect(losses[losses.count - 1] < losses[0])

    #expect(try done().trained == 0, "what is there counts")
    let more = try done(anchors: 6)
    #expect(
      more.trained == 2 && more.record.cells[0].featuresGiven == 6, "of others, measured anew")
    let all = try done(anchors: nil).record.cells
    #expect(all.allSatisfy { $0.featuresGiven == 20 && $0.measures["recovery_others"] == nil })
    #expect(try done().trained == 2)
    try write(
      Matrix(
        rows: 20, columns: 16, values: bench.features[0].values.map { -$0 }))
    let other = try done()
    #expect(other.trained == 2, "another truth is measured")
    #expect(other.record.cells[0].truth != plain.truth)
    #expect(other.record.cells[0].measures["recovery"] != plain.measures["recovery"])
  }

  /// What share of the features each seed of a run has found, by plain loops.
  private func recovery(of features: Matrix, by runs: String, _ prefix: String) throws -> [Double] {
    let names = try FileManager.default.contentsOfDirectory(atPath: runs)
    let run = try #require(names.first { $0.hasPrefix(prefix) })
    return try [0, 1].map { seed in
      let named = try NamedDictionary("\(runs)/\(run)/seed-\(seed)")
      let live = liveLatents(of: try #require(named.record).firingDensities)
      let found = (0..<features.rows).filter { feature in
        live.contains { latent in
          let (a, b) = (features.row(feature), named.coder.decoder.row(latent))
          func dot(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
            zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
          }
          return dot(a, b) >= 0.95 * (dot(a, a) * dot(b, b)).squareRoot()
        }
      }
      return Double(found.count) / Double(features.rows)
    }
  }

  /// What is asked later is measured later, of dictionaries that are there.
  @Test func conditioningIsMeasuredWhereItIsAskedFor() throws {
    let place = try Place()
    let plain = experimentText(expectations: expectation)
    func cells(_ text: String) throws -> (cells: [CellRecord], steps: Int) {
      var steps = 0
      let run = try ExperimentRun(experiment(text, in: place), tier: "smoke", out: place.file("o"))
      let record = try run.run(compute: oneThread) { progress in
        steps += progress.training == nil ? 0 : 1
        return .goOn
      }
      return (try #require(record).cells, steps)
    }
    let names = [
      Measure.oracleCodeIoU, .oracleCodeDistance, .largestSpread, .largestRandom, .pairSpread,
      .pairRandom,
    ]
    let before = try cells(plain)
    #expect(
      before.cells.allSatisfy { cell in names.allSatisfy { cell.measures[$0.rawValue] == nil } })
    let wider = plain.replacing(#""title""#, with: #""conditioning": true, "title""#)
    let after = try cells(wider)
    #expect(after.steps == 0, "nothing is trained again")
    for cell in after.cells {
      for name in names {
        let measured = try #require(cell.measures[name.rawValue])
        #expect(measured.value > 0 && measured.interval != nil, "\(name)")
      }
      #expect(try #require(cell.measures["oracle_code_iou"]).value < 1)
    }
  }

  @Test func aTruthNeedsRowsOfOneSite() throws {
    let place = try Place()
    let error = #expect(throws: TensorFileError.self) {
      _ = try experiment(
        experimentText(
          data: #", "m": {"built_in": "mod113", "truth": "known", "about": ""}"#), in: place)
    }
    #expect(try #require(error).description.contains("with or without target or truth"))
  }
}
