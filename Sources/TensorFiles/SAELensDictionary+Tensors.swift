import SparseCoding

extension SAELensDictionary {
  /// The tensors of a dictionary in its layout; those that `DictionarySettings.tensors` names.
  ///
  /// - Precondition: The dictionary is in order.
  static func tensors(of coder: SparseCoder, _ settings: DictionarySettings) -> [NamedTensor] {
    var encoderBias = coder.encoderBias
    var magnitude = coder.magnitude
    if !settings.layout.isOwn, !settings.subtractsOutputBias {
      foldInputBias(of: coder, into: &encoderBias, &magnitude)
    }
    var parts: [String: NamedTensor] = [:]
    func add(_ tensor: NamedTensor?) { parts[tensor?.name ?? ""] = tensor }
    add(NamedTensor("W_enc", transposing: coder.encoder))
    add(NamedTensor("W_dec", coder.decoder))
    add(NamedTensor(settings.encoderBiasName, .floats(encoderBias)))
    add(NamedTensor("b_dec", .floats(coder.decoderBias)))
    add(NamedTensor("b_in", .floats(coder.inputBias)))
    add(NamedTensor("threshold", .floats(coder.thresholds)))
    add(magnitude.map { NamedTensor("r_mag", .floats($0.logScale)) })
    add(magnitude.map { NamedTensor("b_mag", .floats($0.bias)) })
    add(coder.skip.map { NamedTensor("W_skip", $0) })
    add(coder.multistep.map { NamedTensor("S", $0.feedback) })
    return settings.tensors.compactMap { parts[$0.name] }
  }

  /// Takes what is subtracted from the input into the biases of the latents.
  ///
  ///     (x - b_in) W_enc + b_enc            = x W_enc + (b_enc - b_in W_enc)
  ///     exp(r) (x - b_in) W_enc + b_mag     = exp(r) x W_enc + (b_mag - exp(r) b_in W_enc)
  ///
  /// Biases of zero leave every bit as it is.
  private static func foldInputBias(
    of coder: SparseCoder, into encoderBias: inout [Float],
    _ magnitude: inout SparseCoder.Magnitude?
  ) {
    guard coder.inputBias.contains(where: { $0 != 0 }) else { return }
    for latent in 0..<coder.latents {
      var sum = 0.0
      for (weight, bias) in zip(coder.encoder.row(latent), coder.inputBias) {
        sum += Double(weight) * Double(bias)
      }
      encoderBias[latent] = Float(Double(encoderBias[latent]) - sum)
      guard let (scale, bias) = magnitude.map({ ($0.logScale[latent], $0.bias[latent]) }) else {
        continue
      }
      magnitude?.bias[latent] = Float(Double(bias) - Elementary.exp(Double(scale)) * sum)
    }
  }
}
