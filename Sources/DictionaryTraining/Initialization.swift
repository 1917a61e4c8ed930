public import SparseCoding

extension TrainingState {
  /// The state before the first step: random unit atoms, a tied encoder, zero latent biases, and the
  /// geometric median of the rows as output bias.
  ///
  /// - Parameters:
  ///   - rows: The training rows, `[rows, d_in]`.
  ///   - compute: Where to compute; it does not show in the result.
  /// - Source: Gao et al. 2024, appendix A.1.
  public init(
    _ configuration: TrainingConfiguration, rows: TrainingRows, compute: Compute
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
    let scale = configuration.normalization.scale(of: rows)
    let median = geometricMedian(of: rows, compute: compute)
    self.init(
      parameters: Parameters(
        encoder: encoder, decoder: decoder,
        encoderBias: [Float](repeating: 0, count: configuration.latents),
        decoderBias: median.map { Float($0 * Double(scale)) }),
      scale: scale)
  }
}

extension TrainingConfiguration.Normalization {
  /// The factor for rows: `sqrt(elements / sum of squares)` for unit mean square, in `Double`.
  func scale(of rows: TrainingRows) -> Float {
    switch self {
    case .none: return 1
    case .unitMeanSquare:
      var sum = 0.0
      for row in rows.training {
        var rowSum = 0.0
        for value in rows.matrix.row(row) { rowSum += Double(value) * Double(value) }
        sum += rowSum
      }
      let elements = Double(rows.training.count * rows.matrix.columns)
      return sum > 0 ? Float((elements / sum).squareRoot()) : 1
    }
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

/// The point with the least sum of distances to the rows, by Weiszfeld's iteration from the mean.
///
///     m <- sum x / |x - m|  /  sum 1 / |x - m|
///
/// A fixed number of iterations, in `Double`, on at most 32,768 rows evenly spread over the training
/// rows. Sums are taken over blocks of rows in their order.
///
/// - Complexity: O(iterations × rows × d_in).
/// - Elsewhere: SAELens and dictionary_learning `geometric_median` (stop at a tolerance; float32).
func geometricMedian(
  of rows: TrainingRows, iterations: Int = 30, compute: Compute
) -> [Double] {
  let width = rows.matrix.columns
  let count = min(rows.training.count, 32_768)
  guard count > 0 else { return [Double](repeating: 0, count: width) }
  let chosen = (0..<count).map { rows.training[$0 * rows.training.count / count] }
  let block = 512
  let blocks = (count + block - 1) / block
  let sums = AlignedBuffer<Double>(count: blocks * (width + 1))
  var median: [Double] = []
  for iteration in 0...iterations {
    let center = AlignedBuffer(median.isEmpty ? [Double](repeating: 0, count: width) : median)
    rows.matrix.values.withUnsafeBufferPointer { values in
      nonisolated(unsafe) let values = values
      compute.pool.run(units: blocks) { unit, _ in
        let sum = sums.start + unit * (width + 1)
        for i in 0...width { sum[i] = 0 }
        for position in unit * block..<min((unit + 1) * block, count) {
          let row = chosen[position] * width
          var weight = 1.0
          if iteration > 0 {
            var squared = 0.0
            for i in 0..<width {
              let difference = Double(values[row + i]) - center.start[i]
              squared += difference * difference
            }
            // A row that lies on the centre would weigh infinitely; it is held at a tiny distance.
            weight = 1 / max(squared.squareRoot(), 1e-12)
          }
          for i in 0..<width { sum[i] += weight * Double(values[row + i]) }
          sum[width] += weight
        }
      }
    }
    var total = [Double](repeating: 0, count: width + 1)
    for unit in 0..<blocks {
      for i in 0...width { total[i] += sums.start[unit * (width + 1) + i] }
    }
    median = (0..<width).map { total[$0] / total[width] }
  }
  return median
}
