public import DictionaryTraining
public import SparseCoding

/// What a run will take, said before it begins.
public struct RunEstimate: Codable, Hashable, Sendable {
  /// All rows, and those that train.
  public var rows, trainingRows: Int
  /// The width of a row, all sites together, and the latents.
  public var dIn, dSae: Int
  /// The activation rule.
  public var activation: String
  /// Active latents, where the rule says how many.
  public var k: Int?
  /// Rows a step, steps.
  public var batch, steps: Int
  /// The seeds.
  public var seeds: [UInt64]
  /// How often each training row is seen.
  public var epochs: Double
  /// The learning rate in words.
  public var schedule: String
  /// Whether the rows stay on disk and are read while training, for want of memory.
  public var isStreamed: Bool
  /// How many seeds are trained at once.
  public var seedsAtOnce: Int
  /// Bytes of memory at most.
  public var memoryBytes: Int
  /// Bytes on disk at the end: dictionaries, two checkpoints and the snapshots of each seed.
  public var diskBytes: Int
  /// Seconds that the run will take, where that was measured.
  public var seconds: Double?

  enum CodingKeys: String, CodingKey {
    case rows, activation, k, batch, steps, seeds, epochs, schedule, seconds
    case trainingRows = "training_rows"
    case dIn = "d_in"
    case dSae = "d_sae"
    case isStreamed = "streamed"
    case seedsAtOnce = "seeds_at_once"
    case memoryBytes = "memory_bytes"
    case diskBytes = "disk_bytes"
  }

  /// The estimate for a plan on a number of rows.
  ///
  /// - Parameters:
  ///   - streaming: Whether rows are read while training; by default where memory does not hold them.
  ///   - memory: The bytes of memory that there are.
  public init(
    _ plan: RunPlan, rows: Int, compute: Compute, streaming: Bool? = nil,
    memory: Int = HostMemory.bytes
  ) {
    let configuration = plan.configuration
    let width = configuration.architecture.rowWidth
    self.rows = rows
    trainingRows = rows - plan.holdOut.divided(rows, width: width).heldOut.count
    dIn = width
    dSae = configuration.latents
    activation = configuration.activation.name
    k = configuration.activation.k
    batch = configuration.batchRows
    steps = configuration.steps
    seeds = plan.seeds
    epochs = Double(batch) * Double(steps) / Double(max(trainingRows / plan.parts, 1))
    schedule = "\(configuration.learningRate.peak), \(configuration.learningRate.summary)"
    let model = configuration.model
    let weights = model.weights.reduce(0) { sum, name in
      sum + (model.shape(of: name).map { 4 * $0.rows * $0.columns } ?? 0)
    }
    let copies = configuration.averaging == nil ? 3 : 4
    let checkpoints = (plan.decayStart == nil ? 2 : 3) * copies * weights
    let snapshots = plan.snapshotSteps.count * 4 * dSae * model.outputWidth
    diskBytes = seeds.count * (weights + checkpoints + snapshots)
    let need = MemoryNeed(plan, rows: rows, trainingRows: trainingRows, compute: compute)
    // Some is left to the system, so that the files that it reads and writes have room too.
    let room = memory - memory / 10
    let isStreamed = streaming ?? (need.bytes(seeds: 1, isStreamed: false) > room)
    self.isStreamed = isStreamed
    let most = plan.seedsAtOnce(threads: compute.pool.threads, isStreamed: isStreamed)
    seedsAtOnce =
      (1...most).last { need.bytes(seeds: $0, isStreamed: isStreamed) <= room } ?? 1
    memoryBytes = need.bytes(seeds: seedsAtOnce, isStreamed: isStreamed)
  }

  /// Whether the system's cache has room for the rows as files beside the run.
  public func isCacheable(memory: Int = HostMemory.bytes) -> Bool {
    rows * dIn * 4 <= memory - memoryBytes
  }

  /// Whether the memory for this process can hold the run.
  public func fits(memory: Int = HostMemory.bytes) -> Bool { memoryBytes <= memory }

