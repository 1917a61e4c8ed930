public import DictionaryTraining
public import SparseCoding

extension TrainSettings {
  /// The run that these settings mean for data of one site and a number of rows.
  public func resolved(site: Site, rows: Int) throws(ConfigurationError) -> RunPlan {
    try resolved(sites: [site], rows: rows)
  }

  /// The run that these settings mean for data of some sites, in the order of their paths, and a number of
  /// rows.
  public func resolved(sites: [Site], rows: Int) throws(ConfigurationError) -> RunPlan {
    if let recipe {
      var whole = overriding(try Recipe(named: recipe).settings(besides: self))
      whole.recipe = nil
      return try whole.resolved(sites: sites, rows: rows)
    }
    let architecture = try architecture(sites)
    let steps = steps ?? Self.defaultSteps
    let rule = try activationRule()
    var configuration = TrainingConfiguration(
      architecture: architecture, latents: dSae ?? 8 * architecture.inputs.count,
      activation: rule, encoder: try encoderKind(), decoder: try decoderNorm(),
      batchRows: batch ?? 4096, steps: steps, learningRate: try learningRate(steps: steps),
      optimizer: try optimizerRule(), averaging: averaging, annealedK: try annealedK(steps: steps),
      deadLatents: try deadLatents(rule, steps: steps), normalization: try normalization(),
      gradientClip: clip)
    configuration.objective = try objective(
      rule, width: architecture.outputs.count, steps: steps)
    configuration.encoderScale = encoderScale ?? configuration.encoderScale
    configuration.decoderRate = decoderRate ?? configuration.decoderRate
    try configuration.validate()
    let seeds = seeds ?? [0]
    guard !seeds.isEmpty, Set(seeds).count == seeds.count else {
      throw ConfigurationError(
        key: "seeds", found: "\(seeds)", expected: "different whole numbers",
        hint: "such as --seeds 0,1,2,3")
    }
    let plan = RunPlan(
      configuration: configuration, seeds: seeds, dataSeed: dataSeed, initSeed: initSeed,
      parts: parts ?? 1,
      holdOut: try HoldOut(holdout ?? RunPlan.defaultHoldOut),
      checkpointEvery: checkpointEvery ?? Self.defaultCheckpoints(steps: steps),
      logEvery: logEvery ?? Self.defaultLogging(steps: steps), snapshots: snapshots ?? 0,
      paths: paths, anchors: try anchorSource(configuration),
      spikes: try plannedSpikes(in: configuration))
    try plan.validate(rows: rows)
    return plan
  }

  /// The paths of the sites' activations, in the order of their columns.
  public var paths: [String] {
    sources ?? [data, target].compactMap { $0 }
  }

  static let defaultSteps = 10_000
  static let defaultK = 32
  static func defaultCheckpoints(steps: Int) -> Int { max(steps / 10, 100) }
  static func defaultLogging(steps: Int) -> Int { max(steps / 100, 1) }
  static func defaultDecay(steps: Int) -> Int { steps / 5 }

  private func architecture(_ sites: [Site]) throws(ConfigurationError) -> Architecture {
    if sources != nil {
      if data != nil || target != nil {
        throw ConfigurationError(
          key: "sources", found: "sources beside \(target == nil ? "data" : "a target")",
          expected: "one or the other",
          hint: "a crosscoder reads and reconstructs all of its sources")
      }
      if skip == true { try refuseSkip() }
      return .crosscoder(sites)
    }
    if target != nil, sites.count == 2 {
      return .transcoder(input: sites[0], output: sites[1], skip: skip ?? false)
    }
    if skip == true { try refuseSkip() }
    return .autoencoder(sites.first ?? Site(name: "activations", width: 0))
  }

  private func refuseSkip() throws(ConfigurationError) {
    throw ConfigurationError(
      key: "skip", found: "no target", expected: "a transcoder",
      hint: "add --target PATH; without one a linear path would copy its input")
  }

  private func activationRule() throws(ConfigurationError) -> Activation {
    let name = activation ?? "topk"
    let k = k ?? Self.defaultK
    guard let rule = Activation(named: name, k: k) else {
      throw ConfigurationError(
        key: "activation", found: "'\(name)'",
        expected: Activation.names.joined(separator: ", "), hint: "topk is the default")
    }
    if rule.k == nil, self.k != nil {
      throw ConfigurationError(
        key: "k", found: "\(k) with \(name)", expected: "topk, abstopk or batchtopk",
        hint: name == "jumprelu" ? "use --target-l0 \(k)" : "its sparsity follows from --l1")
    }
    return rule
  }

