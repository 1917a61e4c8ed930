import AlgorithmicTransformer
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
  private let tier: Experiment.Tier
  private let dataFolder: String?

  /// A run of a tier.
  ///
  /// - Parameters:
  ///   - data: The folder that files of data are below; cells without their data are not run.
  ///   - results: Where results are kept, those that are there included; by default in `out`.
  /// - Throws: `TensorFileError` for a tier that the experiment does not have.
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
    /// The cell, its place among all, and how many there are.
    public var cell: String
    /// Its place among all, from 1, and how many there are.
    public var place, count: Int
    /// Its training; absent before it begins.
    public var training: TrainingProgress?
  }

  /// Runs what has no result yet, then judges.
  ///
  /// - Parameter progress: Called at the start of each cell that is trained, and after every step.
  /// - Returns: `nil` if it was stopped.
  public func run(
    compute: Compute, progress: (Progress) throws -> TrainingRun.Continuation
  ) throws -> ExperimentRecord? {
    var record = ExperimentRecord(
      id: experiment.id, tier: tierName, question: experiment.question, cells: [], missing: [],
      expectations: [])
    let cells = experiment.cells(of: tier)
    var loaded: (name: String, rows: LoadedRows)?
    for (place, cell) in cells.enumerated() {
      let id = "\(cell.data)/\(cell.variant.id)"
      if loaded?.name != cell.data {
        loaded = try load(cell.data, compute: compute).map { (cell.data, $0) }
      }
      guard let rows = loaded?.rows else {
        // What was measured elsewhere still counts.
        if let known = try result(of: id) {
          record.cells.append(known)
        } else {
          record.missing.append(MissingCell(id: id, reason: absence(of: cell.data)))
        }
        continue
      }
      let settings = experiment.settings(cell.variant, on: cell.data, tier)
      let plan = try settings.resolved(sites: rows.sites, rows: rows.rows.rows)
      if let known = try result(of: id), isResult(known, of: plan) {
        record.cells.append(known)
        continue
      }
      func report(_ training: TrainingProgress?) throws -> TrainingRun.Continuation {
        try progress(
          Progress(cell: id, place: place + 1, count: cells.count, training: training))
      }
      guard try report(nil) == .goOn,
        let measured = try measure(id, cell.data, plan, rows, compute: compute, progress: report)
      else { return nil }
      record.cells.append(measured)
    }
    let expected = experiment.expectations.filter { expectation in
      cells.contains { "\($0.data)/\($0.variant.id)" == expectation.cell }
    }
    record.expectations = expected.map { $0.judged(record.cells) }
    return record
  }

  private func measure(
    _ id: String, _ name: String, _ plan: RunPlan, _ rows: LoadedRows, compute: Compute,
    progress: (TrainingProgress?) throws -> TrainingRun.Continuation
  ) throws -> CellRecord? {
    try makeFolder(out)
    try makeFolder(out + "/runs")
    let estimate = RunEstimate(plan, rows: rows.rows.rows, compute: compute, streaming: false)
    try estimate.check()
    let training = try TrainingRun(
      plan, rows: rows.rows, path: rows.path, out: "\(out)/runs/\(fileName(id))",
      seedsAtOnce: estimate.seedsAtOnce)
    if let fingerprint = experiment.data[name]?.fingerprint,
      fingerprint != training.data.fingerprint
    {
      throw TensorFileError(
        path: rows.path, found: "rows of the fingerprint \(training.data.fingerprint)",
        expected: "\(fingerprint), the rows of \(experiment.id)",
        hint: "make them as its README says")
    }
    let endings = try training.train(
      resume: training.folder.exists, compute: compute, progress: progress)
    for case (_, .stopped) in endings { return nil }
    let named = try NamedDictionary.open([training.folder.path])
    let comparison =
      named.count > 1 ? try compare(named, options: ComparisonOptions(), compute: compute) : nil
    let record = CellRecord(id: id, records: named.compactMap(\.record), comparison: comparison)
    try makeFolder(results)
    try JSONFile.write(record, to: path(of: id))
    return record
  }

  private func fileName(_ id: String) -> String { id.replacing("/", with: "-") }

  private func path(of id: String) -> String { "\(results)/\(fileName(id)).json" }

  private func result(of id: String) throws(TensorFileError) -> CellRecord? {
    guard FileManager.default.fileExists(atPath: path(of: id)) else { return nil }
    return try JSONFile.read(CellRecord.self, schema: CellRecord.currentSchema, from: path(of: id))
  }

  /// Whether a result is that of a plan, and not of an earlier wording of the experiment.
  private func isResult(_ record: CellRecord, of plan: RunPlan) -> Bool {
    record.seeds == plan.seeds && record.settings == RunRecord.Settings(plan)
  }
}

/// Rows in memory, and what they are called.
private struct LoadedRows {
  var rows: Matrix
  var sites: [Site]
  var path: String
}

extension ExperimentRun {
  /// The rows of a name; `nil` where they are not there.
  private func load(_ name: String, compute: Compute) throws -> LoadedRows? {
    guard let source = experiment.data[name] else { return nil }
    if let builtIn = source.builtIn { return try load(builtIn: builtIn, compute: compute) }
    guard let dataFolder else { return nil }
    let files = source.sources ?? [source.data, source.target].compactMap { $0 }
    let paths = files.map { "\(dataFolder)/\($0)" }
    guard paths.allSatisfy(FileManager.default.fileExists(atPath:)) else { return nil }
    let stores = try AlignedStores.open(paths)
    return LoadedRows(
      rows: try stores.load(), sites: stores.sites, path: files.joined(separator: ", "))
  }

  private func load(builtIn name: String, compute: Compute) throws -> LoadedRows {
    guard name == "mod113" else {
      throw ConfigurationError(
        key: "built_in", found: "'\(name)'", expected: "mod113", hint: "or name files")
    }
    let trained = try TrainedModularNetwork.bundled()
    let pairs = ModularAddition(modulus: trained.configuration.shape.modulus).pairs
    let rows = trained.network.activations(at: ModularDemo.site, pairs: pairs, on: compute)
    return LoadedRows(
      rows: rows, sites: [ModularDemo.site.site(of: trained.configuration.shape)], path: name)
  }

  private func absence(of name: String) -> String {
    let about = experiment.data[name]?.about ?? ""
    return dataFolder == nil
      ? "--data is not given; \(about)" : "not in the folder of --data; \(about)"
  }
}
