public import SparseCoding

extension TrainingState {
  /// The state before the first step of a training that begins with a dictionary: `dictionary()` backwards.
  ///
  ///     W_enc as it is,   b_enc s,   b_dec s,   θ s,   s the one factor of the units of training
  ///
  /// What the dictionary subtracts from its input beside `b_dec` goes into `b_enc`. The optimizer begins
  /// anew. What dictionaries need no number of begins anew too: the threshold of `batchTopK` is that of the
  /// dictionary until the first step.
  ///
  /// - Parameters:
  ///   - coder: An autoencoder of the configuration's widths, with a free or tied encoder of one step.
  ///   - statistics: Those of the training rows, whose units have one factor.
  /// - Precondition: As above.
  public init(
    continuing coder: SparseCoder, by configuration: TrainingConfiguration,
    statistics: RowStatistics
  ) {
    let model = configuration.model
    precondition(
      coder.latents == model.latents && coder.inputWidth == model.inputWidth
        && coder.outputWidth == model.outputWidth && coder.magnitude == nil
        && coder.multistep == nil && coder.rowScaling == .none
        && model.architecture.readsItsTarget,
      "\(coder.latents) latents of \(coder.architecture) do not begin a training of "
        + "\(model.latents) of \(model.architecture)")
    guard let scale = statistics.normalizer.uniformScale else {
      preconditionFailure("a dictionary continues in units of one factor only")
    }
    var parameters = Parameters(model)
    parameters.decoder = coder.decoder
    if !model.isTied { parameters.encoder = coder.encoder }
    let offsets = zip(coder.decoderBias, coder.inputBias).map { Double($0) - Double($1) }
    parameters.encoderBias = coder.encoderBias.enumerated().map { latent, bias in
      let shift = zip(coder.encoder.row(latent), offsets).reduce(0.0) {
        $0 + Double($1.0) * $1.1
      }
      return Float((Double(bias) + shift) * Double(scale))
    }
    parameters.decoderBias = coder.decoderBias.map { $0 * scale }
    if model.activation == .jumpReLU {
      parameters[.thresholds] = Matrix(
        rows: 1, columns: model.latents, values: coder.thresholds.map { $0 * scale })
    }
    self.init(
      model, parameters: parameters, normalizer: statistics.normalizer,
      averaged: configuration.averaging != nil)
    if case .batchTopK = model.activation, !coder.thresholds.isEmpty {
      let sum = coder.thresholds.reduce(0.0) { $0 + Double($1) }
      batchThreshold = sum / Double(coder.thresholds.count) * Double(scale)
    }
  }
}
