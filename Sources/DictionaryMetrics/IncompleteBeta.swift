#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The regularised incomplete beta function `I_x(a, b)`, as far as it is needed here.
enum IncompleteBeta {
  /// The probability of at least `count` successes in `trials` of a chance each.
  ///
  ///     P(X >= c) = I_p(c, n - c + 1)
  ///
  /// - Precondition: `1 <= count <= trials`.
  /// - Complexity: O(trials). Relative error below 1e-10 up to thousands of trials.
  static func binomialTail(atLeast count: Int, of trials: Int, chance: Double) -> Double {
    precondition((1...trials).contains(count), "\(count) successes of \(trials)")
    guard chance > 0 else { return 0 }
    guard chance < 1 else { return 1 }
    let (a, b) = (Double(count), Double(trials - count + 1))
    // 1 / B(a, b) = a C(n, c), of which only the logarithm is a number for many trials.
    let choices = (0..<trials - count).reduce(0.0) { sum, index in
      sum + log(Double(count + index + 1)) - log(Double(index + 1))
    }
    let logFront = a * log(chance) + b * log1p(-chance) + log(a) + choices
    if chance < (a + 1) / (a + b + 2) { return exp(logFront) / a * fraction(a, b, chance) }
    return 1 - exp(logFront) / b * fraction(b, a, 1 - chance)
  }

  /// The continued fraction of `I_x(a, b) · a · B(a, b) / (x^a (1 - x)^b)`, by Lentz's method.
  ///
  /// Converges within O(sqrt(max(a, b))) terms for `x < (a + 1) / (a + b + 2)`.
  /// Source: DLMF 8.17.22; Numerical Recipes, section 6.4.
  static func fraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
    let tiny = 1e-300
    func kept(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
    var c = 1.0
    var d = 1 / kept(1 - (a + b) * x / (a + 1))
    var result = d
    for term in 1...10_000 {
      let m = Double(term)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / kept(1 + even * d)
      c = kept(1 + even / c)
      result *= d * c
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / kept(1 + odd * d)
      c = kept(1 + odd / c)
      let step = d * c
      result *= step
      if abs(step - 1) < 1e-15 { break }
    }
    return result
  }
}
