import DictionaryMetrics
import DictionaryTraining
public import RunRecords
public import SparseCoding
public import TensorFiles

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

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
    try sources.check(judges: judges, baselines: baselines)
    let (rows, squares) = try sources.rows(source, path: path)
    let (choosing, measured) = Self.halves(of: rows.evaluated)
    let configuration = sources.run.plan.configuration
    let atoms = try ConsensusAtoms(
      of: sources, options: options, choosingOn: try rows.source.matrix(ofRows: choosing),
      compute: compute)
    var entries = atoms.candidates(beside: baselines)

    let peak = options.refitLr ?? configuration.learningRate.peak
    let refit = try ConsensusRefit(
      sources.run.plan, steps: options.refitSteps, peak: peak, keepsAtoms: options.keepAtoms,
      rows: rows, squares: squares, compute: compute
    ).refit(entries.map(\.coder), progress: progress)

    func measure(_ coder: SparseCoder) throws -> Evaluation {
      try evaluate(coder, on: rows.source, rows: measured, path: path, compute: compute).measures
    }
    let bench = try ConsensusJudges(
      judges, convention: atoms.convention, tau: options.tau, compute: compute)
    for place in entries.indices {
      entries[place].before = try measure(entries[place].coder)
      entries[place].after = try measure(refit[place])
      entries[place].verdict = try bench.verdict(on: refit[place], name: entries[place].name)
    }
    let described = try zip(dictionaries, atoms.live).map { dictionary, live in
      let measures = try measure(dictionary.coder)
      return ConsensusRecord.Source(
        name: dictionary.name, dSae: dictionary.coder.latents, liveAtoms: live.liveLatents.count,
        fvu: measures.fvu, l0: measures.l0)
    }

    coder = refit[0]
    let members = atoms.kept.map(\.count)
    record = ConsensusRecord(
      eluteVersion: eluteVersion, sources: described, data: sources.run.data,
      settings: .init(
        atLeast: options.atLeast, tau: options.tau, dSae: options.dSae ?? sources.latents,
        refitSteps: options.refitSteps, refitLr: peak, keepAtoms: options.keepAtoms,
        activation: configuration.activation.name, k: configuration.activation.k),
      convention: atoms.convention.rawValue, liveness: atoms.liveness, choosingRows: choosing.count,
      measuredRows: measured.count, clustersByMembers: atoms.clusters.countsByMembers,
      qualified: atoms.qualified.count, members: members,
      refitCosine: Self.meanCosine(entries[0].coder, refit[0]), judges: judges.map(\.name),
      replicationByMembers: judges.isEmpty
        ? nil
        : (1...dictionaries.count).map { count in
          entries[0].verdict.replication(of: members.indices.filter { members[$0] == count })
        },
      candidates: ConsensusRecord.Candidate.all(entries, judges: bench), host: .init(compute))
  }

  /// Writes the folder: the dictionary as every other one, and `consensus.json`; whole or not at all.
  public func write(to folder: String) throws(TensorFileError) {
    let own = record.candidates[0]
    try makeFolder(folder)
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

  /// Refuses a folder that holds something or cannot be made, before anything is computed.
  public static func checkFree(_ folder: String) throws(TensorFileError) {
    guard names(in: folder).isEmpty else {
      throw TensorFileError(
        path: folder, found: "a folder with other files", expected: "a new or empty folder",
        hint: "choose another --out; nothing is overwritten")
    }
    var above = URL(fileURLWithPath: folder)
    while !FileManager.default.fileExists(atPath: above.path), above.path != "/" {
      above.deleteLastPathComponent()
    }
    // Only a folder has a "." in it.
    guard FileManager.default.isWritableFile(atPath: above.path + "/.") else {
      throw TensorFileError(
        path: folder, found: "a folder that cannot be made", expected: "a place to write",
        hint: "check the path and its permissions")
    }
  }

  /// Reads the record of a consensus.
  public static func readRecord(_ folder: String) throws(TensorFileError) -> ConsensusRecord {
    try JSONFile.readSealed(
      ConsensusRecord.self, schema: ConsensusRecord.currentSchema,
      from: folder + "/" + recordName)
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
}
