import Elute
import Foundation
import Testing

@testable import SparseExperiments

/// A small experiment on the bundled network, whose base steps and expectations can be changed.
func experimentText(
  steps: Int = 8, more: String = "", expectations: String = "", data: String = ""
) -> String {
  """
  {
    "id": "small", "title": "Small", "question": "Which?",
    "data": {"mod113": {"built_in": "mod113", "about": "the bundled network"}\(data)},
    "base": {"d_sae": 40, "batch": 128, "steps": \(steps), "seeds": [0, 1, 2], "lr": 0.001\(more)},
    "tiers": {"smoke": {"settings": {"log_every": 4}, "minutes": 0.1}},
    "variants": [
      {"id": "topk", "settings": {"k": 4}, "on": {"mod113": {"k": 5}}},
      {"id": "relu", "settings": {"activation": "relu"}, "on": {"mod113": {"l1": 0.5}}}
    ],
    "expectations": [\(expectations)], "deviations": []
  }
  """
}

func experiment(_ text: String, in place: Place) throws -> Experiment {
  try place.write(text, to: "experiment.json")
  return try Experiment(folder: place.path)
}

let expectation = """
  {"id": "e", "statement": "s", "source": "p", "measure": "fvu", "cell": "mod113/topk",
   "than": "mod113/relu", "relation": "below", "tolerance": 0}
  """

struct ExperimentTests {
  /// The experiments of the repository, from where this file lies.
  private static let home =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path + "/Experiments"
  private static let folders = ((try? FileManager.default.contentsOfDirectory(atPath: home)) ?? [])
    .filter { FileManager.default.fileExists(atPath: "\(home)/\($0)/experiment.json") }

