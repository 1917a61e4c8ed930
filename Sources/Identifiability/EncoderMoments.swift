public import SparseCoding

/// For each latent the sum over rows of what the error asks of its code times the input, in blocks of rows.
///
///     e_kt = d_k · r_t - lambda |d_k| s_kt   where latent k is active,   else 0
///     G_kb = sum over rows t of block b of e_kt (x_t - b_in),   the same of 1 in place of x_t - b_in for the bias
///
/// `-G_k` is the gradient of `sum over t of |r_t|² / 2 + lambda sum over j of |d_j| |z_jt|` by row `k` of the encoder, with
/// supports held.
///
/// - Complexity: O(entries × width) time; memory of 8 × latents × d_in floats.
public struct EncoderMoments: Sendable {
  /// `G`; its energies and activities are those of `e`, its residual energies those of the inputs.
  private(set) var inputs: ResidualMoments
  /// Of each latent and block the sum of `e`, `[latents × blocks]`.
  private(set) var biases: [Double]
  /// Of each latent the rows on which it is active, and the sum of `|x - b_in|²` over them.
  private(set) var counts, inputEnergies: [Double]
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
    inputEnergies = counts
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
      let energy = BoundedAtoms.dot(centred.row(row), centred.row(row))
      var cost = BoundedAtoms.dot(residuals.row(row), residuals.row(row))
      for entry in codes.entries(ofRow: row) {
        let latent = Int(codes.indices[entry])
        biases[latent * ResidualMoments.blocks + block] += Double(asked.values[entry])
        counts[latent] += 1
        inputEnergies[latent] += energy
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
  /// The consecutive rows that go to one block.
  public var run: Int { inputs.run }
  /// Whether every block has several runs of rows, without which nothing can be said of sampling.
  public var isTelling: Bool { inputs.isTelling }
}
