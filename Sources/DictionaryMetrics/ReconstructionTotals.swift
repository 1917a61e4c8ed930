public import SparseCoding

/// Sums over rows from which the quality of a reconstruction follows, gathered block by block.
///
///     squared_error     = sum over rows of |x - x̂|²
///     squared_deviation = sum over rows of |x - mean|²,   mean = the mean of all rows added
///
/// Each block is summed in two passes, around its own mean, and joined by Chan's formula: a mean far
/// from zero costs no digits. Blocks are joined in the order in which they are added, so the bits
/// depend on the blocks and on nothing else; other block sizes differ by rounding only.
///
/// - Complexity: O(rows × width) time, O(width) memory. Sums in `Double`.
/// - Source: Chan, Golub and LeVeque, The American Statistician 37 (1983).
public struct ReconstructionTotals: Hashable, Sendable {
  /// The number of activations in a row.
  public let width: Int
  /// The rows added.
  public private(set) var rows = 0
  /// The sum over rows of `|x - x̂|²`.
  public private(set) var squaredError = 0.0
  /// The sum over rows of `|x - mean|²`.
  public private(set) var squaredDeviation = 0.0
  /// The mean of the rows, `[width]`.
  public private(set) var mean: [Double]

  /// No rows of a width.
  public init(width: Int) {
    self.width = width
    mean = [Double](repeating: 0, count: width)
  }

  /// Adds a block of rows and their reconstructions, both in the original units.
  ///
  /// - Precondition: Equal shapes, of this width. Values that are not finite make the results so.
  public mutating func add(_ reconstruction: Matrix, target: Matrix) {
    precondition(
      reconstruction.rows == target.rows && reconstruction.columns == target.columns
        && target.columns == width,
      "a reconstruction of \(reconstruction.rows) x \(reconstruction.columns) of rows of "
        + "\(target.rows) x \(target.columns) where \(width) wide ones are summed")
    guard target.rows > 0 else { return }
    var block = ReconstructionTotals(width: width)
    block.rows = target.rows
    target.values.withUnsafeBufferPointer { target in
      reconstruction.values.withUnsafeBufferPointer { reconstruction in
        block.sum(reconstruction, target: target)
      }
    }
    merge(block)
  }

  /// Adds the rows of later blocks that were summed apart.
  ///
  /// - Precondition: Equal widths.
  public mutating func merge(_ later: ReconstructionTotals) {
    precondition(width == later.width, "rows of \(width) and of \(later.width) have no joint mean")
    guard later.rows > 0 else { return }
    let total = Double(rows + later.rows)
    let share = Double(later.rows) / total
    var distance = 0.0
    for column in 0..<width {
      let gap = later.mean[column] - mean[column]
      distance += gap * gap
      mean[column] += gap * share
    }
    squaredError += later.squaredError
    squaredDeviation += later.squaredDeviation + distance * Double(rows) * share
    rows += later.rows
  }

  private mutating func sum(
    _ reconstruction: UnsafeBufferPointer<Float>, target: UnsafeBufferPointer<Float>
  ) {
    for row in 0..<rows {
      for column in 0..<width { mean[column] += Double(target[row * width + column]) }
    }
    for column in 0..<width { mean[column] /= Double(rows) }
    for row in 0..<rows {
      var error = 0.0
      var deviation = 0.0
      for column in 0..<width {
        let value = Double(target[row * width + column])
        let residual = value - Double(reconstruction[row * width + column])
        error += residual * residual
        deviation += (value - mean[column]) * (value - mean[column])
      }
      squaredError += error
      squaredDeviation += deviation
    }
  }
}

extension ReconstructionTotals {
  /// The fraction of the variance that the reconstruction leaves unexplained.
  ///
  ///     fvu = sum over rows of |x - x̂|² / sum over rows of |x - mean|²
  ///
  /// 0 is perfect, 1 is no better than the mean of the rows, and worse than 1 is possible. The residual
  /// is not centred, so a constant offset counts as error. Without rows, or if the rows do not vary, it
  /// is not finite.
  ///
  /// - Source: Gao et al. 2024 (arXiv 2406.04093), as normalized MSE, with one global mean.
  /// - Elsewhere: sparsify `fvu` (same, but the mean and the ratio are those of each batch);
  ///   dictionary_learning `1 - frac_variance_explained` (centres the residual: an offset is free);
  ///   overcomplete `1 - r2_score` (one scalar mean of the whole matrix); openai
  ///   `normalized_mean_squared_error` (each row by its own energy, uncentred, averaged).
  public var fvu: Double { squaredError / squaredDeviation }

  /// The fraction of the variance that the reconstruction explains, `1 - fvu`.
  ///
  /// - Elsewhere: SAELens 6.54 `explained_variance` (same); its `explained_variance_legacy` averages a
  ///   ratio per row against the mean of the batch; dictionary_learning `frac_variance_explained` and
  ///   overcomplete `r2_score` differ as described at `fvu`.
  public var explainedVariance: Double { 1 - fvu }

  /// The squared error summed over dimensions and averaged over rows: the loss that is trained.
  ///
  ///     loss = sum over rows of |x - x̂|² / rows
  ///
  /// - Elsewhere: SAELens `mse` (same); dictionary_learning `l2_loss` and overcomplete `avg_l2_loss` (the
  ///   mean of the norm, not of its square); sparsify and openai train a normalised error.
  public var loss: Double { squaredError / Double(rows) }

  /// The squared error averaged over rows and dimensions.
  ///
  ///     mse = sum over rows of |x - x̂|² / (rows × width)
  ///
  /// - Elsewhere: PyTorch `mse_loss` (same); SAELens `mse` is `width` times this. On rows scaled to unit
  ///   norm it is another quantity, called `unit_norm_error`.
  public var mse: Double { loss / Double(width) }
}
