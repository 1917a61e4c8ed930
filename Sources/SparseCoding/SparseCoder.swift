/// A sparse dictionary: an encoder, an activation rule and a decoder whose rows are the atoms.
///
///     z = sigma((x - b_dec) W_encᵀ + b_enc),   x̂ = z W_dec + b_dec,   sigma(h)_i in {0, h_i}
///
/// Both weight matrices are stored with one row per latent, `[d_sae, d_in]`; readers and writers of
/// files transpose. Values are finite. A normalisation used in training is already folded in.
public struct SparseCoder: Sendable, Hashable {
  /// The site whose activations are both input and output.
  public var site: Site
  /// The activation rule, sigma above.
  public var activation: Activation
  /// The encoder, `W_enc`, `[d_sae, d_in]`.
  public var encoder: Matrix
  /// The decoder, `W_dec`, `[d_sae, d_in]`; a row is an atom.
  public var decoder: Matrix
  /// The bias of the latents, `b_enc`, `[d_sae]`.
  public var encoderBias: [Float]
  /// The bias of the output, `b_dec`, `[d_in]`, which is also subtracted from the input.
  public var decoderBias: [Float]

  /// A dictionary of given weights.
  ///
  /// - Precondition: The shapes agree with each other and with the site's width.
  public init(
    site: Site, activation: Activation, encoder: Matrix, decoder: Matrix,
    encoderBias: [Float], decoderBias: [Float]
  ) {
    precondition(
      encoder.rows == decoder.rows && encoder.columns == site.width
        && decoder.columns == site.width && encoderBias.count == encoder.rows
        && decoderBias.count == site.width,
      "encoder \(encoder.rows) x \(encoder.columns), decoder \(decoder.rows) x \(decoder.columns), "
        + "biases \(encoderBias.count) and \(decoderBias.count) at a site of \(site.width)")
    self.site = site
    self.activation = activation
    self.encoder = encoder
    self.decoder = decoder
    self.encoderBias = encoderBias
    self.decoderBias = decoderBias
  }

  /// The width of the activations, `d_in`.
  public var width: Int { site.width }
  /// The number of latents, `d_sae`.
  public var latents: Int { encoder.rows }
}
