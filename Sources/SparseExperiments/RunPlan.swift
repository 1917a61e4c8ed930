public import DictionaryTraining
import SparseCoding

/// A run with every default filled in: what is trained, how often, and what is written.
public struct RunPlan: Hashable, Sendable {
  /// What each seed trains; its seeds are replaced by each run's own.
  public var configuration: TrainingConfiguration
  /// The seeds.
  public var seeds: [UInt64]
  /// The seed of the order of rows for all seeds, if they share it.
  public var dataSeed: UInt64?
  /// The rows never trained on.
  public var holdOut: HoldOut
  /// Steps between checkpoints.
  public var checkpointEvery: Int
  /// Steps between logged steps.
  public var logEvery: Int
  /// How many decoders are kept at log-spaced steps; fewer where two of those steps are one.
  public var snapshots: Int

  /// One row in ten is held out unless the user says otherwise.
  public static let defaultHoldOut = "every:10"
  /// The normalisation unless the user says otherwise.
  public static let defaultNormalization = TrainingConfiguration.Normalization.unitMeanSquare

  /// The configuration of one seed.
  public func configuration(seed: UInt64) -> TrainingConfiguration {
    var own = configuration
    own.seed = seed
    own.dataSeed = dataSeed ?? seed
    return own
  }

  /// How many seeds to train at once if memory holds them: all that share the order of rows; of others
  /// one a thread where steps are so small that this is faster.
  func seedsAtOnce(threads: Int, isStreamed: Bool) -> Int {
    if dataSeed != nil { return seeds.count }
    let isSideBySide = TrainingPass.isSmall(configuration) && !isStreamed
    return isSideBySide ? min(threads, seeds.count) : 1
  }

  /// The steps at which decoders are kept: the first, the last, and log-spaced ones between.
  public var snapshotSteps: [Int] {
    let steps = configuration.steps
    guard snapshots > 0 else { return [] }
    guard snapshots > 1, steps > 0 else { return [steps] }
    var chosen: Set<Int> = [0, steps]
    for index in 0..<snapshots - 2 {
      let exponent = Double(index) / Double(snapshots - 2)
      chosen.insert(Int(Elementary.exp(exponent * Elementary.log(Double(steps))).rounded()))
    }
    return chosen.sorted()
  }

  /// Whether a step is logged: the first, the last, every `logEvery`-th, and powers of two before.
  func isLogged(_ step: Int) -> Bool {
    step == 1 || step == configuration.steps || step % logEvery == 0
      || (step < logEvery && step & (step - 1) == 0)
  }

  /// Whether the held-out rows are looked at: they would cost much at every logged step.
  func isEvaluated(_ step: Int) -> Bool {
    step == configuration.steps || step & (step - 1) == 0
      || (step % logEvery == 0 && step / logEvery % 5 == 0)
  }

  /// About how often the held-out rows are looked at.
  var evaluations: Int {
    let steps = configuration.steps
    let powersOfTwo = Int.bitWidth - min(steps, logEvery).leadingZeroBitCount
    return powersOfTwo + steps / logEvery / 5 + 1
  }

  /// The newest step up to which this plan and another one train the same bits.
  ///
  /// More steps change a schedule that decays at the end: what was trained before the decay began
  /// still serves.
  func sharedSteps(with other: RunPlan) -> Int {
    let (mine, theirs) = (configuration, other.configuration)
    guard mine.steps != theirs.steps || mine.learningRate.decay != theirs.learningRate.decay else {
      return mine.steps
    }
    return min(
      mine.steps - mine.learningRate.decay.steps, theirs.steps - theirs.learningRate.decay.steps)
  }

  /// The step at which the rate begins to fall, if it does; its checkpoint is kept.
  var decayStart: Int? {
    let decay = configuration.learningRate.decay.steps
    return decay > 0 ? configuration.steps - decay : nil
  }

