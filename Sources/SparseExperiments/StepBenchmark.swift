public import DictionaryTraining
public import SparseCoding
import SyntheticFeatures

/// Times whole training steps against one dense float32 product at the peak of this machine's fused
/// multiply-adds, measured between the steps with the same threads.
public struct StepBenchmark: Hashable, Sendable {
  /// The shape.
  public var dIn, dSae, k, batch: Int
  /// Steps before the first timed one, and timed steps.
  public var warmup, repeats: Int

  /// A benchmark of a shape; by default 200 training steps go before 15 timed ones.
  public init(dIn: Int, dSae: Int, k: Int, batch: Int, warmup: Int = 200, repeats: Int = 15) {
    self.dIn = dIn
    self.dSae = dSae
    self.k = k
    self.batch = batch
    self.warmup = warmup
    self.repeats = repeats
  }

  /// What was measured, as medians over the repeats; names are those of the JSON output.
  public struct Result: Codable, Hashable, Sendable {
    /// The shape.
    public var dIn, dSae, k, batch: Int
    /// The kernels and threads.
    public var kernels: String
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
      case k, batch, kernels, threads, ratio, fallbacks
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

  /// Runs it: AuxK on with nothing dead, clipping off, on planted data.
  public func run(
    compute: Compute, progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
  ) throws -> Result {
    let configuration = TrainingConfiguration(
      site: Site(name: "planted", width: dIn), latents: dSae, activation: .topK(k: k),
      batchRows: batch, steps: warmup + repeats)
    try configuration.validate()
    let planted = PlantedDictionary(width: dIn, features: dSae, active: min(24, dSae))
    let data = planted.rows(count: 4 * batch, on: compute)
    let rows = TrainingRows(data, holdOut: .none)
    let settings = EngineSettings(configuration, trainingRows: 10_000_000)
    let engine = CPUEngine(
      TrainingState(
        configuration, statistics: try RowStatistics(rows, compute: compute), compute: compute),
      settings: settings, compute: compute)
    let order = Array(0..<4 * batch)
    let operations = 2 * Double(batch) * Double(dIn) * Double(dSae)
    var times: [Double] = []
    var peaks: [Double] = []
    var phases: [StepPhases] = []
    for step in 0..<warmup + repeats {
      let start = step % 4 * batch
      let timed = step >= warmup
      if timed { peaks.append(multiplyAddPeak(compute, operations: operations)) }
      let watch = Stopwatch()
      _ = engine.step(
        on: Batch(source: data, rows: order[start..<start + batch]),
        learningRate: configuration.learningRate.peak)
      if timed {
        times.append(watch.seconds)
        phases.append(engine.phases)
      }
      progress(step + 1, warmup + repeats)
    }
    return result(times: times, peaks: peaks, phases: phases, compute: compute)
  }

  private func result(
    times: [Double], peaks: [Double], phases: [StepPhases], compute: Compute
  ) -> Result {
    let operations = 2 * Double(batch) * Double(dIn) * Double(dSae)
    func phase(_ part: KeyPath<StepPhases, Double>) -> Double {
      median(phases.map { $0[keyPath: part] }) * 1e3
    }
    let step = median(times)
    return Result(
      dIn: dIn, dSae: dSae, k: k, batch: batch, kernels: compute.kernels.rawValue,
      threads: compute.pool.threads, stepMs: step * 1e3,
      stepMsRange: [(times.min() ?? 0) * 1e3, (times.max() ?? 0) * 1e3],
      rowsPerSecond: Double(batch) / step,
      oneDenseProductAtPeakMs: operations / median(peaks) * 1e3,
      peakGigaflops: median(peaks) / 1e9,
      ratio: median(zip(times, peaks).map { $0 * $1 / operations }),
      survivorsPerRow: median(phases.map { Double($0.survivors) }) / Double(batch),
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
