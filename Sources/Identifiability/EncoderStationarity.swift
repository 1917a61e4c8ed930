public import SparseCoding

/// How far an encoder is from where the error pushes none of its rows, for the distribution that rows are drawn from.
///
/// With `G` and `e` as in `EncoderMoments` and supports held, following the gradient of row `k` of the encoder alone as far as
/// that helps, moving the bias of latent `k` alone, and the output's bias lower the cost by
///
///     |G_k|⁴ / (2 |d_k|² sum over its rows of (G_k · (x - b_in))²),
///     (sum of e)² / (2 |d_k|² rows),   |sum of r|² / (2 rows)
///
/// `rows`, `biases` and `output` are the sums of these over all latents, as a share of the cost, with what sampling adds
/// taken off as in `DecoderStationarity`; `whole` is the sum of the three. Another direction than the gradient's may help
/// more.
///
/// - Source: "How optimality structures sparse dictionaries", the conditions that an encoder of one step meets.
/// - Complexity: O(latents × blocks² × d_in).
public struct EncoderStationarity: Hashable, Sendable {
  /// The push on the encoder's rows, on its biases, on the output's bias, and on all.
  public let rows, biases, output, whole: DecoderStationarity.Part

  /// Of sums over rows.
  ///
  /// - Precondition: As many atoms as latents; rows were looked at again.
  public init(_ moments: EncoderMoments, atoms: BoundedAtoms, on compute: Compute) {
    let (latents, blocks) = (atoms.count, ResidualMoments.blocks)
    var found = [(rows: [Double], biases: [Double])](repeating: ([], []), count: latents)
    found.withUnsafeMutableBufferPointer { found in
      nonisolated(unsafe) let found = found
      compute.pool.run(units: latents) { latent, _ in
        let square = atoms.lengths[latent] * atoms.lengths[latent]
        let sums = (0..<blocks).map { moments.inputs.sum(of: latent, block: $0) }
        let biases = moments.biases[latent * blocks..<(latent + 1) * blocks].map { [$0] }
        let (spread, count) = (moments.spreads[latent], moments.counts[latent])
        found[latent] = (
          spread > 0
            ? Self.products { BoundedAtoms.dot(sums[$0], sums[$1]) / (square * spread) } : [],
          count > 0 ? Self.products { dot(biases[$0], biases[$1]) / (square * count) } : []
        )
      }
    }
    let sum = { (products: [[Double]]) in
      products.reduce(into: [Double](repeating: 0, count: blocks * blocks)) { sum, product in
        for (place, value) in product.enumerated() { sum[place] += value }
      }
    }
    let count = Double(max(1, moments.rows))
    let outputs = Self.products { dot(moments.outputs[$0], moments.outputs[$1]) / count }
    let all = [sum(found.map(\.rows)), sum(found.map(\.biases)), outputs]
    let part = { (products: [Double]) in DecoderStationarity.part(products, moments.costs) }
    (rows, biases, output) = (part(all[0]), part(all[1]), part(all[2]))
    whole = part(sum(all))
  }

  /// A number for every pair of blocks, row after row.
  private static func products(_ value: (Int, Int) -> Double) -> [Double] {
    let blocks = 0..<ResidualMoments.blocks
    return blocks.flatMap { a in blocks.map { value(a, $0) } }
  }
}
