public import SparseCoding

/// Whether a cosine counts with its sign.
///
/// An atom and its negative are one feature to a code that may be negative and two to a code that may
/// not. Every agreement and its null use the same convention, and it is printed.
public enum CosineConvention: String, CaseIterable, Codable, Hashable, Sendable {
  /// The cosine itself, for nonnegative codes.
  case signed
  /// Its magnitude, for signed codes.
  case absolute

  /// The convention that fits the codes of an activation rule.
  public init(for activation: Activation) {
    self = activation.isSigned ? .absolute : .signed
  }
}
