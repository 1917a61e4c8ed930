public import RunRecords
public import SyntheticFeatures
public import TensorFiles

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A question put to the tool as data: what is trained on what, what is measured, what was expected.
///
/// A folder with `experiment.json` and no code. Settings are those of `elute train`; for each cell they are
/// taken from the tier, else from the variant on that data, else from the variant, else from the base.
public struct Experiment: Sendable {
  /// The identifier, the folder's name.
  public var id: String
  /// What it is called, and what it asks.
  public var title, question: String
  /// The data by name.
  public var data: [String: DataSource]
  /// The settings that all variants begin with.
  public var base: TrainSettings
  /// What is compared.
  public var variants: [Variant]
  /// How large it is run: `smoke` in seconds, `reduced` in an hour at most, `full` as published.
  public var tiers: [String: Tier]
  /// Random dictionaries, to hold the exact null against.
  public var nulls: [NullCase]
  /// Statements of a theory that are checked on random instances.
  public var theory: [TheoryCase]
  /// What is expected, written down before anything was run.
  public var expectations: [Expectation]
  /// How it differs from what was published.
  public var deviations: [String]
  /// Whether results have what was logged while training.
  public var areCurvesKept: Bool
  /// Whether the seeds of a cell are compared with each other: wide dictionaries take minutes a cell.
  public var areSeedsCompared: Bool
  /// Whether cells say how well-conditioned supports are, and how far a pursuit's codes agree: of dictionaries as they
  /// were trained, not refined.
  public var isConditioningMeasured: Bool

  /// Where rows come from.
  public struct DataSource: Sendable {
    /// What they are, and how one makes them.
    public var about: String
    /// The data of the tool itself: `mod113`, the activations of `elute demo`.
    public var builtIn: String?
    /// Files below the folder that the user gives: read and rebuilt, or only read beside a `target`.
    public var data, target: String?
    /// The files of several sites.
    public var sources: [String]?
    /// A folder below the folder that the user gives, with the features that these data are taken to have.
    public var truth: String?
    /// A Linear Representation Bench, which is made where it is needed.
    public var bench: BenchSettings?
    /// What the sites of a bench are to a dictionary.
    public var role = Role.sources
    /// The fingerprint that the rows must have, if it is fixed.
    public var fingerprint: String?
  }

  /// What the sites of a bench are to a dictionary.
  public enum Role: String, CaseIterable, Sendable {
    /// All are read and rebuilt: an autoencoder's one, or a crosscoder's.
    case sources
    /// The first is read, the second rebuilt.
    case transcoder
    /// The first is read and rebuilt; what is refined then rebuilds the second.
    case stages
  }

  /// A method, on some of the data.
  public struct Variant: Sendable {
    /// Its name.
    public var id: String
    /// What it changes.
    public var settings: TrainSettings
    /// The data that it is trained on, and what it changes there.
    public var on: [String: TrainSettings]
    /// How each seed's dictionary is refined, whose measures then count; nil for as it is.
    public var refine: RefinementSettings?
  }

  /// Pairs of random dictionaries, each of `atoms` uniformly random directions of `width`.
  public struct NullCase: Sendable {
    /// Its name, and that of its cell `null/<id>`.
    public var id: String
    /// The shape of a dictionary.
    public var width, atoms: Int
    /// Independent pairs.
    public var pairs: Int
  }

  /// A size.
  public struct Tier: Sendable {
    /// What it changes.
    public var settings: TrainSettings
    /// The data that are used; all where it does not say.
    public var data: [String]?
    /// The minutes that it may take on two cores.
    public var minutes: Double
    /// The pairs of random dictionaries; as many as each null says where it does not.
    public var pairs: Int?
    /// The instances of each statement; as many as it says where it does not.
    public var instances: Int?
    /// What it is for, where its name does not say it.
    public var about: String?
    /// Whether expectations are judged; a size too small to tell anything only runs.
    public var isJudged: Bool
  }

