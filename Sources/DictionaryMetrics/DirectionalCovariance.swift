#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The Gaussian whose directions have a given second moment.
enum DirectionalCovariance {
  /// The variances `v`, summing to 1, for which `E[v_i g_i² / sum v_j g_j²] = share_i`, `g` standard
  /// normal.
  ///
  /// The expectation is a one-dimensional integral,
  ///
  ///     integral over t > 0 of v_i / (1 + 2 t v_i) · product over j of (1 + 2 t v_j)^(-1/2) dt,
  ///
  /// taken by the trapezoid rule in `ln t`, which converges exponentially; `v` is found by scaling each
  /// variance by what it lacks. Shares of zero stay zero.
  ///
  /// - Complexity: O(shares) for each of some hundred nodes and some tens of rounds.
  /// - Source: the expectation of ratios of quadratic forms, Jones 1986; for the angular central
  ///   Gaussian law, Tyler 1987.
  static func variances(matching shares: [Double]) -> [Double] {
    let total = shares.reduce(0, +)
    let target = shares.map { $0 / total }
    var variances = target
    for _ in 0..<500 {
      let moments = secondMoments(of: variances)
      var worst = 0.0
      for index in target.indices where target[index] > 0 {
        let ratio = target[index] / moments[index]
        variances[index] *= ratio
        worst = max(worst, abs(ratio - 1))
      }
      let sum = variances.reduce(0, +)
      for index in variances.indices { variances[index] /= sum }
      if worst < 1e-9 { break }
    }
    return variances
  }

  /// `E[v_i g_i² / sum v_j g_j²]` for variances that sum to 1.
  static func secondMoments(of variances: [Double]) -> [Double] {
    let step = 0.25
    var moments = [Double](repeating: 0, count: variances.count)
    // From where t v is negligible to where the product has vanished.
    var position = -40.0
    while true {
      let t = exp(position)
      let product = exp(-0.5 * variances.reduce(0) { $0 + log1p(2 * t * $1) })
      if product < 1e-18 || position > 100 { break }
      let weight = step * t * product
      for index in variances.indices {
        moments[index] += weight * variances[index] / (1 + 2 * t * variances[index])
      }
      position += step
    }
    return moments
  }
}
