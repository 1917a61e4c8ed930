import ArgumentParser
import Elute

struct RivalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rival",
    abstract: "The most different dictionary found that codes the same rows nearly as well.",
    discussion: """
      Example:
        elute rival runs/a/seed-0 --data acts.npy --tolerance 0.01 --out rival

      As many atoms as can be are replaced by others that are not within the threshold of them, those first \
      whose loss costs least, while the error by pursuit grows by no more than the tolerance on rows that were \
      not fitted. What is replaced is shown to be replaceable: the data do not fix it. What is not may be so all \
      the same. Of a seed of a run the search begins at the other seeds too.

      With --out it writes the rival with an encoder, rival.json, and atoms.csv with a line for each latent.
      """)

  @Argument(help: ArgumentHelp("An autoencoder or a crosscoder.", valueName: "dict"))
  var dictionary: String

  @OptionGroup var sites: SiteOptions

  @Option(
    help: ArgumentHelp(
      "The share of the variance that the rival may leave beside what the dictionary leaves.",
      valueName: "share"))
  var tolerance = RivalOptions().tolerance

  @Option(
    help: ArgumentHelp("The cosine below which an atom is another.", valueName: "cosine"))
  var threshold = RivalOptions().threshold

  @Option(
    help: ArgumentHelp(
      "The active latents of a row. (default: the dictionary's k, else its l0)", valueName: "n"))
  var k: Int?

  @Option(
    help: ArgumentHelp(
      "Rows to fit a rival to at most, and others to judge it at most.", valueName: "n"))
  var rows = RivalOptions().rows

  @Option(help: ArgumentHelp("Rounds of codes and atoms for a trial.", valueName: "n"))
  var rounds = RivalOptions().rounds

  @Option(
    help: ArgumentHelp("Rows to judge on alone: a fraction or every:N.", valueName: "rule"))
  var holdout = "0.2"

  @Option(help: ArgumentHelp("The seed of turns where atoms fire alone.", valueName: "n"))
  var seed: UInt64 = 0

  @Option(help: ArgumentHelp("The folder to write; it must be new or empty.", valueName: "dir"))
  var out: String?

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if sites.paths.isEmpty { throw ValidationError("Missing expected argument '--data <path>'") }
  }

  func run() throws {
    let place = try compute.compute()
    var options = RivalOptions()
    (options.tolerance, options.threshold, options.k) = (tolerance, threshold, k)
    (options.rows, options.rounds, options.seed) = (rows, rounds, seed)
    try options.validate()
    if let out { try Consensus.checkFree(out) }
    let named = try NamedDictionary(dictionary)
    let siblings = try named.siblings()
    let (divided, path) = try sites.rows(for: named.coder, holdOut: holdout)
    Interruption().endAtOnce(saying: "interrupted: nothing was written")
    var line = ProgressLine()
    let begin = Stopwatch()
    let search = try RivalSearch(
      of: named, siblings: siblings, on: divided, path: path, options: options, compute: place
    ) { atoms in
      line.draw("without \(atoms) atoms, \(duration(begin.seconds))")
    }
    line.clear()
    if let out { try search.write(to: out) }
    let record = search.record
    if output.json { return try Console.json(record) }
    print(
      """
      \(dictionary) on \(record.judgedRows) rows of \(record.data), fitted on \(record.fittedRows)
        fvu of its own atoms   \(fixed(record.ownFVU, 4)) by pursuit of \(record.k), \(fixed(record.encoderFVU, 4)) by its encoder
        fvu of the rival       \(fixed(record.rivalFVU, 4)) by pursuit of \(record.k)
        replaceable            \(record.replaced) of \(record.atoms) atoms, \(fixed(100 * record.replacedShareOfCost, 2)) % of what the loss of atoms costs
        atoms that are alike   mmcs \(fixed(record.mmcs, 4))
        codes that are alike   code_iou \(fixed(record.codeIoU, 4))
      """)
    if let missed = record.missedBySeeds {
      print("  other seeds lack       \(fixed(100 * missed, 2)) % of the atoms")
    }
    if let out { print("-> \(out)") }
  }
}
