public import SparseCoding

/// What does the arithmetic of a step: the reference in `Double`, or the fast engine.
///
/// One step on a batch of rows x, with `s` the state's scale and B the rows:
///
///     c = s x - b_dec                               the centred row
///     h = c W_encᵀ + b_enc                          the scores
///     z = TopK(h), positive entries only            the code
///     r = z W_dec - c                               the residual, x̂ - s x
///     loss = 1/B sum |r|²
///
/// AuxK (with D dead latents, a = coefficient × min(D / k_aux, 1)) adds, r held constant,
///
///     y = top k_aux of h among the dead, positive entries only
///     q = y W_dec + r                               what the dead leave of the error
///     auxiliary loss = a/B sum |q|²
///
/// Gradients, derived by hand (sums over rows; dz, dy are zero off the supports, where sigma' = 0):
///
///     dz = 2/B r W_decᵀ,   dy = 2a/B q W_decᵀ       on the supports
///     dW_dec = 2/B zᵀ r + 2a/B yᵀ q
///     dW_enc = (dz + dy)ᵀ c,   db_enc = sum (dz + dy)
///     db_dec = 2/B sum r - db_enc W_enc             the output's path and the input's
///
/// Then dW_dec loses its component along each atom, all gradients are clipped to a global norm if that
/// is asked for, Adam takes a step, and the atoms are brought back to unit length.
///
/// Elsewhere: SAELens (the same losses; its decoder is free, and scores are multiplied with its norms);
/// dictionary_learning, openai (the auxiliary error is divided by the residual's variance, its weight
/// 1/32); sparsify (both errors are divided by a variance of the batch).
public protocol TrainingEngine: AnyObject {
  /// Steps once on a batch at a learning rate.
  func step(on batch: Batch, learningRate: Double) -> StepStatistics
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
  /// The squared error summed over dimensions and averaged over rows, in the scaled units.
  public var loss: Double
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

/// The settings that an engine needs, resolved: nothing here depends on anything else.
public struct EngineSettings: Hashable, Sendable {
  /// Active latents a row.
  public var k: Int
  /// Adam's constants.
  public var adam: TrainingConfiguration.Adam
  /// The atoms' learning rate over that of all other weights.
  public var decoderRate: Double
  /// The auxiliary loss, if any.
  public var auxiliary: Auxiliary?
  /// A latent is dead after so many rows without firing.
  public var deadAfterRows: UInt64
  /// The largest global norm of a gradient, if any.
  public var gradientClip: Double?

  /// The auxiliary loss of dead latents.
  public struct Auxiliary: Hashable, Sendable {
    /// Its weight.
    public var coefficient: Double
    /// How many dead latents act in a row.
    public var k: Int

    /// An auxiliary loss of a weight and a number of latents.
    public init(coefficient: Double, k: Int) {
      self.coefficient = coefficient
      self.k = k
    }

    /// The weight when `dead` latents are dead: it falls with them, once they are fewer than `k`.
    func weight(dead: Int) -> Double { coefficient * min(Double(dead) / Double(k), 1) }
  }

  /// The settings of a configuration, for data of a number of rows.
  public init(_ configuration: TrainingConfiguration, trainingRows: Int) {
    k = configuration.k
    adam = configuration.adam
    decoderRate = configuration.decoderRate
    gradientClip = configuration.gradientClip
    deadAfterRows = UInt64(min(10_000_000, 10 * max(trainingRows, 1)))
    if case .auxK(let coefficient, let auxiliaryK, let afterRows) = configuration.deadLatents {
      if coefficient > 0 {
        let half = max(configuration.site.width / 2, 1)
        auxiliary = Auxiliary(coefficient: coefficient, k: auxiliaryK ?? half)
      }
      if let afterRows { deadAfterRows = UInt64(afterRows) }
    }
  }
}
