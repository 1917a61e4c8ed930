/// A statement of a theory, checked on random instances.
public struct TheoryRecord: Codable, Hashable, Sendable {
  /// The version of this layout; a reader refuses any other.
  public static let currentSchema = 1

  /// The version of this layout.
  public var schema = TheoryRecord.currentSchema
  /// Elute's version that checked it.
  public var eluteVersion: String
  /// The cell, `theory/escape`.
  public var id: String
  /// What is checked, and in words what it says and what came of it.
  public var statement, about: String
  /// How large the instances are: features, their width, latents.
  public var features, width, latents: Int
  /// How many there are.
  public var instances: Int
  /// The steps of descent, features a step and steps between revivals, where there are any.
  public var steps, batch, resampleEvery: Int?
  /// The length of a step over the gradient's.
  public var rate: Double?
  /// What is measured, by the names of `Measure`.
  public var measures: [String: Measured]
  /// What depends on something.
  public var curves: [Curve]

  /// Values over a quantity, the means over instances.
  public struct Curve: Codable, Hashable, Sendable {
    /// What the horizontal and the vertical axis are.
    public var x, y: String
    /// The lines.
    public var lines: [Line]

    /// A curve of the lines given.
    public init(x: String, y: String, lines: [Line]) {
      self.x = x
      self.y = y
      self.lines = lines
    }
  }

  /// A line of a figure.
  public struct Line: Codable, Hashable, Sendable {
    /// What it is.
    public var name: String
    /// Its points' places, and the values there.
    public var x, y: [Double]

    /// A line of the points given.
    public init(name: String, x: [Double], y: [Double]) {
      self.name = name
      self.x = x
      self.y = y
    }
  }

  /// A record of the parts given.
  public init(
    eluteVersion: String, id: String, statement: String, about: String, features: Int, width: Int,
    latents: Int, instances: Int, measures: [String: Measured], curves: [Curve]
  ) {
    self.eluteVersion = eluteVersion
    self.id = id
    self.statement = statement
    self.about = about
    self.features = features
    self.width = width
    self.latents = latents
    self.instances = instances
    self.measures = measures
    self.curves = curves
  }

  enum CodingKeys: String, CodingKey {
    case schema, id, statement, about, features, width, latents, instances, steps, batch, rate,
      measures
    case curves
    case resampleEvery = "resample_every"
    case eluteVersion = "elute_version"
  }
}
