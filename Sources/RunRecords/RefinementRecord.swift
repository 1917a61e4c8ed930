/// How a dictionary was refined, and what came of it.
public struct RefinementRecord: Codable, Hashable, Sendable {
  /// The version of this layout; a reader refuses any other.
  public static let currentSchema = 1

  /// The version of this layout.
  public var schema = RefinementRecord.currentSchema
  /// Elute's version that refined it.
  public var eluteVersion: String
  /// The dictionary that was refined, and the rows it was refined on.
  public var source, data: String
  /// Rows that were coded, and others on which both dictionaries were measured.
  public var rows, measuredRows: Int
  /// The settings, by their names.
  public var settings: [String: Double]
  /// The dictionary before and after, by their encoders on the measured rows.
  public var before, after: Quality
  /// What was done, in order.
  public var rounds: [Round]
  /// The machine; not part of the result.
  public var host: RunRecord.Host

  /// A size and what it achieves.
  public struct Quality: Codable, Hashable, Sendable {
    /// The number of latents.
    public var latents: Int
    /// The mean number of active latents of a row.
    public var l0: Double
    /// The fraction of variance left unexplained.
    public var fvu: Double

    /// A quality of the values given.
    public init(latents: Int, l0: Double, fvu: Double) {
      self.latents = latents
      self.l0 = l0
      self.fvu = fvu
    }
  }

  /// Atoms that were coded and fitted.
  public struct Round: Codable, Hashable, Sendable {
    /// What was done, and whether it was kept.
    public enum Kind: String, Codable, Sendable {
      /// The atoms that it begins with.
      case begun
      /// Those of them that cannot be spared.
      case dropped
      /// A smaller residual, kept.
      case sharpened
      /// A smaller residual that needs many more codes: not kept.
      case blunt
    }

    /// What was done, and whether it was kept.
    public var kind: Kind
    /// The share of a row's square that its code may leave.
    public var residual: Double
    /// Atoms.
    public var latents: Int
    /// Mean atoms a row, and what they leave unexplained.
    public var l0, fvu: Double

    /// A round of the values given.
    public init(kind: Kind, residual: Double, latents: Int, l0: Double, fvu: Double) {
      self.kind = kind
      self.residual = residual
      self.latents = latents
      self.l0 = l0
      self.fvu = fvu
    }
  }

  /// A record of the parts given.
  public init(
    eluteVersion: String, source: String, data: String, rows: Int, measuredRows: Int,
    settings: [String: Double], before: Quality, after: Quality, rounds: [Round],
    host: RunRecord.Host
  ) {
    self.eluteVersion = eluteVersion
    self.source = source
    self.data = data
    self.rows = rows
    self.measuredRows = measuredRows
    self.settings = settings
    self.before = before
    self.after = after
    self.rounds = rounds
    self.host = host
  }

  enum CodingKeys: String, CodingKey {
    case schema, source, data, rows, settings, before, after, rounds, host
    case eluteVersion = "elute_version"
    case measuredRows = "measured_rows"
  }
}
