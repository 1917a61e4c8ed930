import DictionaryTraining
public import RunRecords
public import SparseCoding
import TensorFiles

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A tier of an experiment being run: cell by cell, each result written as it is finished.
///
/// Run again with the same folder it goes on where it stopped.
public struct ExperimentRun: Sendable {
  /// What is run.
  public let experiment: Experiment
  /// The name of its tier.
  public let tierName: String
  /// Where runs are written.
  public let out: String
  /// Where the results are, one file a cell.
  public let results: String
  let tier: Experiment.Tier
  let dataFolder: String?

  /// A run of a tier.
  ///
  /// - Parameters:
  ///   - data: The folder that files of data are below; cells without their data are not run.
  ///   - results: Where results are kept, those that are there included; by default in `out`.
  /// - Throws: `ConfigurationError` for a tier that the experiment does not have.
  public init(
    _ experiment: Experiment, tier name: String, data: String? = nil, out: String,
    results: String? = nil
  ) throws {
    guard let tier = experiment.tiers[name] else {
      throw ConfigurationError(
        key: "tier", found: "'\(name)'",
        expected: experiment.tiers.keys.sorted().joined(separator: ", "),
        hint: "choose one that \(experiment.id) has")
    }
    self.experiment = experiment
    tierName = name
    self.tier = tier
    self.out = out
    self.results = results ?? out + "/results"
    dataFolder = data
  }

  /// What is going on.
  public struct Progress: Sendable {
    /// The cell, `minilm/topk`.
    public var cell: String
    /// Its place among all, from 1, and how many there are.
    public var place, count: Int
    /// Its training; absent before it begins.
    public var training: TrainingProgress?
  }

  /// Runs what has no result yet, then judges.
  ///
  /// A result counts if its settings, seeds and rows are those that are asked for, and the truth that it is measured
  /// by; where rows are not at hand, settings and seeds. A run that still lies in `out` is measured anew, not trained.
  ///
  /// - Parameter progress: Called at the start of each cell that is trained, and after every step.
  /// - Returns: `nil` if it was stopped.
  /// - Throws: `ConfigurationError` for a cell that cannot be, before anything is trained.
  public func run(
    compute: Compute, progress: (Progress) throws -> TrainingRun.Continuation
  ) throws -> ExperimentRecord? {
    var record = ExperimentRecord(
      id: experiment.id, tier: tierName, title: experiment.title, question: experiment.question,
      deviations: experiment.deviations, cells: [], missing: [], expectations: [])
    let cells = try experiment.cells(of: tier).map { try Cell($0.data, $0.variant, in: self) }
    let (nulls, theory) = (experiment.nulls(of: tier), experiment.theory(of: tier))
    let count = cells.count + nulls.count + theory.count
    var loaded: LoadedRows?
    for (place, cell) in cells.enumerated() {
      guard let plan = cell.plan else {
        // What was measured elsewhere still counts.
        if let known = try result(of: cell), isResult(known, of: cell.asked),
          known.refinement == cell.refine?.byName
        {
          record.cells.append(known)
        } else {
          record.missing.append(MissingCell(id: cell.id, reason: cell.absence))
        }
        continue
      }
      if loaded?.name != cell.data {
        loaded = nil
        loaded = try load(cell.data, compute: compute)
      }
      guard let rows = loaded else { continue }
      let given = given(to: cell, among: cells).map { min($0, rows.truth?.features.rows ?? 0) }
      if let known = try result(of: cell), isResult(known, of: plan),
        known.refinement == cell.refine?.byName,
        known.data.fingerprint == rows.fingerprint,
        known.truth == nil || known.truth == rows.truthFingerprint,
        known.featuresGiven == nil || known.featuresGiven == given
      {
        record.cells.append(known)
        continue
      }
      func report(_ training: TrainingProgress?) throws -> TrainingRun.Continuation {
        try progress(
          Progress(cell: cell.id, place: place + 1, count: count, training: training))
      }
      guard try report(nil) == .goOn,
        let measured = try measure(
          cell, plan, rows, given: given, compute: compute, progress: report)
      else { return nil }
      record.cells.append(measured)
    }
    for (place, null) in nulls.enumerated() {
      guard
        try progress(
          Progress(cell: "null/\(null.id)", place: cells.count + place + 1, count: count)) == .goOn
      else { return nil }
      record.nulls.append(try simulated(null, compute: compute))
    }
    for (place, theory) in theory.enumerated() {
      let done = cells.count + nulls.count + place
      guard
        try progress(Progress(cell: "theory/\(theory.id)", place: done + 1, count: count)) == .goOn
      else { return nil }
      record.theory.append(try checked(theory, compute: compute))
    }
    try makeFolder(out)
    record.expectations = experiment.judged(
      MeasuredCells(cells: record.cells, nulls: record.nulls, theory: record.theory), of: tier)
    return record
  }

