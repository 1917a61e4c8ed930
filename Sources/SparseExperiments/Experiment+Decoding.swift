import RunRecords
import SyntheticFeatures

/// A key that nothing reads: a misspelled one would silently change what is run.
struct UnknownKey: Error {
  var place: String
  var known: [String]
}

/// A word that is none of those there are.
struct UnknownWord: Error {
  var place, word: String
  var known: [String]
}

private struct AnyKey: CodingKey {
  var stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

extension Decoder {
  /// The values by keys, of which there are no others.
  fileprivate func values<Key: CodingKey & CaseIterable>(
    _ type: Key.Type
  ) throws -> KeyedDecodingContainer<Key> {
    let known = Key.allCases.map(\.stringValue)
    for key in try container(keyedBy: AnyKey.self).allKeys where !known.contains(key.stringValue) {
      throw UnknownKey(place: place(of: key.stringValue), known: known.sorted())
    }
    return try container(keyedBy: type)
  }

  /// The case of a closed set that a key names.
  fileprivate func word<Word: RawRepresentable & CaseIterable, Key: CodingKey>(
    _ type: Word.Type, _ key: Key, in values: KeyedDecodingContainer<Key>
  ) throws -> Word where Word.RawValue == String {
    let text = try values.decode(String.self, forKey: key)
    guard let word = Word(rawValue: text) else {
      throw UnknownWord(
        place: place(of: key.stringValue), word: text, known: Word.allCases.map(\.rawValue))
    }
    return word
  }

  fileprivate func place(of key: String) -> String {
    let path = codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
    return (path + [key]).joined(separator: ".")
  }
}

/// Settings whose every key is one.
private struct StrictSettings: Decodable {
  let settings: TrainSettings

  init(from decoder: any Decoder) throws {
    let values = try decoder.values(TrainSettings.CodingKeys.self)
    // Data have a place of their own, and what no result depends on belongs to the command.
    let elsewhere: [TrainSettings.CodingKeys] = [.data, .target, .sources, .out, .threads]
    for key in elsewhere where values.contains(key) {
      let known = Set(TrainSettings.CodingKeys.allCases).subtracting(elsewhere)
      throw UnknownKey(
        place: decoder.place(of: key.stringValue), known: known.map(\.rawValue).sorted())
    }
    settings = try TrainSettings(from: decoder)
  }
}

extension Experiment: Decodable {
  private enum Key: String, CodingKey, CaseIterable {
    case id, title, question, data, base, variants, tiers, nulls, theory, expectations
    case deviations
    case areCurvesKept = "curves"
    case areSeedsCompared = "compare_seeds"
    case isConditioningMeasured = "conditioning"
  }

  /// Decodes an experiment.
  ///
  /// - Throws: `DecodingError`, or an error of this module for a key that nothing reads.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.values(Key.self)
    id = try values.decode(String.self, forKey: .id)
    title = try values.decode(String.self, forKey: .title)
    question = try values.decode(String.self, forKey: .question)
    data = try values.decode([String: DataSource].self, forKey: .data)
    base = try values.decode(StrictSettings.self, forKey: .base).settings
    variants = try values.decode([Variant].self, forKey: .variants)
    tiers = try values.decode([String: Tier].self, forKey: .tiers)
    nulls = try values.decodeIfPresent([NullCase].self, forKey: .nulls) ?? []
    theory = try values.decodeIfPresent([TheoryCase].self, forKey: .theory) ?? []
    expectations = try values.decode([Expectation].self, forKey: .expectations)
    deviations = try values.decode([String].self, forKey: .deviations)
    areCurvesKept = try values.decodeIfPresent(Bool.self, forKey: .areCurvesKept) ?? false
    areSeedsCompared = try values.decodeIfPresent(Bool.self, forKey: .areSeedsCompared) ?? true
    isConditioningMeasured =
      try values.decodeIfPresent(Bool.self, forKey: .isConditioningMeasured) ?? false
  }
}

extension Experiment.DataSource: Decodable {
  private enum Key: String, CodingKey, CaseIterable {
    case about, data, target, sources, fingerprint, bench, truth
    case builtIn = "built_in"
    case role = "as"
  }

  /// Decodes a source of rows.
  ///
  /// - Throws: As the experiment does.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.values(Key.self)
    about = try values.decode(String.self, forKey: .about)
    builtIn = try values.decodeIfPresent(String.self, forKey: .builtIn)
    data = try values.decodeIfPresent(String.self, forKey: .data)
    target = try values.decodeIfPresent(String.self, forKey: .target)
    sources = try values.decodeIfPresent([String].self, forKey: .sources)
    fingerprint = try values.decodeIfPresent(String.self, forKey: .fingerprint)
    truth = try values.decodeIfPresent(String.self, forKey: .truth)
    bench = try values.decodeIfPresent(StrictBench.self, forKey: .bench)?.settings
    if values.contains(.role) { role = try decoder.word(Experiment.Role.self, .role, in: values) }
  }
}

