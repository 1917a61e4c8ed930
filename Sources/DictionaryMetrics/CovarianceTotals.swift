public import SparseCoding

/// The mean of rows and the sum of their centred outer products, gathered block by block.
///
///     mean = sum x / rows,   scatter = sum (x - mean)(x - mean)ᵀ
///
/// Blocks are centred on their own means and joined by Chan's formula in the order in which they are
/// added; see `ReconstructionTotals`.
///
/// - Complexity: O(rows × width² / 2) in `Double`, shared by the threads; O(width²) memory.
public struct CovarianceTotals: Sendable {
  /// The number of activations in a row.
  public let width: Int
  /// The rows added.
  public private(set) var rows = 0
  /// The mean of the rows, `[width]`.
  public private(set) var mean: [Double]
  /// The sum of centred outer products, `[width, width]`; only the lower triangle is filled.
  public private(set) var scatter: [Double]

  /// No rows of a width.
  public init(width: Int) {
    self.width = width
    mean = [Double](repeating: 0, count: width)
    scatter = [Double](repeating: 0, count: width * width)
  }

  /// Adds a block of rows.
  ///
  /// - Precondition: Rows of this width. Values that are not finite make the results so.
  public mutating func add(_ block: Matrix, on compute: Compute) {
    precondition(block.columns == width, "rows of \(block.columns) where \(width) are summed")
    // Pieces of a fixed size bound the memory for the centred copy.
    let piece = 512
    for start in stride(from: 0, to: block.rows, by: piece) {
      add(block, start..<min(start + piece, block.rows), on: compute)
    }
  }

  private mutating func add(_ block: Matrix, _ chosen: Range<Int>, on compute: Compute) {
    var centred = [Double](repeating: 0, count: (chosen.count + 1) * width)
    var center = [Double](repeating: 0, count: width)
    for row in chosen {
      for (column, value) in block.row(row).enumerated() { center[column] += Double(value) }
    }
    for column in 0..<width { center[column] /= Double(chosen.count) }
    for (position, row) in chosen.enumerated() {
      for (column, value) in block.row(row).enumerated() {
        centred[position * width + column] = Double(value) - center[column]
      }
    }
    // Chan's correction for the gap between the means is the outer product of one more row.
    let total = Double(rows + chosen.count)
    let share = Double(chosen.count) / total
    let weight = (Double(rows) * share).squareRoot()
    for column in 0..<width {
      let gap = center[column] - mean[column]
      centred[chosen.count * width + column] = gap * weight
      mean[column] += gap * share
    }
    compute.addOuterProducts(of: centred, width: width, to: &scatter)
    rows += chosen.count
  }

  /// The singular values of the centred rows.
  ///
  /// - Complexity: O(width³).
  public func spectrum() -> SingularSpectrum {
    SingularSpectrum(
      values: SymmetricEigen.values(of: scatter, order: width).map { max(0, $0).squareRoot() })
  }
}
