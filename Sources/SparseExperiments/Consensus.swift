import DictionaryMetrics
import DictionaryTraining
public import RunRecords
public import SparseCoding
public import TensorFiles

/// One dictionary of what several have in common, and what it is worth beside its baselines.
///
/// 1. The live latents of all dictionaries, in one frame (`LatentUnion`).
/// 2. Clusters of atoms that recur, at most one of each dictionary (`AtomClusters`); those of enough members
///    are kept, each as the mean of its members.
/// 3. Where they are too many, those without which held-out rows lose least are taken away (`RemovalCosts`).
/// 4. Encoder, atoms and bias are trained together for some more steps.
///
/// It costs as many runs as there are dictionaries, averaged atoms agree better by shrinkage alone, and a
/// refit whose rate falls to zero makes any dictionary better. So everything that it is compared with is at
/// most as large and refit alike: the clusters' members nearest to their centers, without averages; clusters of
/// any number of members by energy; the union of all latents by energy; each dictionary's own latents by energy; and what
/// the user names, such as one run of as many steps as all together. One half of the held-out rows
/// chooses, the other measures.
///
/// - Complexity: that of `AtomClusters`, and `refit_steps` training steps for each dictionary compared.
/// - Source: stability selection (Meinshausen and Bühlmann 2010), of which "recurs in enough runs" is the
///   rule; specification, statistics, for the baselines.
public struct Consensus: Sendable {
  /// The dictionary, in the data's own units.
  public let coder: SparseCoder
  /// How it was made, and what it is worth.
  public let record: ConsensusRecord

  /// At most so many held-out rows choose atoms.
  static let choosingRows = 8192

