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
  /// `(dcs - null_dcs) / (1 - null_dcs)`, pair by pair.
  public var dcsKappa: Double = .nan
  /// The 95 % intervals of other statistics, as that of `kappa`.
  public var dcsInterval, dcsKappaInterval, mmcsAllInterval, sharedFractionInterval: [Double]?
  /// That of `code_distance`, and that of kappa against `nulls.matched_second_moment`.
  public var codeDistanceInterval, matchedKappaInterval: [Double]?
  /// Those of `oracleCodeIoU` and `oracleCodeDistance`.
  public var oracleCodeIoUInterval, oracleCodeDistanceInterval: [Double]?
  /// Kappa against the law whose draws have each dictionary's second moment at unit length.
  public var matchedKappa: Double?
  /// The one-to-one agreement of Song et al., signed, dead atoms included; absent for unequal sizes.
  public var pwMCC: Double?
  /// How far the 8 leading directions span one space, and what random spaces give.
  public var subspaceOverlap, nullSubspaceOverlap: Double?
  /// `code_iou` and `code_distance` of codes that a pursuit finds on each dictionary's atoms.
  public var oracleCodeIoU, nullOracleCodeIoU, oracleCodeDistance: Double?
  /// Dictionaries that nobody would call learned, compared in the same way: `step_0` (the atoms that the runs
  /// began with), and where rows are given `data_draw`, `pca` and `k_means` of disjoint halves of them.
  public var controls: [String: Control] = [:]

  /// The agreement of a control, at the live counts of the first pair.
  public struct Control: Codable, Hashable, Sendable {
    /// The statistic and its null; see `ComparisonRecord`.
    public var mmcs, nullMmcs: Double
    /// `(mmcs - null_mmcs) / (1 - null_mmcs)`.
    public var kappa: Double
    /// The one-to-one statistic, its null, and `(dcs - null_dcs) / (1 - null_dcs)`.
    public var dcs, nullDcs, dcsKappa: Double
    /// The atoms of the two dictionaries.
    public var atoms: [Int]

    /// A control of the values given.
    public init(
      mmcs: Double, nullMmcs: Double, kappa: Double, dcs: Double, nullDcs: Double,
      dcsKappa: Double, atoms: [Int]
    ) {
      self.dcs = dcs
      self.nullDcs = nullDcs
      self.dcsKappa = dcsKappa
      self.mmcs = mmcs
      self.nullMmcs = nullMmcs
      self.kappa = kappa
      self.atoms = atoms
    }

    enum CodingKeys: String, CodingKey {
      case mmcs, kappa, dcs, atoms
      case nullMmcs = "null_mmcs"
      case nullDcs = "null_dcs"
      case dcsKappa = "kappa_one_to_one"
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
    /// Of `mmcs`, for the law whose draws have each dictionary's second moment at unit length.
    public var matchedSecondMoment: Double?

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
      case matchedSecondMoment = "matched_second_moment"
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
    case dcsKappa = "kappa_one_to_one"
    case dcsInterval = "dcs_interval"
    case dcsKappaInterval = "kappa_one_to_one_interval"
    case mmcsAllInterval = "mmcs_all_interval"
    case sharedFractionInterval = "shared_fraction_interval"
    case codeDistanceInterval = "code_distance_interval"
    case matchedKappaInterval = "kappa_matched_interval"
    case matchedKappa = "kappa_matched"
    case pwMCC = "pw_mcc"
    case subspaceOverlap = "subspace_overlap"
    case nullSubspaceOverlap = "null_subspace_overlap"
    case oracleCodeIoU = "oracle_code_iou"
    case nullOracleCodeIoU = "null_oracle_code_iou"
    case oracleCodeDistance = "oracle_code_distance"
    case oracleCodeIoUInterval = "oracle_code_iou_interval"
    case oracleCodeDistanceInterval = "oracle_code_distance_interval"
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
  /// Every pair has rows of one set, and no row trained both.
  case disjoint
  /// Some pairs share it, others do not.
  case mixed
  /// A run without a record is among them.
  case unknown
}
