import SparseCoding

/// The settings that an engine needs, resolved: nothing here depends on anything else.
public struct EngineSettings: Hashable, Sendable {
  /// The shapes of what is trained.
  public var model: ModelShape
  /// What is added to the squared error.
  public var objective: Objective
  /// The most latents that may be active in a row, for rules that say so.
  public var largestK: Int?
  /// The rule that turns gradients into steps.
  public var optimizer: Optimizer
  /// The atoms' learning rate over that of all other weights.
  public var decoderRate: Double
  /// Whether atoms keep unit length.
  public var decoder: TrainingConfiguration.DecoderNorm
  /// The decay of a running mean of the weights, if one is kept.
  public var averaging: Double?
  /// The auxiliary loss, if any.
  public var auxiliary: Auxiliary?
  /// A latent is dead after so many rows without firing.
  public var deadAfterRows: UInt64
  /// The largest global norm of a gradient, if any.
  public var gradientClip: Double?
  /// The seed of the random samples that the objective takes.
  public var seed: UInt64

  /// The auxiliary loss of dead latents.
  public struct Auxiliary: Hashable, Sendable {
    /// Its weight.
    public var coefficient: Double
    /// How many dead latents act in a row.
    public var k: Int

    /// An auxiliary loss of a weight and a number of latents.
    public init(coefficient: Double, k: Int) {
      self.coefficient = coefficient
      self.k = k
    }

    /// The weight when `dead` latents are dead: it falls with them, once they are fewer than `k`.
    func weight(dead: Int) -> Double { coefficient * min(Double(dead) / Double(k), 1) }
  }

  /// The settings of a configuration, for data of a number of rows.
  public init(_ configuration: TrainingConfiguration, trainingRows: Int) {
    model = configuration.model
    objective = configuration.objective
    largestK = configuration.activation.k.map {
      max($0, configuration.annealedK?.start ?? 0)
    }
    optimizer = configuration.optimizer
    decoderRate = configuration.decoderRate
    decoder = configuration.decoder
    averaging = configuration.averaging
    gradientClip = configuration.gradientClip
    seed = configuration.seed
    deadAfterRows = UInt64(min(10_000_000, 10 * max(trainingRows, 1)))
    switch configuration.deadLatents {
    case .none: break
    case .auxK(let coefficient, let auxiliaryK, let afterRows):
      if coefficient > 0 {
        let half = max(model.inputWidth / 2, 1)
        auxiliary = Auxiliary(coefficient: coefficient, k: auxiliaryK ?? half)
      }
      if let afterRows { deadAfterRows = UInt64(afterRows) }
    case .resample(let every, _, let afterRows):
      // No later than the first resampling, or it would find none.
      let interval = every.multipliedReportingOverflow(by: configuration.batchRows)
      let most = interval.overflow ? .max : UInt64(interval.partialValue)
      deadAfterRows = afterRows.map { UInt64($0) } ?? min(deadAfterRows, most)
    }
  }

  /// The ends of the prefixes that reconstruct, the last of which are all latents.
  public var prefixes: [Int] {
    objective.prefixes.isEmpty ? [model.latents] : objective.prefixes
  }

  /// Whether penalties on codes are weighted with the lengths of the atoms, source by source.
  ///
  /// A free decoder could otherwise make every code small; in a crosscoder the sum of its sources'
  /// lengths lets a latent belong to few of them.
  public var isWeightedByAtoms: Bool { decoder == .free || model.architecture.sources.count > 1 }
}

/// What of the objective and the learning rate changes from step to step.
public struct StepConstants: Hashable, Sendable {
  /// The learning rate.
  public var learningRate: Double
  /// Latents that are active in a row, or on average, for rules of k.
  public var k: Int
  /// What warm-up leaves of the sparsity penalty, the isometry penalty and the anchors, 0 to 1.
  public var sparsity, isometry, anchors: Double
  /// The exponent of an annealed power.
  public var power: Double
  /// The exponent after this step, where it falls after it.
  public var nextPower: Double

  /// The constants of an objective at full strength.
  public init(
    learningRate: Double, k: Int = 1, sparsity: Double = 1, isometry: Double = 1,
    anchors: Double = 1, power: Double = 1, nextPower: Double? = nil
  ) {
    self.learningRate = learningRate
    self.k = k
    self.sparsity = sparsity
    self.isometry = isometry
    self.anchors = anchors
    self.power = power
    self.nextPower = nextPower ?? power
  }
}

extension TrainingConfiguration {
  /// What changes from step to step, at step `step`, counted from 0.
  public func constants(at step: Int) -> StepConstants {
    func warmed(_ warmup: Int) -> Double {
      step < warmup ? Double(step + 1) / Double(warmup) : 1
    }
    var k = activation.k ?? 1
    if let annealedK, step < annealedK.steps {
      let left = Double(annealedK.steps - step) / Double(annealedK.steps)
      k += Int((Double(annealedK.start - k) * left).rounded())
    }
    return StepConstants(
      learningRate: learningRate.rate(at: step, of: steps), k: k,
      sparsity: warmed(objective.sparsityWarmup),
      isometry: warmed(objective.isometry?.warmup ?? 0), anchors: warmed(objective.anchorWarmup),
      power: power(at: step), nextPower: power(at: step + 1))
  }

  /// The exponent of an annealed power: 1, and from its start on ten equal falls to its end, which the
  /// last tenth of the steps has.
  private func power(at step: Int) -> Double {
    guard case .annealedPower(_, let end, let start) = objective.sparsity else { return 1 }
    guard step >= start, steps > start else { return 1 }
    let fall = min(10, 10 * (step - start) / (steps - start) + 1)
    return 1 + (end - 1) * Double(fall) / 10
  }
}
