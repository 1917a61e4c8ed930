public import DictionaryTraining
public import SparseCoding
import SyntheticFeatures
public import TensorFiles

/// Whole training steps to be timed: of which shape, with which settings.
///
/// Rows are taken in their order, `batch` at a time, and from the first again after the last whole
/// batch, so that other programs can do the same steps.
public struct StepBenchmark: Hashable, Sendable {
  /// The shape.
  public var dIn, dSae, k, batch: Int
  /// Steps before the first timed one, and timed steps.
  public var warmup, repeats: Int
  /// Whether the settings are those that every trainer can have rather than Elute's defaults: encoder
  /// and atoms of unit length at one learning rate, rows as they are, nothing for dead latents.
  public var isPlain: Bool

  /// A benchmark of a shape; by default 200 training steps go before 15 timed ones.
  public init(
    dIn: Int, dSae: Int, k: Int, batch: Int, warmup: Int = 200, repeats: Int = 15,
    isPlain: Bool = false
  ) {
    self.dIn = dIn
    self.dSae = dSae
    self.k = k
    self.batch = batch
    self.warmup = warmup
    self.repeats = repeats
    self.isPlain = isPlain
  }

  /// Planted rows: by default four batches of sums of 24 of `d_sae` features, with noise.
  public func plantedRows(count: Int? = nil, compute: Compute) -> Matrix {
    PlantedDictionary(width: dIn, features: dSae, active: min(24, dSae))
      .rows(count: count ?? 4 * batch, on: compute)
  }

  var configuration: TrainingConfiguration {
    var configuration = TrainingConfiguration(
      site: Site(name: "benchmark", width: dIn), latents: dSae, activation: .topK(k: k),
      batchRows: batch, steps: warmup + repeats)
    if isPlain {
      configuration.encoderScale = 1
      configuration.decoderRate = 1
      configuration.normalization = .none
      configuration.deadLatents = .none
    }
    return configuration
  }

  /// Refuses a shape that cannot be trained.
  public func validate() throws(ConfigurationError) { try configuration.validate() }

  /// What was measured, as medians over the repeats; names are those of the JSON output.
  public struct Result: Codable, Hashable, Sendable {
    /// The shape.
    public var dIn, dSae, k, batch: Int
    /// The kernel set.
    public var kernels: String
    /// What the screen multiplies with at first; see `Screen`.
    public var screen: String
    /// The number of threads.
    public var threads: Int
    /// Milliseconds of a whole step.
    public var stepMs: Double
    /// The least and the greatest of the repeats.
    public var stepMsRange: [Double]
    /// Rows trained on in a second.
    public var rowsPerSecond: Double
    /// Milliseconds that 2 × batch × d_in × d_sae operations take at the peak.
    public var oneDenseProductAtPeakMs: Double
    /// The peak, in 10^9 operations a second.
    public var peakGigaflops: Double
    /// `step_ms` over `one_dense_product_at_peak_ms`, as the median of the repeats' own ratios.
    public var ratio: Double
    /// Scores a row that the screen could not exclude.
    public var survivorsPerRow: Double
    /// Rows a step that were searched again.
    public var fallbacks: Double
    /// Milliseconds by phase.
    public var phasesMs: [String: Double]

    enum CodingKeys: String, CodingKey {
      case k, batch, kernels, screen, threads, ratio, fallbacks
      case dIn = "d_in"
      case dSae = "d_sae"
      case stepMs = "step_ms"
      case stepMsRange = "step_ms_range"
      case rowsPerSecond = "rows_per_second"
      case oneDenseProductAtPeakMs = "one_dense_product_at_peak_ms"
      case peakGigaflops = "peak_gigaflops"
      case survivorsPerRow = "survivors_per_row"
      case phasesMs = "phases_ms"
    }
  }
}

/// A benchmark under way: each step is asked for, so that something else can run between two of them.
public struct StepBenchmarkRun {
  /// What is measured.
  public let benchmark: StepBenchmark

  private let data: Matrix
  private let order: [Int]
  private let engine: CPUEngine
  private let compute: Compute
  private let configuration: TrainingConfiguration
  private var step = 0
  private var times: [Double] = []
  private var peaks: [Double] = []
  private var phases: [StepPhases] = []

  /// One repeat: a step, and the dense product at the peak measured just before it.
  public struct Repeat: Codable, Hashable, Sendable {
    /// Milliseconds of the step.
    public var stepMs: Double
    /// Milliseconds that 2 × batch × d_in × d_sae operations take at the peak.
    public var oneDenseProductAtPeakMs: Double
    /// Scores a row that the screen could not exclude.
    public var survivorsPerRow: Double

