public import DictionaryTraining
public import SparseCoding

/// The settings of a run as a user writes them, in a file or as flags: every one may be missing.
///
/// The names are those of the flags with `_` for `-`. `resolved` fills in the defaults.
public struct TrainSettings: Codable, Hashable, Sendable {
  /// The data, a store or a tensor file.
  public var data: String?
  /// The folder that the run writes.
  public var out: String?
  /// The activation rule: `topk`.
  public var activation: String?
  /// Active latents a row.
  public var k: Int?
  /// Latents.
  public var dSae: Int?
  /// Rows a step.
  public var batch: Int?
  /// Steps in all.
  public var steps: Int?
  /// The peak learning rate.
  public var lr: Double?
  /// How the rate ends: `constant`, `linear` or `cosine`.
  public var schedule: String?
  /// Steps of linear warm-up.
  public var warmup: Int?
  /// Steps of decay at the end.
  public var decay: Int?
  /// The length of the encoder's initial rows.
  public var encoderScale: Double?
  /// The atoms' learning rate over that of the other weights.
  public var decoderRate: Double?
  /// Adam's constants.
  public var beta1, beta2, epsilon: Double?
  /// The largest global gradient norm.
  public var clip: Double?
  /// The normalisation: `none` or `unit_mean_square`.
  public var normalize: String?
  /// What is done for dead latents: `auxk` or `none`.
  public var dead: String?
  /// The weight of the auxiliary loss.
  public var auxkCoefficient: Double?
  /// Dead latents that act in a row.
  public var auxkK: Int?
  /// Rows without firing after which a latent is dead.
  public var deadAfterRows: Int?
  /// The seeds.
  public var seeds: [UInt64]?
  /// One seed for the order of rows of all runs.
  public var dataSeed: UInt64?
  /// Rows never trained on: a fraction, `every:N` or `none`.
  public var holdout: String?
  /// Steps between checkpoints.
  public var checkpointEvery: Int?
  /// Steps between logged steps.
  public var logEvery: Int?
  /// How many decoders to keep at log-spaced steps.
  public var snapshots: Int?
  /// Threads.
  public var threads: Int?

  /// No settings.
  public init() {}

  /// The names, as files spell them.
  public enum CodingKeys: String, CodingKey, CaseIterable {
    case data, out, activation, k, batch, steps, lr, schedule, warmup, decay, beta1, beta2, epsilon
    case clip, normalize, dead, seeds, holdout, snapshots, threads
    case dSae = "d_sae"
    case encoderScale = "encoder_scale"
    case decoderRate = "decoder_rate"
    case auxkCoefficient = "auxk_coefficient"
    case auxkK = "auxk_k"
    case deadAfterRows = "dead_after_rows"
    case dataSeed = "data_seed"
    case checkpointEvery = "checkpoint_every"
    case logEvery = "log_every"
  }

  /// These settings, and where they are silent those of `other`.
  public func overriding(_ other: TrainSettings) -> TrainSettings {
    var merged = other
    func take<Value>(_ key: WritableKeyPath<TrainSettings, Value?>) {
      if let value = self[keyPath: key] { merged[keyPath: key] = value }
    }
    take(\.data)
    take(\.out)
    take(\.activation)
    take(\.k)
    take(\.dSae)
    take(\.batch)
    take(\.steps)
    take(\.lr)
    take(\.schedule)
    take(\.warmup)
    take(\.decay)
    take(\.encoderScale)
    take(\.decoderRate)
    take(\.beta1)
    take(\.beta2)
    take(\.epsilon)
    take(\.clip)
    take(\.normalize)
    take(\.dead)
    take(\.auxkCoefficient)
    take(\.auxkK)
    take(\.deadAfterRows)
    take(\.seeds)
    take(\.dataSeed)
    take(\.holdout)
    take(\.checkpointEvery)
    take(\.logEvery)
    take(\.snapshots)
    take(\.threads)
    return merged
  }

