import ArgumentParser
import Elute

struct SynthesizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "synthesize",
    abstract: "Activations whose features are known.",
    subcommands: [SynthesizeBenchCommand.self])
}

struct SynthesizeBenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lrb",
    abstract:
      "The Linear Representation Bench: sparse codes times directions that hardly interfere.",
    discussion: """
      Example:
        elute synthesize lrb --out bench --rows 20000
        elute train --data bench --k 32 --out runs/bench
        elute synthesize lrb --out iid --features 4096 --largest 40 --interference 1
        elute synthesize lrb --out mix --features 4096 --largest 40 --interference 1 --mixture 64

      A row is the sum of its active features: each is active with one chance, by least + scale x Exp(1). \
      Feature directions begin random and are pushed apart until no product exceeds --interference. The \
      folder trains like any activations; features.npy, codes.safetensors and truth.json beside them \
      are what is true. Several sites share the codes: bench/site-0 and bench/site-1 are input and target \
      of a transcoder, or the sources of a crosscoder. The last two examples are the synthetic sets of "Toward \
      Identifiable Sparse Autoencoders".
      """)

  @Option(help: ArgumentHelp("The folder to write; it must be new or empty.", valueName: "dir"))
  var out: String

  @Option(help: ArgumentHelp("Features.", valueName: "n"))
  var features = BenchSettings().features

  @Option(help: ArgumentHelp("Width of a site.", valueName: "n"))
  var width = BenchSettings().width

  @Option(help: ArgumentHelp("Rows.", valueName: "n"))
  var rows = BenchSettings().rows

  @Option(help: ArgumentHelp("The chance that a feature is active.", valueName: "x"))
  var activationProbability = BenchSettings().activationProbability

  @Option(help: ArgumentHelp("The greatest product of two features.", valueName: "x"))
  var interference = InterferenceDescent().interference

  @Option(help: ArgumentHelp("The least activation of an active feature.", valueName: "x"))
  var least = BenchSettings().least

  @Option(help: ArgumentHelp("The mean of what exceeds it.", valueName: "x"))
  var scale = BenchSettings().scale

  @Option(help: ArgumentHelp("Mean length of the noise at a site.", valueName: "x"))
  var noise = BenchSettings().noise

  @Option(
    help: ArgumentHelp(
      "Families of a parent and so many children: it is active where one of them is.",
      valueName: "n"))
  var children: Int?

  @Option(
    help: ArgumentHelp(
      "Groups of so many features that are active together, by --cofiring.", valueName: "n"))
  var group: Int?

  @Option(
    help: ArgumentHelp(
      "The chance that a feature is active where its group is. (default: 0.5)", valueName: "x"))
  var cofiring: Double?

  @Option(
    help: ArgumentHelp(
      """
      So many active in every row, with signs: the largest of normal numbers for all features. It replaces the \
      chance and the law of activations but --scale.
      """, valueName: "k"))
  var largest: Int?

  @Flag(help: "With --largest: the magnitudes without their signs.")
  var nonnegative = false

  @Option(
    help: ArgumentHelp(
      "Clusters that directions begin in; with --interference 1 they stay.", valueName: "n"))
  var mixture: Int?

  @Option(
    help: ArgumentHelp(
      "How far directions are from their cluster's, in lengths of it. (default: 1)",
      valueName: "x"))
  var mixtureSpread: Double?

  @Option(help: ArgumentHelp("Sites that share the codes.", valueName: "n"))
  var sites = BenchSettings().sites

  @Option(
    help: ArgumentHelp("Share of features with one direction at all sites.", valueName: "x"))
  var overlapping: Double?

  @Option(help: ArgumentHelp("Share of features that only one site has.", valueName: "x"))
  var specific: Double?

  @Option(
    help: ArgumentHelp("How far below the interference products are pushed.", valueName: "x"))
  var descentMargin = InterferenceDescent().margin

  @Option(help: ArgumentHelp("Weight of all positive products in the push.", valueName: "x"))
  var descentSpread = InterferenceDescent().spread

  @Option(help: ArgumentHelp("Size of a step of the push.", valueName: "x"))
  var descentRate = InterferenceDescent().rate

  @Option(help: ArgumentHelp("Steps of the push at most.", valueName: "n"))
  var descentSteps = InterferenceDescent().steps

  @Option(help: ArgumentHelp("Seed of everything.", valueName: "n"))
  var seed: UInt64 = 0

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  private struct Answer: Encodable {
    var settings: BenchSettings
    var greatest_products: [Double]
  }

  func run() throws {
    let place = try compute.compute()
    let settings = try settings()
    try settings.checkFits()
    try Consensus.checkFree(out)
    let bench = try LinearRepresentationBench(settings, on: place)
    try BenchFolder.write(bench, to: out)
    if output.json {
      return try Console.json(
        Answer(settings: settings, greatest_products: bench.greatestProducts))
    }
    let products = bench.greatestProducts.map { fixed($0, 4) }.joined(separator: ", ")
    print(
      """
      \(settings.rows) rows of width \(settings.width) at \(settings.sites) \
      site\(settings.sites == 1 ? "" : "s"), \(settings.features) features
        greatest product  \(products)
      -> \(out)
      """)
  }

  private func settings() throws -> BenchSettings {
    var settings = BenchSettings()
    settings.features = features
    settings.width = width
    settings.rows = rows
    settings.activationProbability = activationProbability
    settings.least = least
    settings.scale = scale
    settings.noise = noise
    settings.sites = sites
    settings.seed = seed
    settings.descent = InterferenceDescent(
      interference: interference, margin: descentMargin, spread: descentSpread, rate: descentRate,
      steps: descentSteps)
    try refuseBoth(("children", children), ("group", group))
    try refuseBoth(("children", children), ("largest", largest))
    try refuseBoth(("group", group), ("largest", largest))
    if let mixtureSpread, mixture == nil {
      throw ConfigurationError(
        key: "mixture_spread", found: "\(mixtureSpread) without clusters",
        expected: "--mixture with it", hint: "add --mixture 64, or leave it out")
    }
    try refuseBoth(("overlapping", overlapping), ("specific", specific))
    if let cofiring, group == nil {
      throw ConfigurationError(
        key: "cofiring", found: "\(cofiring) without groups", expected: "--group with it",
        hint: "add --group 5, or leave it out")
    }
    if let children { settings.coActivation = .hierarchical(children: children) }
    if let group { settings.coActivation = .grouped(size: group, cofiring: cofiring ?? 0.5) }
    if let largest {
      settings.coActivation = .largest(k: largest, isSigned: !nonnegative)
    } else if nonnegative {
      throw ConfigurationError(
        key: "nonnegative", found: "no number of largest", expected: "--largest with it",
        hint: "the other laws of activations are nonnegative by themselves")
    }
    if let mixture {
      settings.mixture = DirectionMixture(components: mixture, spread: mixtureSpread ?? 1)
    }
    if let overlapping { settings.sharing = .overlapping(overlapping) }
    if let specific { settings.sharing = .specific(specific) }
    if sites == 1, overlapping != nil || specific != nil {
      throw ConfigurationError(
        key: overlapping == nil ? "specific" : "overlapping", found: "one site",
        expected: "--sites with it", hint: "add --sites 2, or leave it out")
    }
    return settings
  }

  private func refuseBoth<A, B>(_ first: (String, A?), _ second: (String, B?)) throws {
    if first.1 != nil, second.1 != nil {
      throw ConfigurationError(
        key: second.0, found: "\(second.0) beside \(first.0)", expected: "one of them",
        hint: "leave one out")
    }
  }
}