  @Test func theRepositoryHasExperiments() { #expect(!Self.folders.isEmpty) }

  @Test(arguments: folders)
  func everyOneIsReadAndHasASmokeTier(_ name: String) throws {
    let found = try Experiment(folder: "\(Self.home)/\(name)")
    #expect(found.id == name)
    #expect(found.tiers["smoke"] != nil)
    #expect(Set(found.expectations.map(\.id)).count == found.expectations.count)
    #expect(Set(found.variants.map(\.id)).count == found.variants.count)
  }

  /// Every cell of every tier is a run that can be trained, also where its data are not at hand.
  @Test(arguments: folders)
  func everyCellResolves(_ name: String) throws {
    let found = try Experiment(folder: "\(Self.home)/\(name)")
    for tier in found.tiers.values {
      struct Trained: Hashable {
        var plan: RunPlan
        var refine: RefinementSettings?
      }
      var plans: [String: Set<Trained>] = [:]
      for (data, variant) in found.cells(of: tier) {
        let settings = found.settings(variant, on: data, tier)
        let count = settings.sources?.count ?? (settings.target == nil ? 1 : 2)
        let sites = (0..<count).map { Site(name: "site \($0)", width: 128) }
        let plan = Trained(
          plan: try settings.resolved(sites: sites, rows: 20_000), refine: variant.refine)
        // Two names for one run would compare it with itself.
        #expect(plans[data, default: []].insert(plan).inserted, "\(data)/\(variant.id)")
      }
    }
  }

  @Test func theSmokeTierRuns() throws {
    let place = try Place()
    let found = try Experiment(folder: Self.home + "/method-family")
    let run = try ExperimentRun(found, tier: "smoke", out: place.path)
    let record = try #require(try run.run(compute: oneThread) { _ in .goOn })
    #expect(record.missing.isEmpty)
    #expect(record.cells.count == run.experiment.cells(of: found.tiers["smoke"]!).count)
    for cell in record.cells {
      let measured = Set(cell.measures.keys.compactMap(Measure.init))
      #expect(measured.count == cell.measures.count)
      #expect(measured.isSuperset(of: [.fvu, .l0, .deadFraction, .mmcs, .kappa, .codeIoU, .dcs]))
      #expect(cell.measures["fvu"]?.value ?? .nan < 1)
    }
    #expect(record.expectations.isEmpty, "twelve steps judge nothing")
    #expect(experimentLines(record).contains { $0.hasPrefix("| topk ") })
  }

  @Test func settingsComeFromTheTierThenTheDataThenTheVariantThenTheBase() throws {
    let place = try Place()
    let found = try experiment(experimentText(more: #", "log_every": 9"#), in: place)
    let tier = try #require(found.tiers["smoke"])
    let settings = found.settings(found.variants[0], on: "mod113", tier)
    #expect(settings.k == 5)
    #expect(settings.dSae == 40)
    #expect(settings.logEvery == 4)
    #expect(settings.data == "mod113")
  }

  @Test(arguments: [
    (experimentText(more: #", "bach": 3"#), "base.bach"),
    (
      experimentText(expectations: expectation.replacing("than", with: "then")),
      "expectations.0.then"
    ),
    (
      experimentText(expectations: expectation.replacing("mod113/relu", with: "mod113/rule")),
      "'mod113/rule'"
    ),
    (
      experimentText(expectations: expectation.replacing(#""than": "mod113/relu","#, with: "")),
      "nothing to"
    ),
    (experimentText(more: #", "threads": 3"#), "base.threads"),
    (
      experimentText(
        expectations: expectation.replacing(
          #""tolerance": 0"#, with: #""tolerance": 0, "epoch": 3"#
        ).replacing("fvu", with: "dcs")),
      "dcs at an epoch"
    ),
    (
      experimentText(
        expectations: expectation.replacing(
          #""tolerance": 0"#,
          with: #""tolerance": 0, "epoch": 3, "slope_over": ["mod113/relu"]"#)),
      "a slope at an epoch"
    ),
    (experimentText(expectations: expectation + "," + expectation), "'e' twice"),
    (experimentText(expectations: expectation.replacing("fvu", with: "fuv")), "'fuv'"),
    (experimentText(expectations: expectation.replacing("below", with: "under")), "'under'"),
    (
      experimentText(
        expectations: expectation.replacing(
          #""tolerance": 0"#, with: #""tolerance": 0, "given": ["f"]"#)),
      "'f'"
    ),
    (experimentText().replacing(#""id": "relu""#, with: #""id": "topk""#), "'topk' twice"),
    (experimentText().replacing(#""id": "relu""#, with: #""id": "../relu""#), "'../relu'"),
    (experimentText(data: #", "no": {"about": ""}"#), "data.no"),
    (experimentText(data: #", "no": {"about": "", "built_in": "mod7"}"#), "'mod7'"),
    (
      experimentText(data: #", "no": {"about": "", "bench": {"nonnegative": true}}"#),
      "data.no.bench.nonnegative"
    ),
    (experimentText().replacing(#""k": 4"#, with: #""k": "four""#), "variants.0.settings.k"),
    (experimentText().replacing(#""title": "Small", "#, with: ""), "'title'"),
    (
      experimentText().replacing(#""on": {"mod113": {"k""#, with: #""on": {"mod114": {"k""#),
      "'mod114'"
    ),
  ])
  func whatNothingReadsIsRefused(_ wrong: String, _ words: String) throws {
    let place = try Place()
    let error = #expect(throws: TensorFileError.self) { try experiment(wrong, in: place) }
    #expect("\(try #require(error))".contains(words))
  }

  @Test func stoppedItGoesOnAndEndsTheSame() throws {
    let (place, whole) = (try Place(), try Place())
    let found = try experiment(experimentText(expectations: expectation), in: place)
    func results(_ run: ExperimentRun, stopAfter: Int = .max) throws -> ExperimentRecord? {
      var steps = 0
      return try run.run(compute: oneThread) { progress in
        if progress.training != nil { steps += 1 }
        return steps >= stopAfter ? .stop : .goOn
      }
    }
    let run = try ExperimentRun(found, tier: "smoke", out: place.file("out"))
    #expect(try results(run, stopAfter: 30) == nil)
    #expect(place.names(in: "out/results/mod113") == ["topk.json"])
    let resumed = try #require(try results(run))
    let other = try ExperimentRun(found, tier: "smoke", out: whole.file("out"))
    let once = try #require(try results(other))
    func lasting(_ record: ExperimentRecord) -> [[String: Measured]] {
      record.cells.map { cell in cell.measures.filter { $0.key != "step_ms" } }
    }
    #expect(lasting(resumed) == lasting(once))
    #expect(resumed.expectations == once.expectations)
    #expect(resumed.expectations[0].verdict != .notRun)
    // What is done is not trained again; other settings are.
    var trained = 0
    _ = try run.run(compute: oneThread) { _ in
      trained += 1
      return .goOn
    }
    #expect(trained == 0)
    let changed = try experiment(experimentText(steps: 9, expectations: expectation), in: place)
    // In the same folder too: an earlier wording's runs are other runs.
    let again = try ExperimentRun(changed, tier: "smoke", out: place.file("out"))
    let other9 = try again.run(compute: oneThread) { _ in
      trained += 1
      return .goOn
    }
    #expect(trained > 0)
    #expect(other9?.cells[0].settings.steps == 9)
    // Back again, what was trained is there, but its results were written over.
    let back = try #require(try results(run))
    #expect(lasting(back) == lasting(once))
  }

  @Test func aResultWithoutItsRowsCountsForItsOwnSettings() throws {
    let place = try Place()
    try NpyFile.write(planted, to: place.file("mine.npy"))
    func wording(_ steps: Int) -> String {
      experimentText(steps: steps, data: #", "mine": {"data": "mine.npy", "about": "rows"}"#)
        .replacing(#"{"mod113": {"k": 5}}"#, with: #"{"mine": {}}"#)
    }
    let run = try ExperimentRun(
      experiment(wording(3), in: place), tier: "smoke", data: place.path, out: place.file("out"))
    _ = try run.run(compute: oneThread) { _ in .goOn }
    for (steps, missing) in [(3, []), (4, ["mine/topk"])] {
      let later = try ExperimentRun(
        experiment(wording(steps), in: place), tier: "smoke", out: place.file("out"))
      let record = try #require(try later.run(compute: oneThread) { _ in .goOn })
      #expect(record.missing.map(\.id) == missing)
    }
    // Other rows under the same name are not those that were measured.
    try NpyFile.write(
      PlantedDictionary(width: 8, features: 16, active: 2, noise: 0.2).rows(
        count: 300, on: oneThread), to: place.file("mine.npy"))
    let again = try ExperimentRun(
      experiment(wording(3), in: place), tier: "smoke", data: place.path, out: place.file("out"))
    var isTrained = false
    _ = try again.run(compute: oneThread) { now in
      isTrained = isTrained || now.cell == "mine/topk"
      return .goOn
    }
    #expect(isTrained)
  }

  /// A cell that cannot be is said before anything is trained.
  @Test func everyCellIsResolvedFirst() throws {
    let place = try Place()
    let wrong = experimentText().replacing(#""l1": 0.5"#, with: #""l1": 0.5, "k": 3"#)
    let run = try ExperimentRun(
      experiment(wrong, in: place), tier: "smoke", out: place.file("out"))
    let error = #expect(throws: ConfigurationError.self) {
      _ = try run.run(compute: oneThread) { _ in .goOn }
    }
    #expect(error?.key == "mod113/relu: k")
    #expect(place.names() == ["experiment.json"])
  }

  @Test func dataThatAreNotThereAreNotRun() throws {
    let place = try Place()
    let extra = #", "mine": {"data": "mine.npy", "about": "made by me"}"#
    let wording = experimentText(steps: 2, data: extra)
      .replacing(#"{"mod113": {"k": 5}}"#, with: #"{"mod113": {}, "mine": {}}"#)
    let found = try experiment(wording, in: place)
    for folder in [nil, place.path] {
      let run = try ExperimentRun(found, tier: "smoke", data: folder, out: place.file("out"))
      let record = try #require(try run.run(compute: oneThread) { _ in .goOn })
      #expect(record.missing.map(\.id) == ["mine/topk"])
      #expect(record.missing[0].reason.contains("made by me"))
      #expect(record.cells.count == 2)
    }
    // Rows are there, but others than were meant.
    try NpyFile.write(planted, to: place.file("mine.npy"))
    let fixed = try experiment(
      wording.replacing(#""about": "made by me""#, with: #""about": "", "fingerprint": "00""#),
      in: place)
    let run = try ExperimentRun(fixed, tier: "smoke", data: place.path, out: place.file("out"))
    #expect(throws: TensorFileError.self) { _ = try run.run(compute: oneThread) { _ in .goOn } }
  }
}
