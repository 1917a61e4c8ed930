import Elute
import Foundation
import Testing

@testable import SparseExperiments

/// A small experiment on the bundled network, whose base steps and expectations can be changed.
private func text(
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

private func experiment(_ text: String, in place: Place) throws -> Experiment {
  try place.write(text, to: "experiment.json")
  return try Experiment(folder: place.path)
}

private let expectation = """
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
      var plans: [String: Set<RunPlan>] = [:]
      for (data, variant) in found.cells(of: tier) {
        let settings = found.settings(variant, on: data, tier)
        let count = settings.sources?.count ?? (settings.target == nil ? 1 : 2)
        let sites = (0..<count).map { Site(name: "site \($0)", width: 128) }
        let plan = try settings.resolved(sites: sites, rows: 20_000)
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
      #expect(Set(cell.measures.keys) == Set(Measure.allCases.map(\.rawValue)))
      #expect(cell.measures["fvu"]?.value ?? .nan < 1)
    }
    #expect(record.expectations.isEmpty, "twelve steps judge nothing")
    #expect(experimentLines(record).contains { $0.hasPrefix("| topk ") })
  }

  @Test func settingsComeFromTheTierThenTheDataThenTheVariantThenTheBase() throws {
    let place = try Place()
    let found = try experiment(text(more: #", "log_every": 9"#), in: place)
    let tier = try #require(found.tiers["smoke"])
    let settings = found.settings(found.variants[0], on: "mod113", tier)
    #expect(settings.k == 5)
    #expect(settings.dSae == 40)
    #expect(settings.logEvery == 4)
    #expect(settings.data == "mod113")
  }

  @Test(arguments: [
    (text(more: #", "bach": 3"#), "base.bach"),
    (text(expectations: expectation.replacing("than", with: "then")), "expectations.0.then"),
    (
      text(expectations: expectation.replacing("mod113/relu", with: "mod113/rule")), "'mod113/rule'"
    ),
    (text(expectations: expectation.replacing(#""than": "mod113/relu","#, with: "")), "nothing to"),
    (text(more: #", "threads": 3"#), "base.threads"),
    (text(expectations: expectation + "," + expectation), "'e' twice"),
    (text(expectations: expectation.replacing("fvu", with: "fuv")), "'fuv'"),
    (text(expectations: expectation.replacing("below", with: "under")), "'under'"),
    (
      text(
        expectations: expectation.replacing(
          #""tolerance": 0"#, with: #""tolerance": 0, "given": ["f"]"#)),
      "'f'"
    ),
    (text().replacing(#""id": "relu""#, with: #""id": "topk""#), "'topk' twice"),
    (text().replacing(#""id": "relu""#, with: #""id": "../relu""#), "'../relu'"),
    (text(data: #", "no": {"about": ""}"#), "data.no"),
    (text(data: #", "no": {"about": "", "built_in": "mod7"}"#), "'mod7'"),
    (text().replacing(#""k": 4"#, with: #""k": "four""#), "variants.0.settings.k"),
    (text().replacing(#""title": "Small", "#, with: ""), "'title'"),
    (text().replacing(#""on": {"mod113": {"k""#, with: #""on": {"mod114": {"k""#), "'mod114'"),
  ])
  func whatNothingReadsIsRefused(_ wrong: String, _ words: String) throws {
    let place = try Place()
    let error = #expect(throws: TensorFileError.self) { try experiment(wrong, in: place) }
    #expect("\(try #require(error))".contains(words))
  }

  @Test func stoppedItGoesOnAndEndsTheSame() throws {
    let (place, whole) = (try Place(), try Place())
    let found = try experiment(text(expectations: expectation), in: place)
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
    let changed = try experiment(text(steps: 9, expectations: expectation), in: place)
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
      text(steps: steps, data: #", "mine": {"data": "mine.npy", "about": "rows"}"#)
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
    let wrong = text().replacing(#""l1": 0.5"#, with: #""l1": 0.5, "k": 3"#)
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
    let wording = text(steps: 2, data: extra)
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

struct JudgingTests {
  private func cell(_ id: String, _ value: Double, _ half: Double?) -> CellRecord {
    var cell = CellRecord(
      id: id, records: [record(densities: [1, 1])], comparison: nil)
    cell.measures = [
      "fvu": Measured(value: value, interval: half.map { [value - $0, value + $0] })
    ]
    return cell
  }

  private func judge(
    _ relation: Experiment.Relation, _ value: (Double, Double?), than other: (Double, Double?)?,
    published: Double? = nil, tolerance: Double = 0
  ) -> JudgedExpectation {
    let expectation = Experiment.Expectation(
      id: "e", statement: "", source: "", measure: .fvu, cell: "d/a",
      than: other == nil ? nil : "d/b", relation: relation, published: published,
      tolerance: tolerance, given: [])
    return expectation.judged(
      [cell("d/a", value.0, value.1)] + (other.map { [cell("d/b", $0.0, $0.1)] } ?? []))
  }

  @Test func aDifferenceIsJudgedByItsWholeInterval() {
    #expect(judge(.below, (1, 0.3), than: (2, 0.4)).verdict == .reproduced)
    #expect(judge(.below, (2, 0.3), than: (1, 0.4)).verdict == .notReproduced)
    #expect(judge(.below, (1, 0.3), than: (1.4, 0.4)).verdict == .inconclusive)
    #expect(judge(.above, (2, 0.3), than: (1, 0.4)).verdict == .reproduced)
    #expect(judge(.above, (1, 0.3), than: (2, 0.4)).verdict == .notReproduced)
    #expect(judge(.below, (2, 0.3), than: (1, 0.4), tolerance: 2).verdict == .reproduced)
    #expect(judge(.below, (1, nil), than: (2, 0.4)).verdict == .inconclusive)
    let judged = judge(.below, (1, 0.3), than: (2, 0.4))
    // 0.3 and 0.4 make 0.5.
    #expect(judged.measured == -1)
    #expect(abs((judged.interval?[0] ?? 0) + 1.5) < 1e-12)
    #expect(abs((judged.interval?[1] ?? 0) + 0.5) < 1e-12)
  }

  @Test func aPublishedValueIsNearOrNot() {
    func near(_ value: Double, _ half: Double) -> ExperimentVerdict {
      judge(.near, (value, half), than: nil, published: 10, tolerance: 1).verdict
    }
    #expect(near(10.2, 0.5) == .reproduced)
    #expect(near(10.8, 0.5) == .inconclusive)
    #expect(near(12, 0.5) == .notReproduced)
    #expect(near(8, 0.5) == .notReproduced)
    #expect(judge(.above, (12, 1), than: nil, published: 10).verdict == .reproduced)
  }

  /// A claim at matched sparsity is not tested where sparsity is not matched.
  @Test func aClaimWhosePremiseFailsIsInconclusive() throws {
    let place = try Place()
    func claims(_ published: Double) -> String {
      """
      {"id": "l0", "statement": "", "source": "", "measure": "l0", "cell": "mod113/relu",
       "relation": "near", "published": \(published), "tolerance": 1},
      """ + expectation.replacing(#""tolerance": 0"#, with: #""tolerance": 0, "given": ["l0"]"#)
    }
    func verdicts(_ published: Double) throws -> [ExperimentVerdict] {
      let found = try experiment(text(expectations: claims(published)), in: place)
      var cells = [cell("mod113/topk", 1, 0.1), cell("mod113/relu", 2, 0.1)]
      cells[1].measures["l0"] = Measured(value: 5, interval: [4.9, 5.1])
      let tier = try #require(found.tiers["smoke"])
      return found.judged(cells, of: tier).map(\.verdict)
    }
    #expect(try verdicts(5) == [.reproduced, .reproduced])
    #expect(try verdicts(9) == [.notReproduced, .inconclusive])
  }

  @Test func whatWasNotRunIsNotJudged() {
    let expectation = Experiment.Expectation(
      id: "e", statement: "", source: "", measure: .fvu, cell: "d/a", than: "d/b",
      relation: .below, published: nil, tolerance: 0, given: [])
    #expect(expectation.judged([cell("d/a", 1, 0.1)]).verdict == .notRun)
    var unmeasured = cell("d/b", 1, 0.1)
    unmeasured.measures = [:]
    #expect(expectation.judged([cell("d/a", 1, 0.1), unmeasured]).verdict == .inconclusive)
    #expect(expectation.judged([cell("d/b", 1, 0.1)]).measured == nil)
  }

  /// 2 ± t(2) 1 / sqrt(3), with t = 4.3027.
  @Test func seedsGiveStudentsInterval() {
    let measured = Measured(seeds: [1, 2, 3])
    #expect(measured.value == 2)
    #expect(abs((measured.interval?[1] ?? 0) - 4.48416) < 1e-4)
    #expect(Measured(seeds: [1]).interval == nil)
  }
}
