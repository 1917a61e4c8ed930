#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The closed approximations of the isotropic null that publications use, to be seen beside the exact one.
///
/// Of `n` absolute cosines in width `d`, with `Q` the tail of one and `f` its density:
///
///     leading            sqrt(2 ln(2 n) / d)
///     gaussian_gumbel    [a - (ln ln 2n + ln 4π) / (2 a) + γ / a] / sqrt(d),   a = sqrt(2 ln 2n)
///     spherical_gumbel   s + γ / (n f(s)),   Q(s) = 1 / n
///     spherical_quantile s,   Q(s) = 1 - exp(-e^-γ / n)
///
/// None of them is used for a null: `IsotropicNull` is exact, and as fast.
///
/// - Source: Gumbel's law of maxima; γ is Euler's constant.
/// - Elsewhere: HUSAI simulates; publications quote the leading form.
public enum ExtremeValueForm: String, CaseIterable, Codable, Sendable {
  /// The leading order for Gaussian coordinates.
  case leading
  /// Gumbel's mean for Gaussian coordinates.
  case gaussianGumbel = "gaussian_gumbel"
  /// Gumbel's mean for the law of cosines on the sphere.
  case sphericalGumbel = "spherical_gumbel"
  /// The quantile at which Gumbel's law has its mean.
  case sphericalQuantile = "spherical_quantile"

  private static let euler = 0.577_215_664_901_532_9

  /// The mean best absolute cosine that the form gives.
  ///
  /// - Precondition: At least two atoms and a width of at least 3.
  public func expectedMMCS(width: Int, atoms: Int) -> Double {
    precondition(width > 2 && atoms > 1, "no extreme value of \(atoms) atoms of width \(width)")
    let (d, n) = (Double(width), Double(atoms))
    let logarithm = log(2 * n)
    let a = (2 * logarithm).squareRoot()
    let tail = CosineTail(width: width)
    switch self {
    case .leading: return a / d.squareRoot()
    case .gaussianGumbel:
      return (a - (log(logarithm) + log(4 * Double.pi)) / (2 * a) + Self.euler / a)
        / d.squareRoot()
    case .sphericalGumbel:
      let angle = tail.angle(above: 1 / n)
      return cos(angle) + Self.euler / (n * tail.density(angle: angle))
    case .sphericalQuantile: return cos(tail.angle(above: -expm1(-exp(-Self.euler) / n)))
    }
  }
}
