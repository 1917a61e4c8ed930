#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Gauss and Legendre's rule of 24 points: exact for polynomials up to degree 47.
enum GaussLegendre {
  /// The positive nodes on [-1, 1] and their weights; the others mirror them.
  private static let half: [(node: Double, weight: Double)] = {
    let count = 24
    return (1...count / 2).map { index in
      var x = cos(Double.pi * (Double(index) - 0.25) / (Double(count) + 0.5))
      var slope = 0.0
      // Newton's method from Tricomi's guess is exact to rounding after four steps.
      for _ in 0..<6 {
        var previous = 1.0
        var current = x
        for degree in 2...count {
          let k = Double(degree)
          (previous, current) = (current, ((2 * k - 1) * x * current - (k - 1) * previous) / k)
        }
        slope = Double(count) * (x * current - previous) / (x * x - 1)
        x -= current / slope
      }
      return (x, 2 / ((1 - x * x) * slope * slope))
    }
  }()

  /// The integral of a pair of functions from one bound to another.
  static func integrate(
    from low: Double, to high: Double, _ function: (Double) -> SIMD2<Double>
  ) -> SIMD2<Double> {
    let center = (low + high) / 2
    let radius = (high - low) / 2
    var sum = SIMD2<Double>()
    for (node, weight) in half {
      sum += weight * (function(center - radius * node) + function(center + radius * node))
    }
    return radius * sum
  }
}
