import RunRecords

/// A key that nothing reads: a misspelled one would silently change what is run.
struct UnknownKey: Error {
  var place: String
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
      let path = codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
      throw UnknownKey(
        place: (path + [key.stringValue]).joined(separator: "."), known: known.sorted())
    }
    return try container(keyedBy: type)
  }
}

/// Settings whose every key is one.
private struct StrictSettings: Decodable {
  let settings: TrainSettings

  init(from decoder: any Decoder) throws {
    _ = try decoder.values(TrainSettings.CodingKeys.self)
    settings = try TrainSettings(from: decoder)
  }
}

extension Experiment: Decodable {
  private enum Key: String, CodingKey, CaseIterable {
    case id, title, question, data, base, variants, tiers, expectations, deviations
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
    expectations = try values.decode([Expectation].self, forKey: .expectations)
    deviations = try values.decode([String].self, forKey: .deviations)
  }
}

extension Experiment.DataSource: Decodable {
  private enum Key: String, CodingKey, CaseIterable {
    case about, data, target, sources, fingerprint
    case builtIn = "built_in"
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
  }
}

extension Experiment.Variant: Decodable {
  private enum Key: String, CodingKey, CaseIterable { case id, settings, on }

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
  }
}

extension Experiment.Tier: Decodable {
  private enum Key: String, CodingKey, CaseIterable { case settings, data, minutes }

  /// Decodes a tier.
  ///
  /// - Throws: As the experiment does.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.values(Key.self)
    settings = try values.decode(StrictSettings.self, forKey: .settings).settings
    data = try values.decodeIfPresent([String].self, forKey: .data)
    minutes = try values.decode(Double.self, forKey: .minutes)
  }
}

extension Experiment.Expectation: Decodable {
  private enum Key: String, CodingKey, CaseIterable {
    case id, statement, source, measure, cell, than, relation, published, tolerance
  }

  /// Decodes an expectation.
  ///
  /// - Throws: As the experiment does.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.values(Key.self)
    id = try values.decode(String.self, forKey: .id)
    statement = try values.decode(String.self, forKey: .statement)
    source = try values.decode(String.self, forKey: .source)
    measure = try values.decode(Measure.self, forKey: .measure)
    cell = try values.decode(String.self, forKey: .cell)
    than = try values.decodeIfPresent(String.self, forKey: .than)
    relation = try values.decode(Experiment.Relation.self, forKey: .relation)
    published = try values.decodeIfPresent(Double.self, forKey: .published)
    tolerance = try values.decode(Double.self, forKey: .tolerance)
  }
}
