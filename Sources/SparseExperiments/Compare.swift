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
  let (atoms, liveness) = try liveAtoms(of: dictionaries, options: options, compute: compute)
  let convention = CosineConvention(for: dictionaries[0].coder.activation)
  var pairs: [PairRecord] = []
  var matchings: [CodeMatching] = []
  for first in dictionaries.indices {
    for second in dictionaries.indices where second > first {
      let pair = try DictionaryPair(atoms[first], atoms[second], convention: convention)
      let matching = pair.matching(on: compute)
      let parts = shared(by: dictionaries[first].record, and: dictionaries[second].record)
      var record = record(
        of: pair, matching, first, second, shared: parts, options: options, compute: compute)
      if let encoders = try encoders(dictionaries[first], dictionaries[second], like: pair) {
        record.sharedFraction =
          SharedLatents(
            decoders: pair, encoders: encoders, matching: matching, on: compute
          ).fraction
        record.nullSharedFraction = try SharedLatents.null(
          decoders: pair, encoders: encoders, seed: pairSeed(options, first, second), draws: 1,
          on: compute
        ).mean
      }
      pairs.append(record)
      matchings.append(CodeMatching(pair, matching))
    }
  }
  if let rows = options.liveOn {
    try compareCodes(
      of: dictionaries, on: rows, &pairs, matchings, seed: options.seed, compute: compute)
  }
  var comparison = summary(
    of: pairs, names: dictionaries.map(\.name), width: atoms[0].width, convention: convention,
    liveness: liveness)
  comparison.controls = try controls(
    of: dictionaries, atoms: (atoms[0], atoms[1]), convention, options: options, compute: compute)
  return comparison
}

/// The atoms of dictionaries, and how those that are live were found: by the given rows, else by the
/// runs' own records, else, if one has none, every atom of every dictionary counts.
func liveAtoms(
  of dictionaries: [NamedDictionary], options: ComparisonOptions, compute: Compute
) throws -> (atoms: [UnitAtoms], liveness: String) {
  let isRecorded = dictionaries.allSatisfy { $0.record != nil }
  let atoms = try dictionaries.map { dictionary in
    var live: [Int]?
    if let rows = options.liveOn {
      live = try evaluate(
        dictionary.coder, on: rows, path: options.livePath, compute: compute
      ).live
    } else if isRecorded {
      live = dictionary.record.map { liveLatents(of: $0.firingDensities) }
    }
    return try UnitAtoms(dictionary.coder.decoder, live: live, name: dictionary.name)
  }
  return (atoms, options.liveOn != nil ? "data" : isRecorded ? "record" : "all")
}

/// Every pair draws its own null, or the pairs' nulls would err together.
private func pairSeed(_ options: ComparisonOptions, _ first: Int, _ second: Int) -> UInt64 {
  options.seed &+ UInt64(first) << 32 &+ UInt64(second) << 16
}

/// The encoder rows of two dictionaries, of the latents that are live in a pair; `nil` where one has none of
/// its own or reads rows of another width.
private func encoders(
  _ first: NamedDictionary, _ second: NamedDictionary, like pair: DictionaryPair
) throws -> DictionaryPair? {
  guard first.coder.encoder.columns == second.coder.encoder.columns else { return nil }
  func rows(_ named: NamedDictionary, _ atoms: UnitAtoms) -> UnitAtoms? {
    try? UnitAtoms(named.coder.encoder, live: atoms.liveLatents, name: named.name)
  }
  guard let a = rows(first, pair.first), let b = rows(second, pair.second) else { return nil }
  return try DictionaryPair(a, b, convention: pair.convention)
}

/// Fills in how far the codes of pairs agree on rows.
private func compareCodes(
  of dictionaries: [NamedDictionary], on rows: Matrix, _ pairs: inout [PairRecord],
  _ matchings: [CodeMatching], seed: UInt64, compute: Compute
) throws {
  var agreements = [CodeAgreement](repeating: CodeAgreement(), count: pairs.count)
  var stream = RandomStream(seed: seed, name: "rows of other codes")
  let some = try rows.matrix(ofRows: Array(0..<min(codeBlock, rows.rows)))
  let prepared = dictionaries.map { PreparedCoder($0.coder, on: compute, like: some) }
  for start in stride(from: 0, to: rows.rows, by: codeBlock) {
    let block = try rows.matrix(ofRows: Array(start..<min(start + codeBlock, rows.rows)))
    let codes = prepared.map { $0.encode(block) }
    for (place, pair) in pairs.enumerated() {
      agreements[place].add(
        codes[pair.first], codes[pair.second], matching: matchings[place], by: &stream)
    }
  }
  for (place, agreement) in agreements.enumerated() {
    pairs[place].codeIoU = agreement.codes.codeIoU
    pairs[place].codeDistance = agreement.codes.codeDistance
    pairs[place].nullCodeIoU = agreement.null.codeIoU
  }
}

/// Rows that are encoded by all dictionaries at once.
private let codeBlock = 1024

