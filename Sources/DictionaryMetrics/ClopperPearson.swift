import SparseCoding

/// The exact interval for a probability of which some of a number of independent trials succeeded.
///
///     low:  P(X >= successes) = (1 - level) / 2,   high: P(X <= successes) = (1 - level) / 2,  X ~ B(trials, p)
///
/// It covers at least its level, and with few trials more: 3 of 3 give 0.29 to 1.
///
/// - Returns: 0 to 1 without trials.
/// - Complexity: O(trials), by bisection to 2^-50.
/// - Precondition: No more successes than trials.
/// - Source: Clopper and Pearson 1934.
/// - Elsewhere: SciPy `binomtest(...).proportion_ci(method="exact")` (same).
public func clopperPearson(
  successes: Int, of trials: Int, level: Double = 0.95
) -> (low: Double, high: Double) {
  precondition((0...trials).contains(successes), "\(successes) successes of \(trials) trials")
  let tail = (1 - level) / 2
  let low =
    successes == 0
    ? 0 : bisected { binomial(trials, $0, successes...trials) < tail }
  let high =
    successes == trials
    ? 1 : bisected { binomial(trials, $0, 0...successes) > tail }
  return (low, high)
}

/// Where a condition ceases to hold that holds up to some place in (0, 1).
private func bisected(_ holds: (Double) -> Bool) -> Double {
  var (low, high) = (0.0, 1.0)
  for _ in 0..<50 {
    let middle = (low + high) / 2
    if holds(middle) { low = middle } else { high = middle }
  }
  return (low + high) / 2
}

/// The chance that a number of successes lies in a range.
private func binomial(_ trials: Int, _ p: Double, _ range: ClosedRange<Int>) -> Double {
  let (success, failure) = (Elementary.log(p), Elementary.log(1 - p))
  var ways = 0.0
  var sum = 0.0
  for count in 0...trials {
    if count > 0 { ways += Elementary.log(Double(trials - count + 1) / Double(count)) }
    guard range.contains(count) else { continue }
    sum += Elementary.exp(ways + Double(count) * success + Double(trials - count) * failure)
  }
  return sum
}
