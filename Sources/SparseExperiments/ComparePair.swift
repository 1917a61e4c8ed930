import DictionaryMetrics
import RunRecords
import SparseCoding

/// Compares pairs of dictionaries, each statistic beside its null.
///
/// Beyond `drawnOnce` live atoms a one-to-one matching takes seconds: its nulls, and that of the matched
/// second moment, are then drawn once for all pairs whose live counts are within 2 % of each other.
struct PairComparer {
  let options: ComparisonOptions
  let compute: Compute
  /// What was drawn for the last wide pair.
  private var drawn: OneToOneNulls?

  private static let drawnOnce = 8192

  private struct OneToOneNulls {
    var dcs: NullStatistic?
    var isotropic: Double
    var sharedFraction: Double?
    /// Of `mmcs`, by the law that costs an integral for each direction.
    var matched: Double
    /// The live atoms of the pair that it was drawn for.
    var live: (Int, Int) = (0, 0)

    /// Whether it is that of a pair of about these live atoms.
    func holds(for first: Int, _ second: Int) -> Bool {
      func isNear(_ a: Int, _ b: Int) -> Bool { abs(a - b) * 50 <= max(a, b) }
      return isNear(live.0, first) && isNear(live.1, second)
    }
  }

  init(options: ComparisonOptions, compute: Compute) {
    self.options = options
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
    let isWide = max(liveFirst, liveSecond) > Self.drawnOnce
    let encoders = try encoders(first.1, second.1, like: pair)
    var draws = NullDraws.standard(atoms: max(liveFirst, liveSecond))
    let known = isWide ? drawn.flatMap { $0.holds(for: liveFirst, liveSecond) ? $0 : nil } : nil
    if known != nil { draws.oneToOne = 0 }
    let null = AgreementNull(
      for: pair, law: options.law, seed: seed, draws: draws, on: compute)
    var oneToOne = try known ?? nulls(of: pair, encoders, null, seed, isWide: isWide)
    if known == nil { oneToOne.live = (liveFirst, liveSecond) }
    if isWide { drawn = oneToOne }
    func mmcsNull(_ law: AtomLaw) -> Double {
      if law == options.law { return null.mmcs.mean }
      return AgreementNull(
        for: pair, law: law, seed: seed,
        draws: NullDraws(bestMatch: isWide ? 1 : 2, oneToOne: 0), on: compute
      ).mmcs.mean
    }
    let matches = pair.bestMatches(on: compute)
    let matchingOfAll = pair.matchingOfAll(on: compute)
    var record = PairRecord(
      first: first.0, second: second.0, mmcs: matches.mmcs, mmcsAll: pair.mmcsAll(on: compute),
      dcs: matching.dcs, dcsAll: matchingOfAll.dcs, nullMmcs: null.mmcs.mean,
      nullMmcsDeviation: null.mmcs.standardDeviation, nullDcs: oneToOne.dcs?.mean ?? .nan,
      nullDcsDeviation: oneToOne.dcs?.standardDeviation ?? .nan,
      isotropicMmcs: (isotropic(liveFirst, pair) + isotropic(liveSecond, pair)) / 2,
      isotropicDcs: oneToOne.isotropic,
      kappa: kappa(of: matches.mmcs, null: null.mmcs.mean), shared: shared,
      liveFirst: liveFirst, liveSecond: liveSecond, coverage: matching.coverage,
      assignmentGap: max(matching.gap, matchingOfAll.gap),
      bestCosines: matches.firstInSecond.cosines,
      nullBestCosines: thinned(null.bestCosinesOfFirst, to: 4096),
      secondMomentMmcs: mmcsNull(.decoderSecondMoment))
    record.matchedMmcs = isWide ? oneToOne.matched : mmcsNull(.matchedSecondMoment)
    let isAllLive = [pair.first, pair.second].allSatisfy { $0.live.rows == $0.latents }
    let isPWMCC = isAllLive && pair.convention == .signed && liveFirst == liveSecond
    record.pwMCC = isPWMCC ? matching.dcs : pair.pwMCC(on: compute)
    record.subspaceOverlap = SubspaceOverlap(pair, on: compute).overlap
    if let encoders {
      record.sharedFraction =
        SharedLatents(decoders: pair, encoders: encoders, matching: matching, on: compute).fraction
      record.nullSharedFraction = oneToOne.sharedFraction
    }
    return record
  }

  /// The nulls that need matchings.
  private func nulls(
    of pair: DictionaryPair, _ encoders: DictionaryPair?, _ null: AgreementNull, _ seed: UInt64,
    isWide: Bool
  ) throws -> OneToOneNulls {
    let isotropic = AgreementNull(
      isotropicOfWidth: pair.first.width, first: pair.first.live.rows,
      second: pair.second.live.rows, convention: pair.convention, seed: seed,
      draws: NullDraws(bestMatch: 1, oneToOne: 1), on: compute)
    let shared = try encoders.map {
      try SharedLatents.null(decoders: pair, encoders: $0, seed: seed, draws: 1, on: compute)
    }
    return OneToOneNulls(
      dcs: null.dcs, isotropic: isotropic.dcs?.mean ?? .nan, sharedFraction: shared?.mean,
      matched: isWide
        ? AgreementNull(
          for: pair, law: .matchedSecondMoment, seed: seed,
          draws: NullDraws(bestMatch: 1, oneToOne: 0), on: compute
        ).mmcs.mean : .nan)
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
