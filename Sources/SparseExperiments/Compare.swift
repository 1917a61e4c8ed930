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
  /// Rows whose codes are compared; those of `liveOn` where there are none.
  public var codesOn: Matrix?
  /// Rows that controls are made of; those of `liveOn` where there are none.
  public var controlsFrom: Matrix?
  /// Whether pairs are left out that trained on the same rows, of runs on disjoint parts of them.
  public var onlyDisjoint = false
  /// Whether codes are also those of a pursuit on each dictionary's atoms.
  public var hasOracle = false

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
  var comparer = PairComparer(of: atoms, options: options, compute: compute)
  for first in dictionaries.indices {
    for second in dictionaries.indices where second > first {
      let parts = shared(by: dictionaries[first].record, and: dictionaries[second].record)
      if options.onlyDisjoint, parts.data == .same { continue }
      let pair = try DictionaryPair(atoms[first], atoms[second], convention: convention)
      let matching = pair.matching(on: compute)
      pairs.append(
        try comparer.record(
          of: pair, matching, (first, dictionaries[first]), (second, dictionaries[second]),
          shared: parts))
      matchings.append(CodeMatching(pair, matching))
    }
  }
  if let rows = options.codesOn ?? options.liveOn {
    try compareCodes(
      of: dictionaries, on: rows, &pairs, matchings, options: options, compute: compute)
  }
  var comparison = summary(
    of: pairs, names: dictionaries.map(\.name), width: atoms[0].width, convention: convention,
    liveness: liveness)
  if let pair = pairs.first {
    comparison.controls = try controls(
      of: (dictionaries[pair.first], dictionaries[pair.second]),
      atoms: (atoms[pair.first], atoms[pair.second]), convention, options: options,
      compute: compute)
  }
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

/// Fills in how far the codes of pairs agree on rows.
private func compareCodes(
  of dictionaries: [NamedDictionary], on rows: Matrix, _ pairs: inout [PairRecord],
  _ matchings: [CodeMatching], options: ComparisonOptions, compute: Compute
) throws {
  var agreements = [CodeAgreement](repeating: CodeAgreement(), count: pairs.count)
  var pursuits = agreements
  var stream = RandomStream(seed: options.seed, name: "rows of other codes")
  let some = try rows.matrix(ofRows: Array(0..<min(codeBlock, rows.rows)))
  let prepared = dictionaries.map { PreparedCoder($0.coder, on: compute, like: some) }
  let pursued = options.hasOracle ? try dictionaries.map { try Pursued($0, some, compute) } : []
  for start in stride(from: 0, to: rows.rows, by: codeBlock) {
    let block = try rows.matrix(ofRows: Array(start..<min(start + codeBlock, rows.rows)))
    let codes = prepared.map { $0.encode(block) }
    let others = pursued.map { $0.codes(of: block) }
    for (place, pair) in pairs.enumerated() {
      let matching = matchings[place]
      agreements[place].add(codes[pair.first], codes[pair.second], matching: matching, by: &stream)
      if options.hasOracle {
        pursuits[place].add(
          others[pair.first], others[pair.second], matching: matching, by: &stream)
      }
    }
  }
  for (place, agreement) in agreements.enumerated() {
    pairs[place].codeIoU = agreement.codes.codeIoU
    pairs[place].codeDistance = agreement.codes.codeDistance
    pairs[place].nullCodeIoU = agreement.null.codeIoU
    if options.hasOracle {
      pairs[place].oracleCodeIoU = pursuits[place].codes.codeIoU
      pairs[place].nullOracleCodeIoU = pursuits[place].null.codeIoU
      pairs[place].oracleCodeDistance = pursuits[place].codes.codeDistance
    }
  }
}

/// Codes of a pursuit on a dictionary's own atoms, at its own mean l0.
private struct Pursued {
  let coder: SparseCoder
  let atoms: FixedAtoms
  let solver: SparseSolver

  init(_ named: NamedDictionary, _ sample: Matrix, _ compute: Compute) throws {
    coder = named.coder
    try Oracle.check(coder)
    let codes = coder.encode(sample, on: compute)
    let l0 = Double(codes.indices.count) / Double(max(codes.rows, 1))
    solver = try Oracle(.omp).solver(for: coder, l0: l0, sample: sample, compute: compute)
    atoms = coder.fixedAtoms(on: compute)
  }

  func codes(of rows: Matrix) -> SparseCodes {
    atoms.codes(of: coder.scaledTargets(of: rows), by: solver)
  }
}

/// Rows that are encoded by all dictionaries at once.
private let codeBlock = 1024

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
  record.nulls.matchedSecondMoment = known(\.matchedMmcs)
  record.mmcsAllInterval = interval(\.mmcsAll)
  record.dcsInterval = interval(\.dcs)
  record.dcsKappa = mean(\.dcsKappa)
  record.dcsKappaInterval = interval(\.dcsKappa)
  record.matchedKappa = known(\.matchedKappa)
  record.matchedKappaInterval = interval(\.matchedKappa)
  record.pwMCC = known(\.pwMCC)
  record.subspaceOverlap = known(\.subspaceOverlap)
  record.nullSubspaceOverlap = SubspaceOverlap.null(width: width)
  record.oracleCodeIoU = known(\.oracleCodeIoU)
  record.nullOracleCodeIoU = known(\.nullOracleCodeIoU)
  record.oracleCodeDistance = known(\.oracleCodeDistance)
  record.oracleCodeIoUInterval = interval(\.oracleCodeIoU)
  record.oracleCodeDistanceInterval = interval(\.oracleCodeDistance)
  record.sharedFractionInterval = interval(\.sharedFraction)
  record.codeDistanceInterval = interval(\.codeDistance)
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
      first.initSeed == second.initSeed && a.architecture == b.architecture && a.dSae == b.dSae
        && a.dIn == b.dIn && a.dOut == b.dOut
        && ["encoder_scale", "tied", "multistep"].allSatisfy { a.method[$0] == b.method[$0] }),
    // The rule and the data decide which rows are held out, and those which are left to order.
    dataOrder: sharing(
      data && first.dataSeed == second.dataSeed && first.part == second.part
        && a.batch == b.batch && a.holdout == b.holdout),
    data: data && isDisjoint(first, second) ? .disjoint : sharing(data))
}

/// Whether two runs on one set of rows trained on parts of it that have no row in common.
private func isDisjoint(_ first: RunRecord, _ second: RunRecord) -> Bool {
  first.part.of == second.part.of && first.part.index != second.part.index
    && first.settings.holdout == second.settings.holdout
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
