public import SparseCoding

/// How it is decided whether atoms come back.
public struct ReplicationSettings: Hashable, Sendable {
  /// The least cosine of a replication, τ.
  public var threshold: Float
  /// In how many of the other dictionaries an atom has to be for the claim that p-values judge; `nil`: in more
  /// than half of them.
  public var atLeast: Int?
  /// The law of the null's atoms; see `AtomReplication` on why it is not that of `AgreementNull`.
  public var law: AtomLaw
  /// The seed of the null's draws.
  public var seed: UInt64
  /// Draws of the null for each other dictionary: p-values are multiples of about `1 / (draws · K)`.
  public var draws: Int

  /// Settings, by default those of the command.
  public init(
    threshold: Float = SharedLatents.standardThreshold, atLeast: Int? = nil,
    law: AtomLaw = .matchedSecondMoment, seed: UInt64 = 0, draws: Int = 20
  ) {
    self.threshold = threshold
    self.atLeast = atLeast
    self.law = law
    self.seed = seed
    self.draws = draws
  }

  /// What `atLeast` means among a number of other dictionaries.
  public func required(of others: Int) -> Int { atLeast ?? others / 2 + 1 }
}

/// Which live atoms of one dictionary the others have too.
///
/// Two questions, of each atom `a` and other dictionaries `D_1 ... D_n`:
///
///     is it there beyond chance?  s_j = best cosine of a in D_j,  p_j = (1 + #{null >= s_j}) / (1 + R)
///                                 p = min(1, (n - M + 1) p_(M)),  q = Benjamini-Yekutieli of p over live atoms
///     how often does it come back?  r = #{j : a and its best match are mutual best matches, s_j >= τ}
///
/// `p` is the partial conjunction "in at least M of n"; `r` has the exact interval of `ClopperPearson`, for given
/// the atom's own dictionary the others are independent trials. The null cosines are those of `draws` pairs of
/// random dictionaries, pooled, with the law and the live counts of the pair.
///
/// By default the law is `matchedSecondMoment`. Draws of `decoderSecondMoment` agree less than two independent
/// dictionaries of one law do, so its p-values are too small. Of two independent dictionaries of 1,024 atoms at
/// width 128 (60 pairs for each law of the singular values):
///
///     singular values           i^-0.3        i^-0.6        i^-0.9
///     null                      own  matched  own  matched  own  matched
///     atoms with p <= 0.05      7 %  5 %      15 % 5 %      24 % 5 %
///     pairs with any q <= 0.05,
///       Benjamini-Hochberg      18 % 15 %     92 % 8 %      100 % 7 %
///       Benjamini-Yekutieli     0    0        0    0        57 % 0
///
/// All discoveries are false here, so the last two lines are false discovery rates: only the matched null with
/// Benjamini-Yekutieli holds 5 %. Fisher's combination, which takes the p-values of one atom for independent,
/// has discoveries in at least 98 % of fours of such dictionaries by Benjamini-Hochberg, Bonferroni's in none.
///
/// The price is that a single atom cannot be a discovery: with `draws` of 20 about `(n - M + 1)(1 + 1/2 + ... + 1/K)`
/// atoms must have matches above all of the null's before any of them is one. More draws lower that.
///
/// - Complexity: For each other dictionary `draws + 1` best matches both ways, and once O(live × width² + width³)
///   for the law.
/// - Source: Phipson and Smyth 2010 for p-values by draws; Benjamini and Heller 2008 for the conjunction.
/// - Elsewhere: Paulo and Belrose 2025 call a latent shared by a threshold alone (`SharedLatents`); no tool prints
///   p-values or intervals of single atoms.
public struct AtomReplication: Hashable, Sendable {
  /// The live atoms, by latent.
  public let atoms: [Atom]
  /// The number of other dictionaries, n.
  public let others: Int
  /// The number of them that a p-value claims, M.
  public let required: Int
  /// Of each of the others the share of atoms that come back in it.
  public let shares: [Double]
  /// For every r from 0 to n the share of atoms with r replications if each other dictionary had them by chance alone,
  /// independently.
  public let chance: [Double]
  /// The mean best cosine of the null in the first of the others, and what 95 % of its cosines are below.
  public let nullCosine, nullCosine95: Double

