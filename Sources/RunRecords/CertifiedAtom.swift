/// What a certificate knows of one latent.
public struct CertifiedAtom: Codable, Hashable, Sendable {
  /// The latent, from 0.
  public var latent: Int
  /// The length of its atom.
  public var length: Double
  /// The share of rows on which it fires.
  public var density: Double
  /// The share of those whose code is proved at once to be the only one of its size.
  public var certified: Double
  /// In how many rows it is the atom that the certificate pulls at most.
  public var rivalries: Int
  /// The latent whose atom has the largest cosine with its own; nil where there is no other.
  public var nearest: Int?
  /// The cosine of their atoms.
  public var cosine: Double?
  /// The latent that is on for the largest share of its activity; nil where it always fires alone.
  public var parent: Int?
  /// That share.
  public var parentShare: Double?
  /// Whether it hardly fires but where one other latent does, whose atom is another: a parent's child.
  public var isChild: Bool
  /// By how much the error would turn its atom, in radians, less what sampling does; nil where that is not defined.
  public var turn: Double?
  /// In how many of the other dictionaries it comes back; nil without others.
  public var replications: Int?

  /// A latent of the values given.
  public init(
    latent: Int, length: Double, density: Double, certified: Double, rivalries: Int,
    nearest: Int?, cosine: Double?, parent: Int?, parentShare: Double?, isChild: Bool,
    turn: Double?,
    replications: Int?
  ) {
    (self.latent, self.length, self.density) = (latent, length, density)
    (self.certified, self.rivalries) = (certified, rivalries)
    (self.nearest, self.cosine) = (nearest, cosine)
    (self.parent, self.parentShare) = (parent, parentShare)
    (self.isChild, self.turn, self.replications) = (isChild, turn, replications)
  }

  /// The columns of `line`.
  public static let heading =
    "latent,length,density,certified,rivalries,nearest,cosine,parent,parent_share,child,turn,replications"

  /// The values, separated by commas; what is not known is empty.
  public var line: String {
    [
      "\(latent)", "\(length)", "\(density)", "\(certified)", "\(rivalries)",
      nearest.map { "\($0)" } ?? "", cosine.map { "\($0)" } ?? "", parent.map { "\($0)" } ?? "",
      parentShare.map { "\($0)" } ?? "", isChild ? "1" : "0", turn.map { "\(Float($0))" } ?? "",
      replications.map { "\($0)" } ?? "",
    ].joined(separator: ",")
  }
}
