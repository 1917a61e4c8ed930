/// A sparse dictionary: an encoder, an activation rule and a decoder whose rows are the atoms.
///
///     h = (x - b_in) W_encᵀ + b_enc,   z = sigma(h),   x̂ = z W_dec + b_dec (+ x W_skipᵀ)
///
/// x and x̂ are the columns that the architecture reads and reconstructs. Both weight matrices are stored
/// with one row per latent, `[d_sae, d]`; readers and writers of files transpose. Values are finite. A
/// normalisation that can be folded into weights is folded in; `rowScaling` is what cannot be.
public struct SparseCoder: Sendable, Hashable {
  /// What is read and what is reconstructed.
  public var architecture: Architecture
  /// The activation rule, sigma above; `batchTopK` never is one of a finished dictionary.
  public var activation: Activation
  /// The encoder, `W_enc`, `[d_sae, d_in]`.
  public var encoder: Matrix
  /// The decoder, `W_dec`, `[d_sae, d_out]`; a row is an atom.
  public var decoder: Matrix
  /// The bias of the latents, `b_enc`, `[d_sae]`; of `gated` that of the gate.
  public var encoderBias: [Float]
  /// The bias of the output, `b_dec`, `[d_out]`.
  public var decoderBias: [Float]
  /// What is subtracted from the input where that is not the output's bias.
  private var ownInputBias: [Float]?
  /// The thresholds of `jumpReLU`, `[d_sae]`; empty for other rules.
  public var thresholds: [Float] = []
  /// The magnitudes of `gated`.
  public var magnitude: Magnitude?
  /// The linear path past the latents, `W_skip`, `[d_out, d_in]`.
  public var skip: Matrix?
  /// The steps of an encoder that corrects its code.
  public var multistep: Multistep?
  /// How each row is scaled by itself before it is read, and scaled back after.
  public var rowScaling: RowScaling = .none

  /// A dictionary of given weights, without what only some rules have.
  ///
  /// - Parameter inputBias: What is subtracted from the input; `decoderBias` if absent.
  /// - Precondition: The shapes agree with each other and with the sites' widths.
  public init(
    architecture: Architecture, activation: Activation, encoder: Matrix, decoder: Matrix,
    encoderBias: [Float], decoderBias: [Float], inputBias: [Float]? = nil
  ) {
    precondition(
      encoder.rows == decoder.rows && encoder.columns == architecture.inputs.count
        && decoder.columns == architecture.outputs.count && encoderBias.count == encoder.rows
        && decoderBias.count == decoder.columns
        && (inputBias ?? decoderBias).count == encoder.columns,
      "encoder \(encoder.rows) x \(encoder.columns), decoder \(decoder.rows) x \(decoder.columns), "
        + "biases \(encoderBias.count), \(decoderBias.count) and \(inputBias?.count ?? 0) for "
        + "\(architecture)")
    self.architecture = architecture
    self.activation = activation
    self.encoder = encoder
    self.decoder = decoder
    self.encoderBias = encoderBias
    self.decoderBias = decoderBias
    ownInputBias = inputBias == decoderBias ? nil : inputBias
  }

  /// An autoencoder of given weights.
  ///
  /// - Precondition: The shapes agree with each other and with the site's width.
  public init(
    site: Site, activation: Activation, encoder: Matrix, decoder: Matrix,
    encoderBias: [Float], decoderBias: [Float]
  ) {
    self.init(
      architecture: .autoencoder(site), activation: activation, encoder: encoder,
      decoder: decoder, encoderBias: encoderBias, decoderBias: decoderBias)
  }

  /// What is subtracted from the input, `b_in`, `[d_in]`: what was set, else the output's bias.
  public var inputBias: [Float] {
    get { ownInputBias ?? decoderBias }
    set { ownInputBias = newValue == decoderBias ? nil : newValue }
  }
  /// The number of activations that are read, `d_in`.
  public var inputWidth: Int { encoder.columns }
  /// The number of activations that are reconstructed, `d_out`: the width of an atom.
  public var outputWidth: Int { decoder.columns }
  /// The number of latents, `d_sae`.
  public var latents: Int { decoder.rows }

  /// The magnitudes of gated latents: `max(exp(r) u + b_mag, 0)` with `u = h - b_enc`.
  public struct Magnitude: Sendable, Hashable {
    /// `r`, `[d_sae]`.
    public var logScale: [Float]
    /// `b_mag`, `[d_sae]`.
    public var bias: [Float]

    /// Magnitudes of the values given.
    public init(logScale: [Float], bias: [Float]) {
      self.logScale = logScale
      self.bias = bias
    }
  }

  /// An encoder that feeds its code back: `z_t = sigma(h + z_(t-1) S)`, from `z_0 = 0`.
  ///
  /// Source: "Toward Identifiable Sparse Autoencoders" (iSAE, arXiv 2605.31245), equation 10 (a LISTA whose matrices are shared between the steps).
  public struct Multistep: Sendable, Hashable {
    /// The number of steps; one is a plain encoder.
    public var steps: Int
    /// `S`, `[d_sae, d_sae]`: a row is what one latent's activity adds to the scores of all.
    public var feedback: Matrix

    /// An encoder of the values given.
    public init(steps: Int, feedback: Matrix) {
      self.steps = steps
      self.feedback = feedback
    }
  }
}

/// A scaling of each row by itself, which no weights can hold; of each site by itself.
public enum RowScaling: String, Codable, Hashable, Sendable, CaseIterable {
  /// None.
  case none
  /// Divided by its length.
  ///
  /// Elsewhere: SAELens `constant_norm_rescale` (length sqrt(d_in)).
  case unitNorm = "unit_norm"
  /// Less its mean, divided by its standard deviation.
  ///
  /// Elsewhere: SAELens `layer_norm` (deviation over n - 1, and 1e-5 added to it on the way in only).
  case layerNorm = "layer_norm"
}
