import RunRecords
import SparseCoding

/// The claim that features of a known truth are not carried by other latents where their own are silent.
func absorptionClaim(
  of named: NamedDictionary, truth: Truth?, live: [Int], on source: any ActivationSource,
  rows: [Int], compute: Compute
) throws -> CertificateRecord.Claim {
  let origin = "SAEBench, full absorption and absorption fraction"
  let statement =
    "no feature of the truth that is active on ten rows and has a latent of its own (a cosine of 0.7) is carried to 40 % by another, where that is silent, on more than a tenth of its rows"
  let measures = try truth.map {
    try RecoveryMeasures(
      of: $0, by: named, live: live, on: source, rows: rows, compute: compute)
  }
  guard let found = measures?.absorption, let absorbed = measures?.absorbed else {
    return CertificateRecord.Claim(
      .noAbsorption, statement, scope: .rows, finding: .deductive(.notApplicable),
      reason: truth == nil
        ? "no truth was given with --truth"
        : truth?.codes == nil
          ? "the truth has no codes" : "no feature with a latent of its own is active on ten rows",
      source: origin)
  }
  return CertificateRecord.Claim(
    .noAbsorption, statement, scope: .rows,
    finding: .deductive(absorbed == 0 ? .proved : .refuted), margin: 0.1 - found.worstShare,
    witness: .init(
      "feature \(found.worstFeature) of the truth and its latent, and the share of its rows",
      latents: [found.worstLatent], value: found.worstShare),
    source: origin,
    figures: [
      "features": Double(found.features), "absorbed": Double(absorbed),
      "mean_full_absorption": found.full, "mean_absorption_fraction": found.fraction,
    ])
}
