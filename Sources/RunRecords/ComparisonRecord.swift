/// How well several dictionaries agree, each statistic beside its null.
public struct ComparisonRecord: Codable, Hashable, Sendable {
  /// What was compared, as the user named it.
  public var dictionaries: [String]
  /// The width of the atoms.
  public var dIn: Int
  /// `signed` for nonnegative codes, `absolute` for signed ones.
  public var convention: String
  /// Mean over live atoms of the best cosine, both directions and all pairs averaged.
  public var mmcs: Double
  /// The same as P3 has it: absolute, dead atoms included.
  public var mmcsAll: Double
  /// One-to-one matched cosine over live atoms, divided by the smaller count; all pairs averaged.
  public var dcs: Double
  /// The same as P2 has it: absolute, dead atoms included.
  public var dcsAll: Double
  /// What `mmcs` would be for independent draws of the same second moment (the default null).
  public var nullMmcs: Double
  /// What `dcs` would be for the same draws.
  public var nullDcs: Double
  /// `(mmcs - null_mmcs) / (1 - null_mmcs)`.
  public var kappa: Double
  /// `mmcs` over the isotropic null; capped at one over that null.
  public var ratioToIsotropic: Double
  /// What holds for all pairs: initialisation, data order, data.
  public var shared: Shared
  /// How the live atoms were found: `data`, `record` or `all`.
  public var liveness: String
  /// Every pair.
  public var pairs: [PairRecord]
  /// By how much the optimum of a pair's `dcs` or `dcs_all` can exceed what was found, at most.
  ///
  /// 0 where the whole matrix of cosines was held; beyond 4,096 by 4,096 atoms proved by the assignment's prices.
  public var assignmentGap: Double
  /// The 95 % interval of `kappa`, lower end first; absent below three dictionaries.
  ///
  /// The delete-one-dictionary jackknife with t on S - 1 degrees of freedom.
  public var kappaInterval: [Double]?
  /// The same interval of `mmcs`.
  public var mmcsInterval: [Double]?
  /// What chance gives by each law; see `Nulls`.
  public var nulls: Nulls
  /// Latents whose decoder and encoder rows have the same partner with both cosines at least 0.7, over
  /// the smaller live count; absent where encoders are not comparable.
  public var sharedFraction: Double?
  /// What that would be for independent latents of the same joint second moments.
  public var nullSharedFraction: Double?
  /// The mean overlap of two codes' supports under the matching, on the rows given; absent without rows.
  public var codeIoU: Double?
  /// The same for codes of different rows.
  public var nullCodeIoU: Double?
  /// The mean distance of two codes over their mean length; 0 for equal ones, about 1.41 for unrelated ones.
  public var codeDistance: Double?
  /// The 95 % interval of `code_iou`.
  public var codeIoUInterval: [Double]?
  /// Dictionaries that nobody would call learned, compared in the same way: `step_0` (the atoms that the runs
  /// began with), and where rows are given `data_draw`, `pca` and `k_means` of disjoint halves of them.
  public var controls: [String: Control] = [:]

  /// The agreement of a control, at the live counts of the first pair.
  public struct Control: Codable, Hashable, Sendable {
    /// The statistic and its null; see `ComparisonRecord`.
    public var mmcs, nullMmcs: Double
    /// `(mmcs - null_mmcs) / (1 - null_mmcs)`.
    public var kappa: Double
    /// The atoms of the two dictionaries.
    public var atoms: [Int]

    /// A control of the values given.
    public init(mmcs: Double, nullMmcs: Double, kappa: Double, atoms: [Int]) {
      self.mmcs = mmcs
      self.nullMmcs = nullMmcs
      self.kappa = kappa
      self.atoms = atoms
    }

    enum CodingKeys: String, CodingKey {
      case mmcs, kappa, atoms
      case nullMmcs = "null_mmcs"
    }
  }

