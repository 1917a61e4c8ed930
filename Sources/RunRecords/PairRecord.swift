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
  /// The pair's own; see `ComparisonRecord`.
  public var pwMCC, subspaceOverlap, oracleCodeIoU, nullOracleCodeIoU, oracleCodeDistance: Double?
  /// What the law gives for `mmcs` whose draws have each dictionary's second moment at unit length.
  public var matchedMmcs: Double?

  /// `(dcs - null_dcs) / (1 - null_dcs)`.
  public var dcsKappa: Double { (dcs - nullDcs) / (1 - nullDcs) }
  /// Kappa against `matchedMmcs`.
  public var matchedKappa: Double? { matchedMmcs.map { (mmcs - $0) / (1 - $0) } }

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
    case pwMCC = "pw_mcc"
    case subspaceOverlap = "subspace_overlap"
    case oracleCodeIoU = "oracle_code_iou"
    case nullOracleCodeIoU = "null_oracle_code_iou"
    case oracleCodeDistance = "oracle_code_distance"
    case matchedMmcs = "matched_mmcs"
  }
}
