import SparseCoding

/// The architectures that a `cfg.json` may name.
///
/// The first nine are those of SAELens 6 that Elute reads and writes. What SAELens has no architecture for
/// is written under one of the last three, which its loader refuses: never as something that it would
/// open wrongly.
enum DictionaryLayout: String, CaseIterable, Sendable, Hashable {
  case standard, jumprelu, topk, abstopk, gated
  case transcoder
  case skipTranscoder = "skip_transcoder"
  case jumpReLUTranscoder = "jumprelu_transcoder"
  case jumpReLUSkipTranscoder = "jumprelu_skip_transcoder"
  case eluteAutoencoder = "elute_autoencoder"
  case eluteTranscoder = "elute_transcoder"
  case eluteCrosscoder = "elute_crosscoder"

  /// What is read and what is reconstructed.
  enum Family: String, Sendable, Hashable { case autoencoder, transcoder, crosscoder }

  /// The layout of a dictionary: one of SAELens wherever it has one.
  init(of coder: SparseCoder) {
    let isPlain = coder.rowScaling == .none && coder.multistep == nil
    switch (coder.architecture, coder.activation) {
    case (.autoencoder, .relu) where isPlain: self = .standard
    case (.autoencoder, .jumpReLU) where isPlain: self = .jumprelu
    case (.autoencoder, .topK) where isPlain: self = .topk
    case (.autoencoder, .absTopK) where isPlain: self = .abstopk
    case (.autoencoder, .gated) where isPlain: self = .gated
    case (.transcoder(_, _, let skip), .relu) where isPlain:
      self = skip ? .skipTranscoder : .transcoder
    case (.transcoder(_, _, let skip), .jumpReLU) where isPlain:
      self = skip ? .jumpReLUSkipTranscoder : .jumpReLUTranscoder
    case (.autoencoder, _): self = .eluteAutoencoder
    case (.transcoder, _): self = .eluteTranscoder
    case (.crosscoder, _): self = .eluteCrosscoder
    }
  }

  var family: Family {
    switch self {
    case .standard, .jumprelu, .topk, .abstopk, .gated, .eluteAutoencoder: .autoencoder
    case .transcoder, .skipTranscoder, .jumpReLUTranscoder, .jumpReLUSkipTranscoder,
      .eluteTranscoder:
      .transcoder
    case .eluteCrosscoder: .crosscoder
    }
  }

  /// Whether it is Elute's own, whose activation rule, sites and the rest stand in keys.
  var isOwn: Bool {
    switch self {
    case .eluteAutoencoder, .eluteTranscoder, .eluteCrosscoder: true
    default: false
    }
  }

  /// The activation rule, where the architecture decides it.
  var rule: ActivationRule? {
    switch self {
    case .standard, .transcoder, .skipTranscoder: .relu
    case .jumprelu, .jumpReLUTranscoder, .jumpReLUSkipTranscoder: .jumprelu
    case .topk: .topk
    case .abstopk: .abstopk
    case .gated: .gated
    case .eluteAutoencoder, .eluteTranscoder, .eluteCrosscoder: nil
    }
  }

  /// Whether a linear path leads past the latents, where the architecture decides it.
  var hasSkip: Bool? {
    switch self {
    case .skipTranscoder, .jumpReLUSkipTranscoder: true
    case .eluteTranscoder: nil
    default: false
    }
  }
}

/// The activation rules that a finished dictionary may have, by their names in files.
enum ActivationRule: String, CaseIterable, Sendable, Hashable {
  case relu, jumprelu, topk, abstopk, gated

  /// The rule of an activation; `nil` for one that only training has.
  init?(_ activation: Activation) {
    self.init(rawValue: activation.name)
  }

  /// Whether it keeps `k` latents of each row.
  var takesK: Bool { self == .topk || self == .abstopk }

  /// The activation; `nil` where a rule of k lacks it.
  func activation(k: Int?) -> Activation? {
    takesK && k == nil ? nil : Activation(named: rawValue, k: k ?? 1)
  }
}
