import ArgumentParser
import Elute

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

struct ConsensusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "consensus",
    abstract: "One dictionary of the atoms that recur over seeds, beside its baselines.",
    discussion: """
      Example:
        elute consensus runs/a --at-least 4 --out cons --judge runs/held-out

      Atoms of different seeds that are each other's best match, and pairwise at a cosine of tau and \
      more, are one; those of enough seeds are averaged, pruned by what held-out rows lose without them, \
      and refit together. The result opens like any dictionary; consensus.json beside it says how it was \
      made.

      It costs as many runs as it is made of, so it stands beside baselines of the same size that are \
      refit alike: the members without averaging, the distinct atoms and all atoms of the seeds by \
      energy, the seeds themselves, and dictionaries that you name (--baseline), such as one run of as \
      many steps as all seeds together. An atom is replicated if it is a mutual best match in a \
      dictionary of --judge; chance is that of random atoms of the same second moment.
      """)

  @Argument(
    help: ArgumentHelp("Whole runs, or seeds of runs and dictionaries.", valueName: "run"))
  var dictionaries: [String]

  @Option(
    help: ArgumentHelp("How many of the dictionaries an atom must recur in.", valueName: "m"))
  var atLeast: Int

  @Option(help: ArgumentHelp("The folder to write; it must be new or empty.", valueName: "dir"))
  var out: String

  @Option(
    help: ArgumentHelp("The cosine from which on two atoms are one.", valueName: "x"))
  var tau = ConsensusOptions.standardTau

  @Option(
    help: ArgumentHelp("Latents at most. (default: as many as a seed has)", valueName: "n"))
  var dSae: Int?

  @Option(help: ArgumentHelp("Steps of the refit, 0 for none.", valueName: "n"))
  var refitSteps = ConsensusOptions.standardRefitSteps

  @Option(
    help: ArgumentHelp(
      "Its first learning rate, which falls to zero. (default: the run's)",
      valueName: "x"))
  var refitLr: Double?

  @Flag(help: "The refit leaves the atoms as they are: encoder and biases alone learn.")
  var keepAtoms = false

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Dictionaries that were held out, to judge all on.", valueName: "dict"))
  var judge: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Dictionaries to compare with, refit alike.", valueName: "dict"))
  var baseline: [String] = []

  @Option(
    help: ArgumentHelp("The run's activations, if they have moved.", valueName: "path"))
  var data: String?

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let place = try compute.compute()
    let options = try ConsensusOptions(
      atLeast: atLeast, tau: tau, dSae: dSae, refitSteps: refitSteps, refitLr: refitLr,
      keepAtoms: keepAtoms)
    try Consensus.checkFree(out)
    let sources = try ConsensusSources(dictionaries)
    let judges = try NamedDictionary.open(judge)
    let baselines = try NamedDictionary.open(baseline)
    let store = try openData(of: sources.run)
    let estimate = RunEstimate(
      sources.run.plan, rows: store.rows, compute: place,
      streaming: store.isRowMajor ? nil : false)
    let rows: any ActivationSource = estimate.isStreamed ? store : try store.load()
    var progress = ProgressLine()
    let begin = Stopwatch()
    let consensus = try Consensus(
      of: sources, on: rows, path: store.path, judges: judges, baselines: baselines,
      options: options, compute: place
    ) { done, total in
      progress.draw("refit step", done: done, of: total, seconds: begin.seconds)
    }
    progress.clear()
    try consensus.write(to: out)
    if output.json { return try Console.json(consensus.record) }
    printTable(consensus.record)
  }

  /// The run's activations, where the run or the user says that they are.
  private func openData(of run: RunDescription) throws -> AlignedStores {
    if let data { return try AlignedStores.open([data]) }
    if let missing = run.paths.first(where: { !FileManager.default.fileExists(atPath: $0) }) {
      throw TensorFileError(
        path: missing, found: "nothing there", expected: "the activations of the run",
        hint: "say where they are now with --data")
    }
    return try AlignedStores.open(run.paths)
  }

  private func printTable(_ record: ConsensusRecord) {
    let sources = record.sources
    let settings = record.settings
    let counts = record.clustersByMembers.enumerated().reversed()
      .map { "\($0.offset + 1): \($0.element)" }.joined(separator: ", ")
    let live = sources.reduce(0) { $0 + $1.liveAtoms }
    let own = record.candidates[0]
    print(
      """
      consensus of \(sources.count) dictionaries with \(live) live atoms, \(record.convention) \
      cosines of \(settings.tau) and more
        distinct atoms by how many dictionaries have them  \(counts)
        kept  \(record.members.count) of \(record.qualified) in at least \(settings.atLeast), \
      cosine \(fixed(record.refitCosine, 4)) to themselves before the refit
        fvu   \(fixed(own.fvu, 4)) at l0 \(fixed(own.l0, 2)), on \(record.measuredRows) rows; \
      the dictionaries as they are \
      \(fixed(sources.reduce(0) { $0 + $1.fvu } / Double(sources.count), 4))

      """)
    let names = record.candidates.map { inWords($0) }
    let width = max(names.map(\.count).max() ?? 0, 10) + 2
    func pad(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(width - text.count, 1))
    }
    let isJudged = !record.judges.isEmpty
    print(
      pad("", width) + "atoms   fvu, refit from  l0"
        + (isJudged
          ? "     replicated  chance  lead of the consensus       mmcs    chance  kappa" : ""))
    for (name, candidate) in zip(names, record.candidates) {
      var line =
        pad(name, width) + pad(fixed(candidate.atoms, 0), 8)
        + pad("\(fixed(candidate.fvu, 4)) \(fixed(candidate.fvuBeforeRefit, 4))", 17)
        + pad(fixed(candidate.l0, 2), 7)
      if let agreement = candidate.agreement {
        line +=
          pad(fixed(agreement.replication, 4), 12) + pad(fixed(agreement.chance, 4), 8)
          + pad(inWords(agreement), 28) + pad(fixed(agreement.mmcs, 4), 8)
          + pad(fixed(agreement.nullMmcs, 4), 8) + fixed(agreement.kappa, 4)
      }
      print(String(line.reversed().drop { $0 == " " }.reversed()))
    }
    if let shares = record.replicationByMembers {
      let known = shares.enumerated().reversed().compactMap { place, share in
        share.map { "\(place + 1): \(fixed($0, 2))" }
      }
      print("\nreplicated by how many dictionaries have the atom  \(known.joined(separator: ", "))")
      print(
        "judged on \(record.judges.count) dictionaries; 95 % intervals are over them, for one "
          + "network and one set of data")
    }
    print("-> \(out)")
  }

  /// By how much more the consensus' atoms recur, with its interval; of the consensus that of its own share.
  private func inWords(_ agreement: ConsensusRecord.Agreement) -> String {
    func span(_ interval: [Double]?) -> String {
      interval.map { "\(fixed($0[0], 4)) to \(fixed($0[1], 4))" } ?? ""
    }
    guard let lead = agreement.lead else {
      return agreement.interval.map { "share \(span($0))" } ?? ""
    }
    return "\(fixed(lead, 4)) " + (agreement.leadInterval.map { "(\(span($0)))" } ?? "")
  }

  private func inWords(_ candidate: ConsensusRecord.Candidate) -> String {
    switch candidate.kind {
    case .consensus, .baseline: candidate.name
    case .members: "its members, not averaged"
    case .distinctUnion: "distinct atoms by energy"
    case .union: "all atoms by energy"
    case .seeds: "the dictionaries, mean of \(candidate.dictionaries)"
    }
  }
}