  /// The consensus of dictionaries.
  ///
  /// - Parameters:
  ///   - source: The rows that they were trained on.
  ///   - path: Where those come from, for messages.
  ///   - judges: Dictionaries of the same kind that no atom was taken from.
  ///   - baselines: Dictionaries to compare with.
  ///   - progress: Called with the steps of refits done, of how many.
  /// - Throws: `ConfigurationError` for options that do not fit the dictionaries, `TensorFileError` for rows
  ///   that are not those of the run, `MetricError` for dictionaries that cannot be compared.
  public init(
    of sources: ConsensusSources, on source: any ActivationSource, path: String,
    judges: [NamedDictionary] = [], baselines: [NamedDictionary] = [], options: ConsensusOptions,
    compute: Compute, progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
  ) throws {
    let dictionaries = sources.dictionaries
    try options.check(dictionaries: dictionaries.count)
    for baseline in baselines { try sources.check(baseline, as: "baseline") }
    for judge in judges {
      try sources.check(judge, as: "judge")
      if let known = (dictionaries + baselines).first(where: { $0.coder == judge.coder }) {
        throw ConfigurationError(
          key: "judge", found: "\(judge.name), which is \(known.name)",
          expected: "dictionaries that nothing was made of",
          hint: "train some with other seeds: --resume --seeds extends a run")
      }
    }
    let (rows, squares) = try sources.rows(source, path: path)
    let (choosing, measured) = Self.halves(of: rows.evaluated)
    let chosenOn = try rows.source.matrix(ofRows: choosing)
    let configuration = sources.run.plan.configuration
    let convention = CosineConvention(for: configuration.activation)

    let (atoms, liveness) = try liveAtoms(
      of: dictionaries, options: ComparisonOptions(), compute: compute)
    let clusters = try AtomClusters(
      of: atoms, convention: convention, threshold: Float(options.tau), on: compute)
    let union = LatentUnion(dictionaries.map(\.coder), live: atoms, convention: convention)
    let groups = clusters.clusters.map { $0.map(union.place) }
    let qualified = groups.filter { $0.count >= options.atLeast }
    let most = min(options.dSae ?? sources.latents, qualified.count)
    try Self.check(most, configuration.activation, options)

    let assembled = union.centers(qualified)
    let kept = assembled.leastMissed(keeping: most, on: chosenOn, compute: compute)
      .map { qualified[$0] }
    let energies = dictionaries.map { $0.coder.energies(on: chosenOn, compute: compute) }
    var unionEnergies = [Double](repeating: 0, count: union.count)
    for (place, live) in atoms.enumerated() {
      for latent in live.liveLatents {
        unionEnergies[union.place(of: .init(dictionary: place, latent: latent))] =
          energies[place][latent]
      }
    }
    let groupEnergies = groups.map { $0.reduce(0) { $0 + unionEnergies[$1] } }
    var entries = [
      Entry(.consensus, union.centers(kept)),
      Entry(.members, union.centers(kept.map { [union.nearest($0)] })),
      Entry(
        .distinctUnion, union.centers(largest(most, of: groupEnergies).map { groups[$0] })),
      Entry(.union, union.centers(largest(most, of: unionEnergies).map { [$0] })),
    ]
    for (dictionary, energies) in zip(dictionaries, energies) {
      entries.append(Entry(.seeds, dictionary.coder.keeping(largest(most, of: energies))))
    }
    for baseline in baselines {
      let energies = baseline.coder.energies(on: chosenOn, compute: compute)
      entries.append(
        Entry(.baseline, baseline.coder.keeping(largest(most, of: energies)), baseline.name))
    }

    let peak =
      options.refitLr ?? configuration.learningRate.peak * ConsensusOptions.standardRefitRate
    let refit = try ConsensusRefit(
      sources.run.plan, steps: options.refitSteps, peak: peak, rows: rows, squares: squares,
      compute: compute
    ).refit(entries.map(\.coder), progress: progress)

    func measure(_ coder: SparseCoder) throws -> Evaluation {
      try evaluate(coder, on: rows.source, rows: measured, path: path, compute: compute).measures
    }
    let bench = try ConsensusJudges(
      judges, convention: convention, tau: options.tau, compute: compute)
    for place in entries.indices {
      entries[place].before = try measure(entries[place].coder)
      entries[place].after = try measure(refit[place])
      entries[place].verdict = try bench.verdict(on: refit[place], name: entries[place].name)
    }
    let described = try zip(dictionaries, atoms).map { dictionary, atoms in
      let measures = try measure(dictionary.coder)
      return ConsensusRecord.Source(
        name: dictionary.name, dSae: dictionary.coder.latents, liveAtoms: atoms.liveLatents.count,
        fvu: measures.fvu, l0: measures.l0)
    }

    coder = refit[0]
    let members = kept.map(\.count)
    record = ConsensusRecord(
      eluteVersion: eluteVersion, sources: described, data: sources.run.data,
      settings: .init(
        atLeast: options.atLeast, tau: options.tau, dSae: options.dSae ?? sources.latents,
        refitSteps: options.refitSteps, refitLr: peak,
        activation: configuration.activation.name, k: configuration.activation.k),
      convention: convention.rawValue, liveness: liveness, choosingRows: choosing.count,
      measuredRows: measured.count, clustersByMembers: clusters.countsByMembers,
      qualified: qualified.count, members: members,
      refitCosine: Self.meanCosine(entries[0].coder, refit[0]), judges: judges.map(\.name),
      replicationByMembers: judges.isEmpty
        ? nil
        : (1...dictionaries.count).map { count in
          entries[0].verdict.replication(of: members.indices.filter { members[$0] == count })
        },
      candidates: Self.candidates(entries, judges: bench), host: .init(compute))
  }

  /// Writes the folder: the dictionary as every other one, and `consensus.json`; whole or not at all.
  public func write(to folder: String) throws(TensorFileError) {
    let own = record.candidates[0]
    try AtomicFolder.write(to: folder) { (temporary) throws(TensorFileError) in
      try SAELensDictionary.write(
        coder,
        metadata: [
          "elute_version": .string(eluteVersion),
          "elute_consensus_of": .string(
            record.sources.map(\.name).joined(separator: ", ")),
          "data_fingerprint": .string(record.data.fingerprint), "l0": .number(own.l0),
        ], to: temporary)
      try JSONFile.writeSealed(record, to: temporary + "/" + Self.recordName)
    }
  }

