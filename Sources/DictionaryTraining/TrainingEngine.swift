public import SparseCoding

/// What does the arithmetic of a step: the reference in `Double`, or the fast engine.
///
/// One step on a batch of B rows; x and t are the columns of a row that are read and reconstructed, in
/// the units of training. All sums over rows are means.
///
///     c = x - b_in                                   b_in = b_dec where x is t, else it is not trained
///     h = c W_encᵀ + b_enc                           the scores
///     z = sigma(h)                                   the code; multistep: z_t = sigma(h + z_(t-1) S)
///     r_g = sum of z_i d_i over i < m_g, + b_dec (+ x W_skipᵀ) - t     prefixes m_1 < ... < m_G = d_sae
///     objective = 1/G sum_g |r_g|² + penalties
///
/// Penalties, with w_i = 1, or the sum over sources of |d_i| where atoms have no common length:
///
///     l1              λ sum w_i |z_i|                gated: max(h, 0) in place of z
///     annealed power  λ sum w_i |z_i|^p
///     l0              λ sum 1[h_i > θ_i]
///     target l0       λ (L0 / target - 1)²           L0 the mean of sum 1[h_i > θ_i]
///     gated           |sum max(h_i, 0) d_i + b_dec (+ x W_skipᵀ) - t|², all but h held
///     AuxK            a |y W_dec + r_G|², r_G held   y the top k_aux of h among the D dead latents,
///                                                    a = coefficient × min(D / k_aux, 1)
///     isometry        ρ (sum over i, j in S of (d_i·d_j)² / |S| - 1), S the 2k largest |h|
///                     one sample: sum over i in S of (d_i·Y)² / |S| - 1, Y = sum n_j d_j, n ~ N(0, 1)
///     anchors         α (|W_enc - A|² + |W_dec - A'|²) over the first latents, not a mean
///
/// Gradients are those of the formulas with selections held. A threshold has none; jumpReLU learns it by
/// a rectangle of width ε:
///
///     dz/dθ = -(θ/ε) K,   d1[h > θ]/dθ = -(1/ε) K,   K = 1[|h - θ| < ε/2]
///
/// Then atoms of unit length lose the component along themselves, all gradients are clipped to a global
/// norm if that is asked for, the optimizer takes a step, thresholds below 0 become 0, and atoms are
/// brought back to unit length.
///
/// Elsewhere: SAELens (the same losses; its decoder is free, and scores are multiplied with its norms);
/// dictionary_learning, openai (the auxiliary error is divided by the residual's variance, its weight
/// 1/32; thresholds learn from samples above them only); sparsify (both errors are divided by a variance
/// of the batch).
public protocol TrainingEngine: AnyObject {
  /// Steps once on a batch.
  func step(on batch: Batch, _ constants: StepConstants) -> StepStatistics
  /// A copy of all that is needed to go on.
  func state() -> TrainingState
  /// The same, where it lies.
  var view: StateView { get }
}

/// The rows of a step: some rows of a matrix or of a panel in memory.
public struct Batch: Sendable {
  private enum Values: Sendable {
    case matrix(Matrix)
    case panel(AlignedBuffer<Float>)
  }

  /// The number of activations in a row.
  public let width: Int
  /// The rows, by their positions in the matrix or panel.
  public let rows: ArraySlice<Int>
  private let values: Values

  /// The chosen rows of a matrix.
  public init(source: Matrix, rows: ArraySlice<Int>) {
    values = .matrix(source)
    width = source.columns
    self.rows = rows
  }

  /// The chosen rows of a panel `[_, width]`, which must keep its values while the batch is in use.
  public init(panel: AlignedBuffer<Float>, rows: ArraySlice<Int>, width: Int) {
    values = .panel(panel)
    self.width = width
    self.rows = rows
  }

  /// Calls a closure with the memory in which row `rows[i]` begins at element `rows[i] * width`.
  public func withValues<Result>(_ body: (UnsafePointer<Float>?) -> Result) -> Result {
    switch values {
    case .matrix(let matrix): matrix.values.withUnsafeBufferPointer { body($0.baseAddress) }
    case .panel(let panel): body(UnsafePointer(panel.start))
    }
  }

  /// An element of a row, which is one of `rows`.
  subscript(row: Int, column: Int) -> Float {
    switch values {
    case .matrix(let matrix): matrix[row, column]
    case .panel(let panel): panel.start[row * width + column]
    }
  }
}

/// What one step saw.
public struct StepStatistics: Hashable, Sendable {
  /// The squared error of all latents, summed over dimensions and averaged over rows, in the units of
  /// training.
  public var loss: Double
  /// The sparsity penalty, its weight and what warm-up leaves of it included.
  public var sparsity: Double = 0
  /// All that was minimised, in the units of training.
  public var objective: Double = 0
  /// The auxiliary loss, its coefficient included; 0 where it did not act.
  public var auxiliaryLoss: Double
  /// The mean number of active latents a row.
  public var l0: Double
  /// Latents that counted as dead before the step.
  public var dead: Int

  /// Statistics of the values given.
  public init(loss: Double, auxiliaryLoss: Double, l0: Double, dead: Int) {
    self.loss = loss
    self.auxiliaryLoss = auxiliaryLoss
    self.l0 = l0
    self.dead = dead
  }
}
