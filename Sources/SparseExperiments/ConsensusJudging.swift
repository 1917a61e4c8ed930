import DictionaryMetrics
import RunRecords
import SparseCoding

/// Dictionaries that were held out, on which atoms should recur.
struct ConsensusJudges {
  private let atoms: [UnitAtoms]
  private let convention: CosineConvention
  private let tau: Float
  private let compute: Compute

  init(
    _ dictionaries: [NamedDictionary], convention: CosineConvention, tau: Double, compute: Compute
  ) throws {
    atoms =
      try dictionaries.isEmpty
      ? [] : liveAtoms(of: dictionaries, options: ComparisonOptions(), compute: compute).atoms
    self.convention = convention
    self.tau = Float(tau)
    self.compute = compute
  }

  /// What one dictionary has in common with each judge.
  struct Verdict {
    /// For each judge and each atom, whether it recurs: a mutual best match at the threshold.
    fileprivate(set) var recurs: [[Bool]] = []
    fileprivate var mmcs: [Double] = []
    fileprivate var null: [Double] = []
    fileprivate var chance: [Double] = []

    /// The share of some atoms that recur, mean over judges; `nil` without such atoms.
    func replication(of places: [Int]) -> Double? {
      guard !places.isEmpty, !recurs.isEmpty else { return nil }
      let shares = recurs.map { judge in Double(places.count { judge[$0] }) / Double(places.count) }
      return shares.reduce(0, +) / Double(shares.count)
    }
  }

  /// Judges all atoms of a dictionary, each dictionary of judges at its live ones.
  ///
  /// - Complexity: for each judge that of best matches, five times with the null.
  func verdict(on coder: SparseCoder, name: String) throws -> Verdict {
    let own = try UnitAtoms(coder.decoder, name: name)
    var verdict = Verdict()
    for (place, judge) in atoms.enumerated() {
      let pair = try DictionaryPair(own, judge, convention: convention)
      let matches = pair.bestMatches(on: compute)
      var recurs = [Bool](repeating: false, count: coder.latents)
      for match in matches.mutual(atLeast: tau) { recurs[own.liveLatents[match.first]] = true }
      let null = AgreementNull(
        for: pair, seed: UInt64(place), draws: NullDraws(bestMatch: 4, oneToOne: 0), on: compute)
      verdict.recurs.append(recurs)
      verdict.mmcs.append(matches.mmcs)
      verdict.null.append(null.mmcs.mean)
      verdict.chance.append(null.pValue(ofFirst: tau))
    }
    return verdict
  }

  /// The agreement that verdicts amount to, each judge's values being means over them; `nil` without judges.
  ///
  /// The interval is that of a mean over judges: it is conditional on the dictionaries that are judged, on
  /// one network and one data set.
  func agreement(_ verdicts: [Verdict]) -> ConsensusRecord.Agreement? {
    guard !atoms.isEmpty, !verdicts.isEmpty else { return nil }
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    let replications = atoms.indices.map { judge in
      mean(
        verdicts.map { Double($0.recurs[judge].count { $0 }) / Double($0.recurs[judge].count) })
    }
    let kappas = verdicts.flatMap { verdict in
      zip(verdict.mmcs, verdict.null).map { kappa(of: $0, null: $1) }
    }
    return .init(
      replications: replications, replication: mean(replications),
      interval: meanInterval(of: replications).map { [$0.low, $0.high] },
      chance: mean(verdicts.flatMap(\.chance)), mmcs: mean(verdicts.flatMap(\.mmcs)),
      nullMmcs: mean(verdicts.flatMap(\.null)), kappa: mean(kappas))
  }
}

extension ConsensusRecord.Agreement {
  /// Fills in the lead of the consensus: judges differ in how much recurs in them, and both were judged by
  /// each.
  mutating func compare(with consensus: Self) {
    let leads = zip(consensus.replications, replications).map { $0 - $1 }
    lead = leads.reduce(0, +) / Double(leads.count)
    leadInterval = meanInterval(of: leads).map { [$0.low, $0.high] }
  }
}
