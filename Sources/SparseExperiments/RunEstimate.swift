public import DictionaryTraining
public import SparseCoding

/// What a run will take, said before it begins.
public struct RunEstimate: Codable, Hashable, Sendable {
  /// All rows, and those that train.
  public var rows, trainingRows: Int
  /// The width and the latents.
  public var dIn, dSae: Int
  /// Active latents, rows a step, steps.
  public var k, batch, steps: Int
  /// The seeds.
  public var seeds: [UInt64]
  /// How often each training row is seen.
  public var epochs: Double
  /// The learning rate in words.
  public var schedule: String
  /// Bytes of memory: the data, one seed's state twice, its batch.
  public var memoryBytes: Int
  /// Bytes on disk at the end: dictionaries, two checkpoints and the snapshots of each seed.
  public var diskBytes: Int
  public var isStreamed: Bool { false }

  enum CodingKeys: String, CodingKey {
    case rows, k, batch, steps, seeds, epochs, schedule
    case trainingRows = "training_rows"
    case dIn = "d_in"
    case dSae = "d_sae"
    case memoryBytes = "memory_bytes"
    case diskBytes = "disk_bytes"
  }

  /// The estimate for a plan on a number of rows.
  public init(_ plan: RunPlan, rows: Int) {
    let configuration = plan.configuration
    let width = configuration.site.width
    self.rows = rows
    trainingRows = rows - plan.holdOut.divided(rows, width: width).heldOut.count
    dIn = width
    dSae = configuration.latents
    k = configuration.k
    batch = configuration.batchRows
    steps = configuration.steps
    seeds = plan.seeds
    epochs = Double(batch) * Double(steps) / Double(max(trainingRows, 1))
    schedule = "\(configuration.learningRate.peak), \(configuration.learningRate.summary)"
    let weights = 2 * dSae * width * 4
    let batchBytes = 2 * batch * width * 4 + 9 * batch * k * 4
    // The engine's state, a copy of it while a checkpoint is written, and the encoder as a screen sees it.
    memoryBytes = rows * width * 4 + 6 * weights + dSae * (width + 16) + batchBytes
    let checkpoints = (plan.decayStart == nil ? 2 : 3) * 3 * weights
    let snapshots = plan.snapshotSteps.count * weights / 2
    diskBytes = seeds.count * (weights + checkpoints + snapshots)
  }

  /// Refuses a run that the memory for this process cannot hold, before it brings the machine down.
  public func check(memory: Int = HostMemory.bytes) throws(ConfigurationError) {
    func gigabytes(_ bytes: Int) -> String { "\((Double(bytes) / 1e8).rounded() / 10) GB" }
    guard memoryBytes <= memory else {
      throw ConfigurationError(
        key: "d_sae", found: "a run that needs about \(gigabytes(memoryBytes)) of memory",
        expected: "at most the \(gigabytes(memory)) that there are for it",
        hint: "lower d_sae or batch, or give fewer rows; --plan says what a run takes")
    }
  }

  /// The estimate in lines.
  public func lines(size: (Int) -> String) -> [String] {
    [
      "data        \(rows) rows of width \(dIn), \(rows - trainingRows) held out",
      "dictionary  \(dSae) latents, \(k) active a row",
      "training    \(steps) steps of \(batch) rows, \((epochs * 10).rounded() / 10) epochs",
      "rate        \(schedule)",
      "seeds       \(seeds.map(String.init).joined(separator: ", "))",
      "memory      about \(size(memoryBytes))",
      "disk        about \(size(diskBytes))",
    ]
  }
}
