/// What a consensus dictionary was made of, and what it is worth beside its baselines.
///
/// Written as `consensus.json` beside the dictionary.
public struct ConsensusRecord: Codable, Hashable, Sendable {
  /// The version of this layout; a reader refuses any other.
  public static let currentSchema = 1

  /// The version of this layout.
  public var schema = ConsensusRecord.currentSchema
  /// Elute's version that made it.
  public var eluteVersion: String
  /// The dictionaries that it was made of.
  public var sources: [Source]
  /// What they were trained on, and the consensus was refit on.
  public var data: RunRecord.Data
  /// How it was made.
  public var settings: Settings
  /// Whether cosines count with their sign: `signed` or `absolute`.
  public var convention: String
  /// How live atoms were found: `record` or `all`.
  public var liveness: String
  /// Held-out rows on which atoms were chosen, and others on which everything was measured.
  public var choosingRows, measuredRows: Int
  /// How many clusters have one member, two members and so on, `[sources]`.
  public var clustersByMembers: [Int]
  /// The clusters of enough members, from which those that are kept were chosen.
  public var qualified: Int
  /// For each atom of the consensus the number of sources that have it, `[d_sae]`.
  public var members: [Int]
  /// The mean cosine of the consensus' atoms to the centers that they were refit from.
  public var refitCosine: Double
  /// The dictionaries that were held out, on which atoms should recur.
  public var judges: [String]
  /// The share of the consensus' atoms of so many members that recur in a held-out dictionary, mean over
  /// those; absent where no atom has so many members, and without judges.
  public var replicationByMembers: [Double?]?
  /// The consensus, then what it is compared with, at most as large and refit alike.
  public var candidates: [Candidate]
  /// The machine; not part of the result.
  public var host: RunRecord.Host

  /// A record of the parts given.
  public init(
    eluteVersion: String, sources: [Source], data: RunRecord.Data, settings: Settings,
    convention: String, liveness: String, choosingRows: Int, measuredRows: Int,
    clustersByMembers: [Int], qualified: Int, members: [Int], refitCosine: Double,
    judges: [String], replicationByMembers: [Double?]?, candidates: [Candidate],
    host: RunRecord.Host
  ) {
    self.eluteVersion = eluteVersion
    self.sources = sources
    self.data = data
    self.settings = settings
    self.convention = convention
    self.liveness = liveness
    self.choosingRows = choosingRows
    self.measuredRows = measuredRows
    self.clustersByMembers = clustersByMembers
    self.qualified = qualified
    self.members = members
    self.refitCosine = refitCosine
    self.judges = judges
    self.replicationByMembers = replicationByMembers
    self.candidates = candidates
    self.host = host
  }

  enum CodingKeys: String, CodingKey {
    case schema, sources, data, settings, convention, liveness, qualified, members, judges,
      candidates, host
    case eluteVersion = "elute_version"
    case choosingRows = "choosing_rows"
    case measuredRows = "measured_rows"
    case clustersByMembers = "clusters_by_members"
    case refitCosine = "refit_cosine"
    case replicationByMembers = "replication_by_members"
  }

  /// How a consensus was made.
  public struct Settings: Codable, Hashable, Sendable {
    /// How many sources an atom must recur in.
    public var atLeast: Int
    /// The cosine from which on two atoms are one.
    public var tau: Double
    /// The latents that were asked for.
    public var dSae: Int
    /// The steps of the refit, and its peak learning rate.
    public var refitSteps: Int
    /// The peak learning rate of the refit, which falls to zero.
    public var refitLr: Double
    /// Whether the atoms stayed as they were in it.
    public var keepAtoms: Bool
    /// The activation rule, and the active latents a row where it says how many.
    public var activation: String
    /// Active latents a row.
    public var k: Int?

    /// Settings of the values given.
    public init(
      atLeast: Int, tau: Double, dSae: Int, refitSteps: Int, refitLr: Double, keepAtoms: Bool,
      activation: String, k: Int?
    ) {
      self.atLeast = atLeast
      self.tau = tau
      self.dSae = dSae
      self.refitSteps = refitSteps
      self.refitLr = refitLr
      self.keepAtoms = keepAtoms
      self.activation = activation
      self.k = k
    }

