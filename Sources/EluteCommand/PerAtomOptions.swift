import ArgumentParser
import Elute

/// The flags for a table of atoms.
struct PerAtomOptions: ParsableArguments {
  @Option(
    name: .customLong("per-atom"),
    help: ArgumentHelp(
      "A table to write: the live atoms of the first dictionary against all others.",
      valueName: "file.csv"))
  var file: String?

  @Option(
    help: ArgumentHelp("The least cosine of a replication. (default: 0.7)", valueName: "cosine"))
  var tau: Float?

  @Option(
    help: ArgumentHelp(
      "In how many of the others an atom is, as p-values claim. (default: more than half)",
      valueName: "m"))
  var atLeast: Int?

  @Option(
    help: ArgumentHelp(
      "Draws of the null for each other dictionary; more tell fewer common atoms from chance. (default: 20)",
      valueName: "n"))
  var draws: Int?

  private var settings: ReplicationSettings {
    var settings = ReplicationSettings(atLeast: atLeast)
    settings.threshold = tau ?? settings.threshold
    settings.draws = draws ?? settings.draws
    return settings
  }

  /// Refuses what cannot be before anything long begins.
  func check(others: Int) throws(ConfigurationError) {
    if file == nil, let (key, value) = given {
      throw ConfigurationError(
        key: key, found: "\(value) without --per-atom", expected: "--per-atom FILE with it",
        hint: "only the table of atoms has it")
    }
    try settings.check(others: others)
  }

  private var given: (key: String, value: String)? {
    tau.map { ("tau", "\($0)") } ?? atLeast.map { ("at_least", "\($0)") }
      ?? draws.map { ("draws", "\($0)") }
  }

  /// Writes the table, where one is asked for, and says in lines what is in it.
  func write(
    _ dictionaries: [NamedDictionary], law: AtomLaw?, options: ComparisonOptions, compute: Compute
  ) throws -> [String] {
    guard let file else { return [] }
    var settings = settings
    settings.law = law ?? settings.law
    settings.seed = options.seed
    let found = try atomReplication(
      dictionaries, settings: settings, options: options, compute: compute)
    try AtomicFile.write(found.csv, to: file)
    let of = "\(found.others) other\(found.others == 1 ? "" : "s")"
    let everywhere = found.counts.last ?? 0
    return [
      """
        atoms     \(found.discoveries()) of \(found.atoms.count) in at least \(found.atLeast) of \(of) \
      beyond chance (q at most 0.05); \(everywhere) in all at cosine \(found.tau), by chance \
      \(fixed((found.chance.last ?? 0) * Double(found.atoms.count), 1)) -> \(file)
      """
    ]
  }
}