/// Settings of a bench by the names of their flags; what is not said is the default.
private struct StrictBench: Decodable {
  var settings = BenchSettings()

  init(from decoder: any Decoder) throws {
    let values = try decoder.values(BenchSettings.Key.self)
    func take<Value: Decodable>(
      _ key: BenchSettings.Key, _ place: WritableKeyPath<BenchSettings, Value>
    ) throws {
      if let value = try values.decodeIfPresent(Value.self, forKey: key) {
        settings[keyPath: place] = value
      }
    }
    func refuse(_ key: BenchSettings.Key, _ text: String) -> DecodingError {
      .dataCorruptedError(forKey: key, in: values, debugDescription: text)
    }
    if values.contains(.children), values.contains(.group) {
      throw refuse(.group, "group beside children")
    }
    for key in [BenchSettings.Key.children, .group]
    where values.contains(.largest) && values.contains(key) {
      throw refuse(key, "\(key.rawValue) beside largest")
    }
    if values.contains(.nonnegative), !values.contains(.largest) {
      throw refuse(.nonnegative, "nonnegative without largest")
    }
    if values.contains(.mixtureSpread), !values.contains(.mixture) {
      throw refuse(.mixtureSpread, "mixture_spread without mixture")
    }
    if values.contains(.cofiring), !values.contains(.group) {
      throw refuse(.cofiring, "cofiring without group")
    }
    if values.contains(.overlapping), values.contains(.specific) {
      throw refuse(.specific, "specific beside overlapping")
    }
    try take(.features, \.features)
    try take(.width, \.width)
    try take(.rows, \.rows)
    try take(.activationProbability, \.activationProbability)
    try take(.least, \.least)
    try take(.scale, \.scale)
    try take(.noise, \.noise)
    try take(.sites, \.sites)
    try take(.seed, \.seed)
    try take(.interference, \.descent.interference)
    try take(.descentMargin, \.descent.margin)
    try take(.descentSpread, \.descent.spread)
    try take(.descentRate, \.descent.rate)
    try take(.descentSteps, \.descent.steps)
    if let children = try values.decodeIfPresent(Int.self, forKey: .children) {
      settings.coActivation = .hierarchical(children: children)
    }
    if let size = try values.decodeIfPresent(Int.self, forKey: .group) {
      settings.coActivation = .grouped(
        size: size, cofiring: try values.decodeIfPresent(Double.self, forKey: .cofiring) ?? 0.5)
    }
    if let k = try values.decodeIfPresent(Int.self, forKey: .largest) {
      let isNonnegative = try values.decodeIfPresent(Bool.self, forKey: .nonnegative) ?? false
      settings.coActivation = .largest(k: k, isSigned: !isNonnegative)
    }
    if let components = try values.decodeIfPresent(Int.self, forKey: .mixture) {
      settings.mixture = DirectionMixture(
        components: components,
        spread: try values.decodeIfPresent(Double.self, forKey: .mixtureSpread) ?? 1)
    }
    if let share = try values.decodeIfPresent(Double.self, forKey: .overlapping) {
      settings.sharing = .overlapping(share)
    }
    if let share = try values.decodeIfPresent(Double.self, forKey: .specific) {
      settings.sharing = .specific(share)
    }
  }
}

/// Settings of a refinement; what is not said is the default.
private struct StrictRefinement: Decodable {
  var settings = RefinementSettings()

  init(from decoder: any Decoder) throws {
    let values = try decoder.values(RefinementSettings.CodingKeys.self)
    settings.residual = try values.decodeIfPresent(Double.self, forKey: .residual)
    settings.k = try values.decodeIfPresent(Int.self, forKey: .k)
    func take<Value: Decodable>(
      _ key: RefinementSettings.CodingKeys, _ place: WritableKeyPath<RefinementSettings, Value>
    ) throws {
      if let value = try values.decodeIfPresent(Value.self, forKey: key) {
        settings[keyPath: place] = value
      }
    }
    try take(.leastResidual, \.leastResidual)
    try take(.rows, \.rows)
    try take(.merge, \.merge)
    try take(.tolerance, \.tolerance)
    try take(.growth, \.growth)
  }
}

extension Experiment.Variant: Decodable {
  private enum Key: String, CodingKey, CaseIterable { case id, settings, on, refine }

