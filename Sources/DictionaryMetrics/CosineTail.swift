#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The law of the angle between two independent directions, uniform on the sphere of a width.
///
///     P(|cos| > cos θ) = I_{sin² θ}((d - 1) / 2, 1 / 2)
///
/// with `I` the regularised incomplete beta function. The angle is the variable because the tail is
/// analytic in it up to both ends, where in the cosine it has a branch point (for even `d`).
///
/// - Complexity: O(width) once, then O(sqrt(width)) an angle. Relative error below 1e-10 of both
///   probabilities, where angle or cosine is given that well.
struct CosineTail {
  /// The number of coordinates, at least 2.
  let width: Int
  private let shape: Double
  /// `ln B(shape, 1/2)`.
  private let logBeta: Double

  init(width: Int) {
    precondition(width >= 2, "directions of width \(width) have no angle")
    self.width = width
    shape = Double(width - 1) / 2
    // B(a + 1, 1/2) = B(a, 1/2) a / (a + 1/2), from B(1/2, 1/2) = pi or B(1, 1/2) = 2: no gamma
    // function, hence no cancellation.
    var a = width.isMultiple(of: 2) ? 0.5 : 1
    var beta = width.isMultiple(of: 2) ? Double.pi : 2
    while a < shape {
      beta *= a / (a + 0.5)
      a += 1
    }
    logBeta = log(beta)
  }

  /// The probability that the magnitude of the cosine is above `cos angle`, and its complement.
  ///
  /// - Parameter angle: From 0 to pi / 2.
  func split(angle: Double) -> (above: Double, below: Double) {
    let sine = sin(angle)
    let cosine = cos(angle)
    guard sine > 0 else { return (0, 1) }
    guard angle < Double.pi / 2, cosine > 0 else { return (1, 0) }
    let x = sine * sine
    let y = cosine * cosine
    let front = exp(2 * shape * log(sine) + log(cosine) - logBeta)
    if x < (shape + 1) / (shape + 2.5) {
      let above = front / shape * IncompleteBeta.fraction(shape, 0.5, x)
      return (above, 1 - above)
    }
    let below = front / 0.5 * IncompleteBeta.fraction(0.5, shape, y)
    return (1 - below, below)
  }

  /// The density of the magnitude of the cosine at `cos angle`, `2 (1 - cos²)^((d - 3) / 2) / B(1/2, (d - 1)/2)`.
  func density(angle: Double) -> Double {
    2 * exp((2 * shape - 2) * log(sin(angle)) - logBeta)
  }

  /// The logarithm of the probability that none of `count` cosines has a magnitude above `cos angle`.
  func logNoneAbove(angle: Double, count: Double) -> Double {
    let (above, below) = split(angle: angle)
    return count * (above < 0.5 ? log1p(-above) : log(below))
  }

  /// The angle at which the tail `above` has a value, by bisection.
  func angle(above target: Double) -> Double {
    var low = 0.0
    var high = Double.pi / 2
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if split(angle: middle).above < target { low = middle } else { high = middle }
    }
    return high
  }
}