    enum CodingKeys: String, CodingKey {
      case stepMs = "step_ms"
      case oneDenseProductAtPeakMs = "one_dense_product_at_peak_ms"
      case survivorsPerRow = "survivors_per_row"
    }
  }

  /// A run on rows, before its first step.
  public init(
    _ benchmark: StepBenchmark, on data: Matrix, compute: Compute
  ) throws {
    try benchmark.validate()
    guard data.columns == benchmark.dIn else {
      throw ConfigurationError(
        key: "d_in", found: "\(benchmark.dIn)", expected: "the data's width, \(data.columns)",
        hint: "leave it out")
    }
    guard data.rows >= benchmark.batch else {
      throw ConfigurationError(
        key: "batch", found: "\(benchmark.batch)", expected: "at most the \(data.rows) rows",
        hint: "lower it, or give more rows")
    }
    self.benchmark = benchmark
    self.data = data
    order = Array(0..<data.rows)
    self.compute = compute
    configuration = benchmark.configuration
    let rows = TrainingRows(data, holdOut: .none)
    engine = CPUEngine(
      TrainingState(
        configuration, statistics: try RowStatistics(rows, for: configuration, compute: compute),
        compute: compute),
      settings: EngineSettings(configuration, trainingRows: 10_000_000), compute: compute)
  }

  private var operations: Double {
    2 * Double(benchmark.batch) * Double(benchmark.dIn) * Double(benchmark.dSae)
  }

  /// Trains one step.
  public mutating func advance() {
    let start = step % (data.rows / benchmark.batch) * benchmark.batch
    _ = engine.step(
      on: Batch(source: data, rows: order[start..<start + benchmark.batch]),
      configuration.constants(at: 0))
    step += 1
  }

  /// Measures the peak, then trains one step and times it.
  public mutating func advanceTimed() -> Repeat {
    let peak = multiplyAddPeak(compute, operations: operations)
    let watch = Stopwatch()
    advance()
    let seconds = watch.seconds
    times.append(seconds)
    peaks.append(peak)
    phases.append(engine.phases)
    return Repeat(
      stepMs: seconds * 1e3, oneDenseProductAtPeakMs: operations / peak * 1e3,
      survivorsPerRow: Double(engine.phases.survivors) / Double(benchmark.batch))
  }

  /// Writes the dictionary as it is now, in the data's own units, as `folder/name`.
  public func keep(in folder: String, as name: String) throws(TensorFileError) {
    try makeFolder(folder)
    let coder = engine.state().dictionary()
    try SAELensDictionary.write(coder, to: folder + "/" + name, replacing: true)
  }

  /// The medians of what was timed so far.
  public func result() -> StepBenchmark.Result {
    func phase(_ part: KeyPath<StepPhases, Double>) -> Double {
      median(phases.map { $0[keyPath: part] }) * 1e3
    }
    let step = median(times)
    return StepBenchmark.Result(
      dIn: benchmark.dIn, dSae: benchmark.dSae, k: benchmark.k, batch: benchmark.batch,
      kernels: compute.kernels.rawValue, screen: compute.screen.instructions,
      threads: compute.pool.threads, stepMs: step * 1e3,
      stepMsRange: [(times.min() ?? 0) * 1e3, (times.max() ?? 0) * 1e3],
      rowsPerSecond: Double(benchmark.batch) / step,
      oneDenseProductAtPeakMs: operations / median(peaks) * 1e3,
      peakGigaflops: median(peaks) / 1e9,
      ratio: median(zip(times, peaks).map { $0 * $1 / operations }),
      survivorsPerRow: median(phases.map { Double($0.survivors) }) / Double(benchmark.batch),
      fallbacks: median(phases.map { Double($0.fallbacks) }),
      phasesMs: [
        "choose": phase(\.choose), "decode": phase(\.decode),
        "dead_latents": phase(\.deadLatents), "regroup": phase(\.regroup),
        "update": phase(\.update),
      ])
  }
}

/// The float32 multiply-adds that all threads together can do now, in operations a second.
///
/// - Parameter operations: How many to do: as many as what is compared with them, because a processor
///   that is fast for a millisecond is slower for a second.
public func multiplyAddPeak(_ compute: Compute, operations: Double) -> Double {
  let trial = 1000
  let each = compute.multiplyAdds(repeats: trial) / Double(trial)
  let repeats = max(Int(operations / each), trial)
  let watch = Stopwatch()
  return compute.multiplyAdds(repeats: repeats) / watch.seconds
}

private func median(_ values: [Double]) -> Double {
  values.isEmpty ? .nan : values.sorted()[values.count / 2]
}
