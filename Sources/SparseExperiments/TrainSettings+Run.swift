import DictionaryTraining
import RunRecords
import SparseCoding

extension TrainSettings {
  /// The settings that made a run, for one that goes on with it and names only what changes.
  public init(_ run: RunDescription) {
    self.init()
    let configuration = run.plan.configuration
    let decay = configuration.learningRate.decay
    data = run.data.path
    activation = "topk"
    k = configuration.k
    dSae = configuration.latents
    batch = configuration.batchRows
    steps = configuration.steps
    lr = configuration.learningRate.peak
    schedule = decay.name
    warmup = configuration.learningRate.warmup
    self.decay = decay.steps > 0 ? decay.steps : nil
    encoderScale = configuration.encoderScale
    decoderRate = configuration.decoderRate
    beta1 = configuration.adam.beta1
    beta2 = configuration.adam.beta2
    epsilon = configuration.adam.epsilon
    clip = configuration.gradientClip
    normalize = configuration.normalization.rawValue
    switch configuration.deadLatents {
    case .none: dead = "none"
    case .auxK(let coefficient, let k, let afterRows):
      dead = "auxk"
      auxkCoefficient = coefficient
      auxkK = k
      deadAfterRows = afterRows
    }
    seeds = run.plan.seeds
    dataSeed = run.plan.dataSeed
    holdout = run.plan.holdOut.text
    checkpointEvery = run.plan.checkpointEvery
    logEvery = run.plan.logEvery
    snapshots = run.plan.snapshots
  }
}

extension HoldOut {
  /// The rule as a user writes it.
  var text: String {
    switch self {
    case .none: "none"
    case .every(let rows): "every:\(rows)"
    case .fraction(let fraction): "\(fraction)"
    }
  }
}
