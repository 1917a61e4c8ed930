public import SparseCoding

/// What to train, as the user wrote it; with a seed and the data it determines every trained bit.
public struct TrainingConfiguration: Codable, Hashable, Sendable {
  /// The site whose activations are learned.
  public var site: Site
  /// The number of latents, `d_sae`.
  public var latents: Int
  /// The activation rule.
  public var activation: Activation
  /// Rows a step.
  public var batchRows: Int
  /// Steps in all.
  public var steps: Int
  /// The learning rate over the steps.
  public var learningRate: LearningRate
  /// The length of the encoder's initial rows, which begin as the unit atoms times this.
  ///
  /// A short encoder is soon forgotten: seeds that begin far apart agree better in the end.
  public var encoderScale: Double
  /// The atoms' learning rate over that of all other weights.
  ///
  /// Adam moves every coordinate by about the rate, so an atom of unit length turns slowly at rates
  /// that suit the encoder. Elsewhere: trainers whose decoder rows start at length 0.1 and are free to
  /// grow (SAELens) turn them as fast without saying so.
  public var decoderRate: Double
  /// The constants of Adam.
  public var adam: Adam
  /// What is done for latents that do not fire.
  public var deadLatents: DeadLatents
  /// How rows are scaled before training.
  public var normalization: Normalization
  /// The largest global norm of a gradient; absent means no clipping, which costs nothing.
  public var gradientClip: Double?
  /// The seed of the initial weights.
  public var seed: UInt64
  /// The seed of the order of rows.
  public var dataSeed: UInt64

  /// A configuration with Elute's defaults for all that is not given.
  public init(
    site: Site, latents: Int, activation: Activation, batchRows: Int = 4096, steps: Int,
    learningRate: LearningRate = LearningRate(), encoderScale: Double = 0.1,
    decoderRate: Double = 10, adam: Adam = Adam(),
    deadLatents: DeadLatents = .auxK(), normalization: Normalization = .unitMeanSquare,
    gradientClip: Double? = nil, seed: UInt64 = 0, dataSeed: UInt64? = nil
  ) {
    self.site = site
    self.latents = latents
    self.activation = activation
    self.batchRows = batchRows
    self.steps = steps
    self.learningRate = learningRate
    self.encoderScale = encoderScale
    self.decoderRate = decoderRate
    self.adam = adam
    self.deadLatents = deadLatents
    self.normalization = normalization
    self.gradientClip = gradientClip
    self.seed = seed
    self.dataSeed = dataSeed ?? seed
  }

  /// The number of latents that may be active in a row.
  public var k: Int {
    switch activation {
    case .topK(let k): k
    }
  }

  /// Refuses what cannot be trained.
  public func validate() throws(ConfigurationError) {
    func require(
      _ holds: Bool, _ key: String, _ found: String, _ expected: String, _ hint: String
    ) throws(ConfigurationError) {
      if !holds {
        throw ConfigurationError(key: key, found: found, expected: expected, hint: hint)
      }
    }
    try require(site.width > 0, "d_in", "\(site.width)", "at least 1", "give data of some width")
    try require(
      latents > 0 && latents < 1 << 31, "d_sae", "\(latents)", "1 to 2147483647",
      "choose a multiple of d_in, \(site.width)")
    try require(k > 0, "k", "\(k)", "at least 1", "choose the active latents a row, such as 32")
    try require(
      k <= latents, "k", "\(k)", "at most d_sae, \(latents)", "lower k or raise d_sae")
    try require(
      batchRows > 0 && batchRows < 1 << 24, "batch", "\(batchRows)", "1 to 16777215",
      "1024 to 8192 rows suit most data")
    try require(
      batchRows * k < 1 << 31, "batch", "\(batchRows) rows of \(k) codes",
      "fewer than 2147483648 codes a step", "lower batch or k")
    try require(
      steps >= 0 && steps < 1 << 40, "steps", "\(steps)", "0 to 2^40", "give a number of steps")
    try learningRate.validate(steps: steps)
    for (key, value) in [("encoder_scale", encoderScale), ("decoder_rate", decoderRate)] {
      try require(
        value > 0 && value.isFinite, key, "\(value)", "a positive number", "leave it out")
    }
    try adam.validate()
    try deadLatents.validate()
    if let gradientClip {
      try require(
        gradientClip > 0 && gradientClip.isFinite, "clip", "\(gradientClip)",
        "a positive number", "leave it out for no clipping")
    }
  }

