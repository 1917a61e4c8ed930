import SparseCoding

extension SAELensDictionary {
  /// Reads a dictionary, refusing whatever would give other codes than its author meant.
  ///
  /// Weights of 16, 32 and 64 bits become `Float`. What the layout leaves to the reader is folded in:
  ///
  ///     apply_b_dec_to_input false:           x W_enc + b_enc = (x - b_dec) W_enc + (b_enc + b_dec W_enc)
  ///     rescale_acts_by_decoder_norm true:    W_enc and b_enc of a latent times |W_dec|, W_dec over it
  ///
  /// Digests are verified where `cfg.json` has them, which only Elute writes.
  public static func read(_ folder: String) throws(TensorFileError) -> LoadedDictionary {
    let examination = SAELensExamination(folder)
    if let problem = examination.problems.first { throw problem }
    guard let settings = examination.configuration, let weights = examination.weights,
      let width = settings.width, let latents = settings.latents, let k = settings.k
    else {
      throw TensorFileError(path: folder, found: "no dictionary", expected: "a SAELens dictionary")
    }
    let name = settings.metadata["hook_name"]?.stringValue ?? "activations"
    var coder = SparseCoder(
      site: Site(name: name, width: width), activation: .topK(k: k),
      encoder: Matrix(
        rows: width, columns: latents, values: try finite("W_enc", of: weights)
      ).transposed(),
      decoder: Matrix(rows: latents, columns: width, values: try finite("W_dec", of: weights)),
      encoderBias: try finite("b_enc", of: weights),
      decoderBias: try finite("b_dec", of: weights))
    if !settings.appliesDecoderBiasToInput { foldInputBias(into: &coder) }
    if settings.rescalesByDecoderNorm {
      try foldDecoderNorms(into: &coder, path: weights.path)
    }
    for (tensor, values) in [
      ("W_enc", coder.encoder.values), ("W_dec", coder.decoder.values),
      ("b_enc", coder.encoderBias),
    ] { try checkFinite(values, path: weights.path, tensor: tensor) }
    let type = weights.entry(named: "W_dec")?.type.element?.rawValue ?? ""
    return LoadedDictionary(
      coder: coder,
      description: "SAELens topk dictionary, d_in \(width), d_sae \(latents), k \(k), \(type)",
      metadata: settings.metadata)
  }

  private static func finite(
    _ name: String, of weights: SafetensorsFile
  ) throws(TensorFileError) -> [Float] {
    let values = try weights.floats(named: name)
    try checkFinite(values, path: weights.path, tensor: name)
    return values
  }

  /// Has the input bias subtracted that the file leaves out, and its effect undone in the encoder bias.
  private static func foldInputBias(into coder: inout SparseCoder) {
    for latent in 0..<coder.latents {
      var sum = Double(coder.encoderBias[latent])
      for (weight, bias) in zip(coder.encoder.row(latent), coder.decoderBias) {
        sum += Double(weight) * Double(bias)
      }
      coder.encoderBias[latent] = Float(sum)
    }
  }

  /// Gives every decoder row length one, and its length to the encoder.
  private static func foldDecoderNorms(
    into coder: inout SparseCoder, path: String
  ) throws(TensorFileError) {
    for latent in 0..<coder.latents {
      var squares = 0.0
      for weight in coder.decoder.row(latent) { squares += Double(weight) * Double(weight) }
      let norm = squares.squareRoot()
      guard norm > 0 else {
        throw TensorFileError(
          path: path, location: .tensor("W_dec"), found: "a row of zeros, latent \(latent)",
          expected: "rows with a length, which rescale_acts_by_decoder_norm divides by")
      }
      for index in latent * coder.inputWidth..<(latent + 1) * coder.inputWidth {
        coder.encoder.values[index] = Float(Double(coder.encoder.values[index]) * norm)
        coder.decoder.values[index] = Float(Double(coder.decoder.values[index]) / norm)
      }
      coder.encoderBias[latent] = Float(Double(coder.encoderBias[latent]) * norm)
    }
  }
}
