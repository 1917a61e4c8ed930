/// What is added to the squared error; `TrainingEngine` has the formulas.
public struct Objective: Codable, Hashable, Sendable {
  /// What makes codes sparse beside the activation rule.
  public var sparsity: Sparsity
  /// Steps over which the sparsity penalty rises from nothing.
  public var sparsityWarmup: Int
  /// The ends of nested prefixes of the latents, each of which reconstructs alone; empty for all at once.
  ///
  /// Source: Bussmann et al. 2025 (arXiv 2503.17547), Matryoshka.
  public var prefixes: [Int]
  /// The penalty on badly conditioned supports, if any.
  public var isometry: Isometry?
  /// The weight of the squared distance of the first latents from given directions; 0 means none.
  public var anchorWeight: Double
  /// Steps over which the anchors' weight rises from nothing.
  public var anchorWarmup: Int
  /// The width of the window around a threshold in which `jumpReLU` learns it.
  public var bandwidth: Double

  /// An objective, by default the squared error alone.
  public init(
    sparsity: Sparsity = .none, sparsityWarmup: Int = 0, prefixes: [Int] = [],
    isometry: Isometry? = nil, anchorWeight: Double = 0, anchorWarmup: Int = 0,
    bandwidth: Double = 0.1
  ) {
    self.sparsity = sparsity
    self.sparsityWarmup = sparsityWarmup
    self.prefixes = prefixes
    self.isometry = isometry
    self.anchorWeight = anchorWeight
    self.anchorWarmup = anchorWarmup
    self.bandwidth = bandwidth
  }

  /// What makes codes sparse beside the activation rule.
  public enum Sparsity: Codable, Hashable, Sendable {
    /// Nothing.
    case none
    /// The code's L1 norm, averaged over rows (Bricken et al. 2023; weighted: Conerly et al. 2024).
    case l1(weight: Double)
    /// The number of active latents, averaged over rows (Rajamanoharan et al. 2024).
    case l0(weight: Double)
    /// The squared relative deviation of that number from a target (dictionary_learning).
    case targetL0(l0: Double, weight: Double)
    /// The code's `|z|^p`, p falling from 1 to `end` in ten equal parts from step `start` on (Karvonen
    /// et al. 2024, arXiv 2408.00113); at each the weight is changed so that the penalty is not.
    case annealedPower(weight: Double, end: Double, start: Int)

    /// The name in files.
    public var name: String {
      switch self {
      case .none: "none"
      case .l1: "l1"
      case .l0: "l0"
      case .targetL0: "target_l0"
      case .annealedPower: "annealed_power"
      }
    }

    /// The weight; 0 without a penalty.
    public var weight: Double {
      switch self {
      case .none: 0
      case .l1(let weight), .l0(let weight), .targetL0(_, let weight),
        .annealedPower(let weight, _, _):
        weight
      }
    }
  }

  /// The penalty on badly conditioned supports (iSAE, arXiv 2605.31245, section 3.2).
  public struct Isometry: Codable, Hashable, Sendable {
    /// Its weight.
    public var weight: Double
    /// Whether the whole Gram matrix of a support is taken, not one random sample.
    public var isExact: Bool
    /// Steps over which the weight rises from nothing.
    public var warmup: Int

    /// A penalty of the values given.
    public init(weight: Double, isExact: Bool = false, warmup: Int = 0) {
      self.weight = weight
      self.isExact = isExact
      self.warmup = warmup
    }
  }
}