  /// A statement of a theory on its instances, checked unless that was done.
  private func checked(
    _ theory: Experiment.TheoryCase, compute: Compute
  ) throws -> TheoryRecord {
    var record = try kept(
      "theory", theory.id, schema: TheoryRecord.currentSchema,
      isResult: { (known: TheoryRecord) in known.isResult(of: theory) },
      make: { TheoryRecord(theory, compute: compute) })
    record.about = theory.about
    return record
  }

  /// Random dictionaries beside the exact null, simulated unless that was done.
  private func simulated(
    _ null: Experiment.NullCase, compute: Compute
  ) throws -> NullRecord {
    try kept(
      "null", null.id, schema: NullRecord.currentSchema,
      isResult: { (known: NullRecord) in
        known.width == null.width && known.atoms == null.atoms && known.pairs == null.pairs
      },
      make: { NullRecord(null, compute: compute) })
  }

  /// A result that is there, or one that is made and written.
  private func kept<Record: Codable>(
    _ folder: String, _ name: String, schema: Int, isResult: (Record) -> Bool,
    make: () -> Record
  ) throws -> Record {
    let path = "\(results)/\(folder)/\(name).json"
    if FileManager.default.fileExists(atPath: path) {
      let known = try JSONFile.read(Record.self, schema: schema, from: path)
      if isResult(known) { return known }
    }
    let record = make()
    for folder in [out, results, "\(results)/\(folder)"] { try makeFolder(folder) }
    try JSONFile.write(record, to: path)
    return record
  }

  private func measure(
    _ cell: Cell, _ plan: RunPlan, _ rows: LoadedRows, given: Int?, compute: Compute,
    progress: (TrainingProgress?) throws -> TrainingRun.Continuation
  ) throws -> CellRecord? {
    let estimate = RunEstimate(plan, rows: rows.rows.rows, compute: compute, streaming: false)
    try estimate.check()
    // Another wording of the experiment, other rows, or other features given, are another run.
    let texts = TrainSettings(plan).texts.sorted { $0.key < $1.key }
    let refine = cell.refine?.byName.sorted { $0.key < $1.key } ?? []
    let wording =
      (texts.map { "\($0.key) \($0.value)" } + refine.map { "refine.\($0.key) \($0.value)" })
      .joined(separator: "\n")
    let stage = rows.stage.map { ActivationFingerprint.of($0.rows) } ?? ""
    let features = plan.anchors == nil ? "" : rows.truthFingerprint ?? ""
    let identity = wording + rows.fingerprint + stage + features
    let digest = SHA256.digest(of: Array(identity.utf8)).prefix(8)
    for folder in [out, "\(out)/runs", "\(out)/runs/\(cell.data)"] { try makeFolder(folder) }
    let training = try TrainingRun(
      plan, rows: rows.rows, path: rows.path, out: "\(out)/runs/\(cell.id)-\(digest)",
      seedsAtOnce: estimate.seedsAtOnce)
    let endings = try training.train(
      resume: training.folder.exists, compute: compute, progress: progress)
    for case (_, .stopped) in endings { return nil }
    let named = try plan.seeds.map { seed throws(TensorFileError) in
      try NamedDictionary(training.folder.seed(seed).path)
    }
    var options = ComparisonOptions()
    options.codesOn = try training.rows.source.matrix(ofRows: Array(training.rows.evaluated))
    options.controlsFrom = rows.rows
    // A pursuit codes with atoms alone.
    options.hasOracle =
      experiment.isConditioningMeasured && named.allSatisfy { $0.coder.skip == nil }
    // Unless all have one part: then there is no other pair.
    options.onlyDisjoint = Set(plan.seeds.map { $0 % UInt64(plan.parts) }).count > 1
    let isCompared = experiment.areSeedsCompared && named.count > 1
    let comparison = isCompared ? try compare(named, options: options, compute: compute) : nil
    let records = named.compactMap(\.record)
    let whole = rows.stage.map { TrainingRows($0.rows, holdOut: plan.holdOut) } ?? training.rows
    let refined = try cell.refine.map { settings in
      try named.map { dictionary in
        try RefinedSeed(
          dictionary, on: whole, path: rows.path, target: rows.stage?.target,
          settings: settings, compute: compute)
      }
    }
    var record = CellRecord(
      id: cell.id, records: records, comparison: comparison,
      agreement: isCompared
        ? try agreementOverTraining(training.folder, records: records, compute: compute) : [],
      recovery: try rows.truth.map {
        try CellRecovery(
          of: $0,
          by: refined?.map { ($0.named, $0.evaluation.live) }
            ?? named.map { ($0, liveLatents(of: $0.record?.firingDensities ?? [])) },
          given: given, on: whole, compute: compute)
      },
      conditioning: try !experiment.isConditioningMeasured
        ? [] : named.map { try SupportSpread(of: $0, on: training.rows, compute: compute) })
    record.truth = rows.truthFingerprint
    if rows.truth != nil { record.featuresGiven = given }
    if experiment.areCurvesKept { record.training = records.trainingSteps }
    if let refined { record.refine(refined, settings: cell.refine?.byName) }
    for folder in [results, "\(results)/\(cell.data)"] { try makeFolder(folder) }
    try JSONFile.write(record, to: path(of: cell))
    return record
  }

