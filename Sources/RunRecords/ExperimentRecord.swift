/// What an experiment measured, and how its expectations were judged.
public struct ExperimentRecord: Codable, Hashable, Sendable {
  /// The experiment's identifier, and its tier.
  public var id, tier: String
  /// What it is called, and what it asks.
  public var title, question: String
  /// How it differs from what was published.
  public var deviations: [String]
  /// What was trained, in the order of the experiment.
  public var cells: [CellRecord]
  /// Random dictionaries beside the exact null.
  public var nulls: [NullRecord] = []
  /// Statements of a theory, checked.
  public var theory: [TheoryRecord] = []
  /// The cells that were not run, and why.
  public var missing: [MissingCell]
  /// What was expected, judged.
  public var expectations: [JudgedExpectation]

  /// A record of the parts given.
  public init(
    id: String, tier: String, title: String, question: String, deviations: [String],
    cells: [CellRecord], missing: [MissingCell], expectations: [JudgedExpectation]
  ) {
    self.id = id
    self.tier = tier
    self.title = title
    self.question = question
    self.deviations = deviations
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
  /// What is measured at the steps of which every seed kept a snapshot; absent without.
  public var snapshots: [MeasuredStep]?
  /// The fingerprint of the features that recovery is measured by; absent without, and in older results.
  public var truth: String?
  /// How many of these features, from the first on, `recovery_others` leaves out.
  ///
  /// It is the most that a run on the same data was given. Absent without, and in older results, where a run leaves out
  /// its own alone.
  public var featuresGiven: Int?
  /// What the log says of steps that every seed has logged; absent where the experiment does not ask for it.
  public var training: [MeasuredStep]?
  /// How the seeds were refined, whose measures these are; absent where they are as they were trained.
  public var refinement: [String: Double]?

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
    case schema, id, settings, data, host, seeds, shared, measures, snapshots, refinement
    case training, truth
    case eluteVersion = "elute_version"
    case featuresGiven = "features_given"
  }
}

/// What is measured of a cell at a step of its training.
public struct MeasuredStep: Codable, Hashable, Sendable {
  /// Steps done.
  public var step: Int
  /// Rows seen over the rows that train.
  public var epoch: Double
  /// What is measured, by the names of `Measure`.
  public var measures: [String: Measured]

  /// A step of the values given.
  public init(step: Int, epoch: Double, measures: [String: Measured]) {
    self.step = step
    self.epoch = epoch
    self.measures = measures
  }
}

/// Independent pairs of uniformly random dictionaries beside the exact null.
public struct NullRecord: Codable, Hashable, Sendable {
  /// The version of this layout; a reader refuses any other.
  public static let currentSchema = 1

  /// The version of this layout.
  public var schema = NullRecord.currentSchema
  /// The cell, `null/d128`.
  public var id: String
  /// The shape of a dictionary.
  public var width, atoms: Int
  /// Pairs drawn.
  public var pairs: Int
  /// The exact mean best absolute cosine.
  public var exact: Double
  /// The mean over pairs, and its standard error.
  public var simulated, standardError: Double
  /// What is measured, by the names of `Measure`.
  public var measures: [String: Measured]

  /// A record of the values given.
  public init(
    id: String, width: Int, atoms: Int, pairs: Int, exact: Double, simulated: Double,
    standardError: Double, measures: [String: Measured]
  ) {
    self.id = id
    self.width = width
    self.atoms = atoms
    self.pairs = pairs
    self.exact = exact
    self.simulated = simulated
    self.standardError = standardError
    self.measures = measures
  }

  enum CodingKeys: String, CodingKey {
    case schema, id, width, atoms, pairs, exact, simulated, measures
    case standardError = "standard_error"
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
  /// What is measured, by its name.
  public var measure: String
  /// How it should be to the published value or another cell: below, above, near or compatible.
  public var relation: String
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
    id: String, statement: String, source: String, measure: String, relation: String,
    published: Double?,
    measured: Double?,
    interval: [Double]?, tolerance: Double, verdict: ExperimentVerdict
  ) {
    self.id = id
    self.statement = statement
    self.source = source
    self.measure = measure
    self.relation = relation
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
