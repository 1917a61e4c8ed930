/// The false discovery rate at which each of many tests would be called a discovery.
///
///     q_(i) = min over j >= i of  m p_(j) / j,  at most 1;   p_(1) <= ... <= p_(m)
///
/// Calling discoveries all tests with `q <= α` keeps the expected share of false ones at or below α if the
/// tests are independent or depend on each other positively.
///
/// - Returns: The adjusted values in the order of the tests; equal for equal p-values.
/// - Precondition: Every value is from 0 to 1.
/// - Complexity: O(m log m).
/// - Source: Benjamini and Hochberg 1995.
/// - Elsewhere: R `p.adjust(method = "BH")`, SciPy `false_discovery_control` (same).
public func benjaminiHochberg(_ pValues: [Double]) -> [Double] {
  adjusted(pValues, factor: 1)
}

/// The same for tests that may depend on each other in any way: `1 + 1/2 + ... + 1/m` times as strict.
///
///     q_(i) = min over j >= i of  m (1 + 1/2 + ... + 1/m) p_(j) / j,  at most 1
///
/// - Returns: The adjusted values in the order of the tests; never below those of `benjaminiHochberg`.
/// - Precondition: Every value is from 0 to 1.
/// - Complexity: O(m log m).
/// - Source: Benjamini and Yekutieli 2001, theorem 1.3.
/// - Elsewhere: R `p.adjust(method = "BY")`, SciPy `false_discovery_control(method="by")` (same).
public func benjaminiYekutieli(_ pValues: [Double]) -> [Double] {
  adjusted(pValues, factor: pValues.indices.reduce(0.0) { $0 + 1 / Double($1 + 1) })
}

private func adjusted(_ pValues: [Double], factor: Double) -> [Double] {
  precondition(pValues.allSatisfy { (0...1).contains($0) }, "a p-value outside 0 to 1")
  let order = pValues.indices.sorted { pValues[$0] < pValues[$1] }
  var result = [Double](repeating: 1, count: pValues.count)
  var least = 1.0
  for (place, test) in order.enumerated().reversed() {
    least = min(least, pValues[test] * factor * Double(pValues.count) / Double(place + 1))
    result[test] = least
  }
  return result
}

/// The p-value of "the effect is there in at least `count` of the studies".
///
///     p = min(1, (n - u + 1) p_(u)),   u = count,   p_(1) <= ... <= p_(n)
///
/// Its null is that the effect is absent in at least `n - u + 1` studies: the smallest p-value among those is
/// at most `p_(u)`, and Bonferroni's bound holds for it however the studies depend on each other. The
/// forms of Simes and Fisher are sharper but want positive dependence or independence: the p-values that an
/// atom has in several dictionaries all depend on how crowded its own direction is.
///
/// - Precondition: `1 <= count <= pValues.count`.
/// - Complexity: O(n log n).
/// - Source: Benjamini and Heller 2008, with Bonferroni's combination.
public func partialConjunction(_ pValues: [Double], atLeast count: Int) -> Double {
  precondition((1...max(1, pValues.count)).contains(count), "\(count) of \(pValues.count) studies")
  return min(1, Double(pValues.count - count + 1) * pValues.sorted()[count - 1])
}
