import SparseCoding

/// What the rows of a `LinearRepresentationBench` are made by.
public struct BenchSettings: Hashable, Sendable {
  /// The number of features.
  public var features = 1000
  /// The width of each site.
  public var width = 768
  /// The number of rows.
  public var rows = 100_000
  /// The chance that a feature is active in a row.
  public var activationProbability = 0.01
  /// Which features are active together.
  public var coActivation = CoActivation.independent
  /// The least activation of an active feature.
  public var least = 0.0
  /// The mean of what an activation exceeds the least by.
  public var scale = 1.0
  /// The mean length of the noise at a site; 0 for none.
  public var noise = 0.0
  /// The clusters that directions begin in; nil for uniform ones.
  public var mixture: DirectionMixture?
  /// How the directions are pushed apart.
  public var descent = InterferenceDescent()
  /// The number of sites.
  public var sites = 1
  /// What the sites have in common.
  public var sharing = SiteSharing.independent
  /// The seed of everything.
  public var seed: UInt64 = 0

  /// The defaults: those of the publication where it prints them.
  public init() {}

  /// Refuses settings that make no data.
  public func validate() throws(BenchError) {
    try require(features > 0 && features < 1 << 31, "features", "\(features)", "1 to 2147483647")
    try require(width > 1 && width <= 1 << 20, "width", "\(width)", "2 to \(1 << 20)")
    try require(rows > 0 && rows <= 1 << 34, "rows", "\(rows)", "1 to \(1 << 34)")
    try require(
      activationProbability >= 1e-12 && activationProbability <= 1, "activation_probability",
      "\(activationProbability)", "1e-12 to 1")
    try require(least >= 0 && least.isFinite, "least", "\(least)", "at least 0")
    try require(
      scale >= 0 && scale.isFinite && scale + least > 0, "scale", "\(scale)",
      "at least 0, and above it where the least activation is 0")
    try require(noise >= 0 && noise.isFinite, "noise", "\(noise)", "at least 0")
    try require(
      descent.interference > 0 && descent.interference <= 1, "interference",
      "\(descent.interference)", "a cosine above 0 and at most 1")
    try validateDescent()
    try require(sites > 0 && sites <= 64, "sites", "\(sites)", "1 to 64")
    switch coActivation {
    case .independent: break
    case .largest(let k, _):
      try require(k > 0 && k <= features, "largest", "\(k)", "1 to \(features)")
    case .hierarchical(let children):
      try require(
        children > 0 && children < features, "children", "\(children)",
        "1 to \(features - 1), for families of a parent and its children")
    case .grouped(let size, let cofiring):
      try require(size > 1 && size <= features, "group", "\(size)", "2 to \(features)")
      try require(
        cofiring >= activationProbability && cofiring <= 1
          && activationProbability / cofiring >= 1e-12, "cofiring", "\(cofiring)",
        "\(activationProbability), the activation probability, to 1")
    }
    if let mixture {
      try require(
        mixture.components > 0 && mixture.components <= features, "mixture",
        "\(mixture.components)", "1 to \(features)")
      try require(
        mixture.spread > 0 && mixture.spread.isFinite, "mixture_spread", "\(mixture.spread)",
        "above 0")
    }
    if case .overlapping(let share) = sharing { try requireShare("overlapping", share) }
    if case .specific(let share) = sharing { try requireShare("specific", share) }
  }

  private func validateDescent() throws(BenchError) {
    for (key, value) in [
      ("descent_margin", descent.margin), ("descent_spread", descent.spread),
    ] {
      try require(value >= 0 && value.isFinite, key, "\(value)", "at least 0")
    }
    try require(
      descent.rate > 0 && descent.rate.isFinite, "descent_rate", "\(descent.rate)", "above 0")
    try require(
      (0...1_000_000).contains(descent.steps), "descent_steps", "\(descent.steps)",
      "0 to 1000000")
  }

  /// Refuses a bench whose features and true codes do not fit in memory, beside what makes no data.
  public func checkFits() throws(BenchError) {
    try validate()
    let (n, d) = (Double(features), Double(width))
    // Directions of all sites and those that are made, three matrices of products, 24 bytes a true activation.
    var active = n * activationProbability
    if case .largest(let k, _) = coActivation { active = Double(k) }
    let bytes = 12 * n * d * Double(sites + 1) + 12 * n * n + 24 * Double(rows) * active
    func gigabytes(_ bytes: Double) -> String { "\((bytes / 1e8).rounded() / 10) GB" }
    let memory = Double(HostMemory.bytes)
    guard bytes < memory else {
      throw BenchError(
        key: "features", found: "a bench that needs about \(gigabytes(bytes)) of memory",
        expected: "at most the \(gigabytes(memory)) that there are",
        hint: "lower features, or rows for fewer true codes")
    }
  }

  private func requireShare(_ key: String, _ share: Double) throws(BenchError) {
    try require(share >= 0 && share <= 1, key, "\(share)", "a fraction of the features")
  }

  private func require(
    _ holds: Bool, _ key: String, _ found: String, _ expected: String
  ) throws(BenchError) {
    if !holds {
      throw BenchError(
        key: key, found: found, expected: expected, hint: "see elute synthesize lrb --help")
    }
  }
}

/// Settings that no bench can be made by.
public struct BenchError: Error, Hashable {
  /// The setting, what it is, what it should be, and what to do.
  public var key, found, expected, hint: String
}
