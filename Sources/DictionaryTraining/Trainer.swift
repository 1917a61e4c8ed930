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

  private let engine: any TrainingEngine
  private let scale: Double
  private var order: RowOrder

  /// A trainer that starts, or goes on from `state`.
  ///
  /// - Throws: `ConfigurationError` if the configuration cannot be trained on these rows.
  public init(
    _ configuration: TrainingConfiguration, rows: TrainingRows, compute: Compute,
    from state: TrainingState? = nil
  ) throws(ConfigurationError) {
    try configuration.validate()
    if configuration.site.width != rows.matrix.columns {
      throw ConfigurationError(
        key: "d_in", found: "\(configuration.site.width)",
        expected: "the data's width, \(rows.matrix.columns)", hint: "leave it out")
    }
    if rows.training.isEmpty {
      throw ConfigurationError(
        key: "holdout", found: "\(rows.heldOut.count) of \(rows.matrix.rows) rows held out",
        expected: "at least one row to train on", hint: "hold out fewer rows")
    }
    let start = state ?? TrainingState(configuration, rows: rows, compute: compute)
    let settings = EngineSettings(configuration, trainingRows: rows.training.count)
    self.init(
      configuration, rows: rows, start: start,
      engine: CPUEngine(start, settings: settings, compute: compute))
  }

  /// A trainer over an engine of the caller's choice.
  init(
    _ configuration: TrainingConfiguration, rows: TrainingRows, start: TrainingState,
    engine: any TrainingEngine
  ) {
    self.configuration = configuration
    self.rows = rows
    step = start.step
    scale = Double(start.scale)
    self.engine = engine
    order = RowOrder(seed: configuration.dataSeed, rows: rows.training)
  }

  /// Whether all steps are done.
  public var isFinished: Bool { step >= configuration.steps }

  /// The learning rate of the next step.
  public var learningRate: Double {
    configuration.learningRate.rate(at: step, of: configuration.steps)
  }

  /// Steps once.
  ///
  /// - Returns: What the step saw; its losses are in the data's own units.
  public mutating func advance() -> StepStatistics {
    let batch = Batch(
      source: rows.matrix,
      rows: order.rows(from: step * configuration.batchRows, count: configuration.batchRows))
    var statistics = engine.step(on: batch, learningRate: learningRate)
    step += 1
    statistics.loss /= scale * scale
    statistics.auxiliaryLoss /= scale * scale
    return statistics
  }

  /// A copy of all that is needed to go on.
  public func state() -> TrainingState { engine.state() }

  /// The dictionary as it is now, in the data's own units.
  public func dictionary() -> SparseCoder {
    engine.state().dictionary(site: configuration.site, activation: configuration.activation)
  }
}
