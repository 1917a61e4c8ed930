import ArgumentParser
import Elute

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train sparse dictionaries on activations, one for each seed.",
    discussion: """
      Example:
        elute train --data acts.npy --out runs/a --d-sae 2048 --k 32 --seeds 0,1

      The data are a .npy or .safetensors file or a folder of them, [rows, d_in]. Every setting can \
      also stand in a YAML file (--config), with _ for -; flags override it. The same settings, seed \
      and data give the same bits on every machine; an interrupted run goes on with --resume and --out alone.

      What can a run not see? --spike-in 96 plants known random directions in an autoencoder's rows, held-out \
      rows too, and says how rare and how weak those are that no atom found: from 1 % of the rows (10 % of few) \
      down to one row, with mean lengths of 1, 1/2, 1/4 and 1/8 of the rows' root mean square distance from \
      their mean, a third of them in pairs. Such a dictionary is a control, not one to use.
      """)

  @OptionGroup var settings: TrainOptions
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  @Option(help: ArgumentHelp("A YAML file of settings.", valueName: "file"))
  var config: String?

  @Flag(
    help: """
      Go on with the run in --out, by its own settings; more --steps or --seeds extend it.
      """)
  var resume = false

  @Flag(help: "Read rows from disk while training, as is done where memory does not hold them.")
  var stream = false

  @Flag(
    help:
      "Say what would be done and how much memory, disk and, by trying, time it takes; then stop.")
  var plan = false

  func run() throws {
    var asked = settings.settings
    if let config { asked = asked.overriding(try ConfigurationFile.read(config)) }
    if resume, let out = asked.out, RunFolder(out).exists {
      asked = asked.resuming(try RunFolder(out).description())
    }
    if asked.sources == nil {
      _ = try required(asked.data, "data", hint: "give the activations, such as acts.npy")
    }
    let out = try required(asked.out, "out", hint: "give the folder to write, such as runs/a")
    let place = try compute.compute(threads: asked.threads)
    let store = try AlignedStores.open(asked.paths)
    let runPlan = try asked.resolved(sites: store.sites, rows: store.rows)
    var estimate = RunEstimate(
      runPlan, rows: store.rows, compute: place,
      streaming: stream ? true : store.isRowMajor ? nil : false)
    if estimate.isStreamed { try store.checkRowMajor() }
    let streamed = estimate.isCacheable() ? store : store.bypassingCache
    if plan {
      if estimate.fits() { try estimate.measureTime(of: runPlan, on: streamed, compute: place) }
      return try printPlan(estimate)
    }
    try estimate.check()
    let rows: any ActivationSource = estimate.isStreamed ? streamed : try store.load()
    let training = try TrainingRun(
      runPlan, rows: rows, path: store.path, out: out, seedsAtOnce: estimate.seedsAtOnce)
    if store.stores.count == 1 {
      try store.stores[0].check(fingerprint: training.data.fingerprint)
    } else {
      try store.verify()
    }
    for problem in training.problems { Console.error("note: \(store.path): \(problem.summary)") }
    try train(training, place)
  }

  private func required(_ value: String?, _ key: String, hint: String) throws -> String {
    guard let value else {
      throw ConfigurationError(key: key, found: "nothing", expected: "--\(key) PATH", hint: hint)
    }
    return value
  }

  private func printPlan(_ estimate: RunEstimate) throws {
    if output.json { return try Console.json(estimate) }
    for line in estimate.lines(size: size, duration: duration) { print(line) }
  }

  private func train(_ training: TrainingRun, _ place: Compute) throws {
    let interruption = Interruption()
    var progress = ProgressLine()
    let endings = try training.train(resume: resume, compute: place) { now in
      progress.draw(
        names(now.seeds), from: now.first, done: now.step, of: now.steps, seconds: now.seconds,
        detail: ", loss \(fixed(now.loss, 4))")
      return interruption.isRequested ? .stop : .goOn
    }
    progress.clear()
    let stopped = endings.compactMap { seed, ending in
      if case .stopped(let step) = ending { "seed \(seed) stands at step \(step)" } else { nil }
    }
    if !stopped.isEmpty {
      throw Interrupted(
        message: "interrupted: \(stopped.joined(separator: ", ")); add --resume to go on")
    }
    let folders = training.plan.seeds.map(training.folder.seed)
    let records = try folders.map { (folder) throws(TensorFileError) in try folder.readRecord() }
    if output.json { return try Console.json(records.map(SeedSummary.init)) }
    if endings.allSatisfy({ $0.ending == .alreadyDone }) {
      print("nothing to do: every seed has its \(training.plan.configuration.steps) steps")
    }
    for (record, folder) in zip(records, folders) {
      print(
        "seed \(record.seed): fvu \(fixed(record.evaluation.fvu, 4)) on \(record.evaluation.rows) "
          + (record.data.heldOutRows > 0 ? "held-out rows" : "rows")
          + ", l0 \(fixed(record.evaluation.l0, 2)), dead \(fixed(100 * record.evaluation.deadFraction, 2)) %, "
          + "\(duration(record.seconds)) -> \(folder.dictionary)")
      for line in record.spikeIn.map(spikeLines) ?? [] { print(line) }
    }
  }
}

/// One seed's result, as `elute train --json` prints it.
struct SeedSummary: Encodable {
  var seed: UInt64
  var evaluation: Evaluation
  var spikeIn: SpikeRecord?

  enum CodingKeys: String, CodingKey {
    case seed, evaluation
    case spikeIn = "spike_in"
  }

  init(_ record: RunRecord) {
    seed = record.seed
    evaluation = record.evaluation
    spikeIn = record.spikeIn
  }
}
