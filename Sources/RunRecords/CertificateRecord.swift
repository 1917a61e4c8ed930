/// What can be claimed about a dictionary: what is proved, what is refuted and what stays open, and why.
public struct CertificateRecord: Codable, Hashable, Sendable {
  /// The version of this layout; a reader refuses any other.
  public static let currentSchema = 1

  /// The version of this layout.
  public var schema = CertificateRecord.currentSchema
  /// Elute's version that certified it.
  public var eluteVersion: String
  /// The dictionary, and the rows that it was looked at on.
  public var source, data: String
  /// Latents, and those of them that fire on the rows.
  public var latents, live: Int
  /// The active latents of a row that claims "at k" are about.
  public var k: Int
  /// Whether codes have signs.
  public var isSigned: Bool
  /// Rows that were coded, and pairs of rows whose joint supports were looked at.
  public var rows, pairs: Int
  /// The fraction of variance left unexplained on these rows, and the mean number of active latents.
  public var fvu, l0: Double
  /// The share of these rows whose code is proved to be the only one of its size with its reconstruction.
  public var certifiedRows: Double
  /// The share that a search for another certificate would prove; nil where there was nothing to search.
  public var searchedRows: Estimate?
  /// The claims, in a fixed order.
  public var claims: [Claim]
  /// The machine; not part of the result.
  public var host: RunRecord.Host

  /// A record of the values given.
  public init(
    eluteVersion: String, source: String, data: String, latents: Int, live: Int, k: Int,
    isSigned: Bool, rows: Int, pairs: Int, fvu: Double, l0: Double, certifiedRows: Double,
    searchedRows: Estimate?, claims: [Claim], host: RunRecord.Host
  ) {
    (self.eluteVersion, self.source, self.data) = (eluteVersion, source, data)
    (self.latents, self.live, self.k, self.isSigned) = (latents, live, k, isSigned)
    (self.rows, self.pairs, self.fvu, self.l0) = (rows, pairs, fvu, l0)
    (self.certifiedRows, self.searchedRows) = (certifiedRows, searchedRows)
    (self.claims, self.host) = (claims, host)
  }

  enum CodingKeys: String, CodingKey {
    case schema, source, data, live, k, rows, pairs, fvu, l0, claims, host
    case eluteVersion = "elute_version"
    case latents = "d_sae"
    case isSigned = "signed_codes"
    case certifiedRows = "certified_rows"
    case searchedRows = "searched_rows"
  }

  /// A share estimated from some of the rows, with the exact interval of 95 % (Clopper and Pearson).
  public struct Estimate: Codable, Hashable, Sendable {
    /// The share, and the ends of its interval.
    public var value, low, high: Double
    /// The rows that it is estimated from.
    public var sample: Int

    /// An estimate of the values given.
    public init(value: Double, low: Double, high: Double, sample: Int) {
      (self.value, self.low, self.high, self.sample) = (value, low, high, sample)
    }
  }

  /// One claim, and what became of it.
  public struct Claim: Codable, Hashable, Sendable {
    /// What is claimed.
    public var id: ID
    /// The claim in words, with its numbers.
    public var statement: String
    /// What it is about.
    public var scope: Scope
    /// What became of it.
    public var finding: Finding
    /// What is left until it would be lost, or by how much it is; in the units of the statement.
    public var margin: Double?
    /// What refutes it, or comes nearest to that.
    public var witness: Witness?
    /// Why it is what it is, where that does not show.
    public var reason: String?
    /// What is taken for granted.
    public var assumptions: [String]
    /// Where the theorem or definition is from.
    public var source: String
    /// Numbers that belong to it.
    public var figures: [String: Double]

    /// A claim of the values given.
    public init(
      _ id: ID, _ statement: String, scope: Scope, finding: Finding, margin: Double? = nil,
      witness: Witness? = nil, reason: String? = nil, assumptions: [String] = [], source: String,
      figures: [String: Double] = [:]
    ) {
      (self.id, self.statement, self.scope, self.finding) = (id, statement, scope, finding)
      (self.margin, self.witness, self.reason) = (margin, witness, reason)
      (self.assumptions, self.source, self.figures) = (assumptions, source, figures)
    }
  }

