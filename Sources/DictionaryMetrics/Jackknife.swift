/// An interval for the mean of a pairwise statistic over independently seeded dictionaries.
///
///     θ_s = mean over the pairs without dictionary s,   θ = mean over all pairs
///     s.e.² = (S - 1)/S sum over s of (θ_s - mean θ_s)²,   θ ± t(S - 1, 0.975) s.e.
///
/// Pairs share dictionaries, so resampling pairs is too narrow: at a nominal 95 % this covers 95 %,
/// resampling pairs about half of that. That is of all pairs; where only pairs of different groups are compared, as
/// of seeds on disjoint halves of the rows, it is somewhat wider than it need be. The interval is conditional on one network and one data set.
///
/// - Parameter pairs: The pairs of the `dictionaries` that are compared, each with its value.
/// - Returns: `nil` where leaving a dictionary out leaves no pair, so for fewer than three.
/// - Complexity: O(S × pairs).
/// - Source: Efron and Stein 1981; specification, statistics.
/// - Elsewhere: no other trainer prints an interval for agreement.
public func jackknifeInterval(
  overPairs pairs: [(first: Int, second: Int, value: Double)], dictionaries: Int
) -> (low: Double, high: Double)? {
  guard dictionaries > 2 else { return nil }
  func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
  let isLeft = (0..<dictionaries).allSatisfy { left in
    pairs.contains { $0.first != left && $0.second != left }
  }
  guard isLeft else { return nil }
  let whole = mean(pairs.map(\.value))
  let without = (0..<dictionaries).map { left in
    mean(pairs.filter { $0.first != left && $0.second != left }.map(\.value))
  }
  let center = mean(without)
  let count = Double(dictionaries)
  let squares = without.reduce(0) { $0 + ($1 - center) * ($1 - center) }
  let half = studentQuantile975(dictionaries - 1) * ((count - 1) / count * squares).squareRoot()
  return (whole - half, whole + half)
}

/// The 95 % interval of a mean over seeds: mean ± t(S - 1, 0.975) s / sqrt(S), which for a mean is the
/// delete-one jackknife.
///
/// - Returns: `nil` for fewer than two values.
/// - Complexity: O(S).
public func meanInterval(of values: [Double]) -> (low: Double, high: Double)? {
  guard values.count > 1 else { return nil }
  let count = Double(values.count)
  let center = mean(of: values)
  let squares = values.reduce(0) { $0 + ($1 - center) * ($1 - center) }
  let half = studentQuantile975(values.count - 1) * (squares / (count - 1) / count).squareRoot()
  return (center - half, center + half)
}

/// The mean; of equal values that value, whatever their sum rounds to.
///
/// - Precondition: There is a value.
public func mean(of values: [Double]) -> Double {
  values.allSatisfy { $0 == values[0] }
    ? values[0] : values.reduce(0, +) / Double(values.count)
}

/// The 97.5 % quantile of Student's t: tabulated up to 30 degrees of freedom, then by its expansion
/// around the normal quantile (Abramowitz and Stegun 26.7.5), good to four digits.
func studentQuantile975(_ degrees: Int) -> Double {
  let table = [
    12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281,
    2.2010, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860,
    2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423,
  ]
  if degrees <= table.count { return table[max(degrees, 1) - 1] }
  let z = 1.959964
  let n = Double(degrees)
  return z + (z * z * z + z) / (4 * n)
    + (5 * z * z * z * z * z + 16 * z * z * z + 3 * z) / (96 * n * n)
}
