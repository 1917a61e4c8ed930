#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The singular values of centred rows, and how many dimensions they amount to.
public struct SingularSpectrum: Hashable, Sendable {
  /// The singular values `s_i`, largest first, at least 0.
  public let values: [Double]

  /// A spectrum of given singular values.
  ///
  /// - Precondition: None is negative.
  public init(values: [Double]) {
    precondition(!values.contains { $0 < 0 }, "singular values are not negative")
    self.values = values.sorted(by: >)
  }

  /// The exponential of the entropy of the singular values.
  ///
  ///     p_i = s_i / sum s,   effective_rank = exp(-sum p_i ln p_i)
  ///
  /// From 1 (one direction) to the width (all alike); 0 if the rows do not vary.
  ///
  /// - Complexity: O(width).
  /// - Source: Roy and Vetterli, EUSIPCO 2007.
  /// - Elsewhere: HUSAI `erank` (same, on a sample of 5,000 rows; here all rows).
  public var effectiveRank: Double { Self.exponentialOfEntropy(values) }

  /// The exponential of the entropy of the variances; never above `effectiveRank`.
  ///
  ///     p_i = s_i² / sum s²,   exp(-sum p_i ln p_i)
  ///
  /// - Elsewhere: papers whose effective rank normalises eigenvalues of a covariance mean this one.
  public var effectiveRankOfSquares: Double { Self.exponentialOfEntropy(values.map { $0 * $0 }) }

  /// The participation ratio of the variances; never above `effectiveRankOfSquares`.
  ///
  ///     (sum s²)² / sum s⁴
  ///
  /// - Elsewhere: neuroscience's dimensionality (same).
  public var participationRatio: Double {
    guard let largest = values.first, largest > 0 else { return 0 }
    // Relative to the largest, so that fourth powers neither overflow nor vanish.
    let squares = values.map { ($0 / largest) * ($0 / largest) }
    let sum = squares.reduce(0, +)
    return sum * sum / squares.reduce(0) { $0 + $1 * $1 }
  }

  /// The number of principal directions that leave no more unexplained than a given floor.
  ///
  ///     least r with  sum over i > r of s_i²  <=  fvu · sum s²
  ///
  /// With the FVU of a dictionary: the rank of the linear model that reconstructs as well.
  ///
  /// - Precondition: `fvu` is not negative.
  /// - Complexity: O(width).
  /// - Elsewhere: PCA's "components for 95 % of the variance" is this at 0.05.
  public func rank(atFVU fvu: Double) -> Int {
    precondition(fvu >= 0, "a fraction unexplained of \(fvu) cannot be")
    let total = values.reduce(0) { $0 + $1 * $1 }
    var unexplained = 0.0
    for index in values.indices.reversed() {
      unexplained += values[index] * values[index]
      if unexplained > fvu * total { return index + 1 }
    }
    return 0
  }

  private static func exponentialOfEntropy(_ weights: [Double]) -> Double {
    let sum = weights.reduce(0, +)
    guard sum > 0 else { return 0 }
    let entropy = weights.reduce(0) { $1 > 0 ? $0 - $1 / sum * log($1 / sum) : $0 }
    return exp(entropy)
  }
}