  /// The claims there are.
  public enum ID: String, CaseIterable, Codable, Hashable, Sendable {
    /// Atoms have length one.
    case unitNorm = "unit-norm"
    /// No two atoms are nearly one.
    case distinctAtoms = "distinct-atoms"
    /// Codes of k atoms are determined by what they reconstruct.
    case uniquenessAtK = "uniqueness-at-k"
    /// Codes on the supports of two inputs are.
    case uniquenessObserved = "uniqueness-observed"
    /// Supports of 2k atoms are well-conditioned enough for recovery.
    case isometryAt2K = "rip-2k"
    /// The joint supports of two inputs are.
    case isometryObserved = "rip-observed"
    /// Pursuit finds every code of k atoms.
    case pursuitAtK = "omp-recovery-at-k"
    /// Another dictionary as good would be nearly the same.
    case nearIdentifiable = "near-identifiable"
    /// No atom could be another with every reconstruction and every support as it is.
    case noMultiplicity = "no-multiplicity"
    /// No latent fires only where another does.
    case noHierarchy = "no-hierarchy"
    /// No latent fires only where another does, so that codes could be smaller.
    case noNestedDescent = "no-nested-descent"
    /// Features of a known truth are not carried by other latents where their own are silent.
    case noAbsorption = "no-absorption"
    /// No signed direction is coded by two latents.
    case noDensePairs = "no-dense-pairs"
    /// Every row's code is the smallest with its reconstruction.
    case codesUnique = "codes-unique-per-input"
    /// Every row's code is the best on its own support.
    case codesRefit = "codes-refit"
    /// The error pushes no atom.
    case decoderStationary = "decoder-stationary"
    /// Nor the encoder.
    case encoderStationary = "encoder-stationary"
    /// Nor would two atoms that turn together.
    case noPairTurn = "no-pair-turn"
    /// Codes and atoms meet the conditions of an optimum with an L1 penalty.
    case firstOrder = "first-order"
    /// No larger dictionary would cost less.
    case wideOptimal = "wide-optimal"
    /// Atoms come back in other dictionaries of the same making.
    case replicates
  }

  /// What a claim is about.
  public enum Scope: String, Codable, Hashable, Sendable {
    /// The weights alone: whatever the input.
    case weights
    /// The rows that were looked at.
    case rows = "these rows"
    /// The distribution that the rows are drawn from.
    case distribution
  }

  /// What became of a claim: only what is deduced can be proved.
  public enum Finding: Hashable, Sendable {
    /// Deduced, with rounding paid for or far below the bound.
    case deductive(Deduction)
    /// Inferred at a level of confidence.
    case statistical(Inference, level: Double)
  }

  /// What is deduced.
  public enum Deduction: String, Codable, Hashable, Sendable {
    /// It holds.
    case proved
    /// It does not hold; there is a witness.
    case refuted
    /// Neither was shown.
    case inconclusive
    /// It is not a claim about such a dictionary.
    case notApplicable = "not-applicable"
  }

  /// What is inferred.
  public enum Inference: String, Codable, Hashable, Sendable {
    /// The data speak for it.
    case supported
    /// The data speak against it.
    case contradicted
    /// They do not tell.
    case inconclusive
  }

  /// What refutes a claim, or comes nearest to that.
  public struct Witness: Codable, Hashable, Sendable {
    /// What it is, in words.
    public var what: String
    /// Latents.
    public var latents: [Int]
    /// Rows of the data.
    public var rows: [Int]
    /// Its number.
    public var value: Double

    /// A witness of the values given.
    public init(_ what: String, latents: [Int] = [], rows: [Int] = [], value: Double) {
      (self.what, self.latents, self.rows, self.value) = (what, latents, rows, value)
    }
  }
}

extension CertificateRecord.Finding: Codable {
  private enum Keys: String, CodingKey {
    case kind, verdict, level
  }

  /// The verdict as it is written.
  public var verdict: String {
    switch self {
    case .deductive(let deduction): deduction.rawValue
    case .statistical(let inference, _): inference.rawValue
    }
  }

  /// A finding as `encode(to:)` writes it.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Keys.self)
    switch try values.decode(String.self, forKey: .kind) {
    case "deductive":
      self = .deductive(try values.decode(CertificateRecord.Deduction.self, forKey: .verdict))
    case "statistical":
      self = .statistical(
        try values.decode(CertificateRecord.Inference.self, forKey: .verdict),
        level: try values.decode(Double.self, forKey: .level))
    case let other:
      throw DecodingError.dataCorruptedError(
        forKey: .kind, in: values,
        debugDescription: "'\(other)' is neither deductive nor statistical")
    }
  }

  /// Writes `kind`, `verdict`, and the level of what is inferred.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Keys.self)
    switch self {
    case .deductive(let deduction):
      try values.encode("deductive", forKey: .kind)
      try values.encode(deduction, forKey: .verdict)
    case .statistical(let inference, let level):
      try values.encode("statistical", forKey: .kind)
      try values.encode(inference, forKey: .verdict)
      try values.encode(level, forKey: .level)
    }
  }
}
