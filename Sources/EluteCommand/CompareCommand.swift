import ArgumentParser
import Elute

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Do dictionaries agree, and by how much more than chance?",
    discussion: """
      Example:
        elute compare runs/a                     all finished seeds of a run
        elute compare runs/a/seed-0 gpt2-sae/ --data acts.npy
        elute compare runs/a --per-atom atoms.csv   which atoms come back?

      mmcs is the mean best cosine over live atoms, dcs the mean one-to-one matched cosine. Chance is a \
      null of random atoms with the second moment of each dictionary; kappa is 0 at chance and 1 for \
      equal dictionaries.

      --per-atom has a line for each live atom of the first dictionary: best_match and cosine in the \
      second; p_value, the chance of so good matches in more than half (--at-least) of the others, and q_value, the \
      same with regard to all atoms (Benjamini-Yekutieli); replications, in how many of the others (trials) \
      the two are mutual best matches of at least tau, and the exact 95 % interval low to high of the chance \
      that another such dictionary has the atom.
      """)

  @Argument(help: ArgumentHelp("Dictionaries, seeds of runs, or whole runs.", valueName: "dict"))
  var dictionaries: [String]

  @OptionGroup(title: "Activations on which a latent must fire to be called live")
  var sites: SiteOptions

  @OptionGroup(title: "Which atoms come back") var perAtom: PerAtomOptions

  @Option(
    name: .customLong("null"),
    help: ArgumentHelp(
      """
      The null: decoder_second_moment, matched_second_moment or isotropic. (default: \
      decoder_second_moment; for --per-atom matched_second_moment, which two independent dictionaries do \
      not exceed)
      """, valueName: "law"))
  var law: LawName?

  @Flag(
    help: ArgumentHelp(
      "Also compare the codes that a pursuit finds on each dictionary's atoms, with --data."))
  var oracle = false

  @Option(help: ArgumentHelp("Seed of the null's draws.", valueName: "n"))
  var seed: UInt64 = 0

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let place = try compute.compute()
    let named = try NamedDictionary.open(dictionaries)
    guard named.count > 1 else {
      throw ConfigurationError(
        key: "compare", found: "one dictionary", expected: "two or more",
        hint: "name another one, or a run of several seeds")
    }
    try perAtom.check(others: named.count - 1)
    var options = ComparisonOptions(law: law?.law ?? .decoderSecondMoment, seed: seed)
    options.hasOracle = oracle
    if oracle, sites.paths.isEmpty {
      throw ConfigurationError(
        key: "oracle", found: "no rows", expected: "--data", hint: "a pursuit codes rows")
    }
    if !sites.paths.isEmpty {
      let stores = try AlignedStores.open(sites.paths)
      options.liveOn = try stores.load()
      options.livePath = stores.path
    }
    let comparison = try compare(named, options: options, compute: place)
    let replication = try perAtom.write(
      named, law: law?.law, options: options, compute: place)
    if output.json { return try Console.json(comparison) }
    printTable(comparison)
    for line in replication { print(line) }
  }

  private func printTable(_ comparison: ComparisonRecord) {
    func row(_ name: String, _ value: Double, _ null: Double, _ note: String) {
      let padding = String(repeating: " ", count: max(10 - name.count, 1))
      print("  \(name)\(padding)\(fixed(value, 4))   chance \(fixed(null, 4))   \(note)")
    }
    let pairs = comparison.pairs.count
    print(
      "\(comparison.dictionaries.count) dictionaries, \(pairs) pair\(pairs == 1 ? "" : "s"), "
        + "\(comparison.convention) cosines, live atoms by \(livenessInWords(comparison.liveness))")
    row("mmcs", comparison.mmcs, comparison.nullMmcs, "mean best cosine")
    let gap = comparison.assignmentGap
    row(
      "dcs", comparison.dcs, comparison.nullDcs,
      "mean one-to-one matched cosine" + (gap > 0 ? ", \(Float(gap)) from the best at most" : ""))
    if let fraction = comparison.sharedFraction, let null = comparison.nullSharedFraction {
      row(
        "in common", fraction, null,
        "latents whose decoder and encoder agree on one partner, above 0.7")
    }
    if let overlap = comparison.codeIoU, let null = comparison.nullCodeIoU,
      let distance = comparison.codeDistance
    {
      row(
        "code_iou", overlap, null,
        "active latents in common on these rows; code_distance \(fixed(distance, 4))")
    }
    if let overlap = comparison.oracleCodeIoU, let distance = comparison.oracleCodeDistance,
      let null = comparison.nullOracleCodeIoU
    {
      row(
        "pursued", overlap, null,
        "the same of codes by matching pursuit; code_distance \(fixed(distance, 4))")
    }
    if let overlap = comparison.subspaceOverlap, let null = comparison.nullSubspaceOverlap {
      row(
        "subspace", overlap, null,
        "of the \(SubspaceOverlap.directions) leading directions, as squared cosine; chance is of random spaces"
      )
    }
    let interval = comparison.kappaInterval.map {
      "   95 % interval \(fixed($0[0], 4)) to \(fixed($0[1], 4)) over seeds"
    }
    print("  kappa     \(fixed(comparison.kappa, 4))   0 is chance, 1 is equal\(interval ?? "")")
    let others = [
      "of dcs \(fixed(comparison.dcsKappa, 4))",
      comparison.matchedKappa.map { "of mmcs by the matched null \(fixed($0, 4))" },
    ].compactMap { $0 }
    print("            " + others.joined(separator: ", "))
    let controls = comparison.controls.sorted { $0.key < $1.key }
      .map { "\($0.key) \(fixed($0.value.kappa, 4))" }
    if !controls.isEmpty {
      print("  controls  \(controls.joined(separator: ", "))   the kappa of what nobody learned")
    }
    print("  shared    \(sharedInWords(comparison.shared))")
  }

  private func livenessInWords(_ liveness: String) -> String {
    switch liveness {
    case "data": "the given data"
    case "record": "the runs' records"
    default: "default (no record: every atom counts)"
    }
  }

  private func sharedInWords(_ shared: Shared) -> String {
    func word(_ sharing: Sharing) -> String {
      switch sharing {
      case .mixed: "same in some pairs"
      case .disjoint: "disjoint parts"
      default: sharing.rawValue
      }
    }
    return
      "initial weights \(word(shared.initialization)), order of rows \(word(shared.dataOrder)), "
      + "data \(word(shared.data))"
  }
}

/// A null by the name that flags and files have for it.
struct LawName: ExpressibleByArgument {
  let law: AtomLaw

  init?(argument: String) {
    guard let law = AtomLaw.allCases.first(where: { $0.name == argument }) else { return nil }
    self.law = law
  }

  static var allValueStrings: [String] { AtomLaw.allCases.map(\.name) }
}
