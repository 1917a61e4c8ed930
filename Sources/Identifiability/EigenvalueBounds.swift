import SparseCoding

/// What the smallest and the largest eigenvalue of a symmetric matrix provably lie in, whatever rounding does.
///
/// From outside: the computed eigenvalues are moved outwards until a Cholesky factorization of `A - lower I` and of
/// `upper I - A` runs to its end. Then, with `n` rows, `u = 2^-53` and `γ = (n + 1) u / (1 - (n + 1) u)`,
///
///     smallest eigenvalue of what was factored  >=  -γ / (1 - γ) · its trace
///
/// which needs nothing of how the eigenvalues were found. From inside: a quotient of Rayleigh, of a vector that a few
/// steps with the same factor make nearly the eigenvector.
///
/// - Complexity: O(order³).
/// - Source: Demmel 1989, LAPACK Working Note 14; Rump 2006, Verification of positive definiteness, BIT 46.
struct EigenvalueBounds: Hashable, Sendable {
  /// What the smallest eigenvalue lies in.
  let least: ClosedRange<Double>
  /// What the largest eigenvalue lies in.
  let greatest: ClosedRange<Double>

  /// Bounds for every symmetric matrix whose entries are within `entryError` of those given, row after row.
  ///
  /// - Precondition: `matrix.count == order * order > 0`, and the entries are finite.
  init(of matrix: [Double], order: Int, entryError: Double) {
    precondition(
      matrix.count == order * order && order > 0, "\(matrix.count) entries of order \(order)")
    let values = SymmetricEigen.values(of: matrix, order: order)
    // A symmetric change of every entry by `e` moves eigenvalues by `order · e` at most.
    let moved = Double(order) * entryError
    let low = Self.least(of: matrix, order: order, near: values[order - 1])
    let high = Self.least(of: matrix.map { -$0 }, order: order, near: -values[0])
    least = low.lowerBound - moved...low.upperBound + moved
    greatest = -high.upperBound - moved...(-high.lowerBound + moved)
  }

  /// A number that the smallest eigenvalue is not below, some half of it, for a fraction of what both bounds cost.
  ///
  /// 0 or less where the matrix is not clearly positive definite.
  static func floor(of matrix: [Double], order: Int, entryError: Double) -> Double {
    guard let factor = CholeskyFactor(of: matrix, order: order) else { return 0 }
    var vector = start(order)
    var estimate = 0.0
    for _ in 0..<4 {
      let next = factor.solution(vector)
      let length = dot(next, next).squareRoot()
      estimate = dot(vector, vector).squareRoot() / length
      vector = next.map { $0 / length }
    }
    for share in [0.5, 0.05] {
      if let lower = proved(matrix, order: order, at: share * estimate)?.lower {
        return lower - Double(order) * entryError
      }
    }
    return 0
  }

  /// A vector that is no eigenvector but by accident.
  private static func start(_ order: Int) -> [Double] {
    (0..<order).map { 1 + Double($0 % 7) / 10 }
  }

  /// The bound that a factorization of `A - shift I` proves, with the factor; nil where it breaks down.
  private static func proved(
    _ matrix: [Double], order: Int, at shift: Double
  ) -> (lower: Double, factor: CholeskyFactor)? {
    var shifted = matrix
    var (trace, size) = (0.0, 0.0)
    for row in 0..<order {
      size = max(size, abs(shifted[row * order + row]))
      shifted[row * order + row] -= shift
      trace += shifted[row * order + row]
    }
    guard let factor = CholeskyFactor(of: shifted, order: order) else { return nil }
    let gamma = Double(order + 2) * 0x1p-53
    // The second part is what rounding does to the shift of the diagonal.
    return (shift - 1.01 * gamma * trace - 0x1p-52 * (size + abs(shift)), factor)
  }

  /// What the smallest eigenvalue lies in.
  private static func least(
    of matrix: [Double], order: Int, near value: Double
  ) -> ClosedRange<Double> {
    let rows = (0..<order).map { row in
      matrix[row * order..<(row + 1) * order].reduce(0) { $0 + abs($1) }
    }
    let diagonal = (0..<order).reduce(0) { $0 + abs(matrix[$1 * order + $1]) }
    let size = diagonal + (rows.max() ?? 0) + 0x1p-900
    let rounding = Double(order + 4) * 0x1p-52 * size
    var step = 0x1p-50 * Double(order) * size
    while step < .infinity {
      guard let (lower, factor) = proved(matrix, order: order, at: value - step) else {
        step *= 4
        continue
      }
      var vector = start(order)
      for _ in 0..<4 {
        let next = factor.solution(vector)
        let length = dot(next, next).squareRoot()
        vector = next.map { $0 / length }
      }
      var product = 0.0
      for row in 0..<order {
        var sum = 0.0
        for column in 0..<order { sum += matrix[row * order + column] * vector[column] }
        product += vector[row] * sum
      }
      return lower...max(lower, product / dot(vector, vector) + rounding)
    }
    return -.infinity...(.infinity)
  }
}
