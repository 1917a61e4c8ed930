import ArgumentParser
import Elute

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

struct ReproduceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reproduce",
    abstract: "Run an experiment and judge what was expected of it; without one, list them.",
    discussion: """
      Example:
        elute reproduce method-family --tier smoke

      An experiment is a folder with experiment.json: data, variants, seeds, measures, and expectations \
      with tolerances that were chosen before it was run. Every finished cell is written at once, so an \
      interrupted experiment goes on where it stopped. The tables are printed, and written with figures to \
      experiment.html in --out. Exit status 1: an expectation was not reproduced.
      """)

  @Argument(
    help: ArgumentHelp("A folder, or the name of one in Experiments.", valueName: "experiment"))
  var experiment: String?

  @Option(
    help: ArgumentHelp(
      "How large: smoke (seconds), reduced (an hour at most), full, or what else it has.",
      valueName: "tier"))
  var tier = "reduced"

  @Option(
    help: ArgumentHelp(
      "The folder of activations. Without it only what needs none is run.", valueName: "dir"))
  var data: String?

  @Option(
    help: ArgumentHelp(
      "The folder of its runs. (default: runs/<experiment>-<tier>)", valueName: "dir"))
  var out: String?

  @Flag(
    help: """
      Keep results beside experiment.json: what is there counts as done. Without it they go to --out.
      """)
  var keep = false

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  private static let home = "Experiments"

  func run() throws {
    guard let experiment else { return try list() }
    let folder = try folder(of: experiment)
    let found = try Experiment(folder: folder)
    let asked = try ExperimentRun(
      found, tier: tier, data: data, out: out ?? "runs/\(found.id)-\(tier)",
      results: keep ? "\(folder)/results/\(tier)" : nil)
    if let data, !FileManager.default.fileExists(atPath: data) {
      throw TensorFileError(
        path: data, found: "nothing there", expected: "a folder of activations",
        hint: "leave --data out to run only what needs none")
    }
    let place = try compute.compute()
    let interruption = Interruption()
    var progress = ProgressLine()
    let record = try asked.run(compute: place) { now in
      if let training = now.training {
        progress.draw(
          "\(now.cell), \(names(training.seeds))", from: training.first, done: training.step,
          of: training.steps, seconds: training.seconds,
          detail: ", loss \(fixed(training.loss, 4))")
      } else {
        progress.clear()
        Console.error("\(now.place)/\(now.count)  \(now.cell)")
      }
      return interruption.isRequested ? .stop : .goOn
    }
    progress.clear()
    guard let record else {
      throw Interrupted(message: "interrupted: run it again to go on where it stopped")
    }
    let page = "\(asked.out)/experiment.html"
    try AtomicFile.write(experimentPage(record), to: page)
    if output.json {
      try Console.json(record)
    } else {
      experimentLines(record).forEach { print($0) }
      print("page: \(page)")
    }
    let failed = record.expectations.filter { $0.verdict == .notReproduced }
    if !failed.isEmpty {
      throw ExpectationFailed(
        message: "not reproduced: \(failed.map(\.id).joined(separator: ", "))")
    }
  }

  private func folder(of name: String) throws -> String {
    let inside = "\(Self.home)/\(name)"
    for folder in [name, inside]
    where FileManager.default.fileExists(atPath: folder + "/experiment.json") {
      return folder
    }
    let known = Self.known()
    throw TensorFileError(
      path: name, found: "no experiment there or in \(Self.home)",
      expected: known.isEmpty ? "a folder with experiment.json" : known.joined(separator: ", "),
      hint: "experiments are folders of Elute's repository; name one by its path")
  }

  private static func known() -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: home)) ?? []
    return names.sorted().filter {
      FileManager.default.fileExists(atPath: "\(home)/\($0)/experiment.json")
    }
  }

  private func list() throws {
    let found = try Self.known().map { try Experiment(folder: "\(Self.home)/\($0)") }
    if output.json {
      return try Console.json(
        found.map { ["id": $0.id, "title": $0.title, "question": $0.question] })
    }
    if found.isEmpty { print("no folder \(Self.home) with experiments is here") }
    for experiment in found {
      print("\(experiment.id)  \(experiment.title)")
      for (name, tier) in experiment.tiers.sorted(by: { $0.value.minutes < $1.value.minutes }) {
        let about = tier.about.map { ": \($0)" } ?? ""
        print("  --tier \(name)  about \(duration(60 * tier.minutes))\(about)")
      }
    }
  }
}

/// An experiment that ran to its end and did not find what was expected.
struct ExpectationFailed: Error {
  var message: String
}
