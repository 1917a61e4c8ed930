public import SparseCoding

/// Linear least squares with a small ridge and an intercept, for many outputs at once.
///
///     W = argmin sum over rows of |y - y₀ - (z - z₀) W|² + ridge |W|²,   (A + ridge I) W = B
///
/// with `z₀` and `y₀` the means, `A` the centred second moments of the regressors and `B` theirs with the
/// outputs. It is solved by conjugate gradients, every output by itself, preconditioned by the diagonal.
///
/// - Source: Hestenes and Stiefel 1952; least squares for atoms given codes is the method of optimal
///   directions (Engan, Aase and Husøy 1999).
struct NormalEquations {
  /// `A`, `[regressors, regressors]`.
  var moments: Matrix
  /// `Bᵀ`, `[outputs, regressors]`.
  var products: Matrix

  /// `Wᵀ`, `[outputs, regressors]`; regressors that never vary keep what they began with.
  ///
  /// - Parameters:
  ///   - first: Where to begin.
  ///   - ridge: Relative to the mean of A's diagonal.
  ///   - tolerance: The residual of an output at which it is done, relative to its `B`.
  /// - Complexity: O(iterations × regressors² × outputs).
  func solution(
    from first: Matrix, ridge: Float, tolerance: Double = 1e-5, iterations: Int = 60,
    on compute: Compute
  ) -> Matrix {
    let count = moments.rows
    var shifted = moments
    let mean = (0..<count).reduce(0) { $0 + moments[$1, $1] } / Float(max(count, 1))
    for index in 0..<count { shifted[index, index] += ridge * mean }
    let inverse = (0..<count).map { moments[$0, $0] > 0 ? 1 / shifted[$0, $0] : 0 }
    var solution = first
    var residual = compute.product(solution, shifted)
    for place in residual.values.indices {
      residual.values[place] = products.values[place] - residual.values[place]
    }
    func preconditioned(_ residual: Matrix) -> Matrix {
      var scaled = residual
      for row in 0..<scaled.rows {
        for index in 0..<count { scaled.values[row * count + index] *= inverse[index] }
      }
      return scaled
    }
    func dots(_ a: Matrix, _ b: Matrix) -> [Double] {
      (0..<a.rows).map { row in
        zip(a.row(row), b.row(row)).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      }
    }
    var along = preconditioned(residual)
    var direction = along
    var power = dots(residual, along)
    let goal = dots(products, preconditioned(products)).map { tolerance * tolerance * $0 }
    for _ in 0..<iterations where zip(power, goal).contains(where: { $0 > $1 }) {
      let image = compute.product(direction, shifted)
      let curvature = dots(direction, image)
      for row in 0..<solution.rows where power[row] > goal[row] && curvature[row] > 0 {
        let step = Float(power[row] / curvature[row])
        for place in row * count..<(row + 1) * count {
          solution.values[place] += step * direction.values[place]
          residual.values[place] -= step * image.values[place]
        }
      }
      along = preconditioned(residual)
      let next = dots(residual, along)
      for row in 0..<solution.rows where power[row] > 0 {
        let share = Float(next[row] / power[row])
        for place in row * count..<(row + 1) * count {
          direction.values[place] = along.values[place] + share * direction.values[place]
        }
      }
      power = next
    }
    return solution
  }
}