  /// Decodes a variant.
  ///
  /// - Throws: As the experiment does.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.values(Key.self)
    id = try values.decode(String.self, forKey: .id)
    settings =
      try values.decodeIfPresent(StrictSettings.self, forKey: .settings)?.settings
      ?? TrainSettings()
    on = try values.decode([String: StrictSettings].self, forKey: .on).mapValues(\.settings)
    refine = try values.decodeIfPresent(StrictRefinement.self, forKey: .refine)?.settings
  }
}

extension Experiment.NullCase: Decodable {
  private enum Key: String, CodingKey, CaseIterable { case id, width, atoms, pairs }

  /// Decodes a case.
  ///
  /// - Throws: As the experiment does.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.values(Key.self)
    func count(_ key: Key, atLeast least: Int) throws -> Int {
      let count = try values.decode(Int.self, forKey: key)
      guard (least...1 << 20).contains(count) else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: values, debugDescription: "\(count) is not in \(least)...\(1 << 20)")
      }
      return count
    }
    id = try values.decode(String.self, forKey: .id)
    width = try count(.width, atLeast: 3)
    atoms = try count(.atoms, atLeast: 2)
    pairs = try count(.pairs, atLeast: 2)
  }
}

extension Experiment.TheoryCase: Decodable {
  private enum Key: String, CodingKey, CaseIterable {
    case id, statement, about, features, width, latents, instances, steps, rate, batch
    case resampleEvery = "resample_every"
  }

  /// Decodes a case.
  ///
  /// - Throws: As the experiment does.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.values(Key.self)
    // Sums go through all subsets of the features, and gradients through all of their products.
    func count(_ key: Key, _ range: ClosedRange<Int>) throws -> Int {
      let count = try values.decode(Int.self, forKey: key)
      guard range.contains(count) else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: values, debugDescription: "\(count) is not in \(range)")
      }
      return count
    }
    id = try values.decode(String.self, forKey: .id)
    statement = try decoder.word(TheoryStatement.self, .statement, in: values)
    about = try values.decode(String.self, forKey: .about)
    func ifPresent(_ key: Key, _ range: ClosedRange<Int>) throws -> Int? {
      values.contains(key) ? try count(key, range) : nil
    }
    features = try count(.features, 2...256)
    width = try count(.width, 2...256)
    latents = try count(.latents, 1...1024)
    instances = try count(.instances, 2...10_000)
    steps = try ifPresent(.steps, 1...1_000_000)
    resampleEvery = try ifPresent(.resampleEvery, 1...1_000_000)
    batch = try ifPresent(.batch, 1...256)
    rate = try values.decodeIfPresent(Double.self, forKey: .rate)
  }
}

extension Experiment.Tier: Decodable {
  private enum Key: String, CodingKey, CaseIterable {
    case settings, data, minutes, about, pairs, instances
    case isJudged = "judged"
  }

  /// Decodes a tier.
  ///
  /// - Throws: As the experiment does.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.values(Key.self)
    settings = try values.decode(StrictSettings.self, forKey: .settings).settings
    data = try values.decodeIfPresent([String].self, forKey: .data)
    minutes = try values.decode(Double.self, forKey: .minutes)
    pairs = try values.decodeIfPresent(Int.self, forKey: .pairs).map { max($0, 2) }
    instances = try values.decodeIfPresent(Int.self, forKey: .instances).map { max($0, 2) }
    about = try values.decodeIfPresent(String.self, forKey: .about)
    isJudged = try values.decodeIfPresent(Bool.self, forKey: .isJudged) ?? true
  }
}

extension Experiment.Expectation: Decodable {
  private enum Key: String, CodingKey, CaseIterable {
    case id, statement, source, measure, cell, than, relation, published, tolerance, given, epoch
    case thanEpoch = "than_epoch"
    case slopeOver = "slope_over"
  }

  /// Decodes an expectation.
  ///
  /// - Throws: As the experiment does.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.values(Key.self)
    id = try values.decode(String.self, forKey: .id)
    statement = try values.decode(String.self, forKey: .statement)
    source = try values.decode(String.self, forKey: .source)
    measure = try decoder.word(Measure.self, .measure, in: values)
    cell = try values.decode(String.self, forKey: .cell)
    than = try values.decodeIfPresent(String.self, forKey: .than)
    relation = try decoder.word(Experiment.Relation.self, .relation, in: values)
    published = try values.decodeIfPresent(Double.self, forKey: .published)
    tolerance = try values.decode(Double.self, forKey: .tolerance)
    epoch = try values.decodeIfPresent(Double.self, forKey: .epoch)
    thanEpoch = try values.decodeIfPresent(Double.self, forKey: .thanEpoch)
    slopeOver = try values.decodeIfPresent([String].self, forKey: .slopeOver) ?? []
    given = try values.decodeIfPresent([String].self, forKey: .given) ?? []
  }
}
