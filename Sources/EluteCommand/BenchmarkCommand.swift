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

        Planted data, or --data; after 200 training steps, AuxK on with nothing dead, clipping off. \
        The peak is measured between the repeats with the same threads; medians are printed. Nothing \
        else should run on the machine.
        """)

    @Option(
      help: ArgumentHelp(
        "The width of the activations. (default: the data's, or 768)", valueName: "n"))
    var dIn: Int?
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

    @Option(
      help: ArgumentHelp(
        "Rows to train on instead of planted ones, taken in their order, again and again.",
        valueName: "path"))
    var data: String?
    @Option(help: ArgumentHelp("Write the planted rows to this .npy, and stop.", valueName: "path"))
    var export: String?
    @Option(help: ArgumentHelp("Planted rows. (default: 4 x batch)", valueName: "n"))
    var rows: Int?
    @Option(
      help: ArgumentHelp(
        "Write the dictionary before the first step and after the last: dir/initial, dir/trained.",
        valueName: "dir"))
    var keep: String?
    @Flag(
      help: """
        Settings that every trainer can have: encoder and atoms of unit length, one learning rate, no \
        scaling of rows, nothing for dead latents.
        """)
    var plain = false
    @Flag(
      help: """
        One timed step for each line of standard input, answered by a line of JSON: for turns with \
        other programs.
        """)
    var paced = false

    @OptionGroup var compute: ComputeOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      let place = try compute.compute()
      let rows = try data.map { path in try ActivationStore.open(path).load() }
      let benchmark = try checked(width: dIn ?? rows?.columns ?? 768)
      if let export {
        return try NpyFile.write(
          benchmark.plantedRows(count: self.rows, compute: place), to: export)
      }
      var progress = ProgressLine()
      let begin = ContinuousClock.now
      var run = try StepBenchmarkRun(
        benchmark, on: rows ?? benchmark.plantedRows(count: self.rows, compute: place),
        compute: place)
      func draw(_ done: Int) {
        let elapsed = (ContinuousClock.now - begin).components
        progress.draw(
          "step", done: done, of: warmup + repeats,
          seconds: Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18)
      }
      if let keep { try run.keep(in: keep, as: "initial") }
      for step in 0..<warmup {
        run.advance()
        draw(step + 1)
      }
      for step in 0..<repeats {
        if paced, readLine() == nil { break }
        let measured = run.advanceTimed()
        if paced { try Console.jsonLine(measured) } else { draw(warmup + step + 1) }
      }
      progress.clear()
      if let keep { try run.keep(in: keep, as: "trained") }
      if !paced { try show(run.result()) }
    }

    /// The benchmark that the flags ask for, with every number in its range.
    private func checked(width: Int) throws(ConfigurationError) -> StepBenchmark {
      let most = 1_000_000
      guard (0...most).contains(warmup), (1...most).contains(repeats) else {
        throw ConfigurationError(
          key: "repeats", found: "\(repeats) after \(warmup)",
          expected: "1 to \(most) after 0 to \(most)", hint: "15 after 200 are the default")
      }
      guard (1...1 << 24).contains(width) else {
        throw ConfigurationError(
          key: "d_in", found: "\(width)", expected: "1 to \(1 << 24)", hint: "768 is the default")
      }
      guard (1...1 << 30).contains(rows ?? 1) else {
        throw ConfigurationError(
          key: "rows", found: "\(rows ?? 1)", expected: "1 to \(1 << 30)",
          hint: "leave it out for four batches")
      }
      if data != nil, export != nil || rows != nil {
        throw ConfigurationError(
          key: "data", found: "\(data ?? "") beside --export or --rows",
          expected: "one or the other",
          hint: "--export and --rows are about planted rows")
      }
      let benchmark = StepBenchmark(
        dIn: width, dSae: dSae, k: k, batch: batch, warmup: warmup, repeats: repeats,
        isPlain: plain)
      try benchmark.validate()
      return benchmark
    }

    private func show(_ result: StepBenchmark.Result) throws {
      if output.json { return try Console.json(result) }
      let phases = result.phasesMs.sorted { $0.value > $1.value }
        .map { "\($0.key) \(fixed($0.value, 2))" }.joined(separator: ", ")
      print(
        """
        training step at d_in \(result.dIn), d_sae \(dSae), k \(k), batch \(batch): \
        \(result.kernels), \(result.screen) screen, \(result.threads) threads
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
