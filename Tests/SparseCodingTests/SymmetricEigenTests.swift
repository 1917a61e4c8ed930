import SparseCoding
import Testing

@Suite struct SymmetricEigenTests {
  /// A symmetric matrix of pseudo-random elements in (-1, 1), from a fixed linear congruence.
  static func symmetric(order: Int, seed: UInt64 = 1) -> [Double] {
    var state = seed
    var matrix = [Double](repeating: 0, count: order * order)
    for row in 0..<order {
      for column in 0...row {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let value = Double(state >> 11) / Double(1 << 52) - 1
        matrix[row * order + column] = value
        matrix[column * order + row] = value
      }
    }
    return matrix
  }

  /// The largest element of `A V - V diag(values)` and of `V Vᵀ - I`, by plain triple loops.
  static func defects(of eigen: SymmetricEigen, for matrix: [Double]) -> (Double, Double) {
    let n = eigen.order
    var residual = 0.0
    var skew = 0.0
    for i in 0..<n {
      let v = Array(eigen.vector(i))
      for row in 0..<n {
        var product = 0.0
        for column in 0..<n { product += matrix[row * n + column] * v[column] }
        residual = max(residual, abs(product - eigen.values[i] * v[row]))
      }
      for j in 0...i {
        let w = Array(eigen.vector(j))
        var product = 0.0
        for column in 0..<n { product += v[column] * w[column] }
        skew = max(skew, abs(product - (i == j ? 1 : 0)))
      }
    }
    return (residual, skew)
  }

  @Test(arguments: [0, 1, 2, 3, 7, 8, 9, 31, 33, 64, 130])
  func diagonalizesASymmetricMatrix(order: Int) {
    let matrix = Self.symmetric(order: order)
    let eigen = SymmetricEigen(matrix, order: order)
    let (residual, skew) = Self.defects(of: eigen, for: matrix)
    #expect(residual < 1e-12)
    #expect(skew < 1e-12)
    #expect(eigen.values == eigen.values.sorted(by: >))
    #expect(SymmetricEigen.values(of: matrix, order: order) == eigen.values)
  }

  @Test func knowsTheValuesOfTheSecondDifference() {
    // Eigenvalues 2 - 2 cos(pi k / (n + 1)); for n = 5 these cosines are 0, ±1/2 and ±sqrt(3)/2.
    var matrix = [Double](repeating: 0, count: 25)
    for i in 0..<5 {
      matrix[i * 5 + i] = 2
      if i > 0 { matrix[i * 5 + i - 1] = -1 }
    }
    let expected = [2 + 3.0.squareRoot(), 3, 2, 1, 2 - 3.0.squareRoot()]
    for (value, known) in zip(SymmetricEigen.values(of: matrix, order: 5), expected) {
      #expect(abs(value - known) < 1e-14)
    }
  }

  @Test func readsOnlyTheLowerTriangle() {
    let full = Self.symmetric(order: 12)
    var lower = full
    for row in 0..<12 { for column in row + 1..<12 { lower[row * 12 + column] = .nan } }
    #expect(
      SymmetricEigen.values(of: lower, order: 12) == SymmetricEigen.values(of: full, order: 12))
  }

  @Test(arguments: [1e-150, 1, 1e150]) func survivesExtremeScales(scale: Double) {
    let matrix = Self.symmetric(order: 20).map { $0 * scale }
    let eigen = SymmetricEigen(matrix, order: 20)
    let (residual, skew) = Self.defects(of: eigen, for: matrix)
    #expect(residual < 1e-13 * scale * 20)
    #expect(skew < 1e-13)
  }

  @Test func keepsRepeatedAndZeroValues() {
    // Rank one plus a multiple of the identity: values n + 1 once, 1 otherwise.
    let n = 40
    var matrix = [Double](repeating: 1, count: n * n)
    for i in 0..<n { matrix[i * n + i] += 1 }
    let eigen = SymmetricEigen(matrix, order: n)
    #expect(abs(eigen.values[0] - Double(n + 1)) < 1e-12)
    #expect(eigen.values.dropFirst().allSatisfy { abs($0 - 1) < 1e-13 })
    let (residual, skew) = Self.defects(of: eigen, for: matrix)
    #expect(residual < 1e-12 && skew < 1e-13)
    let zero = SymmetricEigen([Double](repeating: 0, count: 9), order: 3)
    #expect(zero.values == [0, 0, 0])
    #expect(Self.defects(of: zero, for: [Double](repeating: 0, count: 9)).1 == 0)
  }

  @Test func answersNotANumberToWhatIsNotFinite() {
    var matrix = Self.symmetric(order: 4)
    matrix[8] = .infinity
    #expect(SymmetricEigen(matrix, order: 4).values.allSatisfy { $0.isNaN })
    #expect(SymmetricEigen.values(of: matrix, order: 4).allSatisfy { $0.isNaN })
  }
}
