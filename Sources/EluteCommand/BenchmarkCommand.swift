import ArgumentParser
import Elute

struct BenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmark",
    abstract: "This machine's ceilings and Elute's share of them.",
    discussion: """
      Example:
        elute benchmark step --d-in 768 --d-sae 16384
        elute benchmark assignment --atoms 65536 --d-in 768
      """,
    subcommands: [Step.self, AssignmentBenchmarkCommand.self])

  struct Step: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "step",
      abstract: "A whole training step against one dense float32 product at this machine's peak.",
      discussion: """
        Example:
          elute benchmark step --d-in 768 --d-sae 16384 --k 32 --batch 4096

        Planted data, after 200 training steps, AuxK on with nothing dead, clipping off. The peak is \
        measured between the repeats with the same threads; medians are printed. Nothing else should \
        run on the machine.
        """)

    @Option(help: ArgumentHelp("The width of the activations.", valueName: "n"))
    var dIn = 768
    @Option(help: ArgumentHelp("Latents.", valueName: "n"))
    var dSae = 16384
    @Option(help: ArgumentHelp("Active latents a row.", valueName: "n"))
    var k = 32
    @Option(help: ArgumentHelp("Rows a step.", valueName: "n"))
    var batch = 4096
    @Option(help: ArgumentHelp("Training steps before the first timed one.", valueName: "n"))
    var warmup = 200
    @Option(help: ArgumentHelp("Timed steps.", valueName: "n"))
    var repeats = 15

    @OptionGroup var compute: ComputeOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      let place = try compute.compute()
      let most = 1_000_000
      guard (0...most).contains(warmup), (1...most).contains(repeats) else {
        throw ConfigurationError(
          key: "repeats", found: "\(repeats) after \(warmup)",
          expected: "1 to \(most) after 0 to \(most)", hint: "15 after 200 are the default")
      }
      guard (1...1 << 24).contains(dIn) else {
        throw ConfigurationError(
          key: "d_in", found: "\(dIn)", expected: "1 to \(1 << 24)", hint: "768 is the default")
      }
      let benchmark = StepBenchmark(
        dIn: dIn, dSae: dSae, k: k, batch: batch, warmup: warmup, repeats: repeats)
      var progress = ProgressLine()
      let begin = ContinuousClock.now
      let result = try benchmark.run(compute: place) { done, total in
        let elapsed = (ContinuousClock.now - begin).components
        progress.draw(
          "step", done: done, of: total,
          seconds: Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18)
      }
      progress.clear()
      if output.json { return try Console.json(result) }
      let phases = result.phasesMs.sorted { $0.value > $1.value }
        .map { "\($0.key) \(fixed($0.value, 2))" }.joined(separator: ", ")
      print(
        """
        training step at d_in \(dIn), d_sae \(dSae), k \(k), batch \(batch): \
        \(result.kernels), \(result.threads) threads
          step                       \(fixed(result.stepMs, 2)) ms \
        (\(fixed(result.stepMsRange[0], 2)) to \(fixed(result.stepMsRange[1], 2)))
          one dense product at peak  \(fixed(result.oneDenseProductAtPeakMs, 2)) ms \
        (\(fixed(result.peakGigaflops, 0)) GF/s)
          ratio                      \(fixed(result.ratio, 2))
          rows per second            \(fixed(result.rowsPerSecond, 0))
          survivors per row          \(fixed(result.survivorsPerRow, 1)), rows searched again \
        \(fixed(result.fallbacks, 0))
          phases (ms)                \(phases)
        """)
    }
  }
}
