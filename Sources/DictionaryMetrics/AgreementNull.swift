public import SparseCoding

/// What `mmcs` and `dcs` of two dictionaries would be for independent random atoms, by simulation.
///
///     for each draw: A' of live_A atoms of A's law, B' of live_B atoms of B's law, independent
///     null mmcs = mean of mmcs(A', B'),   null dcs = mean of dcs(A', B')
///
/// Convention and live counts are those of the pair, so each dictionary is searched at its own size. The
/// one-to-one null is always below the best-match null: each belongs to its own statistic.
///
/// Every number is a function of the pair, the law, the draws and the seed alone.
///
/// - Complexity: Once for each dictionary O(live × width² + width³) for its law; a best-match draw costs
///   what the best matches of the pair do; a one-to-one draw is a `OneToOneMatching`. At (128, 1,024) with
///   the standard draws well under a second for both.
/// - Source: parametric bootstrap of the atoms; see `AtomLaw` for what is drawn.
/// - Elsewhere: HUSAI draws isotropic dictionaries and reports best matches only; SAELens,
///   dictionary_learning, sparsify, overcomplete and openai print no null.
public struct AgreementNull: Hashable, Sendable {
  /// The law of the atoms drawn.
  public let law: AtomLaw
  /// The null of `mmcs`.
  public let mmcs: NullStatistic
  /// The null of `dcs`; `nil` if no one-to-one draws were asked for.
  public let dcs: NullStatistic?
  /// Best cosines of atoms of the first's law among draws of the second's, of all draws, ascending.
  public let bestCosinesOfFirst: [Float]
  /// Best cosines of atoms of the second's law among draws of the first's, of all draws, ascending.
  public let bestCosinesOfSecond: [Float]
  /// Those of the first's best cosines that are mutual best matches, of all draws, ascending.
  public let mutualCosines: [Float]

  /// The null of a pair.
  ///
  /// - Parameter moments: Those of the first's and the second's live atoms, where they are known.
  /// - Precondition: At least one best-match draw, and no more one-to-one draws than those.
  public init(
    for pair: DictionaryPair, law: AtomLaw = .decoderSecondMoment,
    moments: (first: AtomMoment, second: AtomMoment)? = nil, seed: UInt64,
    draws: NullDraws? = nil, on compute: Compute
  ) {
    let first =
      moments.map { RandomAtoms(law, $0.first) } ?? RandomAtoms(law, like: pair.first, on: compute)
    let second =
      moments.map { RandomAtoms(law, $0.second) }
      ?? RandomAtoms(law, like: pair.second, on: compute)
    self.init(
      law, Side(atoms: first, count: pair.first.live.rows),
      Side(atoms: second, count: pair.second.live.rows), pair.convention, seed, draws, on: compute)
  }

  /// The isotropic null of two numbers of atoms; for `mmcs` alone `IsotropicNull` is exact.
  ///
  /// - Precondition: Width and numbers are positive; draws as above.
  public init(
    isotropicOfWidth width: Int, first: Int, second: Int, convention: CosineConvention,
    seed: UInt64, draws: NullDraws? = nil, on compute: Compute
  ) {
    precondition(
      width > 0 && first > 0 && second > 0, "no null of \(first) and \(second) atoms of \(width)")
    let atoms = RandomAtoms(isotropicOfWidth: width)
    self.init(
      .isotropic, Side(atoms: atoms, count: first), Side(atoms: atoms, count: second), convention,
      seed, draws, on: compute)
  }

  /// The chance that an atom of the first's law has so good a match among the second's.
  ///
  ///     p = (1 + #{null >= cosine}) / (1 + R),   R = the number of pooled null cosines
  ///
  /// Atoms share the dictionary that is searched, so p-values of one pair are dependent.
  ///
  /// - Complexity: O(log R).
  public func pValue(ofFirst cosine: Float) -> Double {
    Self.pValue(of: cosine, among: bestCosinesOfFirst)
  }

  /// The chance that an atom of the second's law has so good a match among the first's; see above.
  public func pValue(ofSecond cosine: Float) -> Double {
    Self.pValue(of: cosine, among: bestCosinesOfSecond)
  }

  /// The share of the first's atoms that are mutual best matches of at least a cosine by chance alone.
  ///
  /// - Complexity: O(log R).
  public func mutualShare(atLeast cosine: Float) -> Double {
    Double(Self.count(atLeast: cosine, in: mutualCosines)) / Double(bestCosinesOfFirst.count)
  }

  private struct Side {
    var atoms: RandomAtoms
    var count: Int
  }

