public import DictionaryTraining

/// How a dictionary is refined; see `Refinement`.
public struct RefinementSettings: Codable, Hashable, Sendable {
  /// The share of a row's square that its code may leave at first; nil for the dictionary's own fvu.
  public var residual: Double?
  /// The share below which it is not halved any more.
  public var leastResidual = 0x1p-14
  /// The most atoms a row; nil for the dictionary's own mean l0.
  public var k: Int?
  /// Rows that are coded at most, evenly spread.
  public var rows = 20_000
  /// The cosine from which on atoms are one.
  public var merge = 0.9
  /// By how much codes may cost more, as a share, when atoms are taken away.
  public var tolerance = 0.01
  /// By how much codes may cost more, as a share, when the residual is halved.
  public var growth = 0.15

  /// The standard settings.
  public init() {}

  enum CodingKeys: String, CodingKey, CaseIterable {
    case residual, k, rows, merge, tolerance, growth
    case leastResidual = "least_residual"
  }

  /// Refuses values outside of what they mean.
  public func validate() throws(ConfigurationError) {
    func require(
      _ holds: Bool, _ key: CodingKeys, _ found: Any, _ expected: String
    ) throws(ConfigurationError) {
      guard !holds else { return }
      throw ConfigurationError(
        key: key.rawValue, found: "\(found)", expected: expected,
        hint: "leave it out for the default")
    }
    if let residual {
      try require(residual > 0 && residual < 1, .residual, residual, "a share between 0 and 1")
    }
    try require(
      leastResidual > 0 && leastResidual < 1, .leastResidual, leastResidual,
      "a share between 0 and 1")
    if let k { try require(k > 0, .k, k, "a positive number of atoms") }
    try require(rows > 1, .rows, rows, "two rows or more")
    try require(merge > 0 && merge <= 1, .merge, merge, "a cosine above 0, at most 1")
    try require(tolerance >= 0 && tolerance < .infinity, .tolerance, tolerance, "0 or more")
    try require(growth >= 0 && growth < .infinity, .growth, growth, "0 or more")
  }
}