  /// The file beside the dictionary that says how it was made.
  public static let recordName = "consensus.json"

  /// Refuses a folder that holds something, before anything is computed.
  public static func checkFree(_ folder: String) throws(TensorFileError) {
    guard names(in: folder).isEmpty else {
      throw TensorFileError(
        path: folder, found: "a folder with other files", expected: "a new or empty folder",
        hint: "choose another --out; nothing is overwritten")
    }
  }

  /// Reads the record of a consensus.
  public static func readRecord(_ folder: String) throws(TensorFileError) -> ConsensusRecord {
    try JSONFile.readSealed(
      ConsensusRecord.self, schema: ConsensusRecord.currentSchema,
      from: folder + "/" + recordName)
  }

  /// A dictionary that is measured.
  private struct Entry {
    let kind: ConsensusRecord.Candidate.Kind
    let name: String
    let coder: SparseCoder
    var before: Evaluation?
    var after: Evaluation?
    var verdict = ConsensusJudges.Verdict()

    init(
      _ kind: ConsensusRecord.Candidate.Kind, _ coder: SparseCoder, _ name: String? = nil
    ) {
      self.kind = kind
      self.name = name ?? kind.rawValue
      self.coder = coder
    }
  }

  /// Every second held-out row chooses, at most so many and evenly spread; the others measure.
  private static func halves(of rows: RowSelection) -> (choosing: [Int], measured: [Int]) {
    let first = stride(from: 0, to: rows.count, by: 2).map { rows[$0] }
    let step = max(1, (first.count + choosingRows - 1) / choosingRows)
    return (
      stride(from: 0, to: first.count, by: step).map { first[$0] },
      stride(from: 1, to: rows.count, by: 2).map { rows[$0] }
    )
  }

  private static func check(
    _ atoms: Int, _ rule: Activation, _ options: ConsensusOptions
  ) throws(ConfigurationError) {
    let needed = rule.k ?? 1
    guard atoms < needed else { return }
    let isAsked = options.dSae.map { $0 < needed } ?? false
    throw ConfigurationError(
      key: isAsked ? "d_sae" : "at_least",
      found: isAsked
        ? "\(atoms)" : "\(atoms) atoms that recur in \(options.atLeast) dictionaries or more",
      expected: "at least \(needed), as many as are active in a row",
      hint: isAsked
        ? "raise --d-sae" : "lower --at-least or --tau; elute compare says how far seeds agree")
  }

  private static func meanCosine(_ before: SparseCoder, _ after: SparseCoder) -> Double {
    func dot(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
      zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    }
    let cosines = (0..<before.latents).map { latent in
      let (a, b) = (before.decoder.row(latent), after.decoder.row(latent))
      return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
    }
    return cosines.reduce(0, +) / Double(max(cosines.count, 1))
  }

  /// The candidates in the order of the entries, the sources as their mean.
  private static func candidates(
    _ entries: [Entry], judges: ConsensusJudges
  ) -> [ConsensusRecord.Candidate] {
    let sources = entries.indices.filter { entries[$0].kind == .seeds }
    let parts = entries.indices.compactMap { place in
      entries[place].kind != .seeds ? [place] : place == sources.first ? sources : nil
    }
    return parts.map { part in
      let same = part.map { entries[$0] }
      func mean(_ value: (Entry) -> Double?) -> Double {
        same.reduce(0) { $0 + (value($1) ?? .nan) } / Double(same.count)
      }
      return .init(
        kind: same[0].kind, name: same[0].name, dictionaries: same.count,
        atoms: mean { Double($0.coder.latents) }, fvuBeforeRefit: mean { $0.before?.fvu },
        fvu: mean { $0.after?.fvu }, l0: mean { $0.after?.l0 },
        agreement: judges.agreement(same.map(\.verdict)))
    }
  }
}
