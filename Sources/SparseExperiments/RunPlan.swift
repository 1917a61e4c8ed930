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
  /// The seed of the initial weights for all seeds, if they share them.
  public var initSeed: UInt64?
  /// Into how many disjoint parts the rows that train are divided; seed `s` has part `s` modulo that number.
  public var parts: Int = 1
  /// The rows never trained on.
  public var holdOut: HoldOut
  /// Steps between checkpoints.
  public var checkpointEvery: Int
  /// Steps between logged steps.
  public var logEvery: Int
  /// How many decoders are kept at log-spaced steps; fewer where two of those steps are one.
  public var snapshots: Int
  /// Where the sites' activations come from, in the order of their columns.
  public var paths: [String] = []
  /// The directions for the first latents, if any.
  public var anchors: AnchorSource?
  /// What is planted in the rows, if anything is.
  public var spikes: PlannedSpikes?

  /// One row in ten is held out unless the user says otherwise.
  public static let defaultHoldOut = "every:10"
  /// The normalisation unless the user says otherwise.
  public static let defaultNormalization = TrainingConfiguration.Normalization.unitMeanSquare

  /// The configuration of one seed.
  public func configuration(seed: UInt64) -> TrainingConfiguration {
    var own = configuration
    own.seed = initSeed ?? seed
    own.dataSeed = dataSeed ?? seed
    return own
  }

  /// The rows of one seed, of all that are read.
  func rows(seed: UInt64, of all: TrainingRows) -> TrainingRows {
    all.part(Int(seed % UInt64(parts)), of: parts)
  }

  /// How many seeds to train at once if memory holds them: all that share the order of rows; of others
  /// one a thread where steps are so small that this is faster.
  func seedsAtOnce(threads: Int, isStreamed: Bool) -> Int {
    if dataSeed != nil, parts == 1 { return seeds.count }
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
    let shared = min(
      mine.steps - mine.learningRate.decay.steps, theirs.steps - theirs.learningRate.decay.steps)
    guard mine.steps != theirs.steps, case .annealedPower(_, _, let start) = mine.objective.sparsity
    else { return shared }
    // The exponent falls in tenths of what is left of the steps.
    return min(shared, start)
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
    let training = holdOut.divided(rows, width: configuration.architecture.rowWidth).training.count
    if training == 0 {
      throw ConfigurationError(
        key: "holdout", found: "all of the \(rows) rows", expected: "some rows to train on",
        hint: "hold out fewer, or give more data")
    }
    if parts < 1 || parts > training {
      throw ConfigurationError(
        key: "parts", found: "\(parts)", expected: "1 to the \(training) rows that train",
        hint: "2 trains even and odd seeds on disjoint halves")
    }
    if parts > 1, anchors != nil {
      throw ConfigurationError(
        key: "parts", found: "anchors beside parts", expected: "one or the other",
        hint: "anchors are made of all rows, so the parts would share them")
    }
    try checkSpikes(trainingRows: training)
  }

  /// What of a run a resumed one may not change, with its name: everything that decides the bits.
  ///
  /// The length of a decay may change with the steps, whose default it follows.
  func firstDifference(from other: RunPlan) -> (key: String, mine: String, theirs: String)? {
    typealias Key = TrainSettings.CodingKeys
    let free: [Key] = [
      .data, .target, .sources, .anchors, .out, .steps, .seeds, .threads, .checkpointEvery,
      .logEvery, .snapshots,
    ]
    let (mine, theirs) = (TrainSettings(self).texts, TrainSettings(other).texts)
    for key in Key.allCases where !free.contains(key) {
      if key == .decay, configuration.steps != other.configuration.steps { continue }
      let (a, b) = (mine[key.rawValue], theirs[key.rawValue])
      if a != b { return (key.rawValue, a ?? key.absence, b ?? key.absence) }
    }
    return nil
  }
}

extension TrainSettings.CodingKeys {
  /// What it means to leave a setting out.
  fileprivate var absence: String {
    switch self {
    case .dataSeed: "each seed its own order"
    case .initSeed: "each seed its own weights"
    case .auxkK: "d_in / 2"
    case .deadAfterRows: "the default"
    case .anchorCount: "all"
    default: "off"
    }
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