  private init(
    _ law: AtomLaw, _ first: Side, _ second: Side, _ convention: CosineConvention, _ seed: UInt64,
    _ draws: NullDraws?, on compute: Compute
  ) {
    let draws = draws ?? .standard(atoms: max(first.count, second.count))
    precondition(
      draws.bestMatch > 0 && (0...draws.bestMatch).contains(draws.oneToOne),
      "\(draws.bestMatch) best-match and \(draws.oneToOne) one-to-one draws")
    var means: [Double] = []
    var pooled: (first: [Float], second: [Float], mutual: [Float]) = ([], [], [])
    var cosines: [Matrix] = []
    var matched: [Double] = []
    for draw in 0..<draws.bestMatch {
      func atoms(_ side: Side, _ name: String) -> Matrix {
        side.atoms.draw(
          side.count, seed: seed, name: "null/\(law.rawValue)/\(name)/\(draw)", on: compute)
      }
      let (a, b) = (atoms(first, "first"), atoms(second, "second"))
      let matches = MutualMatches(a, b, convention, on: compute)
      means.append(matches.mmcs)
      pooled.first += matches.firstInSecond.cosines
      pooled.second += matches.secondInFirst.cosines
      pooled.mutual += zip(matches.firstInSecond.cosines, matches.isMutual).filter(\.1).map(\.0)
      if draw < draws.oneToOne, a.rows * b.rows > OneToOneMatching.densePairs {
        matched.append(OneToOneMatching(a, b, convention, on: compute).dcs)
      } else if draw < draws.oneToOne {
        cosines.append(OneToOneMatching.similarities(a, b, convention, on: compute))
        // An assignment runs on one thread, so as many run at once as there are.
        if cosines.count == compute.pool.threads || draw == draws.oneToOne - 1 {
          matched += Self.matchedMeans(cosines, on: compute.pool)
          cosines.removeAll()
        }
      }
    }
    self.law = law
    mmcs = NullStatistic(of: means)
    dcs = matched.isEmpty ? nil : NullStatistic(of: matched)
    bestCosinesOfFirst = pooled.first.sorted()
    bestCosinesOfSecond = pooled.second.sorted()
    mutualCosines = pooled.mutual.sorted()
  }

  private static func matchedMeans(_ cosines: [Matrix], on pool: ThreadPool) -> [Double] {
    var means = [Double](repeating: 0, count: cosines.count)
    means.withUnsafeMutableBufferPointer { means in
      nonisolated(unsafe) let means = means
      pool.run(units: cosines.count) { unit, _ in means[unit] = OneToOneMatching(cosines[unit]).dcs
      }
    }
    return means
  }

  private static func pValue(of cosine: Float, among ascending: [Float]) -> Double {
    Double(1 + count(atLeast: cosine, in: ascending)) / Double(1 + ascending.count)
  }

  private static func count(atLeast cosine: Float, in ascending: [Float]) -> Int {
    var low = 0
    var high = ascending.count
    while low < high {
      let middle = (low + high) / 2
      if ascending[middle] < cosine { low = middle + 1 } else { high = middle }
    }
    return ascending.count - low
  }
}

extension DictionaryPair {
  /// What `mmcs` would be if the first dictionary is as it is and the second drawn from its law.
  ///
  /// The question of an onset: does the second know of the first?
  ///
  /// - Complexity: Once O(live × width² + width³); a draw costs what the best matches of the pair do.
  /// - Precondition: At least one draw.
  public func mmcsWithDrawnSecond(
    law: AtomLaw = .decoderSecondMoment, seed: UInt64, draws: Int, on compute: Compute
  ) -> NullStatistic {
    let atoms = RandomAtoms(law, like: second, on: compute)
    return NullStatistic(
      of: (0..<draws).map { draw in
        let drawn = atoms.draw(
          second.live.rows, seed: seed, name: "null/second alone/\(draw)", on: compute)
        return MutualMatches(first.live, drawn, convention, on: compute).mmcs
      })
  }
}

/// A statistic under a null: its mean and spread over independent draws.
public struct NullStatistic: Hashable, Sendable {
  /// The mean over draws, `s0` of kappa.
  public let mean: Double
  /// The standard deviation over draws (with `draws - 1`); 0 for a single draw.
  public let standardDeviation: Double
  /// The number of draws.
  public let draws: Int

  /// The statistic of several draws.
  ///
  /// - Precondition: There is at least one.
  public init(of values: [Double]) {
    precondition(!values.isEmpty, "a null needs a draw")
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.mean = mean
    standardDeviation = (squares / Double(max(1, values.count - 1))).squareRoot()
    draws = values.count
  }

  /// The standard error of the mean.
  public var standardError: Double { standardDeviation / Double(draws).squareRoot() }
}

/// How many pairs of random dictionaries a null draws.
public struct NullDraws: Hashable, Sendable {
  /// Draws of the best match; 20 give a per-atom test its `R >= 20 K` null cosines.
  public var bestMatch: Int
  /// Draws of the one-to-one match, the first of the same.
  public var oneToOne: Int

  /// Given numbers of draws.
  public init(bestMatch: Int, oneToOne: Int) {
    self.bestMatch = bestMatch
    self.oneToOne = oneToOne
  }

  /// The default: 20 best-match draws, beyond 4,096 atoms 4 and beyond 8,192 one; one-to-one 20 up to 256
  /// atoms, 4 up to 2,048, 2 up to 8,192, then one.
  ///
  /// One draw's `mmcs` or `dcs` has a standard deviation near 0.004 at 64 atoms, 0.0009 at 1,024 and
  /// 0.0004 at 4,096, so the null's standard error stays below 0.001. A per-atom test beyond 4,096 atoms
  /// needs more draws than these.
  public static func standard(atoms: Int) -> NullDraws {
    NullDraws(
      bestMatch: atoms <= 4096 ? 20 : atoms <= 8192 ? 4 : 1,
      oneToOne: atoms <= 256 ? 20 : atoms <= 2048 ? 4 : atoms <= 8192 ? 2 : 1)
  }
}
