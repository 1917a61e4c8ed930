import Identifiability
import RunRecords
import SparseCoding

/// The claim that every row's code is the best on its own support.
///
/// - Parameter numbers: The rows in the data.
func refitClaim(
  _ rows: Matrix, _ codes: SparseCodes, numbers: [Int], of coder: SparseCoder,
  on bounded: BoundedAtoms, lambda: Double?, compute: Compute
) -> CertificateRecord.Claim {
  let statement =
    "on their own supports codes are the best: others would remove less than 1 % of the error"
    + (numbers.isEmpty ? "" : " of \(numbers.count) rows")
  let source = "How optimality structures sparse dictionaries, condition C1 without a penalty"
  guard !numbers.isEmpty else {
    return CertificateRecord.Claim(
      .codesRefit, statement, scope: .rows, finding: .deductive(.notApplicable),
      reason: OptimalityClaims.obstacle(coder), source: source)
  }
  let found = SupportResiduals(
    rows, codes, on: bounded, bias: coder.decoderBias, compute: compute)
  let tolerance = OptimalityClaims.tolerance
  // In doubles; a millionth of the bound is more than their rounding.
  let isProved = found.removable.upperBound < tolerance * (1 - 1e-6)
  let isRefuted = found.removable.lowerBound > tolerance * (1 + 1e-6)
  let percent = OptimalityClaims.percent
  let isShrunken = lambda != nil || coder.activation == .relu
  return CertificateRecord.Claim(
    .codesRefit, statement, scope: .rows,
    finding: .deductive(
      isShrunken ? .notApplicable : isProved ? .proved : isRefuted ? .refuted : .inconclusive),
    margin: isShrunken ? nil : tolerance - found.removable.lowerBound,
    witness: isRefuted && !isShrunken
      ? .init(
        "the row whose error would lose most, and the share of all that could be removed",
        rows: [numbers[found.worstRow]], value: found.removable.lowerBound)
      : nil,
    reason: isShrunken
      ? "a penalty makes codes smaller than the best; what is left along active atoms is told by its numbers"
      : found.removable.lowerBound < found.removable.upperBound
        ? "\(percent(found.removable.lowerBound)) to \(percent(found.removable.upperBound)) %, by how rows with dependent atoms count"
        : "\(percent(found.removable.lowerBound)) %",
    source: source,
    figures: [
      "removable": found.removable.lowerBound, "removable_at_most": found.removable.upperBound,
      "penalty_that_fits": found.penalty, "fixed_by_active_set": found.fixed,
      "pull": found.pull, "pull_deviation": found.pullDeviation,
    ])
}
