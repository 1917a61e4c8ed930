/// What a certificate knows of one latent.
public struct CertifiedAtom: Codable, Hashable, Sendable {
  /// The latent, from 0.
  public var latent: Int
  /// The length of its atom.
  public var length: Double
  /// The share of rows on which it fires.
  public var density = 0.0
  /// The share of the energy of all codes, `sum of |d|² z²`, that is its own; below a millionth it is inert.
  public var energy = 0.0
  /// The share of the rows on which it fires whose code is proved at once to be the only one of its size.
  public var certified = 0.0
  /// In how many rows it is the atom that the certificate pulls at most.
  public var rivalries = 0
  /// The latent whose atom has the largest cosine with its own; nil where there is no other.
  public var nearest: Int?
  /// The cosine of their atoms.
  public var cosine: Double?
  /// The first latent of the duplicates that its atom is one of; nil where it is alone.
  public var duplicateOf: Int?
  /// The latent that is on for the largest share of its activity; nil where it always fires alone.
  public var parent: Int?
  /// That share.
  public var parentShare: Double?
  /// Whether it hardly fires but where one other latent does, whose atom is another: a parent's child.
  public var isChild = false
  /// A latent that is on in every row in which it is, so that its atom is not determined; nil where there is none.
  public var alwaysWith: Int?
  /// The nearest latent, if the two hardly ever fire together: what is left where one has absorbed the other.
  public var scar: Int?
  /// The other half of what is one signed direction, both dense.
  public var antipode: Int?
  /// Of the rows of the feature that it is the latent of, the share on which others carry it; nil without a truth.
  public var absorbed: Double?
  /// By how much the error would turn its atom, in radians, less what sampling does; nil where that is not defined.
  public var turn: Double?
  /// The penalty on its code that would balance the error's push along its atom; nil where that is not defined.
  public var penalty: Double?
  /// In how many of the other dictionaries it comes back; nil without others.
  public var replications: Int?

  /// A latent of which no more is known than its atom's length.
  public init(latent: Int, length: Double) {
    (self.latent, self.length) = (latent, length)
  }

  /// The columns of `line`.
  public static let heading = """
    latent,state,length,density,energy,certified,rivalries,nearest,cosine,duplicate_of,parent,parent_share,child,\
    always_with,scar,antipode,absorbed,turn,penalty,replications
    """

  /// Whether it has an atom, fires, and enough to matter.
  public var state: String {
    length == 0 ? "zero" : density == 0 ? "silent" : energy < 1e-6 ? "inert" : "live"
  }

  /// The values, separated by commas; what is not known is empty.
  public var line: String {
    let text = { (value: Double?) in value.map { "\(Float($0))" } ?? "" }
    let number = { (value: Int?) in value.map { "\($0)" } ?? "" }
    return [
      "\(latent)", state, "\(length)", "\(density)", text(energy), "\(certified)", "\(rivalries)",
      number(nearest), cosine.map { "\($0)" } ?? "", number(duplicateOf), number(parent),
      parentShare.map { "\($0)" } ?? "", isChild ? "1" : "0", number(alwaysWith), number(scar),
      number(antipode), text(absorbed), text(turn), text(penalty), number(replications),
    ].joined(separator: ",")
  }
}
