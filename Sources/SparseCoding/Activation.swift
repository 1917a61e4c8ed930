/// The rule that turns pre-activations into a sparse code; each keeps a pre-activation or zeroes it.
///
/// A closed set: it is written to disk, compared and tabulated. The payloads are labelled, so that a
/// file reads `{"topK":{"k":32}}`. Constants that are learned stand with the weights.
public enum Activation: Codable, Hashable, Sendable {
  /// The positive pre-activations.
  case relu
  /// The pre-activations above a threshold of the latent's own.
  ///
  /// Source: Rajamanoharan et al. 2024 (arXiv 2407.14435).
  case jumpReLU
  /// Of each row, the `k` largest pre-activations, of those the positive ones.
  ///
  /// Equal pre-activations are taken in the order of their index. Source: Gao et al. 2024
  /// (arXiv 2406.04093), section 2.3.
  case topK(k: Int)
  /// Of each row, the `k` pre-activations largest in magnitude, with their signs.
  ///
  /// Source: Zhu et al. 2025 (arXiv 2510.00404).
  case absTopK(k: Int)
  /// Of a whole batch of B rows, the `k` × B largest pre-activations, of those the positive ones.
  ///
  /// A rule of training: what is saved is a `jumpReLU` whose thresholds are the running mean of each
  /// batch's smallest kept value. Source: Bussmann et al. 2024 (arXiv 2412.06410).
  case batchTopK(k: Int)
  /// Latents whose pre-activation is positive, at a magnitude of its own.
  ///
  ///     z = 1[h > 0] max(exp(r) (h - b_enc) + b_mag, 0)
  ///
  /// Source: Rajamanoharan et al. 2024 (arXiv 2404.16014).
  case gated

  /// The rule of a name, with `k` for those that have one; `nil` for another name.
  public init?(named name: String, k: Int) {
    guard let rule = Self.all(k: k).first(where: { $0.name == name }) else { return nil }
    self = rule
  }

  /// The names of all rules.
  public static var names: [String] { all(k: 1).map(\.name) }

  private static func all(k: Int) -> [Activation] {
    [.relu, .jumpReLU, .topK(k: k), .absTopK(k: k), .batchTopK(k: k), .gated]
  }

  /// The number of latents that a rule of `k` keeps a row, or on average; `nil` for the others.
  public var k: Int? {
    switch self {
    case .topK(let k), .absTopK(let k), .batchTopK(let k): k
    case .relu, .jumpReLU, .gated: nil
    }
  }

  /// The rule's name in files and flags.
  public var name: String {
    switch self {
    case .relu: "relu"
    case .jumpReLU: "jumprelu"
    case .topK: "topk"
    case .absTopK: "abstopk"
    case .batchTopK: "batchtopk"
    case .gated: "gated"
    }
  }

  /// Whether a code may be negative.
  public var isSigned: Bool {
    if case .absTopK = self { true } else { false }
  }
}
