#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What stands where a number has no value.
let notDefined = "not defined"

/// The logarithm to base ten.
func decimalLogarithm(_ value: Double) -> Double { log10(value) }

/// Ten to a power.
func powerOfTen(_ exponent: Double) -> Double { pow(10, exponent) }

extension Double {
  /// The number with a fixed count of decimals, such as `0.731`; `not defined` if it is not finite.
  func fixed(_ places: Int) -> String {
    guard isFinite else { return notDefined }
    let factor = powerOfTen(Double(places))
    let units = (magnitude * factor).rounded()
    // Beyond 2^53 the digits would be invented.
    guard units < 9_007_199_254_740_992 else { return scientific(3) }
    let (whole, rest) = Int(units).quotientAndRemainder(dividingBy: Int(factor))
    let sign = self < 0 && units > 0 ? "\u{2212}" : ""
    guard places > 0 else { return sign + whole.grouped }
    let decimals = String(rest)
    return sign + whole.grouped + "." + String(repeating: "0", count: places - decimals.count)
      + decimals
  }

  /// The number to a count of significant digits, such as `0.00412`, `12,346` or `3.2 × 10⁻⁷`.
  func significant(_ digits: Int) -> String {
    guard isFinite else { return notDefined }
    guard self != 0 else { return "0" }
    let exponent = Int(decimalLogarithm(magnitude).rounded(.down))
    if exponent < -4 || exponent > 14 { return scientific(digits) }
    return fixed(Swift.max(0, digits - 1 - exponent))
  }

  /// The number as a mantissa times a power of ten.
  func scientific(_ digits: Int) -> String {
    guard isFinite else { return notDefined }
    guard self != 0 else { return "0" }
    let exponent = Int(decimalLogarithm(magnitude).rounded(.down))
    let mantissa = self / powerOfTen(Double(exponent))
    return mantissa.fixed(digits - 1) + " × 10" + exponent.superscript
  }

  /// A share of one as a percentage, with more decimals the nearer it is to 0 or 100 %.
  var percent: String {
    guard isFinite else { return notDefined }
    let distance = Swift.min(magnitude, (1 - self).magnitude)
    if distance == 0 { return (self * 100).fixed(0) + "%" }
    if distance >= 0.01 { return (self * 100).fixed(1) + "%" }
    if distance >= 0.001 { return (self * 100).fixed(2) + "%" }
    if distance >= 0.000_01 { return (self * 100).fixed(3) + "%" }
    return magnitude < 0.5 ? "under 0.001%" : self < 1 ? "over 99.999%" : "100.000%"
  }

  /// A duration in seconds in the units a person would say it in.
  var duration: String {
    guard isFinite, self >= 0 else { return notDefined }
    if self < 10 { return significant(2) + " s" }
    if self < 120 { return fixed(0) + " s" }
    if self < 7200 { return (self / 60).fixed(1) + " min" }
    return (self / 3600).fixed(1) + " h"
  }
}

extension Int {
  /// The number with commas between thousands.
  var grouped: String {
    let digits = String(magnitude)
    var result = self < 0 ? "\u{2212}" : ""
    for (position, digit) in digits.enumerated() {
      if position > 0 && (digits.count - position) % 3 == 0 { result += "," }
      result.append(digit)
    }
    return result
  }

  /// The number in raised digits.
  fileprivate var superscript: String {
    let raised: [Character] = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"]
    let digits = String(magnitude).compactMap(\.wholeNumberValue).map { raised[$0] }
    return (self < 0 ? "⁻" : "") + String(digits)
  }
}

extension [Double] {
  /// The arithmetic mean; `nan` of nothing, and of anything that holds a `nan`.
  var mean: Double { isEmpty ? .nan : reduce(0, +) / Double(count) }

  /// The lowest and the highest in a format, as `0.61 to 0.64`; `nil` if they read the same.
  func spread(_ format: (Double) -> String) -> String? {
    guard allSatisfy(\.isFinite), let low = self.min(), let high = self.max() else { return nil }
    return format(low) == format(high) ? nil : format(low) + " to " + format(high)
  }

  /// The value below which a share of the sorted numbers lies, between neighbors linearly.
  ///
  /// - Precondition: Sorted in ascending order.
  func quantile(_ share: Double) -> Double {
    guard !isEmpty else { return .nan }
    let place = share * Double(count - 1)
    let below = Int(place)
    let above = Swift.min(below + 1, count - 1)
    return self[below] + (self[above] - self[below]) * (place - Double(below))
  }
}
