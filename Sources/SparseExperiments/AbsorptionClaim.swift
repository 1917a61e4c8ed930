import RunRecords
import SparseCoding

/// The claim that features of a known truth are not carried by other latents where their own are silent.
struct AbsorptionClaim {
  let claim: CertificateRecord.Claim
  /// Of latents that are a feature's own the share of its rows on which others carry it.
  let shares: [Int: Double]

  private static let origin = "SAEBench, full absorption and absorption fraction"
  private static let statement =
    "no feature of the truth that is active on ten rows and has a latent of its own (a cosine of 0.7) is carried to 40 % by another, where that is silent, on more than a tenth of its rows"

  init(
    of named: NamedDictionary, truth: Truth?, live: [Int], on source: any ActivationSource,
    rows: [Int], compute: Compute
  ) throws {
    let measures = try truth.map {
      try RecoveryMeasures(
        of: $0, by: named, live: live, on: source, rows: rows, compute: compute)
    }
    shares = measures?.absorbedShares ?? [:]
    guard let found = measures?.absorption, let bounds = measures?.absorbedBounds else {
      claim = CertificateRecord.Claim(
        .noAbsorption, Self.statement, scope: .rows, finding: .deductive(.notApplicable),
        reason: truth == nil
          ? "no truth was given with --truth"
          : truth?.codes == nil
            ? "the truth has no codes"
            : "no feature with a latent of its own is active on ten rows",
        source: Self.origin)
      return
    }
    claim = CertificateRecord.Claim(
      .noAbsorption, Self.statement, scope: .rows,
      finding: .deductive(
        bounds.upperBound == 0 ? .proved : bounds.lowerBound > 0 ? .refuted : .inconclusive),
      margin: 0.1 - found.worstShare,
      witness: .init(
        "feature \(found.worstFeature) of the truth and its latent, and the share of its rows",
        latents: [found.worstLatent], value: found.worstShare),
      reason: bounds.lowerBound == 0 && bounds.upperBound > 0
        ? "of \(bounds.upperBound) features rounding leaves it open" : nil,
      assumptions: ["the truth is that of these rows"],
      source: Self.origin,
      figures: [
        "features": Double(found.features), "absorbed": Double(measures?.absorbed ?? 0),
        "mean_full_absorption": found.full, "mean_absorption_fraction": found.fraction,
      ])
  }
}