  /// What `mmcs` and `dcs` would be for independent random atoms.
  public struct Nulls: Codable, Hashable, Sendable {
    /// Of `mmcs`, for uniformly random directions.
    public var isotropic: Double
    /// Of `mmcs`, for draws of each dictionary's second moment: the null of `kappa` unless another is chosen.
    public var decoderSecondMoment: Double
    /// Of `dcs`, for draws of the same law as `null_mmcs`.
    public var oneToOne: Double

    /// Nulls of the values given.
    public init(isotropic: Double, decoderSecondMoment: Double, oneToOne: Double) {
      self.isotropic = isotropic
      self.decoderSecondMoment = decoderSecondMoment
      self.oneToOne = oneToOne
    }

    enum CodingKeys: String, CodingKey {
      case isotropic
      case decoderSecondMoment = "decoder_second_moment"
      case oneToOne = "one_to_one"
    }
  }

  /// A comparison of the values given.
  public init(
    dictionaries: [String], dIn: Int, convention: String, mmcs: Double, mmcsAll: Double,
    dcs: Double, dcsAll: Double, nullMmcs: Double, nullDcs: Double, kappa: Double,
    ratioToIsotropic: Double, shared: Shared, liveness: String, pairs: [PairRecord],
    assignmentGap: Double = 0, kappaInterval: [Double]? = nil, mmcsInterval: [Double]? = nil,
    nulls: Nulls
  ) {
    self.dictionaries = dictionaries
    self.dIn = dIn
    self.convention = convention
    self.mmcs = mmcs
    self.mmcsAll = mmcsAll
    self.dcs = dcs
    self.dcsAll = dcsAll
    self.nullMmcs = nullMmcs
    self.nullDcs = nullDcs
    self.kappa = kappa
    self.ratioToIsotropic = ratioToIsotropic
    self.shared = shared
    self.liveness = liveness
    self.pairs = pairs
    self.assignmentGap = assignmentGap
    self.kappaInterval = kappaInterval
    self.mmcsInterval = mmcsInterval
    self.nulls = nulls
  }

  enum CodingKeys: String, CodingKey {
    case dictionaries, convention, mmcs, dcs, kappa, shared, liveness, pairs, nulls, controls
    case dIn = "d_in"
    case mmcsAll = "mmcs_all"
    case dcsAll = "dcs_all"
    case nullMmcs = "null_mmcs"
    case nullDcs = "null_dcs"
    case ratioToIsotropic = "ratio_to_isotropic"
    case assignmentGap = "assignment_gap"
    case kappaInterval = "kappa_interval"
    case mmcsInterval = "mmcs_interval"
    case sharedFraction = "shared_fraction"
    case nullSharedFraction = "null_shared_fraction"
    case codeIoU = "code_iou"
    case nullCodeIoU = "null_code_iou"
    case codeDistance = "code_distance"
    case codeIoUInterval = "code_iou_interval"
  }
}

/// What compared runs had in common.
public struct Shared: Codable, Hashable, Sendable {
  /// The initial weights.
  public var initialization: Sharing
  /// The order of the rows that trained.
  public var dataOrder: Sharing
  /// The rows.
  public var data: Sharing

  /// What is known to be shared.
  public init(initialization: Sharing, dataOrder: Sharing, data: Sharing) {
    self.initialization = initialization
    self.dataOrder = dataOrder
    self.data = data
  }

  enum CodingKeys: String, CodingKey {
    case initialization, data
    case dataOrder = "data_order"
  }
}

/// Whether runs had something in common.
public enum Sharing: String, Codable, Hashable, Sendable {
  /// It is the same in all of them.
  case same
  /// It differs in every pair.
  case different
  /// Some pairs share it, others do not.
  case mixed
  /// A run without a record is among them.
  case unknown
}

