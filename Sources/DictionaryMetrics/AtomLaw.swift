/// The law that random atoms follow in a simulated null.
public enum AtomLaw: String, CaseIterable, Codable, Hashable, Sendable {
  /// Gaussian rows of covariance `DᵀD / K`, divided by their norms, `D` the live atoms at unit length:
  /// the default.
  ///
  /// Dividing flattens the second moment a little, so these draws agree less than dictionaries of
  /// the law they were taken from do: with singular values falling as `i^-0.3`, `i^-0.6` and `i^-0.9` two
  /// independent dictionaries of 1,024 unit atoms at width 128 get a kappa near 0.01, 0.09 and 0.22.
  case decoderSecondMoment
  /// Gaussian rows divided by their norms, with the one covariance (in the live atoms' eigenbasis)
  /// for which `E[y yᵀ / |y|²] = DᵀD / K`.
  ///
  /// Two independent dictionaries of one such law have a kappa of 0 on average: the stricter null, and that of
  /// single atoms (`AtomReplication` says what the other would discover).
  case matchedSecondMoment
  /// Directions uniform on the sphere.
  case isotropic

  /// The name that files and flags have for it; the raw value is that of the draws' streams.
  public var name: String {
    switch self {
    case .decoderSecondMoment: "decoder_second_moment"
    case .matchedSecondMoment: "matched_second_moment"
    case .isotropic: "isotropic"
    }
  }
}