  /// A claim on what is measured.
  public struct Expectation: Sendable {
    /// Its identifier.
    public var id: String
    /// The claim, and where it was published.
    public var statement, source: String
    /// What is measured.
    public var measure: Measure
    /// The cell, `minilm/topk`.
    public var cell: String
    /// The cell that it is compared with; the published value where there is none.
    public var than: String?
    /// The epochs at which the cells are looked at, at the nearest snapshot; at the end where there are none.
    public var epoch, thanEpoch: Double?
    /// Other cells: the claim is on the slope of the measure over the logarithm of `d_sae`, this cell's included.
    public var slopeOver: [String] = []
    /// How the one is to the other.
    public var relation: Relation
    /// The published value.
    public var published: Double?
    /// How far it may be off.
    public var tolerance: Double
    /// Expectations that it presupposes, by their identifiers.
    public var given: [String]
  }

  /// How a measured value is to another.
  public enum Relation: String, Codable, Sendable, CaseIterable {
    /// Smaller, up to the tolerance.
    case below
    /// Larger, up to the tolerance.
    case above
    /// As large, up to the tolerance.
    case near
    /// Not to be told from it: the interval, widened by the tolerance, has it inside.
    case compatible
  }
}

extension Experiment {
  /// Reads `experiment.json` of a folder.
  ///
  /// - Throws: `TensorFileError` for a file that cannot be read, an unknown or missing key, or a name
  ///   that nothing has.
  public init(folder: String) throws(TensorFileError) {
    let path = folder + "/experiment.json"
    let contents = try JSONFile.contents(of: path)
    do {
      self = try JSONFile.decoder.decode(Experiment.self, from: contents)
    } catch let error as UnknownKey {
      throw TensorFileError(
        path: path, location: .key(error.place), found: "an unknown key",
        expected: error.known.joined(separator: ", "), hint: "is it misspelled?")
    } catch let error as UnknownWord {
      throw TensorFileError(
        path: path, location: .key(error.place), found: "'\(error.word)'",
        expected: error.known.joined(separator: ", "), hint: "is it misspelled?")
    } catch {
      throw TensorFileError(
        path: path, found: JSONFile.problem(error), expected: "an experiment",
        hint: "the folders in Experiments show how one is written")
    }
    try checkNames(path)
    try checkSources(path)
  }

  /// The cells of a tier, data by data: which data, and which variant.
  public func cells(of tier: Tier) -> [(data: String, variant: Variant)] {
    let names = tier.data ?? data.keys.sorted()
    return names.flatMap { name in
      variants.filter { $0.on[name] != nil }.map { (name, $0) }
    }
  }

  /// The settings of a cell.
  public func settings(_ variant: Variant, on name: String, _ tier: Tier) -> TrainSettings {
    var settings = tier.settings
      .overriding((variant.on[name] ?? TrainSettings()).overriding(variant.settings))
      .overriding(base)
    let source = data[name]
    settings.data = source?.builtIn ?? source?.data
    settings.target = source?.target
    settings.sources = source?.sources
    if let source, let bench = source.bench {
      let sites = (0..<bench.sites).map { "lrb.\($0)" }
      switch source.role {
      case .transcoder: (settings.data, settings.target) = (sites[0], sites[1])
      case .sources where sites.count > 1: settings.sources = sites
      case .sources, .stages: settings.data = sites[0]
      }
    }
    return settings
  }

  /// The random dictionaries of a tier.
  public func nulls(of tier: Tier) -> [NullCase] {
    nulls.map { null in
      var null = null
      null.pairs = tier.pairs ?? null.pairs
      return null
    }
  }

  /// The statements of a tier.
  public func theory(of tier: Tier) -> [TheoryCase] {
    theory.map { theory in
      var theory = theory
      theory.instances = tier.instances ?? theory.instances
      return theory
    }
  }

