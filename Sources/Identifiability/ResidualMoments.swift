public import SparseCoding

/// For each latent the sum over rows of its code times what the dictionary leaves of the row, in blocks of rows.
///
///     g_kb = sum over rows t of block b of z_kt r_t,   r_t = x_t - x̂_t
///
/// `-g_k` is the gradient of `sum over t of |r_t|² / 2` by atom `k`, with codes held. Blocks tell what sampling does to the
/// sums. They take turns by runs of up to 64 rows: neighbors, as of one text, share a block, and every block has rows from
/// everywhere, whatever they are sorted by.
///
/// - Complexity: O(entries × width) time in `Float`; memory of 8 × latents × width floats.
public struct ResidualMoments: Sendable {
  /// The blocks.
  public static let blocks = 8
  /// The latents, and the width of a residual.
  public let latents, width: Int
  private let count: Int
  /// The consecutive rows that go to one block.
  public let run: Int
  private var done = 0
  private var sums: [Float]
  /// Of each latent the sum of its squared codes, `[latents]`.
  public private(set) var energies: [Double]
  /// Of each latent and block the sum of the magnitudes of its codes, `[latents × blocks]`.
  public private(set) var activities: [Double]
  /// Of each block the sum of the squared residuals.
  public private(set) var residualEnergies = [Double](repeating: 0, count: blocks)

  /// No rows yet of so many.
  public init(latents: Int, width: Int, rows: Int) {
    (self.latents, self.width, count) = (latents, width, max(rows, 1))
    run = max(1, min(64, rows / 64))
    sums = [Float](repeating: 0, count: Self.blocks * latents * width)
    energies = [Double](repeating: 0, count: latents)
    activities = [Double](repeating: 0, count: latents * Self.blocks)
  }

  /// Adds the next rows: their codes and residuals.
  ///
  /// - Precondition: As many rows of each, and no more in all than were announced.
  public mutating func add(_ codes: SparseCodes, _ residuals: Matrix, on compute: Compute) {
    precondition(
      codes.rows == residuals.rows && codes.latents == latents && residuals.columns == width
        && done + codes.rows <= count, "codes and residuals of other rows")
    let columns = CodeColumns(codes)
    let (first, run, width) = (done, run, width)
    let block = { (row: Int) in (first + row) / run % Self.blocks }
    for row in 0..<residuals.rows {
      residualEnergies[block(row)] += BoundedAtoms.dot(residuals.row(row), residuals.row(row))
    }
    residuals.values.withUnsafeBufferPointer { residuals in
      sums.withUnsafeMutableBufferPointer { sums in
        energies.withUnsafeMutableBufferPointer { energies in
          activities.withUnsafeMutableBufferPointer { activities in
            nonisolated(unsafe) let (residuals, sums) = (residuals, sums)
            nonisolated(unsafe) let (energies, activities) = (energies, activities)
            compute.pool.run(units: latents) { latent, _ in
              for entry in columns.entries(of: latent) {
                let row = Int(columns.rows[entry])
                let value = columns.values[entry]
                let place = latent * Self.blocks + block(row)
                energies[latent] += Double(value) * Double(value)
                activities[place] += Double(abs(value))
                for index in 0..<width {
                  sums[place * width + index] += value * residuals[row * width + index]
                }
              }
            }
          }
        }
      }
    }
    done += codes.rows
  }

  /// Whether every block has several runs of rows, without which nothing can be said of sampling.
  public var isTelling: Bool { done >= 8 * Self.blocks }

  /// `g` of a latent in a block.
  public func sum(of latent: Int, block: Int) -> ArraySlice<Float> {
    let place = latent * Self.blocks + block
    return sums[place * width..<(place + 1) * width]
  }
}
