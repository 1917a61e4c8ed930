public import SparseCoding

/// The one-step encoder that comes nearest to codes that are given.
///
///     h = x Wᵀ + b,   z = h where h > theta, else 0
///
/// `W` and `b` are ridge regression of codes on rows. Then each latent has the threshold and the factor
/// that leave least squared error; the factor undoes what regression shrinks, and is folded into `W`, `b` and theta.
///
/// - Elsewhere: none that fits an encoder to codes found without it; distillation by gradients is common.
public struct EncoderFit: Sendable {
  /// `W`, `[d_sae, d_in]`.
  public let encoder: Matrix
  /// `b`, `[d_sae]`.
  public let bias: [Float]
  /// theta, `[d_sae]`; at least zero.
  public let thresholds: [Float]

  /// The encoder of rows `[rows, d_in]` whose codes should be those given, which are not negative.
  ///
  /// - Parameter ridge: Relative to the mean variance of the inputs.
  /// - Complexity: O(rows × d_in × (d_in + d_sae)), and sorting `rows` scores of each latent.
  public init(
    of rows: Matrix, for codes: SparseCodes, ridge: Float = 1e-4, on compute: Compute
  ) {
    let (latents, width, count) = (codes.latents, rows.columns, Double(rows.rows))
    let columns = CodeColumns(codes)
    var mean = [Double](repeating: 0, count: width)
    for row in 0..<rows.rows {
      for (index, value) in rows.row(row).enumerated() { mean[index] += Double(value) }
    }
    for index in 0..<width { mean[index] /= count }
    var centred = rows
    for row in 0..<rows.rows {
      for index in 0..<width { centred.values[row * width + index] -= Float(mean[index]) }
    }
    let byColumn = centred.transposed()
    let moments = compute.product(byColumn, byColumn)
    var products = Matrix(rows: latents, columns: width)
    products.values.withUnsafeMutableBufferPointer { products in
      nonisolated(unsafe) let products = products
      compute.pool.run(units: latents) { latent, _ in
        var sum = [Double](repeating: 0, count: width)
        for entry in columns.entries(of: latent) {
          let (start, value) = (Int(columns.rows[entry]) * width, Double(columns.values[entry]))
          for index in 0..<width { sum[index] += value * Double(centred.values[start + index]) }
        }
        for index in 0..<width { products[latent * width + index] = Float(sum[index]) }
      }
    }
    var encoder = NormalEquations(moments: moments, products: products).solution(
      from: Matrix(rows: latents, columns: width), ridge: ridge, iterations: 200, on: compute)
    var bias = zip(columns.sums, 0..<latents).map { sum, latent in
      Float(
        encoder.row(latent).enumerated().reduce(sum / count) {
          $0 - Double($1.element) * mean[$1.offset]
        })
    }
    var thresholds = [Float](repeating: 0, count: latents)
    // Scores of some latents at a time, so that memory does not grow with their number.
    for start in stride(from: 0, to: latents, by: 256) {
      let chosen = start..<min(start + 256, latents)
      let scores = compute.product(encoder.selecting(rows: chosen), rows)
      var rules = [LatentRule](repeating: LatentRule(), count: chosen.count)
      rules.withUnsafeMutableBufferPointer { rules in
        nonisolated(unsafe) let rules = rules
        compute.pool.run(units: chosen.count) { place, _ in
          let entries = columns.entries(of: start + place)
          rules[place] = LatentRule(
            scores: scores.row(place), bias: bias[start + place],
            codes: zip(columns.rows[entries], columns.values[entries]))
        }
      }
      for (place, rule) in rules.enumerated() {
        let latent = start + place
        for index in latent * width..<(latent + 1) * width {
          encoder.values[index] *= rule.factor
        }
        bias[latent] *= rule.factor
        thresholds[latent] = rule.threshold * rule.factor
      }
    }
    self.encoder = encoder
    self.bias = bias
    self.thresholds = thresholds
  }
}

/// The threshold and the factor of one latent: least squared error of `factor h [h > threshold]`.
///
///     error = sum z² - (sum over h > theta of h z)² / (sum over h > theta of h²)
struct LatentRule {
  var threshold: Float = 0
  var factor: Float = 1

  init() {}

  init(scores: ArraySlice<Float>, bias: Float, codes: some Sequence<(Int32, Float)>) {
    var pairs = scores.map { (score: $0 + bias, code: Float(0)) }
    for (row, value) in codes { pairs[Int(row)].code = value }
    pairs = pairs.filter { $0.score > 0 }
    pairs.sort { $0.score > $1.score }
    var (product, square, best) = (0.0, 0.0, 0.0)
    for (place, pair) in pairs.enumerated() {
      product += Double(pair.score) * Double(pair.code)
      square += Double(pair.score) * Double(pair.score)
      guard product > 0, product * product / square > best else { continue }
      best = product * product / square
      factor = Float(product / square)
      // Between this score and the next.
      let next = place + 1 < pairs.count ? pairs[place + 1].score : 0
      threshold = next + (pair.score - next) / 2
    }
    if best == 0 { threshold = .greatestFiniteMagnitude }
  }
}
