import ArgumentParser
import Elute

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure a dictionary on activations: fvu, l0, dead latents, duplicate atoms.",
    discussion: """
      Example:
        elute evaluate runs/a/seed-0 --data acts.npy --holdout every:10

      The dictionary is a folder in the layout of SAELens 6, or a seed of a run. fvu is the squared \
      error over the squared deviation from the mean of the evaluated rows; mse is per element; a latent \
      is dead when it fires on none of them. Live atoms in a cluster of cosines of 0.9 and more count as \
      one distinct atom; effective rank is the exponential of the entropy of the live atoms' singular \
      values, centered.
      """)

  @Argument(help: ArgumentHelp("The dictionary.", valueName: "dict"))
  var dictionary: String

  @OptionGroup var sites: SiteOptions

  @Option(
    help: ArgumentHelp(
      "Evaluate only these rows: a fraction, every:N or none for all. (default: all)",
      valueName: "rule"))
  var holdout: String?

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let place = try compute.compute()
    let named = try NamedDictionary(dictionary)
    let rule = try holdout.map { (text) throws(ConfigurationError) in try HoldOut(text) }
    let store = try sites.open()
    let data = store.path
    try store.verify()
    // Of columns a few rows cannot be read alone.
    let rows: any ActivationSource =
      store.isRowMajor ? store : try store.load()
    let divided = TrainingRows(rows, holdOut: rule ?? .none)
    if let holdout, rule != HoldOut.none, divided.heldOut.isEmpty {
      throw ConfigurationError(
        key: "holdout", found: "\(holdout) of \(divided.count) rows",
        expected: "at least one row to evaluate",
        hint: "hold out more, or leave it out for all rows")
    }
    let seen = try evaluate(
      named.coder, on: rows, rows: divided.evaluated, path: data, compute: place)
    let measures = seen.measures
    let atoms = try AtomMeasures(named, live: seen.live, on: place)
    if output.json { return try Console.json(Answer(measures: measures, atoms: atoms)) }
    print(
      """
      \(dictionary) on \(measures.rows) rows of \(data)
        fvu                 \(fixed(measures.fvu, 5))
        explained variance  \(fixed(measures.explainedVariance, 5))
        mse                 \(measures.mse)
        l0                  \(fixed(measures.l0, 3))
        dead latents        \(fixed(100 * measures.deadFraction, 2)) %
        distinct atoms      \(atoms.distinctAtoms) of \(atoms.liveAtoms) live
        effective rank      \(fixed(atoms.effectiveRank, 1)) of \(named.coder.outputWidth)
      """)
  }

  /// The measures of rows and those of atoms, as one flat object.
  private struct Answer: Encodable {
    var measures: Evaluation
    var atoms: AtomMeasures

    func encode(to encoder: any Encoder) throws {
      try measures.encode(to: encoder)
      try atoms.encode(to: encoder)
    }
  }
}
