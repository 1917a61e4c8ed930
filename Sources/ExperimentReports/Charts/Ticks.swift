/// A mark on an axis; without a label it is a minor one.
struct Tick: Equatable {
  var value: Double
  var label: String?
}

/// Multiples of 1, 2 or 5 times a power of ten that span an interval.
///
/// The step is the smallest such number that needs at most `count` of them to cross the interval.
///
/// - Precondition: `lower < upper`, both finite; `count >= 1`.
func linearTickStep(from lower: Double, to upper: Double, count: Int) -> Double {
  let rough = (upper - lower) / Double(count)
  let power = powerOfTen(decimalLogarithm(rough).rounded(.down))
  // The tolerance keeps 0.1 from losing to 0.2 by a rounding error.
  for factor in [1.0, 2, 5] where power * factor >= rough * (1 - 1e-9) { return power * factor }
  return power * 10
}

/// The multiples of a step within an interval, labelled with as many decimals as the step needs.
func linearTicks(from lower: Double, to upper: Double, step: Double) -> [Tick] {
  let places = max(0, -Int(decimalLogarithm(step * 1.0001).rounded(.down)))
  let first = (lower / step - 1e-6).rounded(.up)
  let last = (upper / step + 1e-6).rounded(.down)
  guard last >= first, last - first < 1000 else { return [] }
  return stride(from: first, through: last, by: 1).map { index in
    let value = index * step
    return Tick(value: value, label: tickLabel(value, places: places))
  }
}

/// The multiples of powers of ten within an interval: 1, 2 and 5 labelled if there is room for all.
///
/// Without that room only powers of ten have labels, and beyond it only every second, third and so
/// on. All other multiples are minor ticks.
///
/// - Precondition: `0 < lower <= upper`, `labels >= 2`.
func logarithmicTicks(from lower: Double, to upper: Double, labels: Int) -> [Tick] {
  let firstDecade = Int((decimalLogarithm(lower) + 1e-9).rounded(.down))
  let lastDecade = Int((decimalLogarithm(upper) + 1e-9).rounded(.down))
  var multiples: [(decade: Int, factor: Int, value: Double)] = []
  for decade in firstDecade...lastDecade {
    for factor in 1...9 {
      let value = Double(factor) * powerOfTen(Double(decade))
      guard value >= lower * (1 - 1e-9), value <= upper * (1 + 1e-9) else { continue }
      multiples.append((decade, factor, value))
    }
  }
  let isRoomy = multiples.count { [1, 2, 5].contains($0.factor) } <= labels
  let powers = multiples.count { $0.factor == 1 }
  let everyDecade = max(1, (powers + labels - 1) / labels)
  return multiples.map { decade, factor, value in
    let isLabelled =
      isRoomy ? [1, 2, 5].contains(factor) : factor == 1 && decade % everyDecade == 0
    return Tick(
      value: value,
      label: isLabelled ? tickLabel(value, places: max(0, -decade), thousands: 1e3) : nil)
  }
}

/// A number as an axis shows it: `0.02`, `500`, `20k`, `5M`.
///
/// - Parameter thousands: Where thousands begin to be written as `k`.
func tickLabel(_ value: Double, places: Int, thousands: Double = 1e4) -> String {
  let magnitude = value.magnitude
  if places > 4 || magnitude >= 1e9 { return value.scientific(1) }
  if magnitude >= 1e6 { return trimmed(value / 1e6) + "M" }
  if magnitude >= thousands { return trimmed(value / 1e3) + "k" }
  return value.fixed(places)
}

/// The number without decimals that are zero.
private func trimmed(_ value: Double) -> String {
  value.fixed(value == value.rounded() ? 0 : 1)
}
