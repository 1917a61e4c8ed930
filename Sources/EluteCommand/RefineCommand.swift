import ArgumentParser
import Elute

struct RefineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "refine",
    abstract: "A sparser dictionary of fewer atoms from one that is trained, without its encoder.",
    discussion: """
      Example:
        elute refine runs/a/seed-0 --data acts.npy --out refined

      Atoms that are one are merged; rows are coded by pursuit until little is left, atoms are fitted to \
      the codes, and those of least energy are taken away as long as the others need no more codes. \
      Then less and less may be left, as long as that costs few codes. An encoder is fitted at the end. Neither \
      the number of features nor how many are active has to be known. On activations whose features are \
      known it finds them all; on a network's, look whether fvu is still good enough for you.

      With --target the result is a transcoder in two stages: codes of the input, then least squares of the \
      target on them.
      """)

  @Argument(help: ArgumentHelp("An autoencoder or a crosscoder.", valueName: "dict"))
  var dictionary: String

  @OptionGroup var sites: SiteOptions

  @Option(help: ArgumentHelp("The folder to write; it must be new or empty.", valueName: "dir"))
  var out: String

  @Option(
    help: ArgumentHelp(
      "Rows to measure on alone: a fraction, every:N or none.", valueName: "rule"))
  var holdout = "0.1"

  @Option(
    help: ArgumentHelp(
      """
      What may be left of a row at first, as a share of its square: with noise, the noise's. (default: \
      the dictionary's fvu)
      """, valueName: "x"))
  var residual: Double?

  @Option(
    help: ArgumentHelp("What has to be left of it at least.", valueName: "x"))
  var leastResidual = RefinementSettings().leastResidual

  @Option(
    help: ArgumentHelp("Atoms a row at most. (default: the dictionary's l0)", valueName: "n"))
  var k: Int?

  @Option(help: ArgumentHelp("Rows to code at most, evenly spread.", valueName: "n"))
  var rows = RefinementSettings().rows

  @Option(help: ArgumentHelp("The cosine from which on two atoms are one.", valueName: "x"))
  var merge = RefinementSettings().merge

  @Option(
    help: ArgumentHelp(
      "By how much l0 may grow when atoms are taken away, as a share.", valueName: "x"))
  var tolerance = RefinementSettings().tolerance

  @Option(
    help: ArgumentHelp(
      "By how much it may grow when what is left is halved, as a share.", valueName: "x"))
  var growth = RefinementSettings().growth

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if sites.paths.isEmpty { throw ValidationError("Missing expected argument '--data <path>'") }
  }

  func run() throws {
    let place = try compute.compute()
    var settings = RefinementSettings()
    (settings.residual, settings.leastResidual, settings.k) = (residual, leastResidual, k)
    (settings.rows, settings.merge) = (rows, merge)
    (settings.tolerance, settings.growth) = (tolerance, growth)
    try settings.validate()
    try Consensus.checkFree(out)
    let named = try NamedDictionary(dictionary)
    let store = try AlignedStores.open(sites.paths)
    try checkSites(
      store.sites.map(\.width).dropLast(sites.target == nil ? 0 : 1),
      of: named.coder.architecture, path: store.path)
    try store.verify()
    let source: any ActivationSource = store.isRowMajor ? store : try store.load()
    Interruption().endAtOnce(saying: "interrupted: nothing was written")
    var progress = ProgressLine()
    let begin = Stopwatch()
    let divided = TrainingRows(source, holdOut: try HoldOut(holdout))
    let refined = try RefinedDictionary(
      of: named, on: divided,
      target: sites.target == nil ? nil : store.sites.last, path: store.path, settings: settings,
      compute: place
    ) { atoms in
      progress.draw("\(atoms) atoms, \(duration(begin.seconds))")
    }
    progress.clear()
    try refined.write(to: out)
    let record = refined.record
    if output.json { return try Console.json(record) }
    func quality(_ quality: RefinementRecord.Quality) -> String {
      "\(quality.latents) latents, l0 \(fixed(quality.l0, 2)), fvu \(fixed(quality.fvu, 4))"
    }
    print("left of a row  atoms      l0  fvu")
    for round in record.rounds where round.kind != .blunt {
      print(
        [
          fixed(round.residual, 6), "\(round.latents)", fixed(round.l0, 2),
        ].enumerated().map { padded($0.element, [13, 5, 6][$0.offset]) }.joined(separator: "  ")
          + "  " + fixed(round.fvu, 6))
    }
    print(
      """
      before  \(quality(record.before)), on the rows that were coded
      after   \(quality(record.after)), on \(record.measuredRows) \(divided.heldOut.isEmpty ? "rows, those included" : "others"), by the fitted encoder
      -> \(out)
      """)
  }

  private func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