/// The agreement of two dictionaries.
public struct PairRecord: Codable, Hashable, Sendable {
  /// Positions of the two in `dictionaries`.
  public var first, second: Int
  /// The pair's own statistics; see `ComparisonRecord`.
  public var mmcs, mmcsAll, dcs, dcsAll: Double
  /// The pair's own nulls (default null) and their standard deviations over draws.
  public var nullMmcs, nullMmcsDeviation, nullDcs, nullDcsDeviation: Double
  /// The isotropic null of the best match, for the ratio only.
  public var isotropicMmcs: Double
  /// The isotropic null of the one-to-one match.
  public var isotropicDcs: Double
  /// `(mmcs - null_mmcs) / (1 - null_mmcs)`.
  public var kappa: Double
  /// What the two had in common.
  public var shared: Shared
  /// Live atoms of each.
  public var liveFirst, liveSecond: Int
  /// Atoms matched one to one over the larger live count.
  public var coverage: Double
  /// The pair's own; see `ComparisonRecord`.
  public var assignmentGap: Double
  /// For each live atom of the first its best cosine in the second.
  public var bestCosines: [Float]
  /// For each null draw's atom its best cosine, pooled; at most a few thousand.
  public var nullBestCosines: [Float]
  /// What draws of each dictionary's second moment give for `mmcs`, whatever null was chosen.
  public var secondMomentMmcs: Double
  /// The pair's own; see `ComparisonRecord`.
  public var sharedFraction, nullSharedFraction, codeIoU, nullCodeIoU, codeDistance: Double?

  /// A pair of the values given.
  public init(
    first: Int, second: Int, mmcs: Double, mmcsAll: Double, dcs: Double, dcsAll: Double,
    nullMmcs: Double, nullMmcsDeviation: Double, nullDcs: Double, nullDcsDeviation: Double,
    isotropicMmcs: Double, isotropicDcs: Double, kappa: Double, shared: Shared, liveFirst: Int,
    liveSecond: Int, coverage: Double, assignmentGap: Double = 0, bestCosines: [Float],
    nullBestCosines: [Float], secondMomentMmcs: Double? = nil
  ) {
    self.first = first
    self.second = second
    self.mmcs = mmcs
    self.mmcsAll = mmcsAll
    self.dcs = dcs
    self.dcsAll = dcsAll
    self.nullMmcs = nullMmcs
    self.nullMmcsDeviation = nullMmcsDeviation
    self.nullDcs = nullDcs
    self.nullDcsDeviation = nullDcsDeviation
    self.isotropicMmcs = isotropicMmcs
    self.isotropicDcs = isotropicDcs
    self.kappa = kappa
    self.shared = shared
    self.liveFirst = liveFirst
    self.liveSecond = liveSecond
    self.coverage = coverage
    self.assignmentGap = assignmentGap
    self.bestCosines = bestCosines
    self.nullBestCosines = nullBestCosines
    self.secondMomentMmcs = secondMomentMmcs ?? nullMmcs
  }

  enum CodingKeys: String, CodingKey {
    case first, second, mmcs, dcs, kappa, shared, coverage
    case mmcsAll = "mmcs_all"
    case dcsAll = "dcs_all"
    case nullMmcs = "null_mmcs"
    case nullMmcsDeviation = "null_mmcs_deviation"
    case nullDcs = "null_dcs"
    case nullDcsDeviation = "null_dcs_deviation"
    case isotropicMmcs = "isotropic_mmcs"
    case isotropicDcs = "isotropic_dcs"
    case liveFirst = "live_first"
    case liveSecond = "live_second"
    case assignmentGap = "assignment_gap"
    case bestCosines = "best_cosines"
    case nullBestCosines = "null_best_cosines"
    case secondMomentMmcs = "second_moment_mmcs"
    case sharedFraction = "shared_fraction"
    case nullSharedFraction = "null_shared_fraction"
    case codeIoU = "code_iou"
    case nullCodeIoU = "null_code_iou"
    case codeDistance = "code_distance"
  }
}

/// The agreement of a run's seeds at one moment of training, averaged over pairs.
public struct AgreementPoint: Codable, Hashable, Sendable {
  /// Steps done.
  public var step: Int
  /// `mmcs_all` (absolute, dead included) and its isotropic null.
  public var mmcsAll, isotropic: Double
  /// `mmcs` over live atoms, and the default null of the same.
  public var mmcsLive, nullMmcsLive: Double
  /// The null's 99.9 % interval around `nullMmcsLive`.
  public var nullLow, nullHigh: Double
  /// Live atoms, averaged over seeds.
  public var live: Double

