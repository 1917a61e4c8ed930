import DictionaryTraining
import RunRecords
import SparseCoding

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension TrainSettings {
  /// These settings, and where they are silent those of the run that is resumed.
  ///
  /// What by default follows from the number of steps follows from a new one.
  public func resuming(_ run: RunDescription) -> TrainSettings {
    var earlier = TrainSettings(run.plan)
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
      (earlier.resampleEvery, earlier.resampleCount) = (nil, nil)
    }
    return overriding(earlier)
  }

  /// The settings that resolve to a plan, with every default written out.
  init(_ plan: RunPlan) {
    let configuration = plan.configuration
    takeData(plan)
    activation = configuration.activation.name
    k = configuration.activation.k
    kStart = configuration.annealedK?.start
    kAnneal = configuration.annealedK?.steps
    dSae = configuration.latents
    switch configuration.encoder {
    case .free: break
    case .tied: tied = true
    case .multistep(let steps): multistep = steps
    }
    decoder = configuration.decoder.rawValue
    takeObjective(configuration.objective, configuration)
    batch = configuration.batchRows
    steps = configuration.steps
    lr = configuration.learningRate.peak
    warmup = configuration.learningRate.warmup
    schedule = configuration.learningRate.decay.name
    if configuration.learningRate.decay != .none { decay = configuration.learningRate.decay.steps }
    encoderScale = configuration.encoder == .tied ? nil : configuration.encoderScale
    decoderRate = configuration.decoderRate
    takeOptimizer(configuration)
    normalize = configuration.normalization.rawValue
    takeDeadLatents(configuration.deadLatents)
    seeds = plan.seeds
    dataSeed = plan.dataSeed
    initSeed = plan.initSeed
    parts = plan.parts == 1 ? nil : plan.parts
    holdout = plan.holdOut.description
    checkpointEvery = plan.checkpointEvery
    logEvery = plan.logEvery
    snapshots = plan.snapshots
  }

  private mutating func takeData(_ plan: RunPlan) {
    switch plan.configuration.architecture {
    case .autoencoder: data = plan.paths.first
    case .transcoder(_, _, let hasSkip):
      data = plan.paths.first
      target = plan.paths.last
      skip = hasSkip ? true : nil
    case .crosscoder: sources = plan.paths
    }
    anchors = plan.anchors?.path
    anchorCount = plan.anchors?.count
    anchorCentered = plan.anchors.flatMap { $0.isCentered ? true : nil }
    spikeIn = plan.spikes?.count
    spikeSeed = plan.spikes?.seed
  }

  private mutating func takeObjective(
    _ objective: Objective, _ configuration: TrainingConfiguration
  ) {
    matryoshka = objective.prefixes.isEmpty ? nil : objective.prefixes
    switch objective.sparsity {
    case .none: break
    case .l1(let weight): l1 = weight
    case .l0(let weight): l0 = weight
    case .targetL0(let count, let weight): (targetL0, targetL0Weight) = (count, weight)
    case .annealedPower(let weight, let end, let start): (l1, pEnd, pStart) = (weight, end, start)
    }
    if objective.sparsity != .none { sparsityWarmup = objective.sparsityWarmup }
    if let isometry = objective.isometry {
      (arip, aripExact, aripWarmup) = (isometry.weight, isometry.isExact, isometry.warmup)
    }
    if anchors != nil {
      (anchorWeight, anchorWarmup) = (objective.anchorWeight, objective.anchorWarmup)
    }
    if configuration.activation == .jumpReLU { bandwidth = objective.bandwidth }
  }

  private mutating func takeOptimizer(_ configuration: TrainingConfiguration) {
    optimizer = configuration.optimizer.name
    switch configuration.optimizer {
    case .adam(let adam): (beta1, beta2, epsilon) = (adam.beta1, adam.beta2, adam.epsilon)
    case .adamW(let adam, let decay):
      (beta1, beta2, epsilon) = (adam.beta1, adam.beta2, adam.epsilon)
      weightDecay = decay
    case .signum(let momentum): self.momentum = momentum
    }
    averaging = configuration.averaging
    clip = configuration.gradientClip
  }

  private mutating func takeDeadLatents(_ way: DeadLatents) {
    dead = way.name
    switch way {
    case .none: break
    case .auxK(let coefficient, let k, let afterRows):
      (auxkCoefficient, auxkK, deadAfterRows) = (coefficient, k, afterRows)
    case .resample(let every, let count, let afterRows):
      (resampleEvery, resampleCount, deadAfterRows) = (every, count, afterRows)
    }
  }

  /// The settings that are given, as texts by their names.
  var texts: [String: String] {
    guard let text = try? JSONFile.text(of: self, pretty: false),
      let values = try? JSONFile.decoder.decode([String: SettingText].self, from: Data(text.utf8))
    else { return [:] }
    return values.mapValues(\.text)
  }
}

/// The value of a setting, whatever its kind, as a user would write it.
private struct SettingText: Decodable {
  let text: String

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let flag = try? value.decode(Bool.self) {
      text = flag ? "true" : "false"
    } else if let number = try? value.decode(UInt64.self) {
      text = "\(number)"
    } else if let number = try? value.decode(Double.self) {
      text = "\(number)"
    } else if let list = try? value.decode([SettingText].self) {
      text = list.map(\.text).joined(separator: ",")
    } else {
      text = try value.decode(String.self)
    }
  }
}

extension DeadLatents {
  /// What is done, as flags have it.
  var name: String {
    switch self {
    case .none: "none"
    case .auxK: "auxk"
    case .resample: "resample"
    }
  }
}