  func validate(rows: Int) throws(ConfigurationError) {
    for (key, value) in [("checkpoint_every", checkpointEvery), ("log_every", logEvery)]
    where value < 1 {
      throw ConfigurationError(
        key: key, found: "\(value)", expected: "at least 1", hint: "leave it out for a default")
    }
    if snapshots < 0 || snapshots > 1000 {
      throw ConfigurationError(
        key: "snapshots", found: "\(snapshots)", expected: "0 to 1000", hint: "20 show a curve well"
      )
    }
    if holdOut.divided(rows, width: configuration.site.width).training.isEmpty {
      throw ConfigurationError(
        key: "holdout", found: "all of the \(rows) rows", expected: "some rows to train on",
        hint: "hold out fewer, or give more data")
    }
  }

  /// What of a run a resumed one may not change, with its name: everything that decides the bits.
  ///
  /// The length of a decay may change with the steps, whose default it follows.
  func firstDifference(from other: RunPlan) -> (key: String, mine: String, theirs: String)? {
    let (a, b) = (configuration, other.configuration)
    let parts: [(String, String, String)] = [
      ("d_in", "\(a.site.width)", "\(b.site.width)"), ("d_sae", "\(a.latents)", "\(b.latents)"),
      ("k", "\(a.k)", "\(b.k)"), ("batch", "\(a.batchRows)", "\(b.batchRows)"),
      ("lr", "\(a.learningRate.peak)", "\(b.learningRate.peak)"),
      ("warmup", "\(a.learningRate.warmup)", "\(b.learningRate.warmup)"),
      ("schedule", a.learningRate.decay.name, b.learningRate.decay.name),
      (
        "decay", "\(a.learningRate.decay.steps)",
        a.steps == b.steps ? "\(b.learningRate.decay.steps)" : "\(a.learningRate.decay.steps)"
      ),
      ("encoder_scale", "\(a.encoderScale)", "\(b.encoderScale)"),
      ("decoder_rate", "\(a.decoderRate)", "\(b.decoderRate)"),
      ("beta1", "\(a.adam.beta1)", "\(b.adam.beta1)"),
      ("beta2", "\(a.adam.beta2)", "\(b.adam.beta2)"),
      ("epsilon", "\(a.adam.epsilon)", "\(b.adam.epsilon)"),
      ("dead", a.deadLatents.name, b.deadLatents.name),
      ("auxk_coefficient", a.deadLatents.coefficient, b.deadLatents.coefficient),
      ("auxk_k", a.deadLatents.auxiliaryK, b.deadLatents.auxiliaryK),
      ("dead_after_rows", a.deadLatents.afterRows, b.deadLatents.afterRows),
      ("normalize", a.normalization.rawValue, b.normalization.rawValue),
      ("clip", inWords(a.gradientClip, or: "off"), inWords(b.gradientClip, or: "off")),
      ("holdout", holdOut.description, other.holdOut.description),
      (
        "data_seed", inWords(dataSeed, or: "each seed its own order"),
        inWords(other.dataSeed, or: "each seed its own order")
      ),
    ]
    return parts.first { $0.1 != $0.2 }.map { (key: $0.0, mine: $0.1, theirs: $0.2) }
  }
}

extension LearningRate.Decay {
  /// The schedule's name, as flags have it.
  var name: String {
    switch self {
    case .none: "constant"
    case .linear: "linear"
    case .cosine: "cosine"
    }
  }
}

extension DeadLatents {
  /// What is done, as flags have it.
  fileprivate var name: String {
    switch self {
    case .none: "none"
    case .auxK: "auxk"
    }
  }

  fileprivate var coefficient: String {
    guard case .auxK(let coefficient, _, _) = self else { return "" }
    return "\(coefficient)"
  }

  fileprivate var auxiliaryK: String {
    guard case .auxK(_, let k, _) = self else { return "" }
    return inWords(k, or: "d_in / 2")
  }

  fileprivate var afterRows: String {
    guard case .auxK(_, _, let rows) = self else { return "" }
    return inWords(rows, or: "the default")
  }
}

/// A setting as a user would write it, or what it means to leave it out.
private func inWords(_ value: (some CustomStringConvertible)?, or none: String) -> String {
  value.map(\.description) ?? none
}