    enum CodingKeys: String, CodingKey {
      case tau, activation, k
      case atLeast = "at_least"
      case keepAtoms = "keep_atoms"
      case dSae = "d_sae"
      case refitSteps = "refit_steps"
      case refitLr = "refit_lr"
    }
  }

  /// A dictionary that the consensus was made of, as it is.
  public struct Source: Codable, Hashable, Sendable {
    /// Its name, as the user wrote it.
    public var name: String
    /// Its latents, and those that are live.
    public var dSae, liveAtoms: Int
    /// Its measures on the rows that all candidates were measured on.
    public var fvu, l0: Double

    /// A source of the values given.
    public init(name: String, dSae: Int, liveAtoms: Int, fvu: Double, l0: Double) {
      self.name = name
      self.dSae = dSae
      self.liveAtoms = liveAtoms
      self.fvu = fvu
      self.l0 = l0
    }

    enum CodingKeys: String, CodingKey {
      case name, fvu, l0
      case dSae = "d_sae"
      case liveAtoms = "live_atoms"
    }
  }

  /// A dictionary of the consensus' size at most, or the mean over some.
  public struct Candidate: Codable, Hashable, Sendable {
    /// What a candidate is.
    public enum Kind: String, Codable, Hashable, Sendable {
      /// The consensus itself.
      case consensus
      /// Of each of its clusters the member that is nearest to the center: what averaging is worth.
      case members
      /// Clusters of any number of members, by energy: what recurring is worth.
      case distinctUnion = "distinct_union"
      /// The latents of all sources, by energy.
      case union
      /// Each source's latents, by energy.
      case seeds
      /// A dictionary that the user named.
      case baseline
    }

    /// What it is.
    public var kind: Kind
    /// The name of a baseline, as the user wrote it; else that of the kind.
    public var name: String
    /// How many dictionaries its values are means of.
    public var dictionaries: Int
    /// Its latents.
    public var atoms: Double
    /// The fraction of variance unexplained as it was put together.
    public var fvuBeforeRefit: Double
    /// The same after the refit.
    public var fvu: Double
    /// The mean number of active latents a row, after the refit.
    public var l0: Double
    /// How it agrees with the judges, if there are any.
    public var agreement: Agreement?

    /// A candidate of the values given.
    public init(
      kind: Kind, name: String, dictionaries: Int, atoms: Double, fvuBeforeRefit: Double,
      fvu: Double, l0: Double, agreement: Agreement?
    ) {
      self.kind = kind
      self.name = name
      self.dictionaries = dictionaries
      self.atoms = atoms
      self.fvuBeforeRefit = fvuBeforeRefit
      self.fvu = fvu
      self.l0 = l0
      self.agreement = agreement
    }

    enum CodingKeys: String, CodingKey {
      case kind, name, dictionaries, atoms, fvu, l0, agreement
      case fvuBeforeRefit = "fvu_before_refit"
    }
  }

  /// How a dictionary agrees with dictionaries that were held out.
  public struct Agreement: Codable, Hashable, Sendable {
    /// The share of its atoms that recur, in each judge.
    public var replications: [Double]
    /// Their mean.
    public var replication: Double
    /// Its 95 % interval over judges; absent for one.
    public var interval: [Double]?
    /// By how much more the consensus' atoms recur, mean over judges; absent for the consensus itself.
    public var lead: Double?
    /// Its 95 % interval over judges, on each of which both were judged.
    public var leadInterval: [Double]?
    /// What the share would be by chance, at most.
    public var chance: Double
    /// The mean best cosine, mean over judges.
    public var mmcs: Double
    /// The same of random atoms.
    public var nullMmcs: Double
    /// The mean best cosine on the scale on which chance is 0 and equality 1.
    public var kappa: Double

    /// An agreement of the values given.
    public init(
      replications: [Double], replication: Double, interval: [Double]?, chance: Double,
      mmcs: Double, nullMmcs: Double, kappa: Double
    ) {
      self.replications = replications
      self.replication = replication
      self.interval = interval
      self.chance = chance
      self.mmcs = mmcs
      self.nullMmcs = nullMmcs
      self.kappa = kappa
    }

    enum CodingKeys: String, CodingKey {
      case replications, replication, interval, lead, chance, mmcs, kappa
      case leadInterval = "lead_interval"
      case nullMmcs = "null_mmcs"
    }
  }
}
