import DictionaryMetrics
import RunRecords
import SparseCoding

/// Compares pairs of dictionaries, each statistic beside its null.
///
/// Beyond `drawnOnce` live atoms a one-to-one matching takes seconds: the costly nulls are then drawn once for
/// all pairs whose live counts are within 2 % of each other.
struct PairComparer {
  let options: ComparisonOptions
  let compute: Compute
  /// The moment of each dictionary's live atoms.
  private let moments: [AtomMoment]
  private let drawnOnce: Int
  /// What was drawn for the last wide pair.
  private var drawn: CostlyNulls?

  /// Nulls that take a matching, or an integral for each direction.
  private struct CostlyNulls {
    /// The live atoms of the pair that they were drawn for.
    var live: (first: Int, second: Int)
    var dcs: NullStatistic?
    var isotropicDcs: Double
    var sharedFraction: Double?
    var matchedMmcs: Double

    /// Whether they are those of a pair of about so many live atoms.
    func hold(for first: Int, _ second: Int) -> Bool {
      func isNear(_ a: Int, _ b: Int) -> Bool { abs(a - b) * 50 <= max(a, b) }
      return isNear(live.first, first) && isNear(live.second, second)
    }
  }

  init(
    of atoms: [UnitAtoms], options: ComparisonOptions, drawnOnce: Int = 8192, compute: Compute
  ) {
    moments = atoms.map { AtomMoment(of: $0, on: compute) }
    self.options = options
    self.drawnOnce = drawnOnce
    self.compute = compute
  }

  /// What is measured of a pair.
  mutating func record(
    of pair: DictionaryPair, _ matching: OneToOneMatching, _ first: (Int, NamedDictionary),
    _ second: (Int, NamedDictionary), shared: Shared
  ) throws -> PairRecord {
    // Every pair draws its own null, or the pairs' nulls would err together.
    let seed = options.seed &+ UInt64(first.0) << 32 &+ UInt64(second.0) << 16
    let (liveFirst, liveSecond) = (pair.first.live.rows, pair.second.live.rows)
    let isWide = max(liveFirst, liveSecond) > drawnOnce
    let encoders = try encoders(first.1, second.1, like: pair)
    let known = isWide ? drawn.flatMap { $0.hold(for: liveFirst, liveSecond) ? $0 : nil } : nil
    var draws = NullDraws.standard(atoms: max(liveFirst, liveSecond))
    if known != nil { draws.oneToOne = 0 }
    let moments = (moments[first.0], moments[second.0])
    let null = AgreementNull(
      for: pair, law: options.law, moments: moments, seed: seed, draws: draws, on: compute)
    func mmcsNull(_ law: AtomLaw) -> Double {
      if law == options.law { return null.mmcs.mean }
      return AgreementNull(
        for: pair, law: law, moments: moments, seed: seed,
        draws: NullDraws(bestMatch: isWide ? 1 : 2, oneToOne: 0), on: compute
      ).mmcs.mean
    }
    let costly =
      try known
      ?? CostlyNulls(
        live: (liveFirst, liveSecond), dcs: null.dcs, isotropicDcs: isotropicDcs(pair, seed),
        sharedFraction: encoders.map {
          try SharedLatents.null(decoders: pair, encoders: $0, seed: seed, draws: 1, on: compute)
            .mean
        }, matchedMmcs: mmcsNull(.matchedSecondMoment))
    if isWide { drawn = costly }
    let isAllLive = [pair.first, pair.second].allSatisfy { $0.live.rows == $0.latents }
    let isOfAll = isAllLive && pair.convention == .absolute
    let matches = pair.bestMatches(on: compute)
    let matchingOfAll = isOfAll ? matching : pair.matchingOfAll(on: compute)
    var record = PairRecord(
      first: first.0, second: second.0, mmcs: matches.mmcs,
      mmcsAll: isOfAll ? matches.mmcs : pair.mmcsAll(on: compute),
      dcs: matching.dcs, dcsAll: matchingOfAll.dcs, nullMmcs: null.mmcs.mean,
      nullMmcsDeviation: null.mmcs.standardDeviation, nullDcs: costly.dcs?.mean ?? .nan,
      nullDcsDeviation: costly.dcs?.standardDeviation ?? .nan,
      isotropicMmcs: (isotropic(liveFirst, pair) + isotropic(liveSecond, pair)) / 2,
      isotropicDcs: costly.isotropicDcs,
      kappa: kappa(of: matches.mmcs, null: null.mmcs.mean), shared: shared,
      liveFirst: liveFirst, liveSecond: liveSecond, coverage: matching.coverage,
      assignmentGap: max(matching.gap, matchingOfAll.gap),
      bestCosines: matches.firstInSecond.cosines,
      nullBestCosines: thinned(null.bestCosinesOfFirst, to: 4096),
      secondMomentMmcs: mmcsNull(.decoderSecondMoment))
    record.matchedMmcs = costly.matchedMmcs
    let isPWMCC = isAllLive && pair.convention == .signed && liveFirst == liveSecond
    record.pwMCC = isPWMCC ? matching.dcs : pair.pwMCC(on: compute)
    record.subspaceOverlap = SubspaceOverlap(moments.0, moments.1).overlap
    if let encoders {
      record.sharedFraction =
        SharedLatents(decoders: pair, encoders: encoders, matching: matching, on: compute).fraction
      record.nullSharedFraction = costly.sharedFraction
    }
    return record
  }

  private func isotropicDcs(_ pair: DictionaryPair, _ seed: UInt64) -> Double {
    AgreementNull(
      isotropicOfWidth: pair.first.width, first: pair.first.live.rows,
      second: pair.second.live.rows, convention: pair.convention, seed: seed,
      draws: NullDraws(bestMatch: 1, oneToOne: 1), on: compute
    ).dcs?.mean ?? .nan
  }

  private func isotropic(_ searched: Int, _ pair: DictionaryPair) -> Double {
    IsotropicNull(width: pair.first.width, atoms: searched, convention: pair.convention)
      .expectedMMCS
  }

  /// The encoder rows of two dictionaries, of the latents that are live in a pair; `nil` where one has none
  /// of its own or reads rows of another width.
  private func encoders(
    _ first: NamedDictionary, _ second: NamedDictionary, like pair: DictionaryPair
  ) throws -> DictionaryPair? {
    guard first.coder.encoder.columns == second.coder.encoder.columns else { return nil }
    func rows(_ named: NamedDictionary, _ atoms: UnitAtoms) throws(MetricError) -> UnitAtoms? {
      let encoder = named.coder.encoder
      guard atoms.liveLatents.contains(where: { encoder.row($0).contains { $0 != 0 } }) else {
        return nil
      }
      return try UnitAtoms(encoder, live: atoms.liveLatents, name: named.name)
    }
    guard let a = try rows(first, pair.first), let b = try rows(second, pair.second) else {
      return nil
    }
    return try DictionaryPair(a, b, convention: pair.convention)
  }
}

/// Evenly spaced values of a sorted list.
private func thinned(_ values: [Float], to count: Int) -> [Float] {
  guard values.count > count else { return values }
  return (0..<count).map { values[$0 * values.count / count] }
}
