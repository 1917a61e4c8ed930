/// The rule that turns pre-activations into a sparse code; each keeps a pre-activation or zeroes it.
///
/// A closed set: it is written to disk, compared and tabulated. The payloads are labelled, so that a
/// file reads `{"topK":{"k":32}}`.
public enum Activation: Codable, Hashable, Sendable {
  /// Of each row, the `k` largest pre-activations, of those the positive ones.
  ///
  /// Equal pre-activations are taken in the order of their index. Source: Gao et al. 2024
  /// (arXiv 2406.04093), section 2.3.
  case topK(k: Int)
}