private func record(
  of pair: DictionaryPair, _ matching: OneToOneMatching, _ first: Int, _ second: Int,
  shared: Shared, options: ComparisonOptions, compute: Compute
) -> PairRecord {
  let matches = pair.bestMatches(on: compute)
  let matchingOfAll = pair.matchingOfAll(on: compute)
  let pairSeed = pairSeed(options, first, second)
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
  let secondMoment =
    options.law == .decoderSecondMoment
    ? null
    : AgreementNull(
      for: pair, seed: pairSeed, draws: NullDraws(bestMatch: 2, oneToOne: 0), on: compute)
  return PairRecord(
    first: first, second: second, mmcs: matches.mmcs, mmcsAll: pair.mmcsAll(on: compute),
    dcs: matching.dcs, dcsAll: matchingOfAll.dcs, nullMmcs: null.mmcs.mean,
    nullMmcsDeviation: null.mmcs.standardDeviation, nullDcs: null.dcs?.mean ?? .nan,
    nullDcsDeviation: null.dcs?.standardDeviation ?? .nan,
    isotropicMmcs: (isotropic(liveFirst) + isotropic(liveSecond)) / 2,
    isotropicDcs: oneToOne.dcs?.mean ?? .nan,
    kappa: kappa(of: matches.mmcs, null: null.mmcs.mean), shared: shared,
    liveFirst: liveFirst, liveSecond: liveSecond, coverage: matching.coverage,
    assignmentGap: max(matching.gap, matchingOfAll.gap),
    bestCosines: matches.firstInSecond.cosines,
    nullBestCosines: thinned(null.bestCosinesOfFirst, to: 4096),
    secondMomentMmcs: secondMoment.mmcs.mean)
}

/// Evenly spaced values of a sorted list.
private func thinned(_ values: [Float], to count: Int) -> [Float] {
  guard values.count > count else { return values }
  return (0..<count).map { values[$0 * values.count / count] }
}

private func summary(
  of pairs: [PairRecord], names: [String], width: Int, convention: CosineConvention,
  liveness: String
) -> ComparisonRecord {
  func mean(_ key: KeyPath<PairRecord, Double>) -> Double {
    pairs.reduce(0) { $0 + $1[keyPath: key] } / Double(pairs.count)
  }
  let isotropic = mean(\.isotropicMmcs)
  /// Of what every pair has; `nil` where one has not.
  func interval(_ value: (PairRecord) -> Double?) -> [Double]? {
    let known = pairs.compactMap { pair in
      value(pair).map { (first: pair.first, second: pair.second, value: $0) }
    }
    guard known.count == pairs.count else { return nil }
    return jackknifeInterval(overPairs: known, dictionaries: names.count)
      .map { [$0.low, $0.high] }
  }
  func known(_ key: KeyPath<PairRecord, Double?>) -> Double? {
    let values = pairs.compactMap { $0[keyPath: key] }
    return values.count == pairs.count ? values.reduce(0, +) / Double(values.count) : nil
  }
  var record = ComparisonRecord(
    dictionaries: names, dIn: width, convention: convention.rawValue, mmcs: mean(\.mmcs),
    mmcsAll: mean(\.mmcsAll), dcs: mean(\.dcs), dcsAll: mean(\.dcsAll),
    nullMmcs: mean(\.nullMmcs), nullDcs: mean(\.nullDcs), kappa: mean(\.kappa),
    ratioToIsotropic: mean(\.mmcs) / isotropic, shared: shared(by: pairs), liveness: liveness,
    pairs: pairs, assignmentGap: pairs.reduce(0) { max($0, $1.assignmentGap) },
    kappaInterval: interval(\.kappa), mmcsInterval: interval(\.mmcs),
    nulls: .init(
      isotropic: isotropic, decoderSecondMoment: mean(\.secondMomentMmcs),
      oneToOne: mean(\.nullDcs)))
  record.sharedFraction = known(\.sharedFraction)
  record.nullSharedFraction = known(\.nullSharedFraction)
  record.codeIoU = known(\.codeIoU)
  record.nullCodeIoU = known(\.nullCodeIoU)
  record.codeDistance = known(\.codeDistance)
  record.codeIoUInterval = interval(\.codeIoU)
  return record
}

/// What two runs had in common, as their own records say.
private func shared(by first: RunRecord?, and second: RunRecord?) -> Shared {
  guard let first, let second else {
    return Shared(initialization: .unknown, dataOrder: .unknown, data: .unknown)
  }
  func sharing(_ isSame: Bool) -> Sharing { isSame ? .same : .different }
  let (a, b) = (first.settings, second.settings)
  // What is planted in rows makes other rows of them.
  let data =
    first.data.fingerprint == second.data.fingerprint
    && ["spike_in", "spike_seed"].allSatisfy { a.method[$0] == b.method[$0] }
  return Shared(
    initialization: sharing(
      first.seed == second.seed && a.architecture == b.architecture && a.dSae == b.dSae
        && a.dIn == b.dIn && a.dOut == b.dOut
        && ["encoder_scale", "tied", "multistep"].allSatisfy { a.method[$0] == b.method[$0] }),
    // The rule and the data decide which rows are held out, and those which are left to order.
    dataOrder: sharing(
      data && first.dataSeed == second.dataSeed && a.batch == b.batch && a.holdout == b.holdout),
    data: sharing(data))
}

/// What holds for all pairs.
private func shared(by pairs: [PairRecord]) -> Shared {
  func common(_ part: KeyPath<Shared, Sharing>) -> Sharing {
    let found = Set(pairs.map { $0.shared[keyPath: part] })
    if found.contains(.unknown) { return .unknown }
    return found.count > 1 ? .mixed : found.first ?? .unknown
  }
  return Shared(
    initialization: common(\.initialization), dataOrder: common(\.dataOrder), data: common(\.data))
}
