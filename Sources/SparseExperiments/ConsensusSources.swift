import DictionaryTraining
import RunRecords
import SparseCoding
import TensorFiles

/// The dictionaries that a consensus is made of, and the run whose settings and data it is refit by.
public struct ConsensusSources: Sendable {
  /// The dictionaries, two or more of one kind.
  public let dictionaries: [NamedDictionary]
  /// The run of the first that has one.
  public let run: RunDescription
  /// Its folder's description, for messages.
  private let descriptionPath: String

  /// Opens whole runs, seeds of runs and dictionaries, of which one at least lies in a run.
  ///
  /// - Throws: `ConfigurationError` also for methods whose dictionaries have no consensus.
  public init(_ paths: [String]) throws {
    let dictionaries = try NamedDictionary.open(paths)
    guard dictionaries.count > 1 else {
      throw ConfigurationError(
        key: "consensus", found: "one dictionary", expected: "two or more",
        hint: "name a run of several seeds")
    }
    guard let folder = paths.lazy.compactMap(Self.run(around:)).first else {
      throw ConfigurationError(
        key: "consensus", found: "dictionaries without a run",
        expected: "the folder of at least one in its run, whose settings the refit takes",
        hint: "name what elute train wrote, such as runs/a")
    }
    self.dictionaries = dictionaries
    run = try folder.description()
    descriptionPath = folder.descriptionPath
    try Self.check(run.plan)
    for (place, other) in dictionaries.enumerated() {
      try check(other, as: "consensus")
      if let same = dictionaries[..<place].first(where: { $0.coder == other.coder }) {
        throw ConfigurationError(
          key: "consensus", found: "\(other.name), which is \(same.name)",
          expected: "different dictionaries",
          hint: "an atom that is counted twice recurs in nothing")
      }
      if let data = other.record?.data, data.fingerprint != run.data.fingerprint {
        throw ConfigurationError(
          key: "consensus", found: "\(other.name), trained on \(data.path)",
          expected: "the same rows as the others, \(run.data.path)",
          hint: "dictionaries of other data are others; compare them with elute compare")
      }
    }
  }

  /// The latents of the first.
  var latents: Int { dictionaries[0].coder.latents }

  /// The run that a path is, or lies in.
  private static func run(around path: String) -> RunFolder? {
    [path, path + "/..", path + "/../.."].map { RunFolder($0) }.first(where: \.exists)
  }

  /// Refuses a dictionary of another kind than the run's.
  private func check(_ other: NamedDictionary, as key: String) throws(ConfigurationError) {
    let configuration = run.plan.configuration
    let rule: Activation =
      if case .batchTopK = configuration.activation { .jumpReLU } else { configuration.activation }
    func kind(_ rule: Activation) -> String { rule.name + (rule.k.map { " of k \($0)" } ?? "") }
    let coder = other.coder
    if coder.architecture.sites.map(\.width) != configuration.architecture.sites.map(\.width)
      || coder.architecture.name != configuration.architecture.name
    {
      let widths = coder.architecture.sites.map { "\($0.width)" }.joined(separator: ", ")
      throw ConfigurationError(
        key: key, found: "\(other.name), \(coder.architecture.name) of width \(widths)",
        expected: "an autoencoder of width \(configuration.architecture.rowWidth), as the run has",
        hint: "name dictionaries of the same activations")
    }
    if coder.activation != rule || coder.rowScaling != .none || coder.multistep != nil {
      throw ConfigurationError(
        key: key, found: "\(other.name), \(kind(coder.activation))",
        expected: "\(kind(rule)), as the run has", hint: "name dictionaries of one method")
    }
  }

  /// Refuses judges and baselines of another kind, and judges that something was made of.
  func check(
    judges: [NamedDictionary], baselines: [NamedDictionary]
  ) throws(ConfigurationError) {
    for baseline in baselines { try check(baseline, as: "baseline") }
    for judge in judges {
      try check(judge, as: "judge")
      if let known = (dictionaries + baselines).first(where: { $0.coder == judge.coder }) {
        throw ConfigurationError(
          key: "judge", found: "\(judge.name), which is \(known.name)",
          expected: "dictionaries that nothing was made of",
          hint: "train some with other seeds: --resume --seeds extends a run")
      }
    }
  }

  /// Refuses methods whose latents cannot be put together from several dictionaries and trained on.
  private static func check(_ plan: RunPlan) throws(ConfigurationError) {
    let configuration = plan.configuration
    func refuse(_ key: String, _ found: String, _ expected: String) -> ConfigurationError {
      ConfigurationError(
        key: key, found: found, expected: expected,
        hint: "elute compare says what such dictionaries have in common")
    }
    guard case .autoencoder = configuration.architecture else {
      throw refuse("consensus", "a \(configuration.architecture.name)", "autoencoders")
    }
    if case .multistep = configuration.encoder {
      throw refuse("multistep", "latents that feed each other", "an encoder of one step")
    }
    if configuration.activation == .gated {
      throw refuse("activation", "gated", "relu, jumprelu, topk, abstopk or batchtopk")
    }
    if !configuration.objective.prefixes.isEmpty {
      throw refuse("matryoshka", "latents in a nested order", "latents without an order")
    }
    if plan.spikes != nil {
      throw refuse("spike_in", "latents of planted directions", "latents of the data alone")
    }
    if plan.anchors != nil {
      throw refuse("anchors", "latents that were told what to be", "latents that were found")
    }
    if case .annealedPower = configuration.objective.sparsity {
      throw refuse("p_end", "a penalty that changes while training", "one that does not")
    }
    switch configuration.normalization {
    case .none, .unitMeanSquare, .meanNorm, .centered: break
    case .unitNorm, .layerNorm, .whitened:
      throw refuse(
        "normalize", configuration.normalization.rawValue, "units of one factor for all rows")
    }
  }

  /// The rows of the run, divided as it divided them.
  ///
  /// - Throws: If they are other rows than those that the dictionaries were trained on.
  func rows(_ source: any ActivationSource, path: String) throws -> (TrainingRows, RowSquares) {
    let rows = TrainingRows(source, holdOut: run.plan.holdOut)
    guard source.width == run.plan.configuration.architecture.rowWidth else {
      throw TensorFileError(
        path: path, found: "rows of width \(source.width)",
        expected: "width \(run.plan.configuration.architecture.rowWidth), as the run has",
        hint: "give the data of the run")
    }
    let survey = try RowSurvey(rows)
    guard survey.fingerprint == run.data.fingerprint else {
      throw TensorFileError(
        path: path, found: "\(source.rows) other rows than those of the run",
        expected: "the \(run.data.rows) rows of \(run.data.path), by their fingerprint in "
          + descriptionPath,
        hint: "give the data of the run; on others nothing would be held out")
    }
    guard rows.evaluated.count > 1 else {
      throw ConfigurationError(
        key: "holdout", found: "\(rows.evaluated.count) held-out row", expected: "two or more",
        hint: "one half chooses atoms, the other measures; train with a larger --holdout")
    }
    return (rows, survey.squares)
  }
}
