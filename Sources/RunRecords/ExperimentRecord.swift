/// What an experiment measured, and how its expectations were judged.
public struct ExperimentRecord: Codable, Hashable, Sendable {
  /// The experiment's identifier, and its tier.
  public var id, tier: String
  /// What it asks.
  public var question: String
  /// What was trained, in the order of the experiment.
  public var cells: [CellRecord]
  /// The cells that were not run, and why.
  public var missing: [MissingCell]
  /// What was expected, judged.
  public var expectations: [JudgedExpectation]

  /// A record of the parts given.
  public init(
    id: String, tier: String, question: String, cells: [CellRecord], missing: [MissingCell],
    expectations: [JudgedExpectation]
  ) {
    self.id = id
    self.tier = tier
    self.question = question
    self.cells = cells
    self.missing = missing
    self.expectations = expectations
  }
}

/// One variant on one set of data: its seeds, measured.
public struct CellRecord: Codable, Hashable, Sendable {
  /// The version of this layout; a reader refuses any other.
  public static let currentSchema = 1

  /// The version of this layout.
  public var schema = CellRecord.currentSchema
  /// The data and the variant, `minilm/topk`.
  public var id: String
  /// Elute's version that trained it.
  public var eluteVersion: String
  /// What was trained; see `RunRecord.Settings`.
  public var settings: RunRecord.Settings
  /// What it was trained on.
  public var data: RunRecord.Data
  /// Where it ran; only times depend on it.
  public var host: RunRecord.Host
  /// The seeds, in the order of every measure's values.
  public var seeds: [UInt64]
  /// What the seeds had in common.
  public var shared: Shared?
  /// Everything that is measured, by the names of `Measure`.
  public var measures: [String: Measured]

  /// A cell of the parts given.
  public init(
    id: String, eluteVersion: String, settings: RunRecord.Settings, data: RunRecord.Data,
    host: RunRecord.Host, seeds: [UInt64], shared: Shared?, measures: [String: Measured]
  ) {
    self.id = id
    self.eluteVersion = eluteVersion
    self.settings = settings
    self.data = data
    self.host = host
    self.seeds = seeds
    self.shared = shared
    self.measures = measures
  }

  enum CodingKeys: String, CodingKey {
    case schema, id, settings, data, host, seeds, shared, measures
    case eluteVersion = "elute_version"
  }
}

/// A cell that was not run.
public struct MissingCell: Codable, Hashable, Sendable {
  /// The data and the variant.
  public var id: String
  /// Why.
  public var reason: String

  /// A cell and a reason.
  public init(id: String, reason: String) {
    self.id = id
    self.reason = reason
  }
}

/// What experiments measure of a cell.
public enum Measure: String, Codable, CaseIterable, Sendable {
  /// The fraction of the held-out rows' variance left unexplained.
  case fvu
  /// The mean number of active latents of a held-out row.
  case l0
  /// The fraction of latents that fire on no held-out row.
  case deadFraction = "dead_fraction"
  /// The seeds' mean best cosine of live atoms, all pairs.
  case mmcs
  /// What `mmcs` is above chance; see `ComparisonRecord`.
  case kappa
  /// Milliseconds of a training step, logging and evaluations included; not part of a result.
  case stepMilliseconds = "step_ms"
}

/// A measured value over seeds.
public struct Measured: Codable, Hashable, Sendable {
  /// The mean over seeds, or over pairs of seeds.
  public var value: Double
  /// The 95 % interval over seeds, lower end first; absent for too few.
  public var interval: [Double]?
  /// The seeds' own values; absent where only pairs have one.
  public var seeds: [Double]?

  /// A value of the parts given.
  public init(value: Double, interval: [Double]?, seeds: [Double]? = nil) {
    self.value = value
    self.interval = interval
    self.seeds = seeds
  }
}

/// An expectation beside what was measured.
public struct JudgedExpectation: Codable, Hashable, Sendable {
  /// Its identifier.
  public var id: String
  /// What is claimed, and where it was published.
  public var statement, source: String
  /// The published value, where there is one.
  public var published: Double?
  /// What was measured of it: a value, or a difference of two; absent where it was not run.
  public var measured: Double?
  /// The 95 % interval of that over seeds.
  public var interval: [Double]?
  /// How far it may be off, chosen before it was run.
  public var tolerance: Double
  /// What follows.
  public var verdict: ExperimentVerdict

  /// An expectation of the parts given.
  public init(
    id: String, statement: String, source: String, published: Double?, measured: Double?,
    interval: [Double]?, tolerance: Double, verdict: ExperimentVerdict
  ) {
    self.id = id
    self.statement = statement
    self.source = source
    self.published = published
    self.measured = measured
    self.interval = interval
    self.tolerance = tolerance
    self.verdict = verdict
  }
}

/// What an experiment says of an expectation.
public enum ExperimentVerdict: String, Codable, Hashable, Sendable {
  /// The whole interval is where it was expected.
  case reproduced
  /// The whole interval is elsewhere.
  case notReproduced = "not reproduced"
  /// The interval is on both sides, or there are too few seeds for one.
  case inconclusive
  /// A cell that it needs was not run.
  case notRun = "not run"
}
