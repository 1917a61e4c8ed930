#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the best match of an atom would be if the searched dictionary were random directions.
///
/// Given the atom, the cosines with `n` independent uniform directions are independent, so with
/// `Q(s) = P(|cos| > s)` the law of the best is known exactly and nothing is approximated:
///
///     absolute:  P(best > s) = 1 - (1 - Q(s))^n
///     signed:    P(best > s) = 1 - (1 - Q(s)/2)^n  and  P(best < -s) = (Q(s)/2)^n,   s >= 0
///     E best = integral from 0 to 1 of [P(best > s) - P(best < -s)] ds
///
/// `n` is the number of atoms that are searched, so `mmcs` has the mean of the two directions' values.
/// It is a null for random initialisations. Real data are anisotropic, and two dictionaries of one
/// anisotropic law agree far above it: claims on data use `AgreementNull`.
///
/// - Complexity: About a millisecond at any size. Relative error below 1e-9, against 0.5 to 15 % of the
///   usual extreme-value formulas.
/// - Source: order statistics of independent cosines; HUSAI measures 0.2988 at (128, 1,024), absolute.
/// - Elsewhere: HUSAI draws random dictionaries, Song et al. and SAELens print no null.
public struct IsotropicNull: Hashable, Sendable {
  /// The number of coordinates of an atom.
  public let width: Int
  /// The number of atoms that are searched.
  public let atoms: Int
  /// Whether cosines count with their sign.
  public let convention: CosineConvention
  /// The mean of an atom's best cosine, which is the mean of `mmcs`.
  public let expectedMMCS: Double
  /// The standard deviation of one atom's best cosine.
  ///
  /// That of `mmcs` is smaller, by more than the root of the number of atoms, and is not given here.
  public let standardDeviationPerAtom: Double

  /// The null of a width and of a number of searched atoms.
  ///
  /// - Precondition: Both are positive.
  public init(width: Int, atoms: Int, convention: CosineConvention) {
    precondition(width > 0 && atoms > 0, "no null of \(atoms) atoms of width \(width)")
    let (mean, square) = Self.moments(width: width, atoms: atoms, convention: convention)
    self.width = width
    self.atoms = atoms
    self.convention = convention
    expectedMMCS = mean
    standardDeviationPerAtom = max(0, square - mean * mean).squareRoot()
  }

  /// The probability that the best match of one atom is at least a cosine.
  public func probability(atLeast cosine: Double) -> Double {
    guard cosine <= 1 else { return 0 }
    guard cosine > -1, convention == .signed || cosine > 0 else { return 1 }
    let count = Double(atoms)
    if width == 1 { return convention == .absolute ? 1 : -expm1(-count * log(2.0)) }
    let angle = acos(min(1, abs(cosine)))
    let tail = CosineTail(width: width)
    switch convention {
    case .absolute: return -expm1(tail.logNoneAbove(angle: angle, count: count))
    case .signed:
      let half = tail.split(angle: angle).above / 2
      return cosine >= 0 ? -expm1(count * log1p(-half)) : 1 - pow(half, count)
    }
  }

  /// The mean of the best cosine and of its square.
  private static func moments(
    width: Int, atoms: Int, convention: CosineConvention
  ) -> (mean: Double, square: Double) {
    let count = Double(atoms)
    // On a line every cosine is 1 or -1.
    if width == 1 { return (convention == .absolute ? 1 : 1 - 2 * exp2(-count), 1) }
    let tail = CosineTail(width: width)
    // With s = cos θ, ds = sin θ dθ and the second moment has the weight 2s.
    func integrand(_ angle: Double) -> SIMD2<Double> {
      let cosine = cos(angle)
      let best: Double
      let worst: Double
      switch convention {
      case .absolute:
        best = -expm1(tail.logNoneAbove(angle: angle, count: count))
        worst = 0
      case .signed:
        let half = tail.split(angle: angle).above / 2
        best = -expm1(count * log1p(-half))
        worst = pow(half, count)
      }
      return sin(angle) * SIMD2(best - worst, 2 * cosine * (best + worst))
    }
    var total = SIMD2<Double>()
    var low = 0.0
    for high in breakpoints(tail, count: count) where high > low {
      total += GaussLegendre.integrate(from: low, to: high, integrand)
      low = high
    }
    return (total.x, total.y)
  }

  /// Angles between which the integrand is smooth enough for one rule: where the expected number of
  /// better cosines is as listed, then the ends.
  private static func breakpoints(_ tail: CosineTail, count: Double) -> [Double] {
    let expected = [1e-18, 1e-14, 1e-10, 1e-7, 1e-5, 1e-3, 0.03, 0.3, 1, 3, 8, 20, 60]
    let spread = [0.05, 0.2, 0.5, 0.8, 0.95, 0.999, 1 - 1e-6]
    let levels = expected.map { $0 / count }.filter { $0 < 0.03 } + spread
    return levels.map(tail.angle(above:)) + [Double.pi / 2]
  }
}