  /// The constants of Adam.
  public struct Adam: Codable, Hashable, Sendable {
    /// The decay of the first moment.
    public var beta1: Double
    /// The decay of the second moment.
    public var beta2: Double
    /// What is added to the root of the second moment.
    public var epsilon: Double

    /// Constants, by default those of Kingma and Ba.
    public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8) {
      self.beta1 = beta1
      self.beta2 = beta2
      self.epsilon = epsilon
    }

    func validate() throws(ConfigurationError) {
      for (key, beta) in [("beta1", beta1), ("beta2", beta2)] where !(beta >= 0 && beta < 1) {
        throw ConfigurationError(
          key: key, found: "\(beta)", expected: "at least 0 and below 1", hint: "0.9 and 0.999")
      }
      if !(Float(epsilon) > 0 && Float(epsilon).isFinite) {
        throw ConfigurationError(
          key: "epsilon", found: "\(epsilon)", expected: "a positive number", hint: "1e-8")
      }
    }
  }

  /// How rows are scaled before training; what is saved has it folded in.
  ///
  /// Elsewhere: SAELens `expected_average_only_in` (a mean norm of the square root of d_in).
  public enum Normalization: String, Codable, Hashable, Sendable, CaseIterable {
    /// As they are.
    case none
    /// By the one factor that makes the mean square of all training activations one.
    case unitMeanSquare = "unit_mean_square"
  }
}

/// What is done for latents that have not fired for long.
public enum DeadLatents: Codable, Hashable, Sendable {
  /// Nothing; they are counted only.
  case none
  /// They also learn to reconstruct what the others leave over (Gao et al. 2024, section 3 and
  /// appendix A.2).
  ///
  /// `coefficient` weighs the auxiliary loss; `k` is how many of them act in a row, half of d_in if
  /// absent; a latent is dead when it has not fired for `afterRows` rows, `min(10^7, 10 epochs)` if
  /// absent. Elsewhere: SAELens (the same loss; dead after 1,000 steps without firing).
  case auxK(coefficient: Double = 1, k: Int? = nil, afterRows: Int? = nil)

  func validate() throws(ConfigurationError) {
    guard case .auxK(let coefficient, let k, let afterRows) = self else { return }
    if !(coefficient >= 0 && coefficient.isFinite) {
      throw ConfigurationError(
        key: "auxk_coefficient", found: "\(coefficient)", expected: "a number of at least 0",
        hint: "use 1")
    }
    if let k, k < 1 {
      throw ConfigurationError(
        key: "auxk_k", found: "\(k)", expected: "at least 1", hint: "leave it out for d_in / 2")
    }
    if let afterRows, afterRows < 1 {
      throw ConfigurationError(
        key: "dead_after_rows", found: "\(afterRows)", expected: "at least 1",
        hint: "leave it out for the smaller of 10 million rows and 10 epochs")
    }
  }
}

/// A setting that cannot be trained: which, what was found, what was expected, what to do.
public struct ConfigurationError: Error, Hashable, Sendable {
  /// The setting, as in files and flags.
  public var key: String
  /// What it was.
  public var found: String
  /// What it may be.
  public var expected: String
  /// What to do.
  public var hint: String

  /// An error of the parts given.
  public init(key: String, found: String, expected: String, hint: String) {
    self.key = key
    self.found = found
    self.expected = expected
    self.hint = hint
  }
}
