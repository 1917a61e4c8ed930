public import SparseCoding

/// What a method trains: which weights there are, and their shapes.
public struct ModelShape: Hashable, Sendable {
  /// What is read and what is reconstructed.
  public var architecture: Architecture
  /// The number of latents, `d_sae`.
  public var latents: Int
  /// The activation rule.
  public var activation: Activation
  /// How pre-activations are made.
  public var encoder: TrainingConfiguration.EncoderKind

  /// The number of activations that are read, `d_in`.
  public var inputWidth: Int { architecture.inputs.count }
  /// The number of activations that are reconstructed, `d_out`.
  public var outputWidth: Int { architecture.outputs.count }
  /// Whether the encoder is the decoder.
  public var isTied: Bool { encoder == .tied }
  /// The steps of the encoder.
  public var encoderSteps: Int {
    if case .multistep(let steps) = encoder { steps } else { 1 }
  }

  /// The weights that there are, in the order of their names.
  public var weights: [WeightName] { WeightName.allCases.filter { shape(of: $0) != nil } }

  /// The shape of a weight, `nil` where the method has none of the name; vectors have one row.
  public func shape(of weight: WeightName) -> (rows: Int, columns: Int)? {
    switch weight {
    case .encoder: isTied ? nil : (latents, inputWidth)
    case .decoder: (latents, outputWidth)
    case .encoderBias: (1, latents)
    case .decoderBias: (1, outputWidth)
    case .thresholds: activation == .jumpReLU ? (1, latents) : nil
    case .magnitudeScale, .magnitudeBias: activation == .gated ? (1, latents) : nil
    case .skip: architecture.hasSkip ? (outputWidth, inputWidth) : nil
    case .feedback:
      if case .multistep = encoder { (latents, latents) } else { nil }
    }
  }
}

/// The name of a weight, as files have it.
public enum WeightName: String, Codable, Hashable, Sendable, CaseIterable {
  /// The encoder, `[d_sae, d_in]`.
  case encoder = "W_enc"
  /// The decoder, `[d_sae, d_out]`.
  case decoder = "W_dec"
  /// The bias of the latents, `[d_sae]`; of `gated` that of the gate.
  case encoderBias = "b_enc"
  /// The bias of the output, `[d_out]`, and of the input where that is the target.
  case decoderBias = "b_dec"
  /// The thresholds of `jumpReLU`, `[d_sae]`.
  case thresholds = "threshold"
  /// The logarithms of the scales of gated magnitudes, `[d_sae]`.
  case magnitudeScale = "r_mag"
  /// The biases of gated magnitudes, `[d_sae]`.
  case magnitudeBias = "b_mag"
  /// The linear path past the latents, `[d_out, d_in]`.
  case skip = "W_skip"
  /// What feeds a code back, `[d_sae, d_sae]`: a row is what one latent adds to the scores of all.
  case feedback = "S"
}

/// One value for each weight of a model: the weights themselves, a gradient or a moment.
public struct Parameters: Hashable, Sendable {
  private var tensors: [WeightName: Matrix]

  /// Zeros.
  public init(_ model: ModelShape) {
    tensors = [:]
    for name in model.weights {
      if let shape = model.shape(of: name) {
        tensors[name] = Matrix(rows: shape.rows, columns: shape.columns)
      }
    }
  }

  /// The values of an autoencoder's four weights.
  ///
  /// - Precondition: The shapes agree.
  public init(encoder: Matrix, decoder: Matrix, encoderBias: [Float], decoderBias: [Float]) {
    precondition(
      encoder.rows == decoder.rows && encoderBias.count == encoder.rows
        && decoderBias.count == decoder.columns,
      "encoder \(encoder.rows) x \(encoder.columns), decoder \(decoder.rows) x \(decoder.columns), "
        + "biases \(encoderBias.count) and \(decoderBias.count)")
    tensors = [.encoder: encoder, .decoder: decoder]
    self[.encoderBias] = Matrix(row: encoderBias)
    self[.decoderBias] = Matrix(row: decoderBias)
  }

  /// The weights that there are, in the order of their names.
  public var names: [WeightName] { WeightName.allCases.filter { tensors[$0] != nil } }

  /// A weight; without elements where there is none of the name.
  public subscript(name: WeightName) -> Matrix {
    get { tensors[name] ?? Matrix(rows: 0, columns: 0) }
    set { tensors[name] = newValue }
    _modify { yield &tensors[name, default: Matrix(rows: 0, columns: 0)] }
  }

  /// The encoder, `[d_sae, d_in]`: the decoder where they are tied.
  public var encoder: Matrix {
    get { tensors[.encoder] ?? self[.decoder] }
    _modify { yield &self[.encoder] }
  }
  /// The decoder, `[d_sae, d_out]`.
  public var decoder: Matrix {
    get { self[.decoder] }
    _modify { yield &self[.decoder] }
  }
  /// The bias of the latents, `[d_sae]`.
  public var encoderBias: [Float] {
    get { self[.encoderBias].values }
    set { self[.encoderBias] = Matrix(row: newValue) }
  }
  /// The bias of the output, `[d_out]`.
  public var decoderBias: [Float] {
    get { self[.decoderBias].values }
    set { self[.decoderBias] = Matrix(row: newValue) }
  }
}

extension Matrix {
  /// A vector as a matrix of one row.
  init(row values: [Float]) { self.init(rows: 1, columns: values.count, values: values) }
}