  /// A point of the values given.
  public init(
    step: Int, mmcsAll: Double, isotropic: Double, mmcsLive: Double, nullMmcsLive: Double,
    nullLow: Double, nullHigh: Double, live: Double
  ) {
    self.step = step
    self.mmcsAll = mmcsAll
    self.isotropic = isotropic
    self.mmcsLive = mmcsLive
    self.nullMmcsLive = nullMmcsLive
    self.nullLow = nullLow
    self.nullHigh = nullHigh
    self.live = live
  }

  enum CodingKeys: String, CodingKey {
    case step, isotropic, live
    case mmcsAll = "mmcs_all"
    case mmcsLive = "mmcs_live"
    case nullMmcsLive = "null_mmcs_live"
    case nullLow = "null_low"
    case nullHigh = "null_high"
  }
}

/// One latent of the first dictionary, with the inputs that activate it most.
public struct LatentRecord: Codable, Hashable, Sendable {
  /// The latent's index in the first dictionary.
  public var latent: Int
  /// Its best cosine in each of the other dictionaries.
  public var bestCosines: [Double]
  /// The mean of `bestCosines`.
  public var replication: Double
  /// The fraction of rows on which it is active.
  public var density: Double
  /// The rows that activate it most, strongest first, named as a reader would, such as `(3, 17)`.
  public var topInputs: [Input]

  /// A latent of the values given.
  public init(
    latent: Int, bestCosines: [Double], replication: Double, density: Double, topInputs: [Input]
  ) {
    self.latent = latent
    self.bestCosines = bestCosines
    self.replication = replication
    self.density = density
    self.topInputs = topInputs
  }

  enum CodingKeys: String, CodingKey {
    case latent, replication, density
    case bestCosines = "best_cosines"
    case topInputs = "top_inputs"
  }

  /// An input and the value of the latent on it.
  public struct Input: Codable, Hashable, Sendable {
    /// The input's name.
    public var name: String
    /// The latent's value.
    public var value: Double

    /// An input of a name and a value.
    public init(name: String, value: Double) {
      self.name = name
      self.value = value
    }
  }
}

/// All that one report shows: the runs of one configuration, their agreement and their latents.
public struct ReportContent: Codable, Hashable, Sendable {
  /// The report's heading.
  public var title: String
  /// Sentences on the data and the network that a reader needs first.
  public var introduction: [String]
  /// One finished run per seed.
  public var runs: [RunRecord]
  /// The finished dictionaries' agreement; absent for a single run.
  public var comparison: ComparisonRecord?
  /// Agreement over training; empty without snapshots.
  public var agreement: [AgreementPoint]
  /// The most replicated latents of the first run, best first.
  public var mostReplicated: [LatentRecord]
  /// The least replicated live latents of the first run, worst first.
  public var leastReplicated: [LatentRecord]
  /// What of planted directions at least half of the runs found; absent unless some were planted.
  public var visibility: [SpikeVisibility]?

  /// Contents of the parts given.
  public init(
    title: String, introduction: [String], runs: [RunRecord], comparison: ComparisonRecord?,
    agreement: [AgreementPoint], mostReplicated: [LatentRecord], leastReplicated: [LatentRecord],
    visibility: [SpikeVisibility]? = nil
  ) {
    self.title = title
    self.introduction = introduction
    self.runs = runs
    self.comparison = comparison
    self.agreement = agreement
    self.mostReplicated = mostReplicated
    self.leastReplicated = leastReplicated
    self.visibility = visibility
  }

  enum CodingKeys: String, CodingKey {
    case title, introduction, runs, comparison, agreement, visibility
    case mostReplicated = "most_replicated"
    case leastReplicated = "least_replicated"
  }
}
