import SparseCoding

/// A learning rate over the steps: linear warm-up, a plateau, and a decay over the last steps.
///
///     warm-up   peak × (t + 1) / warmup             t < warmup
///     plateau   peak
///     linear    peak × (steps - t) / decay          t >= steps - decay
///     cosine    peak × (1 + cos(π s)) / 2,   s = (t - (steps - decay)) / decay
///
/// with `t` counted from 0. Elsewhere: SAELens `lr_warm_up_steps` and `lr_decay_steps` (linear too);
/// dictionary_learning `decay_start` (the step at which a linear decay begins).
public struct LearningRate: Codable, Hashable, Sendable {
  /// The rate of the plateau.
  public var peak: Double
  /// The number of steps over which the rate rises to its peak.
  public var warmup: Int
  /// How the rate falls over the last steps.
  public var decay: Decay

  /// A rate, by default constant.
  public init(peak: Double = 3e-4, warmup: Int = 0, decay: Decay = .none) {
    self.peak = peak
    self.warmup = warmup
    self.decay = decay
  }

  /// How a rate falls at the end.
  public enum Decay: Codable, Hashable, Sendable {
    /// It does not.
    case none
    /// On a line to zero over the last `steps`.
    case linear(steps: Int)
    /// On half a cosine to zero over the last `steps`.
    case cosine(steps: Int)

    /// The number of last steps that it covers.
    public var steps: Int {
      switch self {
      case .none: 0
      case .linear(let steps), .cosine(let steps): steps
      }
    }
  }

  /// The rate of step `step`, counted from 0, of `steps`.
  public func rate(at step: Int, of steps: Int) -> Double {
    var rate = peak
    if step < warmup { rate *= Double(step + 1) / Double(warmup) }
    let left = steps - step
    if left <= decay.steps && decay.steps > 0 {
      let fraction = Double(left) / Double(decay.steps)
      switch decay {
      case .none: break
      case .linear: rate *= fraction
      case .cosine: rate *= (1 + Elementary.cosine(turns: (1 - fraction) / 2)) / 2
      }
    }
    return rate
  }

  /// The schedule in words.
  public var summary: String {
    var parts: [String] = []
    if warmup > 0 { parts.append("linear warm-up over \(warmup) steps") }
    switch decay {
    case .none: break
    case .linear(let steps): parts.append("linear decay over the last \(steps)")
    case .cosine(let steps): parts.append("cosine decay over the last \(steps)")
    }
    return parts.isEmpty ? "constant" : parts.joined(separator: ", then ")
  }

  func validate(steps: Int) throws(ConfigurationError) {
    if !(peak > 0 && peak.isFinite) {
      throw ConfigurationError(
        key: "lr", found: "\(peak)", expected: "a positive number", hint: "3e-4 suits most data")
    }
    if warmup < 0 || decay.steps < 0 {
      throw ConfigurationError(
        key: warmup < 0 ? "warmup" : "decay", found: "\(min(warmup, decay.steps))",
        expected: "at least 0", hint: "0 means none")
    }
    if warmup > steps - min(decay.steps, steps) || decay.steps > steps, steps > 0 {
      throw ConfigurationError(
        key: warmup > 0 ? "warmup" : "decay", found: "\(warmup) and \(decay.steps) steps",
        expected: "together at most the \(steps) steps of the run",
        hint: "lower them or raise steps")
    }
  }
}
