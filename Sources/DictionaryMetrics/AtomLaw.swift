/// The law that random atoms follow in a simulated null.
public enum AtomLaw: String, CaseIterable, Codable, Hashable, Sendable {
  /// Directions whose second moment is that of the live atoms: the default.
  ///
  /// Gaussian rows divided by their norms, with the one covariance (in the live atoms' eigenbasis) for
  /// which `E[y yᵀ / |y|²] = DᵀD / K`, `D` the live atoms at unit length. Two independent dictionaries
  /// of one such law then have a kappa of 0 on average.
  case decoderSecondMoment
  /// Gaussian rows of covariance `DᵀD / K`, divided by their norms.
  ///
  /// Dividing flattens the second moment a little, so these draws agree less than dictionaries of the
  /// law they were taken from do: with singular values falling as `i^-0.6` independent dictionaries of
  /// unit atoms get a kappa near 0.09, with `i^-0.9` near 0.22. Kept to show that difference.
  case gaussianOfDecoderSecondMoment
  /// Directions uniform on the sphere.
  case isotropic
}
