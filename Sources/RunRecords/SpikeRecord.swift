/// What one dictionary found of the directions that were planted in its rows.
///
/// A direction counts as found when the cosine of an atom with it reaches 0.9; beside it stands how often
/// that happens with as many random directions that were planted nowhere.
public struct SpikeRecord: Codable, Hashable, Sendable {
  /// The cosine from which on a direction counts as found.
  public static let threshold = 0.9
  /// The stricter cosine that is counted too.
  public static let strictThreshold = 0.95

  /// The seed of directions and firings.
  public var seed: UInt64
  /// The unit of strengths: the root mean square distance of training rows from their mean.
  public var deviation: Double
  /// The variance that was added, as a share of the rows' own, as expected.
  public var addedVariance: Double
  /// Whether cosines count with their sign, `signed`, or by magnitude, `absolute`.
  public var convention: String
  /// How many were planted, and how many of them were found at 0.9 and at 0.95.
  public var planted, found, foundStrictly: Int
  /// The mean best cosine of planted directions, and of those never planted.
  public var meanCosine, nullCosine: Double
  /// How many of those never planted were found at 0.9.
  public var nullFound: Int
  /// The best cosines of as many directions never planted, ascending.
  public var nullCosines: [Float]
  /// From which frequency on directions that fire alone are found, a strength each.
  public var visibility: [SpikeVisibility]
  /// Every planted direction.
  public var directions: [Direction]

  /// The record of directions, and of the best cosines of as many never planted.
  public init(
    seed: UInt64, deviation: Double, addedVariance: Double, convention: String,
    directions: [Direction], nullCosines: [Float], visibility: [SpikeVisibility] = []
  ) {
    func mean(_ values: some Collection<Float>) -> Double {
      values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
    }
    self.seed = seed
    self.deviation = deviation
    self.addedVariance = addedVariance
    self.convention = convention
    planted = directions.count
    found = directions.count(where: \.isFound)
    foundStrictly = directions.count { Double($0.cosine) >= Self.strictThreshold }
    meanCosine = mean(directions.map(\.cosine))
    nullCosine = mean(nullCosines)
    nullFound = nullCosines.count { Double($0) >= Self.threshold }
    self.nullCosines = nullCosines.sorted()
    self.visibility = visibility
    self.directions = directions
  }

  enum CodingKeys: String, CodingKey {
    case seed, deviation, convention, planted, found, visibility, directions
    case addedVariance = "added_variance"
    case foundStrictly = "found_at_0.95"
    case meanCosine = "mean_cosine"
    case nullCosine = "null_cosine"
    case nullFound = "null_found"
    case nullCosines = "null_cosines"
  }

  /// Whether a direction fires by itself or in a pair.
  public enum Role: String, Codable, CaseIterable, Sendable {
    /// By itself.
    case alone
    /// With another that never fires without it.
    case parent
    /// Only where its parent does.
    case child
  }

  /// A planted direction and what the dictionary has of it.
  public struct Direction: Codable, Hashable, Sendable {
    /// The share of rows on which it fires.
    public var frequency: Double
    /// Its mean length there, in units of the rows' deviation.
    public var strength: Double
    /// Whether it fires by itself.
    public var role: Role
    /// The position of its parent, if it is a child.
    public var parent: Int?
    /// Rows that train on which it fires, each counted once, and evaluated rows on which it does.
    public var trainingFirings, evaluatedFirings: Int
    /// The greatest cosine of an atom with it.
    public var cosine: Float
    /// The latent of that atom.
    public var latent: Int
    /// Evaluated rows on which that latent is active, and on which both are.
    public var latentFirings, jointFirings: Int
    /// The correlation of both firings over evaluated rows, by chance 0; absent where one never fires.
    public var firingCorrelation: Double?

    /// A direction of the values given.
    public init(
      frequency: Double, strength: Double, role: Role, parent: Int? = nil, trainingFirings: Int,
      evaluatedFirings: Int, cosine: Float, latent: Int, latentFirings: Int, jointFirings: Int,
      firingCorrelation: Double?
    ) {
      self.frequency = frequency
      self.strength = strength
      self.role = role
      self.parent = parent
      self.trainingFirings = trainingFirings
      self.evaluatedFirings = evaluatedFirings
      self.cosine = cosine
      self.latent = latent
      self.latentFirings = latentFirings
      self.jointFirings = jointFirings
      self.firingCorrelation = firingCorrelation
    }

    /// Whether an atom is that near.
    public var isFound: Bool { Double(cosine) >= SpikeRecord.threshold }

    enum CodingKeys: String, CodingKey {
      case frequency, strength, role, parent, cosine, latent
      case trainingFirings = "training_firings"
      case evaluatedFirings = "evaluated_firings"
      case latentFirings = "latent_firings"
      case jointFirings = "joint_firings"
      case firingCorrelation = "firing_correlation"
    }
  }
}

/// How rare a planted direction of one strength may be and still be found.
public struct SpikeVisibility: Codable, Hashable, Sendable {
  /// The strength, in units of the rows' deviation.
  public var strength: Double
  /// The lowest planted frequency such that there, and at every higher one, at least half of the
  /// directions are found; absent where even the commonest are not.
  public var frequency: Double?
  /// What was found at each frequency, falling.
  public var cells: [Cell]

  /// The visibility at a strength that follows from its cells, the commonest first.
  public init(strength: Double, cells: [Cell]) {
    self.strength = strength
    self.cells = cells
    frequency = cells.prefix { 2 * $0.found >= $0.planted }.last?.frequency
  }

  /// The directions of one frequency and strength that fire alone.
  public struct Cell: Codable, Hashable, Sendable {
    /// The share of rows on which they fire.
    public var frequency: Double
    /// How many there are, and how many were found; of several runs, by at least half of the runs.
    public var planted, found: Int
    /// The 95 % interval of Clopper and Pearson for the share that is found: over directions, for these
    /// dictionaries.
    public var interval: [Double]

    /// A cell of the values given.
    public init(frequency: Double, planted: Int, found: Int, interval: [Double]) {
      self.frequency = frequency
      self.planted = planted
      self.found = found
      self.interval = interval
    }
  }
}
