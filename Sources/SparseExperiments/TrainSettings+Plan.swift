import DictionaryTraining
import RunRecords

extension TrainSettings {
  /// These settings, and where they are silent those of the run that is resumed.
  ///
  /// What by default follows from the number of steps follows from a new one.
  public func resuming(_ run: RunDescription) -> TrainSettings {
    var earlier = TrainSettings(run.plan)
    earlier.data = run.data.path
    let before = run.plan.configuration.steps
    if let steps, steps != before {
      if earlier.decay == Self.defaultDecay(steps: before) { earlier.decay = nil }
      if earlier.checkpointEvery == Self.defaultCheckpoints(steps: before) {
        earlier.checkpointEvery = nil
      }
      if earlier.logEvery == Self.defaultLogging(steps: before) { earlier.logEvery = nil }
    }
    // Another schedule, or another way with dead latents, is refused by its own name.
    if let schedule, schedule != earlier.schedule { earlier.decay = nil }
    if let dead, dead != earlier.dead {
      (earlier.auxkCoefficient, earlier.auxkK, earlier.deadAfterRows) = (nil, nil, nil)
    }
    return overriding(earlier)
  }

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
