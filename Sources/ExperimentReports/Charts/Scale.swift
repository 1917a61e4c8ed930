/// The place of a value along an axis, from 0 at its beginning to 1 at its end.
struct Scale: Equatable {
  enum Kind: Equatable {
    case linear
    /// Logarithmic; a zero, if there is one, stands a gap before the first positive value.
    case logarithmic(hasZero: Bool)
  }

  /// The room before a logarithmic scale that a zero gets, as a share of the axis.
  static let zeroGap = 0.07

  let kind: Kind
  let lower: Double
  let upper: Double

  /// The place of a value; `nil` if it has none: not finite, or below zero on a logarithmic scale.
  func position(of value: Double) -> Double? {
    let place = unchecked(value)
    return place.isFinite ? place : nil
  }

  private func unchecked(_ value: Double) -> Double {
    switch kind {
    case .linear:
      return (value - lower) / (upper - lower)
    case .logarithmic(let hasZero):
      if value == 0 && hasZero { return 0 }
      guard value > 0 else { return .nan }
      let share = decimalLogarithm(value / lower) / decimalLogarithm(upper / lower)
      return hasZero ? Scale.zeroGap + (1 - Scale.zeroGap) * share : share
    }
  }
}

/// A scale with its marks and its title.
struct Axis: Equatable {
  var scale: Scale
  var ticks: [Tick]
  var title: String

  /// An axis of training steps: logarithmic once they span a factor of twenty.
  static func steps(_ steps: [Int]) -> Axis {
    let positive = steps.filter { $0 > 0 }
    let last = Double(max(steps.max() ?? 1, 1))
    let first = Double(positive.min() ?? 1)
    if last / first >= 20 {
      let hasZero = positive.count < steps.count
      return Axis(
        scale: Scale(kind: .logarithmic(hasZero: hasZero), lower: first, upper: last),
        ticks: (hasZero ? [Tick(value: 0, label: "0")] : [])
          + logarithmicTicks(from: first, to: last, labels: 7),
        title: "steps, log scale")
    }
    let lower = Double(steps.min() ?? 0)
    let upper = last > lower ? last : lower + 1
    let step = max(1, linearTickStep(from: lower, to: upper, count: 6))
    return Axis(
      scale: Scale(kind: .linear, lower: lower, upper: upper),
      ticks: linearTicks(from: lower, to: upper, step: step), title: "steps")
  }

  /// An axis of measured values: logarithmic once they are positive and span a factor of eight.
  static func values(_ values: [Double], title: String) -> Axis {
    let finite = values.filter(\.isFinite)
    let low = finite.min() ?? 0
    let high = finite.max() ?? 1
    guard low > 0 && high / low >= 8 else {
      // Values that hardly differ are not torn apart over the whole axis.
      let room = max(0, 0.1 * high.magnitude - (high - low)) / 2
      return linear(from: low - room, to: high + room, title: title)
    }
    let lower = roundedDown(low)
    let upper = roundedUp(high)
    return Axis(
      scale: Scale(kind: .logarithmic(hasZero: false), lower: lower, upper: upper),
      ticks: logarithmicTicks(from: lower, to: upper, labels: 8), title: title + ", log scale")
  }

  /// A linear axis that covers an interval, extended to whole ticks.
  static func linear(from low: Double, to high: Double, title: String) -> Axis {
    let high = high > low ? high : low + max(1, low.magnitude)
    let step = linearTickStep(from: low, to: high, count: 5)
    let lower = (low / step + 1e-9).rounded(.down) * step
    let upper = (high / step - 1e-9).rounded(.up) * step
    return Axis(
      scale: Scale(kind: .linear, lower: lower, upper: upper),
      ticks: linearTicks(from: lower, to: upper, step: step), title: title)
  }
}

/// The largest 1, 2 or 5 times a power of ten that is not above a positive value.
private func roundedDown(_ value: Double) -> Double {
  let power = powerOfTen(decimalLogarithm(value).rounded(.down))
  for factor in [5.0, 2] where power * factor <= value * (1 + 1e-9) { return power * factor }
  return power
}

/// The smallest 1, 2 or 5 times a power of ten that is not below a positive value.
private func roundedUp(_ value: Double) -> Double {
  let power = powerOfTen(decimalLogarithm(value).rounded(.down))
  for factor in [1.0, 2, 5] where power * factor >= value * (1 - 1e-9) { return power * factor }
  return power * 10
}
