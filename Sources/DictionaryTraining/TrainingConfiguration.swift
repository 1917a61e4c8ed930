public import SparseCoding

/// What to train, as the user wrote it; with a seed and the data it determines every trained bit.
public struct TrainingConfiguration: Codable, Hashable, Sendable {
  /// What is read and what is reconstructed.
  public var architecture: Architecture
  /// The number of latents, `d_sae`.
  public var latents: Int
  /// The activation rule.
  public var activation: Activation
  /// How pre-activations are made.
  public var encoder: EncoderKind
  /// Whether atoms keep unit length.
  public var decoder: DecoderNorm
  /// What is added to the squared error.
  public var objective: Objective
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
  /// The atoms' learning rate over that of the other weights; thresholds have one of their own, 4 sqrt(d_in)
  /// times that of the others.
  ///
  /// At 0 atoms stay as they begin.
  /// Adam moves every coordinate by about the rate, so an atom of unit length turns slowly at rates
  /// that suit the encoder. Elsewhere: trainers whose decoder rows start at length 0.1 and are free to
  /// grow (SAELens) turn them as fast without saying so.
  public var decoderRate: Double
  /// The rule that turns gradients into steps.
  public var optimizer: Optimizer
  /// The decay of a running mean of the weights, which is then what is saved; absent means none.
  public var averaging: Double?
  /// A larger number of active latents at the start, which falls to the activation's own.
  public var annealedK: AnnealedK?
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
    architecture: Architecture, latents: Int, activation: Activation,
    encoder: EncoderKind = .free, decoder: DecoderNorm = .unit,
    objective: Objective = Objective(), batchRows: Int = 4096, steps: Int,
    learningRate: LearningRate = LearningRate(), encoderScale: Double = 0.1,
    decoderRate: Double = 10, optimizer: Optimizer = .adam(Adam()), averaging: Double? = nil,
    annealedK: AnnealedK? = nil, deadLatents: DeadLatents = .auxK(),
    normalization: Normalization = .unitMeanSquare, gradientClip: Double? = nil,
    seed: UInt64 = 0, dataSeed: UInt64? = nil
  ) {
    self.architecture = architecture
    self.latents = latents
    self.activation = activation
    self.encoder = encoder
    self.decoder = decoder
    self.objective = objective
    self.batchRows = batchRows
    self.steps = steps
    self.learningRate = learningRate
    self.encoderScale = encoderScale
    self.decoderRate = decoderRate
    self.optimizer = optimizer
    self.averaging = averaging
    self.annealedK = annealedK
    self.deadLatents = deadLatents
    self.normalization = normalization
    self.gradientClip = gradientClip
    self.seed = seed
    self.dataSeed = dataSeed ?? seed
  }

  /// An autoencoder with Elute's defaults for all that is not given.
  public init(
    site: Site, latents: Int, activation: Activation, batchRows: Int = 4096, steps: Int,
    learningRate: LearningRate = LearningRate(), decoderRate: Double = 10,
    deadLatents: DeadLatents = .auxK(), normalization: Normalization = .unitMeanSquare,
    gradientClip: Double? = nil, seed: UInt64 = 0, dataSeed: UInt64? = nil
  ) {
    self.init(
      architecture: .autoencoder(site), latents: latents, activation: activation,
      batchRows: batchRows, steps: steps, learningRate: learningRate, decoderRate: decoderRate,
      deadLatents: deadLatents, normalization: normalization, gradientClip: gradientClip,
      seed: seed, dataSeed: dataSeed)
  }

  /// The shapes of what is trained.
  public var model: ModelShape {
    ModelShape(
      architecture: architecture, latents: latents, activation: activation, encoder: encoder)
  }

  /// How pre-activations are made.
  public enum EncoderKind: Codable, Hashable, Sendable {
    /// By weights of their own.
    case free
    /// By the atoms: `W_enc` is `W_dec`.
    case tied
    /// In several steps that feed the code back, see `SparseCoder.Multistep`.
    case multistep(steps: Int)
  }

  /// Whether atoms keep unit length.
  public enum DecoderNorm: String, Codable, Hashable, Sendable, CaseIterable {
    /// After every step each atom is brought back to length one, all sites of a crosscoder together.
    case unit
    /// Lengths are learned; penalties on codes are weighted with them.
    case free
  }

  /// A number of active latents that falls on a line to the activation's own.
  public struct AnnealedK: Codable, Hashable, Sendable {
    /// The number at the first step.
    public var start: Int
    /// The steps over which it falls.
    public var steps: Int

    /// A fall of the values given.
    public init(start: Int, steps: Int) {
      self.start = start
      self.steps = steps
    }
  }

  /// How rows are scaled before training; what is saved has it folded in where weights can hold it.
  ///
  /// With several sites each is normalised by itself.
  public enum Normalization: String, Codable, Hashable, Sendable, CaseIterable {
    /// As they are.
    case none
    /// By the one factor that makes the mean square of all training activations one.
    case unitMeanSquare = "unit_mean_square"
    /// By the one factor that makes the mean length of the training rows sqrt(d).
    ///
    /// Elsewhere: SAELens `expected_average_only_in`.
    case meanNorm = "mean_norm"
    /// By the one factor that makes the mean squared deviation from the mean one; the mean itself is
    /// taken up by the output bias.
    case centered
    /// Each row divided by its length; recorded, not folded.
    case unitNorm = "unit_norm"
    /// Each row less its mean, divided by its standard deviation; recorded, not folded.
    case layerNorm = "layer_norm"
    /// Times the inverse root of the covariance: all directions get variance one; the mean is taken up by
    /// the output bias.
    case whitened
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
  /// At some steps they begin anew as rows that are badly reconstructed (Bricken et al. 2023).
  ///
  /// `every` steps, `count` times, latents that have not fired for `afterRows` rows take the direction
  /// of a row drawn in proportion to its squared loss.
  case resample(every: Int, count: Int = 4, afterRows: Int? = nil)
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
