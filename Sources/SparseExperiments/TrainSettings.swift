public import DictionaryTraining

/// The settings of a run as a user writes them, in a file or as flags: every one may be missing.
///
/// The names are those of the flags with `_` for `-`. `resolved` fills in the defaults.
public struct TrainSettings: Codable, Hashable, Sendable {
  /// The data, a store or a tensor file.
  public var data: String?
  /// What is reconstructed where that is not the data: the run trains a transcoder.
  public var target: String?
  /// The sites of a crosscoder, in place of the data.
  public var sources: [String]?
  /// Whether a linear path leads past a transcoder's latents.
  public var skip: Bool?
  /// The folder that the run writes.
  public var out: String?
  /// The name of a `Recipe`, whose settings hold where these are silent.
  public var recipe: String?
  /// The activation rule, by the name of an `Activation`.
  public var activation: String?
  /// Active latents a row.
  public var k: Int?
  /// Active latents a row at the start, and the steps over which they fall to `k`.
  public var kStart, kAnneal: Int?
  /// Latents.
  public var dSae: Int?
  /// The ends of nested prefixes of the latents.
  public var matryoshka: [Int]?
  /// The steps of an encoder that feeds its code back.
  public var multistep: Int?
  /// Whether the encoder is the decoder.
  public var tied: Bool?
  /// Whether atoms keep unit length: `unit` or `free`.
  public var decoder: String?
  /// The weight of the code's L1 norm.
  public var l1: Double?
  /// The exponent to which the L1 norm is annealed, and the step from which on.
  public var pEnd: Double?
  /// The step from which the exponent falls.
  public var pStart: Int?
  /// The weight of the number of active latents.
  public var l0: Double?
  /// The number of active latents that thresholds are to reach, and the weight of the deviation.
  public var targetL0, targetL0Weight: Double?
  /// The window around a threshold in which it learns.
  public var bandwidth: Double?
  /// Steps over which the sparsity penalty rises.
  public var sparsityWarmup: Int?
  /// The weight of the penalty on badly conditioned supports.
  public var arip: Double?
  /// Whether that penalty is exact.
  public var aripExact: Bool?
  /// Steps over which it rises.
  public var aripWarmup: Int?
  /// A file of directions for the first latents, or of labels whose classes have directions.
  public var anchors: String?
  /// The weight of the latents' squared distance from them.
  public var anchorWeight: Double?
  /// Steps over which that weight rises.
  public var anchorWarmup: Int?
  /// How many of the directions are taken.
  public var anchorCount: Int?
  /// Whether the mean of all labelled rows is subtracted from those of the classes.
  public var anchorCentered: Bool?
  /// How many known directions are planted in the rows.
  public var spikeIn: Int?
  /// The seed of where they point and when they fire.
  public var spikeSeed: UInt64?
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
  /// The optimizer: `adam`, `adamw` or `signum`.
  public var optimizer: String?
  /// Adam's constants.
  public var beta1, beta2, epsilon: Double?
  /// The decay of weights of adamw, and the momentum of signum.
  public var weightDecay, momentum: Double?
  /// The decay of a running mean of the weights.
  public var averaging: Double?
  /// The largest global gradient norm.
  public var clip: Double?
  /// The normalisation, by the name of a `TrainingConfiguration.Normalization`.
  public var normalize: String?
  /// What is done for dead latents: `auxk`, `resample` or `none`.
  public var dead: String?
  /// The weight of the auxiliary loss.
  public var auxkCoefficient: Double?
  /// Dead latents that act in a row.
  public var auxkK: Int?
  /// Rows without firing after which a latent is dead.
  public var deadAfterRows: Int?
  /// Steps between resamplings, and how many there are.
  public var resampleEvery, resampleCount: Int?
  /// The seeds.
  public var seeds: [UInt64]?
  /// One seed for the order of rows of all runs, and one for their initial weights.
  public var dataSeed, initSeed: UInt64?
  /// Into how many disjoint parts rows are divided: seed `s` trains on part `s` modulo that number.
  public var parts: Int?
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
    case data, target, sources, skip, out, recipe, activation, k, matryoshka, multistep, tied,
      decoder
    case l1, l0, bandwidth, arip, anchors, batch, steps, lr, schedule, warmup, decay
    case optimizer, beta1, beta2, epsilon, momentum, averaging, clip, normalize, dead, seeds
    case holdout, parts, snapshots, threads
    case kStart = "k_start"
    case kAnneal = "k_anneal"
    case dSae = "d_sae"
    case pEnd = "p_end"
    case pStart = "p_start"
    case targetL0 = "target_l0"
    case targetL0Weight = "target_l0_weight"
    case sparsityWarmup = "sparsity_warmup"
    case aripExact = "arip_exact"
    case aripWarmup = "arip_warmup"
    case anchorWeight = "anchor_weight"
    case anchorWarmup = "anchor_warmup"
    case anchorCount = "anchor_count"
    case anchorCentered = "anchor_centered"
    case spikeIn = "spike_in"
    case spikeSeed = "spike_seed"
    case encoderScale = "encoder_scale"
    case decoderRate = "decoder_rate"
    case weightDecay = "weight_decay"
    case auxkCoefficient = "auxk_coefficient"
    case auxkK = "auxk_k"
    case deadAfterRows = "dead_after_rows"
    case resampleEvery = "resample_every"
    case resampleCount = "resample_count"
    case dataSeed = "data_seed"
    case initSeed = "init_seed"
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
    take(\.target)
    take(\.sources)
    take(\.skip)
    take(\.out)
    take(\.recipe)
    take(\.activation)
    take(\.k)
    take(\.kStart)
    take(\.kAnneal)
    take(\.dSae)
    take(\.matryoshka)
    take(\.multistep)
    take(\.tied)
    take(\.decoder)
    take(\.l1)
    take(\.pEnd)
    take(\.pStart)
    take(\.l0)
    take(\.targetL0)
    take(\.targetL0Weight)
    take(\.bandwidth)
    take(\.sparsityWarmup)
    take(\.arip)
    take(\.aripExact)
    take(\.aripWarmup)
    take(\.anchors)
    take(\.anchorWeight)
    take(\.anchorWarmup)
    take(\.anchorCount)
    take(\.anchorCentered)
    take(\.spikeIn)
    take(\.spikeSeed)
    take(\.batch)
    take(\.steps)
    take(\.lr)
    take(\.schedule)
    take(\.warmup)
    take(\.decay)
    take(\.encoderScale)
    take(\.decoderRate)
    take(\.optimizer)
    take(\.beta1)
    take(\.beta2)
    take(\.epsilon)
    take(\.weightDecay)
    take(\.momentum)
    take(\.averaging)
    take(\.clip)
    take(\.normalize)
    take(\.dead)
    take(\.auxkCoefficient)
    take(\.auxkK)
    take(\.deadAfterRows)
    take(\.resampleEvery)
    take(\.resampleCount)
    take(\.seeds)
    take(\.dataSeed)
    take(\.initSeed)
    take(\.parts)
    take(\.holdout)
    take(\.checkpointEvery)
    take(\.logEvery)
    take(\.snapshots)
    take(\.threads)
    return merged
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
