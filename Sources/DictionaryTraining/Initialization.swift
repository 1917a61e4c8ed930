public import SparseCoding

extension TrainingState {
  /// The state before the first step: random unit atoms, an encoder that is the atoms made short (of a
  /// transcoder random rows as short), zero latent biases, and the geometric median of the rows as bias.
  ///
  /// - Parameters:
  ///   - statistics: Those of the training rows.
  ///   - anchors: What the first latents are drawn to; they begin as the others do.
  ///   - compute: Where to compute; it does not show in the result.
  /// - Precondition: No more anchors than latents, of the widths of the encoder and of the atoms.
  /// - Source: Gao et al. 2024, appendix A.1.
  public init(
    _ configuration: TrainingConfiguration, statistics: RowStatistics, anchors: Anchors? = nil,
    compute: Compute
  ) {
    let model = configuration.model
    if let anchors { anchors.check(model) }
    var parameters = Parameters(model)
    parameters.decoder = Self.initialAtoms(
      model.latents, width: model.outputWidth, seed: configuration.seed, compute: compute)
    if !model.isTied {
      parameters.encoder =
        model.architecture.readsItsTarget
        ? parameters.decoder
        : Matrix.unitDirections(
          model.latents, width: model.inputWidth, seed: configuration.seed,
          name: "initial encoder", compute)
      let scale = Float(configuration.encoderScale)
      for index in parameters.encoder.values.indices { parameters.encoder.values[index] *= scale }
    }
    parameters.decoderBias = statistics.median[model.architecture.outputs].map { Float($0) }
    if model.activation == .jumpReLU {
      let start = Float(configuration.objective.bandwidth)
      parameters[.thresholds] = Matrix(rows: 1, columns: model.latents, repeating: start)
    }
    self.init(
      model, parameters: parameters, normalizer: statistics.normalizer,
      inputBias: model.architecture.readsItsTarget
        ? [] : statistics.median[model.architecture.inputs].map { Float($0) },
      averaged: configuration.averaging != nil)
    self.anchors = anchors
  }
}

extension TrainingState {
  /// The atoms that a seed begins with, in the units of training: random directions, `[latents, width]`.
  public static func initialAtoms(
    _ latents: Int, width: Int, seed: UInt64, compute: Compute
  ) -> Matrix {
    .unitDirections(latents, width: width, seed: seed, name: "initial atoms", compute)
  }
}

extension Matrix {
  /// Random rows of unit length.
  fileprivate static func unitDirections(
    _ rows: Int, width: Int, seed: UInt64, name: String, _ compute: Compute
  ) -> Matrix {
    var stream = RandomStream(seed: seed, name: name)
    var matrix = Matrix(
      rows: rows, columns: width, values: stream.gaussians(count: rows * width))
    matrix.normalizeRows(compute)
    return matrix
  }

  /// Brings every row to unit length; a row of zeros stays.
  mutating func normalizeRows(_ compute: Compute) {
    let columns = columns
    let rows = rows
    values.withUnsafeMutableBufferPointer { buffer in
      for row in 0..<rows {
        let range = row * columns..<(row + 1) * columns
        let part = Array(buffer[range])
        let squared = compute.dot(part, part)
        guard squared > 0 else { continue }
        let factor = 1 / squared.squareRoot()
        for index in range { buffer[index] *= factor }
      }
    }
  }
}
