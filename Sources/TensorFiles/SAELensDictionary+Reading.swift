import SparseCoding

extension SAELensDictionary {
  /// Reads a dictionary, refusing whatever would give other codes than its author meant.
  ///
  /// Weights of 16, 32 and 64 bits become `Float`. What the layout leaves to the reader:
  ///
  ///     apply_b_dec_to_input false:           nothing is subtracted from the input, b_in = 0
  ///     rescale_acts_by_decoder_norm true:    W_enc and b_enc of a latent times |W_dec|, W_dec over it
  ///     constant_norm_rescale, s = sqrt(d_in): rows of length 1; W_enc times s, W_dec, b_dec and b_in over s
  ///
  /// A row of zeros under `constant_norm_rescale` is not a number in SAELens, and stays zero here.
  /// Digests are verified where `cfg.json` has them, which only Elute writes.
  public static func read(_ folder: String) throws(TensorFileError) -> LoadedDictionary {
    let examination = SAELensExamination(folder)
    if let problem = examination.problems.first { throw problem }
    guard let configuration = examination.configuration, let settings = configuration.settings,
      let weights = examination.weights
    else {
      throw TensorFileError(path: folder, found: "no dictionary", expected: "a SAELens dictionary")
    }
    var coder = try coder(settings, weights)
    if settings.rescalesByDecoderNorm {
      try foldDecoderNorms(into: &coder, path: weights.path)
    }
    if settings.hasConstantNorm { foldConstantNorm(into: &coder) }
    for (tensor, values) in [
      ("W_enc", coder.encoder.values), ("W_dec", coder.decoder.values),
      (settings.encoderBiasName, coder.encoderBias),
    ] { try checkFinite(values, path: weights.path, tensor: tensor) }
    let type = weights.entry(named: "W_dec")?.type.element?.rawValue ?? ""
    return LoadedDictionary(
      coder: coder, description: "\(settings.description), \(type)",
      metadata: configuration.metadata)
  }

  /// The dictionary of the numbers as they are in the file.
  private static func coder(
    _ settings: DictionarySettings, _ weights: SafetensorsFile
  ) throws(TensorFileError) -> SparseCoder {
    let (inputs, outputs, latents) = (
      settings.inputWidth, settings.outputWidth, settings.latents
    )
    var parts: [String: [Float]] = [:]
    for tensor in settings.tensors { parts[tensor.name] = try finite(tensor.name, of: weights) }
    // The examination has found every tensor that the settings call for, in its shape.
    func part(_ name: String) -> [Float] { parts.removeValue(forKey: name) ?? [] }
    let encoder = Matrix(rows: inputs, columns: latents, values: part("W_enc")).transposed()
    let decoder = Matrix(rows: latents, columns: outputs, values: part("W_dec"))
    let decoderBias = part("b_dec")
    let none = [Float](repeating: 0, count: inputs)
    let inputBias =
      settings.subtractsOutputBias ? decoderBias : settings.layout.isOwn ? part("b_in") : none
    var coder = SparseCoder(
      architecture: settings.architecture, activation: settings.activation, encoder: encoder,
      decoder: decoder, encoderBias: part(settings.encoderBiasName), decoderBias: decoderBias,
      inputBias: inputBias)
    coder.rowScaling = settings.rowScaling
    if settings.activation == .jumpReLU {
      coder.thresholds = part("threshold")
      try checkThresholds(coder.thresholds, path: weights.path)
    }
    if settings.activation == .gated {
      coder.magnitude = SparseCoder.Magnitude(logScale: part("r_mag"), bias: part("b_mag"))
    }
    if settings.architecture.hasSkip {
      coder.skip = Matrix(rows: outputs, columns: inputs, values: part("W_skip"))
    }
    if let steps = settings.steps {
      let feedback = Matrix(rows: latents, columns: latents, values: part("S"))
      coder.multistep = SparseCoder.Multistep(steps: steps, feedback: feedback)
    }
    return coder
  }

  private static func finite(
    _ name: String, of weights: SafetensorsFile
  ) throws(TensorFileError) -> [Float] {
    let values = try weights.floats(named: name)
    try checkFinite(values, path: weights.path, tensor: name)
    return values
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

  /// From rows of length sqrt(d_in), as SAELens scales them, to rows of length one.
  private static func foldConstantNorm(into coder: inout SparseCoder) {
    let length = Double(coder.inputWidth).squareRoot()
    var inputBias = coder.inputBias
    func scale(_ values: inout [Float], by factor: Double) {
      for index in values.indices { values[index] = Float(Double(values[index]) * factor) }
    }
    scale(&coder.encoder.values, by: length)
    scale(&coder.decoder.values, by: 1 / length)
    scale(&coder.decoderBias, by: 1 / length)
    scale(&inputBias, by: 1 / length)
    coder.inputBias = inputBias
    coder.rowScaling = .unitNorm
  }
}
