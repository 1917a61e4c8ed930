/// What successes in independent trials show of the chance behind them: exact, whatever that chance is.
///
///     lower end: the chance q for which P(X >= successes; q) = 1 - confidence
///     upper end: the chance q for which P(X <= successes; q) = 1 - confidence
///
/// with `X` binomial. A bound is at least as sure as it says, mostly surer, because counts are whole. Seven
/// successes of seven show a chance of at least 0.652 at 95 %; 0.9 takes 29 of 29.
///
/// - Complexity: 60 sums over the trials for an end.
/// - Source: Clopper and Pearson 1934.
/// - Elsewhere: SciPy `binomtest(...).proportion_ci(method="exact")` (same); no trainer of sparse
///   dictionaries says how sure it is that an atom comes back.
public struct ClopperPearson: Hashable, Sendable {
  /// How often it happened.
  public let successes: Int
  /// Of how many times that it might have.
  public let trials: Int

  /// Successes in trials.
  ///
  /// - Precondition: At least one trial, and no more successes than trials.
  public init(successes: Int, trials: Int) {
    precondition(
      trials > 0 && (0...trials).contains(successes), "\(successes) successes in \(trials) trials")
    self.successes = successes
    self.trials = trials
  }

  /// The one-sided lower bound; 0 without successes.
  ///
  /// - Precondition: A confidence between 0 and 1.
  public func lowerBound(confidence: Double) -> Double {
    successes == 0
      ? 0 : Self.chance(atLeast: successes, of: trials, tail: Self.risk(confidence))
  }

  /// The one-sided upper bound; 1 without failures.
  ///
  /// - Precondition: A confidence between 0 and 1.
  public func upperBound(confidence: Double) -> Double {
    // Failures are successes of the other kind.
    successes == trials
      ? 1 : 1 - Self.chance(atLeast: trials - successes, of: trials, tail: Self.risk(confidence))
  }

  /// The two-sided interval, each end with half of what the confidence leaves.
  ///
  /// - Precondition: A confidence between 0 and 1.
  public func interval(confidence: Double = 0.95) -> (low: Double, high: Double) {
    let oneSided = (1 + confidence) / 2
    return (lowerBound(confidence: oneSided), upperBound(confidence: oneSided))
  }

  private static func risk(_ confidence: Double) -> Double {
    precondition(confidence > 0 && confidence < 1, "a confidence of \(confidence)")
    return 1 - confidence
  }

  /// The chance at which at least so many successes have the probability `tail`, by bisection.
  private static func chance(atLeast count: Int, of trials: Int, tail: Double) -> Double {
    var (low, high) = (0.0, 1.0)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      let above = IncompleteBeta.binomialTail(atLeast: count, of: trials, chance: middle)
      if above < tail { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