  /// An atom and what became of it.
  public struct Atom: Hashable, Sendable {
    /// Its latent.
    public let latent: Int
    /// The latent of its best match in the first of the others.
    public let bestMatch: Int
    /// The cosine of the two.
    public let cosine: Float
    /// Whether it is that atom's best match too, at whatever cosine.
    public let isMutual: Bool
    /// The chance of so good matches in `required` of the others, and the same with regard to all atoms tested.
    public let pValue, qValue: Double
    /// In how many of the others it came back.
    public let replications: Int
  }

  /// The replication of a dictionary's live atoms in others.
  ///
  /// - Throws: If widths differ.
  /// - Precondition: At least one other; a requirement that they can meet; at least one draw.
  public init(
    of first: UnitAtoms, in others: [UnitAtoms], convention: CosineConvention,
    settings: ReplicationSettings = .init(), on compute: Compute
  ) throws(MetricError) {
    let required = settings.required(of: others.count)
    precondition(
      (1...max(1, others.count)).contains(required) && !others.isEmpty,
      "a claim on \(required) of \(others.count) dictionaries")
    let count = first.live.rows
    var pValues = [[Double]](repeating: [], count: count)
    var replications = [Int](repeating: 0, count: count)
    var shares: [Double] = []
    var chance = [1.0]
    var nearest: MutualMatches?
    var nullCosines: [Float] = []
    for (position, other) in others.enumerated() {
      let pair = try DictionaryPair(first, other, convention: convention)
      let matches = pair.bestMatches(on: compute)
      let null = AgreementNull(
        for: pair, law: settings.law, seed: settings.seed &+ UInt64(position + 1) << 16,
        draws: NullDraws(bestMatch: settings.draws, oneToOne: 0), on: compute)
      let isMutual = matches.isMutual
      var returned = 0
      for (atom, cosine) in matches.firstInSecond.cosines.enumerated() {
        pValues[atom].append(null.pValue(ofFirst: cosine))
        guard isMutual[atom], cosine >= settings.threshold else { continue }
        replications[atom] += 1
        returned += 1
      }
      shares.append(Double(returned) / Double(max(count, 1)))
      chance = Self.oneMore(chance, null.mutualShare(atLeast: settings.threshold))
      guard position == 0 else { continue }
      nearest = matches
      nullCosines = null.bestCosinesOfFirst
    }
    let p = pValues.map { partialConjunction($0, atLeast: required) }
    let q = benjaminiYekutieli(p)
    let partners = nearest?.firstInSecond.partners ?? []
    let cosines = nearest?.firstInSecond.cosines ?? []
    let isMutual = nearest?.isMutual ?? []
    atoms = (0..<count).map { atom in
      Atom(
        latent: first.liveLatents[atom], bestMatch: others[0].liveLatents[partners[atom]],
        cosine: cosines[atom], isMutual: isMutual[atom], pValue: p[atom], qValue: q[atom],
        replications: replications[atom])
    }
    self.others = others.count
    self.required = required
    self.chance = chance
    self.shares = shares
    nullCosine = nullCosines.reduce(0.0) { $0 + Double($1) } / Double(nullCosines.count)
    nullCosine95 = Double(nullCosines[min(nullCosines.count - 1, nullCosines.count * 19 / 20)])
  }

  /// The law of a number of successes after one more trial of a chance.
  private static func oneMore(_ law: [Double], _ chance: Double) -> [Double] {
    (0...law.count).map { count in
      (count < law.count ? law[count] * (1 - chance) : 0)
        + (count > 0 ? law[count - 1] * chance : 0)
    }
  }
}
