public import SparseCoding

/// All that a run needs to go on with the same bits.
public struct TrainingState: Hashable, Sendable {
  /// The shapes of what is trained.
  public let model: ModelShape
  /// The weights.
  public var parameters: Parameters
  /// The optimizer's running mean of the gradients.
  public var firstMoments: Parameters
  /// The optimizer's running mean of the squared gradients.
  public var secondMoments: Parameters
  /// The running mean of the weights, where one is kept.
  public var average: Parameters?
  /// Steps done.
  public var step: Int
  /// `beta1` to the power of the steps done, as a running product.
  public var beta1Power: Double
  /// `beta2` to the power of the steps done, as a running product.
  public var beta2Power: Double
  /// For each latent the rows seen since it last fired, `[d_sae]`.
  public var rowsSinceFired: [UInt64]
  /// The latents that began anew at least once, ascending.
  public var resampled: [Int] = []
  /// The running mean of the smallest value that a batch of `batchTopK` kept.
  ///
  /// Elsewhere: dictionary_learning averages over 1,000 steps. Scores shrink while training, and that mean
  /// stays behind: after 2,000 steps it kept 28.3 of 32 latents a held-out row.
  public var batchThreshold: Double
  /// The steps that the mean reaches back.
  ///
  /// One batch of 1,024 rows and k 32 already knows its threshold to half a percent of the active latents.
  static let thresholdSteps = 100
  /// What annealing has made of the weight of an annealed power, as a factor.
  public var annealedWeight: Double
  /// What is subtracted from the input where that is not the target, `[d_in]`; it is not trained.
  public var inputBias: [Float]
  /// The units in which rows are trained.
  public var normalizer: RowNormalizer
  /// The directions that the first latents are kept near, if any.
  public var anchors: Anchors?

  /// A state before the first step.
  public init(
    _ model: ModelShape, parameters: Parameters, normalizer: RowNormalizer,
    inputBias: [Float] = [], averaged: Bool = false
  ) {
    self.model = model
    self.parameters = parameters
    firstMoments = Parameters(model)
    secondMoments = firstMoments
    average = averaged ? parameters : nil
    step = 0
    beta1Power = 1
    beta2Power = 1
    rowsSinceFired = [UInt64](repeating: 0, count: model.latents)
    batchThreshold = 0
    annealedWeight = 1
    self.inputBias = inputBias
    self.normalizer = normalizer
  }

  /// A state of an autoencoder of the kind that Elute trains by default, before the first step.
  public init(parameters: Parameters, k: Int, scale: Float) {
    let width = parameters.decoder.columns
    self.init(
      ModelShape(
        architecture: .autoencoder(Site(name: "activations", width: width)),
        latents: parameters.decoder.rows, activation: .topK(k: k), encoder: .free),
      parameters: parameters, normalizer: RowNormalizer(scale: scale, width: width))
  }
}
