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
  func validate() throws(BenchError) {
    try require(features > 0 && features < 1 << 31, "features", "\(features)", "1 to 2147483647")
    try require(width > 1, "width", "\(width)", "at least 2")
    try require(rows > 0, "rows", "\(rows)", "at least 1")
    try require(
      activationProbability > 0 && activationProbability <= 1, "activation_probability",
      "\(activationProbability)", "above 0 and at most 1")
    try require(least >= 0 && least.isFinite, "least", "\(least)", "at least 0")
    try require(
      scale >= 0 && scale.isFinite && scale + least > 0, "scale", "\(scale)",
      "at least 0, and above it where the least activation is 0")
    try require(noise >= 0 && noise.isFinite, "noise", "\(noise)", "at least 0")
    try require(
      descent.interference > 0 && descent.interference <= 1, "interference",
      "\(descent.interference)", "a cosine above 0 and at most 1")
    try require(sites > 0 && sites <= 64, "sites", "\(sites)", "1 to 64")
    switch coActivation {
    case .independent: break
    case .hierarchical(let children):
      try require(
        children > 0 && children < features, "children", "\(children)",
        "1 to \(features - 1), for families of a parent and its children")
    case .grouped(let size, let cofiring):
      try require(size > 1 && size <= features, "group", "\(size)", "2 to \(features)")
      try require(
        cofiring >= activationProbability && cofiring <= 1, "cofiring", "\(cofiring)",
        "\(activationProbability), the activation probability, to 1")
    }
    if case .overlapping(let share) = sharing { try requireShare(share) }
    if case .specific(let share) = sharing { try requireShare(share) }
  }

  private func requireShare(_ share: Double) throws(BenchError) {
    try require(share >= 0 && share <= 1, "share", "\(share)", "a fraction of the features")
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
