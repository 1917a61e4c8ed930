public import SparseCoding

extension TrainingState {
  /// The dictionary in the data's own units, with the weights' running mean where one is kept.
  ///
  /// What a normalizer does to all rows alike is folded into the weights: scores keep their order, so the
  /// same latents are active. A batchTopK becomes a jumpReLU at the running mean of its smallest kept value.
  public func dictionary() -> SparseCoder {
    var coder = coderInUnitsOfTraining()
    coder.rowScaling = normalizer.rowScaling
    coder.fold(normalizer)
    return coder
  }

  /// The dictionary for rows that a normalizer has been applied to.
  func coderInUnitsOfTraining() -> SparseCoder {
    let weights = average ?? parameters
    var coder = SparseCoder(
      architecture: model.architecture, activation: model.activation, encoder: weights.encoder,
      decoder: weights.decoder, encoderBias: weights.encoderBias,
      decoderBias: weights.decoderBias,
      inputBias: model.architecture.readsItsTarget ? nil : inputBias)
    switch model.activation {
    case .relu, .topK, .absTopK: break
    case .jumpReLU: coder.thresholds = weights[.thresholds].values
    case .batchTopK:
      coder.activation = .jumpReLU
      // What is kept reaches the threshold, and what a jumpReLU keeps exceeds it.
      let threshold = Float(batchThreshold).nextDown
      coder.thresholds = [Float](repeating: max(threshold, 0), count: model.latents)
    case .gated:
      coder.magnitude = SparseCoder.Magnitude(
        logScale: weights[.magnitudeScale].values, bias: weights[.magnitudeBias].values)
    }
    if model.architecture.hasSkip { coder.skip = weights[.skip] }
    if case .multistep(let steps) = model.encoder {
      coder.multistep = SparseCoder.Multistep(steps: steps, feedback: weights[.feedback])
    }
    return coder
  }
}

extension SparseCoder {
  /// Folds a normalizer's factors and matrices in, so that rows may be given in the data's own units.
  ///
  ///     W_enc A s (x - b_in / (A s)) + b_enc = h,   x̂ = (z W_dec + b_dec) / (A s)
  ///
  /// Where one factor holds for all that is reconstructed, codes take it up, and atoms keep their length.
  fileprivate mutating func fold(_ normalizer: RowNormalizer) {
    let inputScales = Array(normalizer.scales[architecture.inputs])
    let outputScales = Array(normalizer.scales[architecture.outputs])
    let first = outputScales.first ?? 1
    let isUniform = outputScales.allSatisfy { $0 == first } && normalizer.whitening.isEmpty
    let codeScale = isUniform ? first : 1
    for latent in 0..<latents {
      for i in 0..<inputWidth { encoder[latent, i] *= inputScales[i] / codeScale }
      if !isUniform { for i in 0..<outputWidth { decoder[latent, i] /= outputScales[i] } }
    }
    func rescale(_ values: inout [Float]) { values = values.map { $0 / codeScale } }
    rescale(&encoderBias)
    rescale(&thresholds)
    magnitude = magnitude.map {
      Magnitude(logScale: $0.logScale, bias: $0.bias.map { $0 / codeScale })
    }
    let ownBias = zip(inputBias, inputScales).map { $0 / $1 }
    for i in decoderBias.indices { decoderBias[i] /= outputScales[i] }
    inputBias = architecture.readsItsTarget ? decoderBias : ownBias
    if let path = skip {
      var path = path
      for i in 0..<path.rows {
        for j in 0..<path.columns { path[i, j] *= inputScales[j] / outputScales[i] }
      }
      skip = path
    }
    foldWhitening(normalizer)
  }

  private mutating func foldWhitening(_ normalizer: RowNormalizer) {
    guard !normalizer.whitening.isEmpty else { return }
    for (site, whitening) in zip(architecture.siteColumns, normalizer.whitening) {
      if architecture.inputs.contains(site.lowerBound) {
        let columns =
          site.lowerBound - architecture.inputs.lowerBound..<site.upperBound
          - architecture.inputs.lowerBound
        encoder.multiply(columns, by: whitening.matrix)
        if !architecture.readsItsTarget {
          inputBias.multiply(columns, by: whitening.inverse)
        }
        skip?.multiply(columns, by: whitening.matrix)
      }
      if architecture.outputs.contains(site.lowerBound) {
        let columns =
          site.lowerBound - architecture.outputs.lowerBound..<site.upperBound
          - architecture.outputs.lowerBound
        decoder.multiply(columns, by: whitening.inverse)
        decoderBias.multiply(columns, by: whitening.inverse)
        if let path = skip {
          var transposed = path.transposed()
          transposed.multiply(columns, by: whitening.inverse)
          skip = transposed.transposed()
        }
      }
    }
  }
}

extension Matrix {
  /// Multiplies some columns of every row with a symmetric matrix, in `Double`.
  fileprivate mutating func multiply(_ columns: Range<Int>, by matrix: Matrix) {
    for row in 0..<rows {
      var part = Array(
        self.row(row)[
          (row * self.columns + columns.lowerBound)..<(row * self.columns + columns.upperBound)])
      part.multiply(0..<part.count, by: matrix)
      for (place, column) in columns.enumerated() { self[row, column] = part[place] }
    }
  }
}

extension [Float] {
  fileprivate mutating func multiply(_ places: Range<Int>, by matrix: Matrix) {
    let before = self[places].map(Double.init)
    for (row, place) in places.enumerated() {
      self[place] = Float(zip(matrix.row(row), before).reduce(0) { $0 + Double($1.0) * $1.1 })
    }
  }
}
