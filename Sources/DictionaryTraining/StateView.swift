public import SparseCoding

/// A state where it lies, to be written without a copy: it is true until the engine's next step.
public struct StateView: Sendable {
  /// One value for each weight, as in `Parameters`, in the engine's buffers.
  public struct Weights: Sendable {
    /// `[d_sae, d_in]`, rows padded to `AlignedBuffer.stride(ofWidth:)`.
    public let encoder, decoder: AlignedBuffer<Float>
    /// At least `d_sae` and `d_in` values.
    public let encoderBias, decoderBias: AlignedBuffer<Float>
  }

  /// The number of latents and of dimensions.
  public let latents, width: Int
  /// The weights and Adam's moments.
  public let parameters, firstMoments, secondMoments: Weights
  /// For each latent the rows seen since it last fired, `[d_sae]`.
  public let rowsSinceFired: AlignedBuffer<UInt64>
  /// Steps done.
  public let step: Int
  /// `beta1` and `beta2` to the power of the steps done, as running products.
  public let beta1Power, beta2Power: Double
  /// The factor by which rows are multiplied before training.
  public let scale: Float

  /// A part of it as values, a copy.
  func copied(_ part: KeyPath<StateView, Weights>) -> Parameters {
    let weights = self[keyPath: part]
    return Parameters(
      encoder: weights.encoder.matrix(rows: latents, columns: width),
      decoder: weights.decoder.matrix(rows: latents, columns: width),
      encoderBias: Array(weights.encoderBias.elements.prefix(latents)),
      decoderBias: Array(weights.decoderBias.elements.prefix(width)))
  }
}

extension TrainingState {
  /// A view of a copy of this state.
  public var view: StateView {
    func weights(_ part: Parameters) -> StateView.Weights {
      StateView.Weights(
        encoder: AlignedBuffer(padding: part.encoder),
        decoder: AlignedBuffer(padding: part.decoder),
        encoderBias: AlignedBuffer(part.encoderBias), decoderBias: AlignedBuffer(part.decoderBias))
    }
    return StateView(
      latents: parameters.encoder.rows, width: parameters.encoder.columns,
      parameters: weights(parameters), firstMoments: weights(firstMoments),
      secondMoments: weights(secondMoments), rowsSinceFired: AlignedBuffer(rowsSinceFired),
      step: step, beta1Power: beta1Power, beta2Power: beta2Power, scale: scale)
  }
}

extension TrainingEngine {
  /// A view of a copy, for engines whose state lies otherwise.
  public var view: StateView { state().view }
}

extension CPUEngine {
  /// The engine's own buffers.
  public var view: StateView {
    func weights(_ part: KeyPath<Tensor, AlignedBuffer<Float>>) -> StateView.Weights {
      StateView.Weights(
        encoder: encoder[keyPath: part], decoder: decoder[keyPath: part],
        encoderBias: encoderBias[keyPath: part], decoderBias: decoderBias[keyPath: part])
    }
    return StateView(
      latents: latents, width: width, parameters: weights(\.weights),
      firstMoments: weights(\.first), secondMoments: weights(\.second),
      rowsSinceFired: rowsSinceFired, step: steps, beta1Power: beta1Power, beta2Power: beta2Power,
      scale: scale)
  }
}
