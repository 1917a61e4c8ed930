public import SparseCoding

/// For each latent the sum over rows of what the error asks of its code times the input, in blocks of rows.
///
///     e_kt = d_k · r_t - lambda |d_k| s_kt   where latent k is active,   else 0
///     G_kb = sum over rows t of block b of e_kt (x_t - b_in),   the same of 1 in place of x_t - b_in for the bias
///
/// `-G_k` is the gradient of `sum over t of |r_t|² / 2 + lambda sum over j of |d_j| |z_jt|` by row `k` of the encoder, with
/// supports held. A second look at the same rows tells how far it can be followed: the cost along it has the second
/// derivative `|d_k|² sum over rows of (G_k · (x - b_in))²`.
///
/// - Complexity: O(entries × width) time; memory of 9 × latents × d_in floats.
public struct EncoderMoments: Sendable {
  /// `G`; its energies and activities are those of `e`, its residual energies those of the inputs.
  private(set) var inputs: ResidualMoments
  /// Of each latent and block the sum of `e`, `[latents × blocks]`.
  private(set) var biases: [Double]
  /// Of each latent the rows on which it is active.
  private(set) var counts: [Double]
  /// Of each latent the sum of `(G · (x - b_in))² / |G|²` over them, once they were looked at again.
  private(set) var spreads: [Double]
  /// `G` of all blocks at length one, `[latents, d_in]`; zero where it is.
  private var directions: Matrix?
  /// Of each block the sum of residuals, and twice the cost of its rows.
  private(set) var outputs: [[Double]]
  private(set) var costs = [Double](repeating: 0, count: ResidualMoments.blocks)
  /// The rows in all.
  public private(set) var rows = 0
  private let lambda: Double

  /// Sums of nothing yet, for so many rows.
  public init(latents: Int, inputWidth: Int, outputWidth: Int, rows: Int, lambda: Double) {
    inputs = ResidualMoments(latents: latents, width: inputWidth, rows: rows)
    biases = [Double](repeating: 0, count: latents * ResidualMoments.blocks)
    counts = [Double](repeating: 0, count: latents)
    spreads = counts
    outputs = [[Double]](
      repeating: [Double](repeating: 0, count: outputWidth), count: ResidualMoments.blocks)
    self.lambda = lambda
  }

  /// Adds the next rows: their inputs less `b_in`, codes and residuals.
  ///
  /// - Precondition: As many rows of each, and no more in all than were announced.
  public mutating func add(
    _ centred: Matrix, _ codes: SparseCodes, _ residuals: Matrix, on atoms: BoundedAtoms,
    compute: Compute
  ) {
    precondition(codes.rows == centred.rows && codes.rows == residuals.rows)
    var asked = codes
    asked.values.withUnsafeMutableBufferPointer { values in
      nonisolated(unsafe) let values = values
      compute.pool.run(units: codes.rows) { row, _ in
        for entry in codes.entries(ofRow: row) {
          let atom = Int(codes.indices[entry])
          let product = BoundedAtoms.dot(atoms.atoms.row(atom), residuals.row(row))
          let sign = codes.values[entry] < 0 ? -1.0 : 1
          values[entry] = Float(product - lambda * atoms.lengths[atom] * sign)
        }
      }
    }
    for row in 0..<codes.rows {
      let block = (rows + row) / inputs.run % ResidualMoments.blocks
      var cost = BoundedAtoms.dot(residuals.row(row), residuals.row(row))
      for entry in codes.entries(ofRow: row) {
        let latent = Int(codes.indices[entry])
        biases[latent * ResidualMoments.blocks + block] += Double(asked.values[entry])
        counts[latent] += 1
        cost += 2 * lambda * atoms.lengths[latent] * Double(abs(codes.values[entry]))
      }
      for (index, value) in residuals.row(row).enumerated() {
        outputs[block][index] += Double(value)
      }
      costs[block] += cost
    }
    inputs.add(asked, centred, on: compute)
    rows += codes.rows
  }
}

extension EncoderMoments {
  /// Looks again at rows that were added: their inputs less `b_in`, and codes.
  public mutating func addSpread(_ centred: Matrix, _ codes: SparseCodes, on compute: Compute) {
    let directions = self.directions ?? sumsAtLengthOne()
    self.directions = directions
    let columns = CodeColumns(codes)
    spreads.withUnsafeMutableBufferPointer { spreads in
      nonisolated(unsafe) let spreads = spreads
      compute.pool.run(units: codes.latents) { latent, _ in
        for entry in columns.entries(of: latent) {
          let product = BoundedAtoms.dot(
            directions.row(latent), centred.row(Int(columns.rows[entry])))
          spreads[latent] += product * product
        }
      }
    }
  }

  private func sumsAtLengthOne() -> Matrix {
    var directions = Matrix(rows: inputs.latents, columns: inputs.width)
    for latent in 0..<inputs.latents {
      var sum = [Double](repeating: 0, count: inputs.width)
      for block in 0..<ResidualMoments.blocks {
        for (index, value) in inputs.sum(of: latent, block: block).enumerated() {
          sum[index] += Double(value)
        }
      }
      let length = dot(sum, sum).squareRoot()
      guard length > 0 else { continue }
      for index in sum.indices { directions[latent, index] = Float(sum[index] / length) }
    }
    return directions
  }

  /// The consecutive rows that go to one block.
  public var run: Int { inputs.run }
  /// Whether every block has several runs of rows, without which nothing can be said of sampling.
  public var isTelling: Bool { inputs.isTelling }
}