  private static func isName(_ name: String) -> Bool {
    !name.isEmpty
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) }
  }

  private func checkSources(_ path: String) throws(TensorFileError) {
    for (name, source) in data {
      let ways = [
        source.builtIn != nil, source.data != nil, source.sources != nil, source.bench != nil,
      ]
      if ways.count(where: { $0 }) != 1 || (source.target != nil && source.data == nil)
        || (source.truth != nil && (source.data == nil || source.target != nil))
      {
        throw TensorFileError(
          path: path, location: .key("data.\(name)"), found: "no one place of rows",
          expected: "built_in, or data with or without target or truth, or sources, or bench")
      }
      if let bench = source.bench {
        do throws(BenchError) { try bench.validate() } catch {
          throw TensorFileError(
            path: path, location: .key("data.\(name).bench.\(error.key)"), found: error.found,
            expected: error.expected)
        }
      }
      if source.role != .sources, source.bench?.sites != 2 {
        throw TensorFileError(
          path: path, location: .key("data.\(name).as"),
          found: "\(source.bench?.sites ?? 0) sites of a bench", expected: "2, input and target")
      }
      if let builtIn = source.builtIn, builtIn != Self.builtIn {
        throw TensorFileError(
          path: path, location: .key("data.\(name).built_in"), found: "'\(builtIn)'",
          expected: Self.builtIn)
      }
    }
  }

  /// The data of the tool itself.
  static let builtIn = "mod113"

  private func checkNames(_ path: String) throws(TensorFileError) {
    func refuse(_ key: String, _ name: String, _ known: [String]) -> TensorFileError {
      TensorFileError(
        path: path, location: .key(key), found: "'\(name)'",
        expected: known.sorted().joined(separator: ", "), hint: "is it misspelled?")
    }
    for variant in variants {
      if variant.refine != nil, areSeedsCompared {
        throw TensorFileError(
          path: path, location: .key("variants.\(variant.id).refine"),
          found: "seeds that are refined and compared", expected: "compare_seeds false",
          hint: "seeds are compared as they were trained, and refined ones are others")
      }
      for name in variant.on.keys where data[name] == nil {
        throw refuse("variants.\(variant.id).on", name, Array(data.keys))
      }
    }
    for (id, tier) in tiers {
      for name in tier.data ?? [] where data[name] == nil {
        throw refuse("tiers.\(id).data", name, Array(data.keys))
      }
    }
    let names =
      variants.map(\.id) + nulls.map(\.id) + theory.map(\.id) + Array(data.keys)
    for name in [id] + names where !Self.isName(name) {
      throw TensorFileError(
        path: path, location: .key("id"), found: "'\(name)'",
        expected: "letters, digits, - and _", hint: "names become those of files")
    }
    for list in [
      variants.map(\.id), nulls.map(\.id), theory.map(\.id), expectations.map(\.id),
    ] {
      var seen: Set<String> = []
      for name in list where !seen.insert(name).inserted {
        throw TensorFileError(
          path: path, location: .key("id"), found: "'\(name)' twice", expected: "each name once")
      }
    }
    let cells =
      variants.flatMap { variant in variant.on.keys.map { "\($0)/\(variant.id)" } }
      + nulls.map { "null/\($0.id)" } + theory.map { "theory/\($0.id)" }
    for theory in theory {
      guard let problem = theory.problem else { continue }
      throw TensorFileError(
        path: path, location: .key("theory.\(theory.id)"), found: problem,
        expected: "an instance of \(theory.statement.rawValue)")
    }
    for expectation in expectations {
      for cell in [expectation.cell, expectation.than].compactMap({ $0 }) + expectation.slopeOver
      where !cells.contains(cell) {
        throw refuse("expectations.\(expectation.id)", cell, cells)
      }
      for name in expectation.given where !expectations.contains(where: { $0.id == name }) {
        throw refuse("expectations.\(expectation.id).given", name, expectations.map(\.id))
      }
      let isAtEpoch = expectation.epoch != nil || expectation.thanEpoch != nil
      if isAtEpoch, !expectation.measure.isOfSnapshots || !expectation.slopeOver.isEmpty {
        throw TensorFileError(
          path: path, location: .key("expectations.\(expectation.id).epoch"),
          found: expectation.slopeOver.isEmpty
            ? "\(expectation.measure.rawValue) at an epoch" : "a slope at an epoch",
          expected: "a measure that snapshots have",
          hint: Measure.allCases.filter(\.isOfSnapshots).map(\.rawValue).joined(separator: ", "))
      }
      if expectation.than == nil, expectation.published == nil {
        throw TensorFileError(
          path: path, location: .key("expectations.\(expectation.id)"),
          found: "nothing to compare with", expected: "than or published")
      }
    }
  }
}
