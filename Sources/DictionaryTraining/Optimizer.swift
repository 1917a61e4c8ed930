/// The rule that turns gradients into steps.
public enum Optimizer: Codable, Hashable, Sendable {
  /// Kingma and Ba 2015, algorithm 1.
  case adam(Adam)
  /// Adam with decay of the weights apart from the gradient (Loshchilov and Hutter 2019): matrices and
  /// not biases, and not atoms of unit length.
  case adamW(Adam, weightDecay: Double)
  /// The sign of a running mean of the gradients (Bernstein et al. 2018, signum).
  ///
  /// Elsewhere: sparsify's default.
  case signum(momentum: Double)

  /// The name in files and flags.
  public var name: String {
    switch self {
    case .adam: "adam"
    case .adamW: "adamw"
    case .signum: "signum"
    }
  }

  /// The decay of the first moment, and of the second.
  var betas: (first: Double, second: Double) {
    switch self {
    case .adam(let adam), .adamW(let adam, _): (adam.beta1, adam.beta2)
    case .signum(let momentum): (momentum, 0)
    }
  }

  func validate() throws(ConfigurationError) {
    switch self {
    case .adam(let adam): try adam.validate()
    case .adamW(let adam, let decay):
      try adam.validate()
      if !(decay >= 0 && decay.isFinite) {
        throw ConfigurationError(
          key: "weight_decay", found: "\(decay)", expected: "a number of at least 0",
          hint: "0.01 is usual")
      }
    case .signum(let momentum):
      if !(momentum >= 0 && momentum < 1) {
        throw ConfigurationError(
          key: "momentum", found: "\(momentum)", expected: "at least 0 and below 1",
          hint: "0.95 is usual")
      }
    }
  }
}

/// The constants of Adam.
public struct Adam: Codable, Hashable, Sendable {
  /// The decay of the first moment.
  public var beta1: Double
  /// The decay of the second moment.
  public var beta2: Double
  /// What is added to the root of the second moment.
  public var epsilon: Double

  /// Constants, by default those of Kingma and Ba.
  public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }

  func validate() throws(ConfigurationError) {
    for (key, beta) in [("beta1", beta1), ("beta2", beta2)] where !(beta >= 0 && beta < 1) {
      throw ConfigurationError(
        key: key, found: "\(beta)", expected: "at least 0 and below 1", hint: "0.9 and 0.999")
    }
    if !(Float(epsilon) > 0 && Float(epsilon).isFinite) {
      throw ConfigurationError(
        key: "epsilon", found: "\(epsilon)", expected: "a positive number", hint: "1e-8")
    }
  }
}
