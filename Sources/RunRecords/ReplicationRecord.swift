/// Which atoms of the first of several dictionaries the others have too.
public struct ReplicationRecord: Codable, Hashable, Sendable {
  /// What was compared, as the user named it; the atoms are those of the first.
  public var dictionaries: [String]
  /// The least cosine of a replication.
  public var tau: Float
  /// In how many of the other dictionaries an atom is, as p-values claim.
  public var atLeast: Int
  /// The law of the null's atoms.
  public var null: String
  /// The pairs of dictionaries that were drawn for each other dictionary.
  public var nullDraws: Int
  /// The mean best cosine of the null in the second dictionary, and what 95 % of its cosines are below.
  public var nullCosine, nullCosine95: Double
  /// For every number of other dictionaries, from 0, the share of atoms that come back in as many by chance alone.
  public var chance: [Double]
  /// How the live atoms were found: `data`, `record` or `all`.
  public var liveness: String
  /// The live atoms of the first dictionary, by latent.
  public var atoms: [AtomRecord]

  /// A record of the values given.
  public init(
    dictionaries: [String], tau: Float, atLeast: Int, null: String, nullDraws: Int,
    nullCosine: Double, nullCosine95: Double, chance: [Double], liveness: String,
    atoms: [AtomRecord]
  ) {
    self.dictionaries = dictionaries
    self.tau = tau
    self.atLeast = atLeast
    self.null = null
    self.nullDraws = nullDraws
    self.nullCosine = nullCosine
    self.nullCosine95 = nullCosine95
    self.chance = chance
    self.liveness = liveness
    self.atoms = atoms
  }

  enum CodingKeys: String, CodingKey {
    case dictionaries, tau, null, chance, liveness, atoms
    case atLeast = "at_least"
    case nullDraws = "null_draws"
    case nullCosine = "null_cosine"
    case nullCosine95 = "null_cosine_95"
  }
}

extension ReplicationRecord {
  /// The number of other dictionaries.
  public var others: Int { max(0, dictionaries.count - 1) }

  /// For every number of other dictionaries, from 0, how many atoms came back in as many.
  public var counts: [Int] {
    var counts = [Int](repeating: 0, count: others + 1)
    for atom in atoms where counts.indices.contains(atom.replications) {
      counts[atom.replications] += 1
    }
    return counts
  }

  /// How many atoms the others have beyond chance, at a false discovery rate.
  public func discoveries(atRate rate: Double = 0.05) -> Int { atoms.count { $0.qValue <= rate } }
}

/// One atom of the first dictionary, and what became of it in the others.
public struct AtomRecord: Codable, Hashable, Sendable {
  /// Its latent in the first dictionary.
  public var atom: Int
  /// The latent of its best match in the second dictionary.
  public var bestMatch: Int
  /// Their cosine, with or without its sign as the comparison's convention has it.
  public var cosine: Float
  /// The chance of so good matches in at least as many of the others as the record says.
  public var pValue: Double
  /// The false discovery rate at which the atom is among the discoveries, by Benjamini and Yekutieli.
  public var qValue: Double
  /// In how many of the others it is a mutual best match of at least `tau`.
  public var replications: Int
  /// The number of others.
  public var trials: Int
  /// The exact 95 % interval of the chance that another such dictionary has it.
  public var low, high: Double
  /// The fraction of rows on which its latent is active, where it is known.
  public var density: Double?
  /// Whether it is the best match of its best match in the second dictionary.
  public var mutual: Bool
  /// The rows that activate it most, strongest first; a table of atoms has none.
  public var topInputs: [LatentRecord.Input] = []

  /// An atom of the values given.
  public init(
    atom: Int, bestMatch: Int, cosine: Float, pValue: Double, qValue: Double, replications: Int,
    trials: Int, low: Double, high: Double, density: Double?, mutual: Bool
  ) {
    self.atom = atom
    self.bestMatch = bestMatch
    self.cosine = cosine
    self.pValue = pValue
    self.qValue = qValue
    self.replications = replications
    self.trials = trials
    self.low = low
    self.high = high
    self.density = density
    self.mutual = mutual
  }

  enum CodingKeys: String, CodingKey {
    case atom, cosine, replications, trials, low, high, density, mutual
    case bestMatch = "best_match"
    case pValue = "p_value"
    case qValue = "q_value"
    case topInputs = "top_inputs"
  }
}
