/// The moments of training that a reader asks for first.
public enum Milestones {
  /// The first logged step from which on the FVU stays within 5 % of its final value.
  ///
  /// `nil` if fewer than two finite values were measured, or if only the last one qualifies: the
  /// error was then still falling.
  public static func saturation(of curve: [CurvePoint]) -> Int? {
    let measured = curve.compactMap { point in point.fvu.map { (step: point.step, fvu: $0) } }
    guard measured.count > 1, measured.allSatisfy(\.fvu.isFinite), let final = measured.last else {
      return nil
    }
    let outside = measured.lastIndex { $0.fvu > 1.05 * final.fvu }
    let first = outside.map { $0 + 1 } ?? 0
    return first < measured.count - 1 ? measured[first].step : nil
  }

  /// The first snapshot from which on the agreement of live atoms stays above chance's range.
  public static func onset(of agreement: [AgreementPoint]) -> Int? {
    let inside = agreement.lastIndex { !($0.mmcsLive > $0.nullHigh) }
    let first = inside.map { $0 + 1 } ?? 0
    return first < agreement.count ? agreement[first].step : nil
  }

  /// How far kappa moved while the number of steps last doubled, at least.
  ///
  /// From the last snapshot at half of the final step or before, to the final one; `nil` if there is
  /// none after step 0, or if either kappa is not defined.
  public static func lastMovement(of agreement: [AgreementPoint]) -> (from: Int, change: Double)? {
    guard let final = agreement.last,
      let half = agreement.last(where: { $0.step > 0 && 2 * $0.step <= final.step })
    else { return nil }
    let change = final.kappa - half.kappa
    return change.isFinite ? (half.step, change) : nil
  }
}

extension AgreementPoint {
  /// Agreement beyond chance: 0 at chance, 1 if identical.
  ///
  ///     (mmcs_live - null_mmcs_live) / (1 - null_mmcs_live)
  ///
  /// `nan` where chance is already perfect.
  ///
  /// - Elsewhere: publications print the ratio to the isotropic null, whose cap depends on the width.
  public var kappa: Double {
    kappa(against: nullMmcsLive)
  }

  /// The same against the matched null.
  public var matchedKappa: Double? { matchedNull.map(kappa) }

  private func kappa(against null: Double) -> Double {
    null < 1 ? (mmcsLive - null) / (1 - null) : .nan
  }
}

extension PairRecord {
  /// Chance's 99.9 % range, from its mean and deviation over draws; `nil` without a deviation.
  public var chanceRange: ClosedRange<Double>? {
    guard nullMmcs.isFinite, nullMmcsDeviation.isFinite, nullMmcsDeviation > 0 else { return nil }
    let reach = 3.2905 * nullMmcsDeviation
    return nullMmcs - reach...nullMmcs + reach
  }
}
