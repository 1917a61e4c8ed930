/// How different a dictionary was found that codes the same rows nearly as well.
public struct RivalRecord: Codable, Hashable, Sendable {
  /// The version of this layout; a reader refuses any other.
  public static let currentSchema = 1

  /// The version of this layout.
  public var schema = RivalRecord.currentSchema
  /// Elute's version that looked for it.
  public var eluteVersion: String
  /// The dictionary, and the rows.
  public var source, data: String
  /// Rows that the rival was fitted to, and rows on which both are judged.
  public var fittedRows, judgedRows: Int
  /// The active latents of a row, the variance that may be left beside, the cosine from which on atoms are one.
  public var k: Int
  /// See `k`.
  public var tolerance, threshold: Double
  /// Rounds of codes and atoms, and the seed.
  public var rounds: Int
  /// See `rounds`.
  public var seed: UInt64
  /// What is left unexplained of the judged rows: by the dictionary's own encoder, by pursuit on its atoms, by pursuit
  /// on the rival's.
  public var encoderFVU, ownFVU, rivalFVU: Double
  /// The atoms of the rival.
  public var rivalAtoms: Int
  /// The atoms, those of them that the rival has nothing near to, and the latter's share of what the loss of single
  /// atoms costs.
  public var atoms: Int
  /// See `atoms`.
  public var replaced: Int
  /// See `atoms`.
  public var replacedShareOfCost: Double
  /// The mean of the best cosines of both with each other, and the agreement of their codes.
  public var mmcs, codeIoU: Double
  /// The mean share of atoms that other seeds of the run have nothing near to; nil without others.
  public var missedBySeeds: Double?
  /// The machine; not part of the result.
  public var host: RunRecord.Host

  /// A record of the values given.
  public init(
    eluteVersion: String, source: String, data: String, fittedRows: Int, judgedRows: Int, k: Int,
    tolerance: Double, threshold: Double, rounds: Int, seed: UInt64, encoderFVU: Double,
    ownFVU: Double, rivalFVU: Double, rivalAtoms: Int, atoms: Int, replaced: Int,
    replacedShareOfCost: Double,
    mmcs: Double, codeIoU: Double, missedBySeeds: Double?, host: RunRecord.Host
  ) {
    (self.eluteVersion, self.source, self.data) = (eluteVersion, source, data)
    (self.fittedRows, self.judgedRows, self.k) = (fittedRows, judgedRows, k)
    (self.tolerance, self.threshold) = (tolerance, threshold)
    (self.rounds, self.seed) = (rounds, seed)
    (self.encoderFVU, self.ownFVU, self.rivalFVU) = (encoderFVU, ownFVU, rivalFVU)
    (self.rivalAtoms, self.atoms, self.replaced) = (rivalAtoms, atoms, replaced)
    (self.replacedShareOfCost, self.mmcs) = (replacedShareOfCost, mmcs)
    (self.codeIoU, self.missedBySeeds, self.host) = (codeIoU, missedBySeeds, host)
  }

  enum CodingKeys: String, CodingKey {
    case schema, source, data, k, tolerance, threshold, rounds, seed, atoms, replaced, mmcs, host
    case eluteVersion = "elute_version"
    case fittedRows = "fitted_rows"
    case judgedRows = "judged_rows"
    case encoderFVU = "encoder_fvu"
    case ownFVU = "own_fvu"
    case rivalFVU = "rival_fvu"
    case rivalAtoms = "rival_atoms"
    case replacedShareOfCost = "replaced_share_of_cost"
    case codeIoU = "code_iou"
    case missedBySeeds = "missed_by_seeds"
  }
}
