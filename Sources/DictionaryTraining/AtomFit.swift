public import SparseCoding

/// The atoms that reconstruct rows best from codes that are given.
///
///     D, b = argmin sum over rows of |x - b - z D|²
///
/// - Source: the method of optimal directions (Engan, Aase and Husøy 1999), with a bias.
/// - Elsewhere: scikit-learn `DictionaryLearning` updates one atom after the other, at length one.
public struct AtomFit: Sendable {
  /// The atoms, `[d_sae, width]`, of any length; where a latent is never active, what it began with.
  public let atoms: Matrix
  /// The bias, `[width]`.
  public let bias: [Float]

  /// The fit of rows `[rows, width]` by codes of as many rows.
  ///
  /// - Parameter first: Where to begin, such as the atoms that the codes are of.
  /// - Complexity: O(l0 × rows × (d_sae + width)) for the moments, then O(d_sae² × width) an iteration, of which
  ///   there are tens. `[d_sae, d_sae]` floats in memory.
  public init(
    of rows: Matrix, by codes: SparseCodes, from first: Matrix, on compute: Compute
  ) {
    let (latents, width, count) = (codes.latents, rows.columns, Double(rows.rows))
    let columns = CodeColumns(codes)
    let means = columns.sums.map { $0 / count }
    var rowMean = [Double](repeating: 0, count: width)
    for row in 0..<rows.rows {
      for (index, value) in rows.row(row).enumerated() { rowMean[index] += Double(value) }
    }
    for index in 0..<width { rowMean[index] /= count }

    var moments = Matrix(rows: latents, columns: latents)
    var products = Matrix(rows: latents, columns: width)
    moments.values.withUnsafeMutableBufferPointer { moments in
      products.values.withUnsafeMutableBufferPointer { products in
        nonisolated(unsafe) let (moments, products) = (moments, products)
        compute.pool.run(units: latents) { latent, _ in
          var own = [Double](repeating: 0, count: latents)
          var sum = [Double](repeating: 0, count: width)
          for entry in columns.entries(of: latent) {
            let (row, value) = (Int(columns.rows[entry]), Double(columns.values[entry]))
            for other in codes.entries(ofRow: row) {
              own[Int(codes.indices[other])] += value * Double(codes.values[other])
            }
            let start = row * width
            for index in 0..<width { sum[index] += value * Double(rows.values[start + index]) }
          }
          let center = means[latent] * count
          for other in 0..<latents {
            moments[latent * latents + other] = Float(own[other] - center * means[other])
          }
          for index in 0..<width {
            products[latent * width + index] = Float(sum[index] - center * rowMean[index])
          }
        }
      }
    }
    let fitted = NormalEquations(moments: moments, products: products.transposed())
      .solution(from: first.transposed(), ridge: 1e-6, on: compute).transposed()
    atoms = fitted
    bias = (0..<width).map { index in
      Float(
        (0..<latents).reduce(rowMean[index]) {
          $0 - means[$1] * Double(fitted.values[$1 * width + index])
        })
    }
  }
}
