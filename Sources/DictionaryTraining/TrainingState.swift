public import SparseCoding

/// All that a run needs to go on with the same bits.
public struct TrainingState: Hashable, Sendable {
  /// The weights.
  public var parameters: Parameters
  /// Adam's running mean of the gradients.
  public var firstMoments: Parameters
  /// Adam's running mean of the squared gradients.
  public var secondMoments: Parameters
  /// Steps done.
  public var step: Int
  /// `beta1` to the power of the steps done, as a running product.
  public var beta1Power: Double
  /// `beta2` to the power of the steps done, as a running product.
  public var beta2Power: Double
  /// For each latent the rows seen since it last fired, `[d_sae]`.
  public var rowsSinceFired: [UInt64]
  /// The factor by which rows are multiplied before training.
  public var scale: Float

  /// A state before the first step.
  public init(parameters: Parameters, scale: Float) {
    self.parameters = parameters
    firstMoments = Parameters(
      latents: parameters.encoder.rows, width: parameters.encoder.columns)
    secondMoments = firstMoments
    step = 0
    beta1Power = 1
    beta2Power = 1
    rowsSinceFired = [UInt64](repeating: 0, count: parameters.encoder.rows)
    self.scale = scale
  }

  /// The dictionary in the data's own units.
  public func dictionary(site: Site, activation: Activation) -> SparseCoder {
    parameters.dictionary(site: site, activation: activation, scale: scale)
  }
}

extension Parameters {
  /// The dictionary in the data's own units: the scale is folded in and the atoms keep unit length.
  ///
  /// With x' = s x, top-k keeps the same latents when all scores are divided by s, so
  /// `b_enc / s` and `b_dec / s` fold it and both matrices stay: codes come out divided by s.
  func dictionary(site: Site, activation: Activation, scale: Float) -> SparseCoder {
    SparseCoder(
      site: site, activation: activation, encoder: encoder, decoder: decoder,
      encoderBias: encoderBias.map { $0 / scale }, decoderBias: decoderBias.map { $0 / scale })
  }
}

/// One value for each weight: the weights themselves, a gradient or a moment.
public struct Parameters: Hashable, Sendable {
  /// The encoder, `[d_sae, d_in]`.
  public var encoder: Matrix
  /// The decoder, `[d_sae, d_in]`.
  public var decoder: Matrix
  /// The bias of the latents, `[d_sae]`.
  public var encoderBias: [Float]
  /// The bias of the output, `[d_in]`.
  public var decoderBias: [Float]

  /// The values given.
  ///
  /// - Precondition: The shapes agree.
  public init(encoder: Matrix, decoder: Matrix, encoderBias: [Float], decoderBias: [Float]) {
    precondition(
      encoder.rows == decoder.rows && encoder.columns == decoder.columns
        && encoderBias.count == encoder.rows && decoderBias.count == encoder.columns,
      "encoder \(encoder.rows) x \(encoder.columns), decoder \(decoder.rows) x \(decoder.columns), "
        + "biases \(encoderBias.count) and \(decoderBias.count)")
    self.encoder = encoder
    self.decoder = decoder
    self.encoderBias = encoderBias
    self.decoderBias = decoderBias
  }

  /// Zeros.
  public init(latents: Int, width: Int) {
    self.init(
      encoder: Matrix(rows: latents, columns: width),
      decoder: Matrix(rows: latents, columns: width),
      encoderBias: [Float](repeating: 0, count: latents),
      decoderBias: [Float](repeating: 0, count: width))
  }
}
