public import SparseCoding

/// Trains one dictionary: the loop, the order of rows and the schedule over an engine.
///
/// It knows no files: `state()` is all that has to be kept to go on with the same bits.
public struct Trainer {
  /// What is trained.
  public let configuration: TrainingConfiguration
  /// The data.
  public let rows: TrainingRows
  /// Steps done.
  public private(set) var step: Int

  private var engine: any TrainingEngine
  private let makeEngine: (consuming TrainingState) -> any TrainingEngine
  private let compute: Compute
  /// The factor that brings losses into the data's own units.
  private let lossScale: Double
  private let batches: BatchStream

  /// A trainer that starts, or goes on from `state`.
  ///
  /// - Parameters:
  ///   - statistics: Those of the rows, where they are known; a start takes a pass without.
  ///   - batches: Those of another trainer on the same rows, in the same order.
  /// - Throws: `ConfigurationError` if the configuration cannot be trained on these rows, and what
  ///   reading them meets.
  public init(
    _ configuration: TrainingConfiguration, rows: TrainingRows, statistics: RowStatistics? = nil,
    anchors: Anchors? = nil, compute: Compute, from state: consuming TrainingState? = nil,
    batches: BatchStream? = nil
  ) throws {
    try Self.check(configuration, on: rows)
    let settings = EngineSettings(configuration, trainingRows: rows.training.count)
    let begun: TrainingState
    switch consume state {
    case .some(let state): begun = state
    case nil:
      begun = TrainingState(
        configuration,
        statistics: try statistics ?? RowStatistics(rows, for: configuration, compute: compute),
        anchors: anchors, compute: compute)
    }
    self.init(configuration, rows: rows, from: begun, compute: compute, batches: batches) {
      CPUEngine($0, settings: settings, compute: compute)
    }
  }

  /// Refuses a configuration that cannot be trained on these rows.
  static func check(
    _ configuration: TrainingConfiguration, on rows: TrainingRows
  ) throws(ConfigurationError) {
    try configuration.validate()
    if configuration.architecture.rowWidth != rows.width {
      throw ConfigurationError(
        key: "d_in", found: "\(configuration.architecture.rowWidth)",
        expected: "the data's width, \(rows.width)", hint: "leave it out")
    }
    if rows.training.isEmpty {
      throw ConfigurationError(
        key: "holdout", found: "\(rows.heldOut.count) of \(rows.count) rows held out",
        expected: "at least one row to train on", hint: "hold out fewer rows")
    }
  }

  /// A trainer over engines of the caller's choice.
  init(
    _ configuration: TrainingConfiguration, rows: TrainingRows,
    from state: consuming TrainingState, compute: Compute, batches: BatchStream? = nil,
    engine makeEngine: @escaping (consuming TrainingState) -> any TrainingEngine
  ) {
    self.configuration = configuration
    self.rows = rows
    self.compute = compute
    self.makeEngine = makeEngine
    let engine = makeEngine(consume state)
    let view = engine.view
    step = view.step
    let scale = view.rest.normalizer.scale(of: configuration.architecture.outputs)
    lossScale = 1 / (scale * scale)
    self.engine = engine
    self.batches =
      batches
      ?? BatchStream(
        rows, dataSeed: configuration.dataSeed,
        until: configuration.steps * configuration.batchRows, compute: compute)
  }

  /// Whether all steps are done.
  public var isFinished: Bool { step >= configuration.steps }

  /// The learning rate of the next step.
  public var learningRate: Double {
    configuration.learningRate.rate(at: step, of: configuration.steps)
  }

  /// Steps once.
  ///
  /// - Returns: What the step saw; its losses are in the data's own units where one factor leads there,
  ///   else in those of training.
  /// - Throws: What reading the rows met; nothing has changed then.
  public mutating func advance() throws -> StepStatistics {
    try prepare()
    return advance(on: try nextBatch())
  }

  /// Does what has to be done between steps: dead latents begin anew where that is due.
  ///
  /// Done twice, it does nothing the second time.
  mutating func prepare() throws {
    guard configuration.deadLatents.resamples(before: step), !isFinished else { return }
    let sample = try rows.sample(atMost: TrainingState.resampledRows)
    var state = engine.state()
    state.resample(
      deadAfterRows: EngineSettings(configuration, trainingRows: rows.training.count)
        .deadAfterRows,
      from: sample, threshold: Float(configuration.objective.bandwidth),
      seed: configuration.seed, compute: compute)
    engine = makeEngine(state)
  }

  /// The rows of the next step.
  func nextBatch() throws -> Batch {
    try batches.batch(at: step * configuration.batchRows, count: configuration.batchRows)
  }

  /// Steps once on the next step's rows.
  mutating func advance(on batch: Batch) -> StepStatistics {
    var seen = engine.step(on: batch, configuration.constants(at: step))
    step += 1
    seen.loss *= lossScale
    seen.auxiliaryLoss *= lossScale
    seen.sparsity *= lossScale
    seen.objective *= lossScale
    return seen
  }

  /// A copy of all that is needed to go on.
  public func state() -> TrainingState { engine.state() }

  /// All that is needed to go on, where it lies; true until the next step.
  public var view: StateView { engine.view }

  /// The dictionary as it is now, in the data's own units.
  public func dictionary() -> SparseCoder {
    engine.view.dictionary()
  }
}
