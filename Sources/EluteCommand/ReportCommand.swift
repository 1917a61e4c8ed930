import ArgumentParser
import Elute

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "A run as one self-contained HTML page.",
    discussion: """
      Example:
        elute report runs/a -o a.html

      Losses, reconstruction, agreement of the seeds against chance, firing densities and the most and \
      least replicated latents, every number with its definition. Agreement over training needs a run \
      with --snapshots. The data of the run are read again for the inputs that activate latents.
      """)

  @Argument(help: ArgumentHelp("The folder of a run.", valueName: "run"))
  var folder: String

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp("The page to write. (default: report.html in the run)", valueName: "file"))
  var page: String?

  @Flag(
    help: """
      Also say what is proved, refuted or open about each dictionary, as elute certify does with the rows that the run \
      held out.
      """)
  var certify = false

  @OptionGroup(title: "The run's activations, if they have moved")
  var sites: SiteOptions

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let place = try compute.compute()
    let run = RunFolder(folder)
    let paths = try sites.paths.isEmpty ? run.description().paths : sites.paths
    let missing = paths.first { !FileManager.default.fileExists(atPath: $0) }
    var rows: Matrix?
    if let missing, sites.paths.isEmpty {
      guard !certify else {
        throw ConfigurationError(
          key: "certify", found: "no \(missing)", expected: "the data of the run",
          hint: "say where they are with --data")
      }
      Console.error(
        "note: \(missing) is not there; the page will not show which inputs activate latents")
    } else {
      rows = try AlignedStores.open(paths).load()
    }
    let content = try reportContent(
      of: run, rows: rows, certify: certify ? CertificationOptions() : nil, compute: place)
    if output.json {
      if let page { try AtomicFile.write(htmlReport(content), to: page) }
      return try Console.json(content)
    }
    let target = page ?? folder + "/report.html"
    try AtomicFile.write(htmlReport(content), to: target)
    for line in summaryLines(content) { print(line) }
    print("report: \(target)")
  }
}
