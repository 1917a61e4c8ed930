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
public struct EigenvalueBounds: Hashable, Sendable {
  /// What the smallest eigenvalue lies in.
  public let least: ClosedRange<Double>
  /// What the largest eigenvalue lies in.
  public let greatest: ClosedRange<Double>

  /// Bounds for every symmetric matrix whose entries are within `entryError` of those given, row after row.
  ///
  /// - Precondition: `matrix.count == order * order > 0`, and the entries are finite.
  public init(of matrix: [Double], order: Int, entryError: Double) {
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

  /// What the smallest eigenvalue lies in.
  private static func least(
    of matrix: [Double], order: Int, near value: Double
  ) -> ClosedRange<Double> {
    let size = (0..<order).reduce(abs(value)) { $0 + abs(matrix[$1 * order + $1]) }
    let rounding = Double(order + 4) * 0x1p-52 * size
    var step = 0x1p-50 * Double(order) * size
    while true {
      let shift = value - step
      var shifted = matrix
      var trace = 0.0
      for row in 0..<order {
        shifted[row * order + row] -= shift
        trace += shifted[row * order + row]
      }
      guard let factor = CholeskyFactor(of: shifted, order: order) else {
        step *= 4
        continue
      }
      let gamma = Double(order + 2) * 0x1p-53
      // The second part is what rounding does to the shift of the diagonal.
      let lower = shift - 1.01 * gamma * trace - 0x1p-52 * (size + abs(shift))
      // Not along any eigenvector but by accident, and in a few steps near the one that is sought.
      var vector = (0..<order).map { 1 + Double($0 % 7) / 10 }
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
  }
}
