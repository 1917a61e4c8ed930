public import SparseCoding

/// How random directions are pushed apart until no two are too similar.
///
///     L(W) = sum over i != j of max(0, G_ij - (M - eps))^2 + lambda max(0, G_ij)^2,   G = W W^T
///     W   <- W - eta 4 D W,   D_ij = max(0, G_ij - (M - eps)) + lambda max(0, G_ij),   then rows to length one
///
/// Only positive products are penalised, so negative ones stay as large as chance makes them.
///
/// - Source: the bench of the unified theory of sparse dictionary learning, appendix C; `eps`, `lambda`,
///   `eta` and the steps are not printed there, and the defaults are those of a re-implementation.
public struct InterferenceDescent: Hashable, Sendable {
  /// The greatest product of two directions that is allowed, M.
  public var interference: Double
  /// How far below M products are still pushed, eps.
  public var margin: Double
  /// The weight of all positive products, lambda.
  public var spread: Double
  /// The size of a step, eta.
  public var rate: Double
  /// The most steps.
  public var steps: Int

  /// A descent of the values given.
  public init(
    interference: Double = 0.1, margin: Double = 1e-3, spread: Double = 1e-3, rate: Double = 0.05,
    steps: Int = 2000
  ) {
    self.interference = interference
    self.margin = margin
    self.spread = spread
    self.rate = rate
    self.steps = steps
  }

  /// Directions, and how far the descent came.
  public struct Outcome: Sendable {
    /// The directions, `[count, width]`, of length one.
    public var directions: Matrix
    /// The greatest product of two of them.
    public var greatest: Double
    /// The steps it took.
    public var steps: Int
  }

  /// Directions that began uniform on the sphere or in clusters, a function of seed and name.
  ///
  /// - Parameters:
  ///   - mixture: The clusters; nil for none.
  ///   - kept: Directions that come first and stay as they are.
  /// - Complexity: a step takes two products of all directions with all; memory for their products.
  public func directions(
    count: Int, width: Int, in mixture: DirectionMixture? = nil, keeping kept: Matrix? = nil,
    seed: UInt64, name: String,
    on compute: Compute
  ) -> Outcome {
    var directions =
      mixture?.directions(count: count, width: width, seed: seed, name: name)
      ?? randomDirections(count: count, width: width, seed: seed, name: name)
    let fixed = (kept?.rows ?? 0) * width
    if let kept { directions.values.replaceSubrange(0..<fixed, with: kept.values) }
    var step = 0
    while true {
      let gram = compute.product(directions, directions)
      let greatest = Self.greatestOffDiagonal(of: gram)
      guard greatest > interference, greatest.isFinite, step < steps else {
        return Outcome(directions: directions, greatest: greatest, steps: step)
      }
      let push = compute.product(excess(of: gram), directions.transposed())
      for index in fixed..<directions.values.count {
        directions.values[index] -= Float(4 * rate) * push.values[index]
      }
      normalizeRows(of: &directions, from: kept?.rows ?? 0)
      step += 1
    }
  }

  /// The greatest product of two directions; infinite where one is not a number.
  static func greatestProduct(of directions: Matrix, on compute: Compute) -> Double {
    greatestOffDiagonal(of: compute.product(directions, directions))
  }

  /// The matrix D.
  private func excess(of gram: Matrix) -> Matrix {
    var excess = gram
    let (least, weight) = (Float(interference - margin), Float(spread))
    for row in 0..<gram.rows {
      for column in 0..<gram.columns {
        let product = gram[row, column]
        excess[row, column] =
          row == column ? 0 : max(0, product - least) + weight * max(0, product)
      }
    }
    return excess
  }

  private static func greatestOffDiagonal(of gram: Matrix) -> Double {
    var greatest = -Float.infinity
    for row in 0..<gram.rows {
      for (column, product) in gram.row(row).enumerated() where column != row {
        greatest = product.isFinite ? max(greatest, product) : .infinity
      }
    }
    return gram.rows > 1 ? Double(greatest) : 0
  }
}
