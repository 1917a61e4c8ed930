public import SparseCoding

extension TrainingState {
  /// The state before the first step: random unit atoms, a tied encoder, zero latent biases, and the
  /// geometric median of the rows as output bias.
  ///
  /// - Parameters:
  ///   - statistics: Those of the training rows.
  ///   - compute: Where to compute; it does not show in the result.
  /// - Source: Gao et al. 2024, appendix A.1.
  public init(
    _ configuration: TrainingConfiguration, statistics: RowStatistics, compute: Compute
  ) {
    let width = configuration.site.width
    var stream = RandomStream(seed: configuration.seed, name: "initial atoms")
    var decoder = Matrix(
      rows: configuration.latents, columns: width,
      values: stream.gaussians(count: configuration.latents * width))
    decoder.normalizeRows(compute)
    var encoder = decoder
    let encoderScale = Float(configuration.encoderScale)
    for index in encoder.values.indices { encoder.values[index] *= encoderScale }
    let scale = statistics.scale(configuration.normalization)
    self.init(
      parameters: Parameters(
        encoder: encoder, decoder: decoder,
        encoderBias: [Float](repeating: 0, count: configuration.latents),
        decoderBias: statistics.median.map { Float($0 * Double(scale)) }),
      scale: scale)
  }
}

extension Matrix {
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
