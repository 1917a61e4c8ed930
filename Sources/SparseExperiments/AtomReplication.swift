public import DictionaryMetrics
public import DictionaryTraining
public import RunRecords
public import SparseCoding

/// Which live atoms of the first dictionary the others have too; see `AtomReplication`.
///
/// Live atoms and convention are those of `compare` with the same options. Of these only the rows decide
/// here; the null's law and seed are those of the settings.
///
/// - Throws: `ConfigurationError` if a setting cannot be, `MetricError` if dictionaries cannot be compared,
///   `TensorFileError` if the rows for liveness have another width.
/// - Precondition: At least two dictionaries.
public func atomReplication(
  _ dictionaries: [NamedDictionary], settings: ReplicationSettings = .init(),
  options: ComparisonOptions = .init(), compute: Compute
) throws -> ReplicationRecord {
  precondition(dictionaries.count > 1, "a replication takes two dictionaries")
  try settings.check(others: dictionaries.count - 1)
  let (atoms, liveness) = try liveAtoms(of: dictionaries, options: options, compute: compute)
  let first = dictionaries[0]
  let found = try AtomReplication(
    of: atoms[0], in: Array(atoms.dropFirst()),
    convention: CosineConvention(for: first.coder.activation), settings: settings, on: compute)
  var densities = first.record?.firingDensities
  if let rows = options.liveOn {
    densities = try evaluate(first.coder, on: rows, path: options.livePath, compute: compute)
      .firingDensities
  }
  let intervals = (0...found.others).map {
    ClopperPearson(successes: $0, trials: found.others).interval()
  }
  return ReplicationRecord(
    dictionaries: dictionaries.map(\.name), tau: settings.threshold,
    atLeast: found.required, null: settings.law.name, nullDraws: settings.draws,
    nullCosine: found.nullCosine, nullCosine95: found.nullCosine95, chance: found.chance,
    liveness: liveness,
    atoms: found.atoms.map { atom in
      let interval = intervals[atom.replications]
      return AtomRecord(
        atom: atom.latent, bestMatch: atom.bestMatch, cosine: atom.cosine, pValue: atom.pValue,
        qValue: atom.qValue, replications: atom.replications, trials: found.others,
        low: interval.low, high: interval.high,
        density: densities.map { Double($0[atom.latent]) }, mutual: atom.isMutual)
    })
}

extension ReplicationRecord {
  /// The atoms as a table of comma-separated values, a line each below the columns' names.
  ///
  /// `density` is empty where it is not known; `mutual` is 1 or 0.
  public var csv: String {
    let heading =
      "atom,best_match,cosine,p_value,q_value,replications,trials,low,high,density,mutual\n"
    return atoms.reduce(into: heading) { text, atom in
      let density = atom.density.map { "\(Float($0))" } ?? ""
      text += """
        \(atom.atom),\(atom.bestMatch),\(atom.cosine),\(atom.pValue),\(atom.qValue),\
        \(atom.replications),\(atom.trials),\(atom.low),\(atom.high),\(density),\
        \(atom.mutual ? 1 : 0)

        """
    }
  }
}

extension ReplicationSettings {
  /// Refuses settings that cannot be for a number of other dictionaries.
  public func check(others: Int) throws(ConfigurationError) {
    guard threshold > 0, threshold <= 1 else {
      throw ConfigurationError(
        key: "tau", found: "\(threshold)", expected: "a cosine above 0 and at most 1",
        hint: "\(SharedLatents.standardThreshold) is the default")
    }
    let required = required(of: others)
    guard (1...others).contains(required) else {
      throw ConfigurationError(
        key: "at_least", found: "\(required)",
        expected: "1 to \(others), the number of other dictionaries",
        hint: "leave it out for more than half of them")
    }
    guard (20...10_000).contains(draws) else {
      throw ConfigurationError(
        key: "draws", found: "\(draws)", expected: "20 to 10000",
        hint: "with fewer no atom of many could be told from chance")
    }
  }
}
