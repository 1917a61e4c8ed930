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
  /// What the law gives whose draws have each dictionary's second moment at unit length; see `AtomLaw`.
  public var matchedNull: Double?
  /// The 95 % intervals over seeds of `mmcs_all`, of kappa and of kappa against the matched null.
  public var mmcsAllInterval, kappaInterval, matchedKappaInterval: [Double]?
  /// The live atoms that were never resampled; absent where none was.
  public var untouched: Untouched?

  /// The agreement of live atoms that were never resampled.
  public struct Untouched: Codable, Hashable, Sendable {
    /// Their `mmcs` and its default null.
    public var mmcs, nullMmcs: Double
    /// The 95 % interval of their kappa.
    public var kappaInterval: [Double]?
    /// How many there are in a dictionary, averaged over pairs.
    public var atoms: Double

    /// An agreement of the values given.
    public init(mmcs: Double, nullMmcs: Double, kappaInterval: [Double]?, atoms: Double) {
      self.mmcs = mmcs
      self.nullMmcs = nullMmcs
      self.kappaInterval = kappaInterval
      self.atoms = atoms
    }

    enum CodingKeys: String, CodingKey {
      case mmcs, atoms
      case nullMmcs = "null_mmcs"
      case kappaInterval = "kappa_interval"
    }
  }

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
    case step, isotropic, live, untouched
    case matchedNull = "matched_null"
    case mmcsAllInterval = "mmcs_all_interval"
    case kappaInterval = "kappa_interval"
    case matchedKappaInterval = "matched_kappa_interval"
    case mmcsAll = "mmcs_all"
    case mmcsLive = "mmcs_live"
    case nullMmcsLive = "null_mmcs_live"
    case nullLow = "null_low"
    case nullHigh = "null_high"
  }
}