  private func encoderKind() throws(ConfigurationError) -> TrainingConfiguration.EncoderKind {
    switch (tied ?? false, multistep) {
    case (false, nil): return .free
    case (true, nil):
      if encoderScale != nil {
        throw ConfigurationError(
          key: "encoder_scale", found: "a length beside tied", expected: "one or the other",
          hint: "a tied encoder is as long as its atoms")
      }
      return .tied
    case (false, let steps?): return .multistep(steps: steps)
    case (true, _?):
      throw ConfigurationError(
        key: "tied", found: "tied beside multistep", expected: "one or the other",
        hint: "a multistep encoder is one of its own")
    }
  }

  private func decoderNorm() throws(ConfigurationError) -> TrainingConfiguration.DecoderNorm {
    guard let decoder else { return .unit }
    guard let norm = TrainingConfiguration.DecoderNorm(rawValue: decoder) else {
      throw ConfigurationError(
        key: "decoder", found: "'\(decoder)'", expected: "unit or free",
        hint: "unit is the default: atoms of length one")
    }
    return norm
  }

  private func annealedK(
    steps: Int
  ) throws(ConfigurationError) -> TrainingConfiguration.AnnealedK? {
    if kStart == nil, kAnneal != nil {
      throw ConfigurationError(
        key: "k_anneal", found: "no number to begin with", expected: "--k-start",
        hint: "such as --k-start 128")
    }
    return kStart.map { .init(start: $0, steps: kAnneal ?? max(steps / 10, 1)) }
  }

  private func learningRate(steps: Int) throws(ConfigurationError) -> LearningRate {
    let defaults = LearningRate()
    let name = schedule ?? "constant"
    let decayed = decay ?? Self.defaultDecay(steps: steps)
    let shape: LearningRate.Decay
    switch name {
    case "constant":
      if let decay, decay != 0 {
        if schedule == nil {
          shape = .linear(steps: decay)
          break
        }
        throw ConfigurationError(
          key: "decay", found: "\(decay) steps under a constant schedule",
          expected: "a schedule that decays", hint: "add --schedule linear or cosine")
      }
      shape = defaults.decay
    case "linear": shape = .linear(steps: decayed)
    case "cosine": shape = .cosine(steps: decayed)
    default:
      throw ConfigurationError(
        key: "schedule", found: "'\(name)'", expected: "constant, linear or cosine",
        hint: "linear and cosine take --decay N, the last steps over which the rate falls")
    }
    return LearningRate(peak: lr ?? defaults.peak, warmup: warmup ?? defaults.warmup, decay: shape)
  }

  private func optimizerRule() throws(ConfigurationError) -> Optimizer {
    let name = optimizer ?? "adam"
    let standard = Adam()
    let adam = Adam(
      beta1: beta1 ?? standard.beta1, beta2: beta2 ?? standard.beta2,
      epsilon: epsilon ?? standard.epsilon)
    if name != "adamw", weightDecay != nil {
      throw ConfigurationError(
        key: "weight_decay", found: "weight decay with \(name)", expected: "adamw",
        hint: "add --optimizer adamw")
    }
    if name != "signum", momentum != nil {
      throw ConfigurationError(
        key: "momentum", found: "momentum with \(name)", expected: "signum",
        hint: "adam's is --beta1")
    }
    switch name {
    case "adam": return .adam(adam)
    case "adamw": return .adamW(adam, weightDecay: weightDecay ?? 0.01)
    case "signum":
      if let (key, _) = [("beta1", beta1), ("beta2", beta2), ("epsilon", epsilon)]
        .first(where: { $0.1 != nil })
      {
        throw ConfigurationError(
          key: key, found: "a constant of adam with signum", expected: "--momentum",
          hint: "leave it out")
      }
      return .signum(momentum: momentum ?? 0.95)
    default:
      throw ConfigurationError(
        key: "optimizer", found: "'\(name)'", expected: "adam, adamw or signum",
        hint: "adam is the default")
    }
  }

  private func normalization() throws(ConfigurationError) -> TrainingConfiguration.Normalization {
    guard let normalize else { return RunPlan.defaultNormalization }
    guard let known = TrainingConfiguration.Normalization(rawValue: normalize) else {
      let names = TrainingConfiguration.Normalization.allCases.map(\.rawValue)
      throw ConfigurationError(
        key: "normalize", found: "'\(normalize)'", expected: names.joined(separator: ", "),
        hint: "\(RunPlan.defaultNormalization.rawValue) is the default")
    }
    return known
  }
}
