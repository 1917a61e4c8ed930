public import DictionaryMetrics
public import RunRecords
public import SparseCoding

/// How a comparison is made.
public struct ComparisonOptions: Hashable, Sendable {
  /// The law of the null's atoms.
  public var law: AtomLaw
  /// The seed of the null's draws.
  public var seed: UInt64
  /// Rows on which latents must fire to be live; without them the runs' own records decide.
  public var liveOn: Matrix?
  /// Where those rows came from, for messages.
  public var livePath: String

  /// Options, by default those of the printed headline.
  public init(
    law: AtomLaw = .decoderSecondMoment, seed: UInt64 = 0, liveOn: Matrix? = nil,
    livePath: String = ""
  ) {
    self.law = law
    self.seed = seed
    self.liveOn = liveOn
    self.livePath = livePath
  }
}

/// Compares dictionaries pair by pair, each statistic against its null.
///
/// The convention is that of the codes: signed cosines for nonnegative codes. Headlines are means over
/// pairs; their intervals are delete-one-seed jackknives, from three dictionaries on.
///
/// - Throws: `MetricError` if widths differ or a dictionary has no live atom, `TensorFileError` if
///   the rows for liveness have another width.
/// - Complexity: for each pair that of `AgreementNull` and one exact assignment.
public func compare(
  _ dictionaries: [NamedDictionary], options: ComparisonOptions, compute: Compute
) throws -> ComparisonRecord {
  precondition(dictionaries.count > 1, "a comparison takes two dictionaries")
  var atoms: [UnitAtoms] = []
  var liveness = options.liveOn == nil ? "record" : "data"
  for dictionary in dictionaries {
    var live: [Int]?
    if let rows = options.liveOn {
      live = try evaluate(
        dictionary.coder, on: rows, path: options.livePath, compute: compute
      ).live
    } else if let record = dictionary.record {
      live = record.firingDensities.indices.filter { record.firingDensities[$0] > 0 }
    } else {
      liveness = "all"
    }
    atoms.append(try UnitAtoms(dictionary.coder.decoder, live: live, name: dictionary.name))
  }
  if liveness == "all" {
    // One without a record: then every atom of every dictionary counts, so that all are alike.
    atoms = try dictionaries.map {
      try UnitAtoms($0.coder.decoder, live: nil, name: $0.name)
    }
  }
  let convention = CosineConvention(for: dictionaries[0].coder.activation)
  var pairs: [PairRecord] = []
  for first in dictionaries.indices {
    for second in dictionaries.indices where second > first {
      let pair = try DictionaryPair(atoms[first], atoms[second], convention: convention)
      pairs.append(
        record(of: pair, first, second, options: options, compute: compute))
    }
  }
  return summary(
    of: pairs, names: dictionaries.map(\.name), width: atoms[0].width, convention: convention,
    shared: sharedParts(of: dictionaries), liveness: liveness)
}

private func record(
  of pair: DictionaryPair, _ first: Int, _ second: Int, options: ComparisonOptions,
  compute: Compute
) -> PairRecord {
  let matches = pair.bestMatches(on: compute)
  let matching = pair.matching(on: compute)
  let matchingOfAll = pair.matchingOfAll(on: compute)
  // Every pair draws its own null, or the pairs' nulls would err together.
  let pairSeed = options.seed &+ UInt64(first) << 32 &+ UInt64(second) << 16
  let null = AgreementNull(for: pair, law: options.law, seed: pairSeed, on: compute)
  let (liveFirst, liveSecond) = (pair.first.live.rows, pair.second.live.rows)
  func isotropic(_ searched: Int) -> Double {
    IsotropicNull(width: pair.first.width, atoms: searched, convention: pair.convention)
      .expectedMMCS
  }
  let oneToOne = AgreementNull(
    isotropicOfWidth: pair.first.width, first: liveFirst, second: liveSecond,
    convention: pair.convention, seed: pairSeed,
    draws: NullDraws(bestMatch: 1, oneToOne: 1), on: compute)
  return PairRecord(
    first: first, second: second, mmcs: matches.mmcs, mmcsAll: pair.mmcsAll(on: compute),
    dcs: matching.dcs, dcsAll: matchingOfAll.dcs, nullMmcs: null.mmcs.mean,
    nullMmcsDeviation: null.mmcs.standardDeviation, nullDcs: null.dcs?.mean ?? .nan,
    nullDcsDeviation: null.dcs?.standardDeviation ?? .nan,
    isotropicMmcs: (isotropic(liveFirst) + isotropic(liveSecond)) / 2,
    isotropicDcs: oneToOne.dcs?.mean ?? .nan,
    kappa: kappa(of: matches.mmcs, null: null.mmcs.mean), liveFirst: liveFirst,
    liveSecond: liveSecond, coverage: matching.coverage,
    assignmentGap: max(matching.gap, matchingOfAll.gap),
    bestCosines: matches.firstInSecond.cosines,
    nullBestCosines: thinned(null.bestCosinesOfFirst, to: 4096))
}

/// Evenly spaced values of a sorted list.
private func thinned(_ values: [Float], to count: Int) -> [Float] {
  guard values.count > count else { return values }
  return (0..<count).map { values[$0 * values.count / count] }
}

private func summary(
  of pairs: [PairRecord], names: [String], width: Int, convention: CosineConvention,
  shared: ComparisonRecord.Shared, liveness: String
) -> ComparisonRecord {
  func mean(_ key: KeyPath<PairRecord, Double>) -> Double {
    pairs.reduce(0) { $0 + $1[keyPath: key] } / Double(pairs.count)
  }
  let isotropic = mean(\.isotropicMmcs)
  func interval(_ key: KeyPath<PairRecord, Double>) -> [Double]? {
    guard
      let interval = jackknifeInterval(
        overPairs: pairs.map { (first: $0.first, second: $0.second, value: $0[keyPath: key]) },
        dictionaries: names.count)
    else { return nil }
    return [interval.low, interval.high]
  }
  return ComparisonRecord(
    dictionaries: names, dIn: width, convention: convention.rawValue, mmcs: mean(\.mmcs),
    mmcsAll: mean(\.mmcsAll), dcs: mean(\.dcs), dcsAll: mean(\.dcsAll),
    nullMmcs: mean(\.nullMmcs), nullDcs: mean(\.nullDcs), kappa: mean(\.kappa),
    ratioToIsotropic: mean(\.mmcs) / isotropic, shared: shared, liveness: liveness, pairs: pairs,
    assignmentGap: pairs.reduce(0) { max($0, $1.assignmentGap) }, kappaInterval: interval(\.kappa),
    mmcsInterval: interval(\.mmcs))
}

/// What the runs' own records say that they had in common; unknown without records.
private func sharedParts(of dictionaries: [NamedDictionary]) -> ComparisonRecord.Shared {
  let records = dictionaries.compactMap(\.record)
  guard records.count == dictionaries.count else {
    return .init(initialization: nil, dataOrder: nil, data: nil)
  }
  func agree<Value: Hashable>(_ value: (RunRecord) -> Value) -> Bool {
    Set(records.map(value)).count == 1
  }
  let data = agree(\.data.fingerprint)
  return .init(
    initialization: agree { [AnyHashable($0.seed), $0.settings.dSae, $0.settings.dIn] },
    dataOrder: data
      && agree { [AnyHashable($0.dataSeed), $0.settings.batch, $0.data.heldOutRows] },
    data: data)
}