  /// The run that these settings mean for data of a site and a number of rows.
  public func resolved(site: Site, rows: Int) throws(ConfigurationError) -> RunPlan {
    let rule = activation ?? "topk"
    guard rule == "topk" else {
      throw ConfigurationError(
        key: "activation", found: "'\(rule)'", expected: "topk", hint: "only topk is built so far")
    }
    let steps = steps ?? 10_000
    var configuration = TrainingConfiguration(
      site: site, latents: dSae ?? 8 * site.width, activation: .topK(k: k ?? 32),
      batchRows: batch ?? 4096, steps: steps, learningRate: try learningRate(steps: steps),
      deadLatents: try deadLatents(), normalization: try normalization())
    configuration.encoderScale = encoderScale ?? configuration.encoderScale
    configuration.decoderRate = decoderRate ?? configuration.decoderRate
    configuration.adam = .init(
      beta1: beta1 ?? configuration.adam.beta1, beta2: beta2 ?? configuration.adam.beta2,
      epsilon: epsilon ?? configuration.adam.epsilon)
    configuration.gradientClip = clip
    try configuration.validate()
    let seeds = seeds ?? [0]
    guard !seeds.isEmpty, Set(seeds).count == seeds.count else {
      throw ConfigurationError(
        key: "seeds", found: "\(seeds)", expected: "different whole numbers",
        hint: "such as --seeds 0,1,2,3")
    }
    let plan = RunPlan(
      configuration: configuration, seeds: seeds, dataSeed: dataSeed,
      holdOut: try HoldOut(holdout ?? RunPlan.defaultHoldOut),
      checkpointEvery: checkpointEvery ?? Self.defaultCheckpoints(steps: steps),
      logEvery: logEvery ?? Self.defaultLogging(steps: steps), snapshots: snapshots ?? 0)
    try plan.validate(rows: rows)
    return plan
  }

  static func defaultCheckpoints(steps: Int) -> Int { max(steps / 10, 100) }
  static func defaultLogging(steps: Int) -> Int { max(steps / 100, 1) }
  static func defaultDecay(steps: Int) -> Int { steps / 5 }

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

  private func deadLatents() throws(ConfigurationError) -> DeadLatents {
    switch dead ?? "auxk" {
    case "none":
      if auxkCoefficient != nil || auxkK != nil || deadAfterRows != nil {
        throw ConfigurationError(
          key: "dead", found: "none beside settings of auxk", expected: "one or the other",
          hint: "leave out --auxk-coefficient, --auxk-k and --dead-after-rows")
      }
      return .none
    case "auxk":
      guard case .auxK(let coefficient, _, _) = DeadLatents.auxK() else { return .none }
      return .auxK(
        coefficient: auxkCoefficient ?? coefficient, k: auxkK, afterRows: deadAfterRows)
    case let other:
      throw ConfigurationError(
        key: "dead", found: "'\(other)'", expected: "auxk or none", hint: "auxk is the default")
    }
  }

  private func normalization() throws(ConfigurationError) -> TrainingConfiguration.Normalization {
    guard let normalize else { return RunPlan.defaultNormalization }
    guard let known = TrainingConfiguration.Normalization(rawValue: normalize) else {
      let names = TrainingConfiguration.Normalization.allCases.map(\.rawValue)
      throw ConfigurationError(
        key: "normalize", found: "'\(normalize)'", expected: names.joined(separator: " or "),
        hint: "\(RunPlan.defaultNormalization.rawValue) is the default")
    }
    return known
  }
}

extension HoldOut {
  /// The rule, as a user writes it.
  var description: String {
    switch self {
    case .none: "none"
    case .every(let rows): "every:\(rows)"
    case .fraction(let fraction): "\(fraction)"
    }
  }

  /// The rule that a user wrote: a fraction, `every:N` or `none`.
  public init(_ text: String) throws(ConfigurationError) {
    if text == "none" || text == "0" {
      self = .none
    } else if text.hasPrefix("every:"), let rows = Int(text.dropFirst(6)), rows > 1 {
      self = .every(rows: rows)
    } else if let fraction = Double(text), fraction > 0, fraction < 1 {
      self = .fraction(fraction)
    } else {
      throw ConfigurationError(
        key: "holdout", found: "'\(text)'", expected: "a fraction such as 0.1, every:10 or none",
        hint: "every:10 holds out rows 0, 10, 20 and so on")
    }
  }
}