  /// How many features, from the first on, were given to a run or to any other on its data, so that what is said of
  /// the rest is of the same ones; `nil` where its own anchors are other directions.
  private func given(to cell: Cell, among cells: [Cell]) -> Int? {
    guard let own = given(cell.plan?.anchors, on: cell.data) else { return nil }
    return cells.lazy.filter { $0.data == cell.data }
      .compactMap { given($0.plan?.anchors, on: $0.data) }.reduce(own, max)
  }

  private func path(of cell: Cell) -> String { "\(results)/\(cell.id).json" }

  private func result(of cell: Cell) throws(TensorFileError) -> CellRecord? {
    guard FileManager.default.fileExists(atPath: path(of: cell)) else { return nil }
    return try JSONFile.read(
      CellRecord.self, schema: CellRecord.currentSchema, from: path(of: cell))
  }

  /// Whether a result is that of a plan, and not of an earlier wording of the experiment.
  private func isResult(_ record: CellRecord, of plan: RunPlan) -> Bool {
    record.seeds == plan.seeds
      && record.settings.apartFromPaths == RunRecord.Settings(plan).apartFromPaths
      && (plan.snapshots == 0 || plan.seeds.count == 1 || !experiment.areSeedsCompared
        || record.snapshots != nil)
      && isCompared(record) && (record.training != nil || !experiment.areCurvesKept)
  }

  /// Whether a result has what is asked of its seeds beside each other.
  private func isCompared(_ record: CellRecord) -> Bool {
    let has = { (measure: Measure) in record.measures[measure.rawValue] != nil }
    if experiment.isConditioningMeasured, !has(.pairRandom), !has(.oracleCodeIoUByChance) {
      return false
    }
    return !experiment.areSeedsCompared || record.seeds.count == 1 || has(.mmcs)
  }

  /// Whether a result has every setting that is asked for.
  private func isResult(_ record: CellRecord, of asked: TrainSettings) -> Bool {
    var settings = asked
    (settings.data, settings.target, settings.sources) = (nil, nil, nil)
    (settings.seeds, settings.checkpointEvery, settings.logEvery) = (nil, nil, nil)
    (settings.snapshots, settings.anchors) = (nil, nil)
    let anchors = { (path: String?) in path?.split(separator: "/").last }
    guard anchors(asked.anchors) == anchors(record.settings.method["anchors"]) else { return false }
    return record.seeds == asked.seeds ?? [0] && isCompared(record)
      && settings.texts.allSatisfy { record.settings.method[$0.key] == $0.value }
  }
}

/// A variant on a set of data, resolved where the data are at hand.
private struct Cell {
  let id, data: String
  let asked: TrainSettings
  let refine: RefinementSettings?
  /// `nil` where there are no rows, for the reason in `absence`.
  var plan: RunPlan?
  var absence = ""

  init(_ data: String, _ variant: Experiment.Variant, in run: ExperimentRun) throws {
    id = "\(data)/\(variant.id)"
    self.data = data
    refine = variant.refine
    var settings = run.experiment.settings(variant, on: data, run.tier)
    settings.anchors = settings.anchors.flatMap { run.path(ofAnchors: $0, on: data) }
    asked = settings
    do {
      switch try run.shape(of: data) {
      case .absent(let reason): absence = reason
      case .present(let sites, let rows): plan = try settings.resolved(sites: sites, rows: rows)
      }
    } catch var error as ConfigurationError {
      error.key = "\(id): \(error.key)"
      throw error
    }
  }
}
