/// The triangle `L` of a positive definite matrix `A = L Lᵀ`, in `Double`.
///
/// - Complexity: O(order³ / 3).
/// - Source: Golub and Van Loan, Matrix Computations, 4th edition, algorithm 4.2.1.
struct CholeskyFactor {
  private let order: Int
  private var factor: [Double]

  /// The factor of a matrix given row after row, of which only the lower triangle is read; nil where a pivot is not
  /// positive.
  init?(of matrix: [Double], order: Int) {
    self.order = order
    factor = matrix
    for row in 0..<order {
      for column in 0...row {
        var rest = factor[row * order + column]
        for index in 0..<column {
          rest -= factor[row * order + index] * factor[column * order + index]
        }
        if row > column {
          factor[row * order + column] = rest / factor[column * order + column]
        } else if rest > 0 {
          factor[row * order + row] = rest.squareRoot()
        } else {
          return nil
        }
      }
    }
  }

  /// The solution of `A x = goal`.
  ///
  /// - Complexity: O(order²).
  func solution(_ goal: [Double]) -> [Double] {
    var values = goal
    for row in 0..<order {
      for index in 0..<row { values[row] -= factor[row * order + index] * values[index] }
      values[row] /= factor[row * order + row]
    }
    for row in stride(from: order - 1, through: 0, by: -1) {
      for index in row + 1..<order { values[row] -= factor[index * order + row] * values[index] }
      values[row] /= factor[row * order + row]
    }
    return values
  }
}
