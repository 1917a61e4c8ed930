import DictionaryTraining

extension TrainSettings {
  /// The settings that resolve to a plan, with every default written out.
  init(_ plan: RunPlan) {
    let configuration = plan.configuration
    activation = "topk"
    k = configuration.k
    dSae = configuration.latents
    batch = configuration.batchRows
    steps = configuration.steps
    lr = configuration.learningRate.peak
    warmup = configuration.learningRate.warmup
    schedule = configuration.learningRate.decay.name
    if configuration.learningRate.decay != .none { decay = configuration.learningRate.decay.steps }
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
    seeds = plan.seeds
    dataSeed = plan.dataSeed
    holdout = plan.holdOut.description
    checkpointEvery = plan.checkpointEvery
    logEvery = plan.logEvery
    snapshots = plan.snapshots
  }
}