  /// Refuses a run that the memory for this process cannot hold, before it brings the machine down.
  public func check(memory: Int = HostMemory.bytes) throws(ConfigurationError) {
    func gigabytes(_ bytes: Int) -> String { "\((Double(bytes) / 1e8).rounded() / 10) GB" }
    guard fits(memory: memory) else {
      throw ConfigurationError(
        key: "d_sae", found: "a run that needs about \(gigabytes(memoryBytes)) of memory",
        expected: "at most the \(gigabytes(memory)) that there are for it",
        hint: "lower d_sae or batch; --plan says what a run takes")
    }
  }

  /// The estimate in lines.
  public func lines(size: (Int) -> String, duration: (Double) -> String) -> [String] {
    let together = seedsAtOnce > 1 ? ", \(seedsAtOnce) at once" : ""
    return [
      "data        \(rows) rows of width \(dIn), \(rows - trainingRows) held out"
        + (isStreamed ? ", read while training" : ""),
      "dictionary  \(dSae) latents, \(activation)" + (k.map { ", \($0) active a row" } ?? ""),
      "training    \(steps) steps of \(batch) rows, \((epochs * 10).rounded() / 10) epochs",
      "rate        \(schedule)",
      "seeds       \(seeds.map(String.init).joined(separator: ", "))\(together)",
      "memory      about \(size(memoryBytes))",
      "disk        about \(size(diskBytes))",
    ] + (seconds.map { ["time        about \(duration($0))"] } ?? [])
  }
}

/// The memory that a run takes, by what it allocates.
private struct MemoryNeed {
  private let engine, rowsInMemory, windows, permutation, evaluation, resampling, fixed: Int
  private let isOrderShared: Bool
  /// Rows are copied to plant in them, before anything else is there.
  private let rowCopies: Int

  init(_ plan: RunPlan, rows: Int, trainingRows: Int, compute: Compute) {
    let configuration = plan.configuration
    let width = configuration.architecture.rowWidth
    isOrderShared = plan.dataSeed != nil && plan.parts == 1
    rowCopies = plan.spikes == nil ? 1 : 2
    engine = CPUEngine.byteCount(of: configuration, compute: compute)
    rowsInMemory = rows * width * 4
    let largest = TrainingRows.largestWindow(rows: trainingRows, width: width)
    windows =
      2 * AlignedBuffer<Float>.byteCount(of: largest * width)
      + AlignedBuffer<Float>.byteCount(of: configuration.batchRows * width)
    // That of one window, and the next one's while it is made.
    permutation = 24 * largest
    // A dictionary is copied out of its engine and laid out anew; its rows are there several times.
    let matrix = configuration.latents * width * 4
    // What feeds a code back is as large as the latents squared, and is copied once.
    let feedback = configuration.model.shape(of: .feedback).map { 4 * $0.rows * $0.columns } ?? 0
    let lists = SparseCoder.listBytes(
      configuration.activation, latents: configuration.latents, threads: compute.pool.threads)
    evaluation = 4 * matrix + matrix / 4 + feedback + lists + 4 * min(rows, 4096) * width * 4
    var held = 0
    if case .fraction = plan.holdOut { held = 8 * (rows - trainingRows) }
    let program = 16 << 20
    var resampling = 0
    if case .resample = configuration.deadLatents {
      // The state, and rows as they are normalized, decoded and aimed at.
      let copies = configuration.averaging == nil ? 3 : 4
      let looked = min(trainingRows, TrainingState.resampledRows)
      resampling = copies * (2 * matrix + feedback) + 3 * looked * width * 4
    }
    self.resampling = resampling
    fixed = program + held + min(rows, TrainingRun.watchedRows) * width * 4
  }

  /// The bytes at the highest: engines, rows and orders, and beside them one dictionary being evaluated,
  /// or one seed whose dead latents begin anew.
  func bytes(seeds: Int, isStreamed: Bool) -> Int {
    let orders = (isOrderShared ? 1 : seeds) * permutation
    let training =
      fixed + (isStreamed ? windows : rowsInMemory) + orders + seeds * engine
      + max(evaluation, resampling)
    return isStreamed ? training : max(training, fixed + rowCopies * rowsInMemory)
  }
}
