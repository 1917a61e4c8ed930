import ArgumentParser
import Elute

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "The whole story on bundled real activations, ending in a report.",
    discussion: """
      Example:
        elute demo

      Takes a network that has learned to add modulo 113, computes its activations for all 12,769 \
      questions, trains a dictionary for each of four seeds, compares them with each other and with \
      chance, and writes an HTML report. It takes a minute or two on two cores.
      """)

  private static let interrupted = "interrupted: run elute demo again to go on where it stopped"

  @Option(help: ArgumentHelp("The folder to write.", valueName: "dir"))
  var out = "runs/demo"

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let place = try compute.compute()
    let demo = ModularDemo(out: out)
    let interruption = Interruption()
    var progress = ProgressLine()
    Console.error(demo.announcement)
    let content = try demo.run(
      compute: place,
      stage: { stage, text in
        progress.clear()
        Console.error("\(stage.rawValue)/\(ModularDemo.Stage.allCases.count)  \(text)")
        if stage == .comparison { interruption.endAtOnce(saying: Self.interrupted) }
      },
      progress: { now in
        progress.draw(
          names(now.seeds), from: now.first, done: now.step, of: now.steps, seconds: now.seconds,
          detail: ", loss \(fixed(now.loss, 4))")
        return interruption.isRequested ? .stop : .goOn
      })
    progress.clear()
    guard let content else {
      throw Interrupted(message: Self.interrupted)
    }
    try AtomicFile.write(htmlReport(content), to: demo.reportPath)
    if output.json { return try Console.json(content) }
    print("")
    for line in summaryLines(content) { print(line) }
    print("\nreport: \(demo.reportPath)")
  }
}
