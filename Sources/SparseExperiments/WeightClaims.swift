import DictionaryMetrics
import Identifiability
import RunRecords
import SparseCoding

/// Claims about atoms alone, whatever the input.
struct WeightClaims {
  private let bounded: BoundedAtoms
  private let k: Int
  /// The largest support that is searched for: the cost is that of its fourth power.
  private static let greatest = 256
  private let convention: CosineConvention
  let coherence: Coherence
  /// The supports of 2k atoms with the smallest and the largest eigenvalue that a search found.
  private let narrow, wide: [Int]
  private let conditioning: (narrow: SupportConditioning, wide: SupportConditioning)
  /// What `delta` of k atoms that were searched for is at least.
  private let deltaAtK: Double
  /// Nil where there are more atoms than dimensions, or too many.
  private let spectrum: SpectralBounds?

  init(
    _ bounded: BoundedAtoms, k: Int, convention: CosineConvention, on compute: Compute
  ) {
    self.bounded = bounded
    self.k = k
    self.convention = convention
    let coherence = Coherence(of: bounded, upTo: 2 * k, on: compute)
    // What a smaller support has a larger one has at least.
    func search(_ size: Int, _ isLeast: Bool) -> [Int] {
      let size = min(size, bounded.count, Self.greatest)
      guard size > 1 else { return [0] }
      return bounded.worstSupport(
        of: size, from: (coherence.pair[0], coherence.pair[1]), isLeast: isLeast, on: compute)
    }
    let (narrow, wide) = (search(2 * k, true), search(2 * k, false))
    self.coherence = coherence
    (self.narrow, self.wide) = (narrow, wide)
    conditioning = (bounded.conditioning(of: narrow), bounded.conditioning(of: wide))
    deltaAtK =
      [true, false].map { bounded.conditioning(of: search(k, $0)).deltaAtLeast }.max() ?? 0
    spectrum = SpectralBounds(bounded)
  }

  func claims(_ rows: CertifiedRows, live: [Int]) -> [CertificateRecord.Claim] {
    [unitNorm(live), distinctAtoms(live), uniqueness(live), isometry(live), pursuit(rows, live)]
  }

  private func unitNorm(_ live: [Int]) -> CertificateRecord.Claim {
    let off = bounded.lengths.map { abs($0 - 1) }
    let place = off.indices.max { (off[$0], $1) < (off[$1], $0) } ?? 0
    let error = bounded.cosineError * bounded.lengths[place]
    let isUnit = off[place] + error <= 1e-3
    return CertificateRecord.Claim(
      .unitNorm, "every atom has length 1, within 0.001", scope: .weights,
      finding: .deductive(isUnit ? .proved : off[place] - error > 1e-3 ? .refuted : .inconclusive),
      margin: 1e-3 - off[place],
      witness: .init(
        "the atom farthest from it", latents: [live[place]], value: bounded.lengths[place]),
      reason: isUnit
        ? nil : "the other claims are about directions, with codes in units of the lengths",
      source: "an assumption of theorems about isometry")
  }

  private func distinctAtoms(_ live: [Int]) -> CertificateRecord.Claim {
    // Where codes are nonnegative an atom and its negative are two.
    let threshold = 0.9
    let closest =
      convention == .absolute
      ? coherence.pair.isEmpty ? nil : (coherence.pair, coherence.cosine)
      : coherence.nearest.enumerated().compactMap { place, nearest in
        nearest.map { ([place, $0.atom].sorted(), $0.cosine) }
      }.max { $0.1 < $1.1 }
    let cosine = closest.map { convention == .absolute ? abs($0.1) : $0.1 } ?? 0
    let isRefuted = cosine - bounded.cosineError >= threshold
    // Others may be larger by what floats are off by.
    let isProved = cosine + 3 * bounded.productError < threshold
    return CertificateRecord.Claim(
      .distinctAtoms,
      "no two atoms have a cosine of 0.9 or more\(convention == .absolute ? ", with either sign" : "")",
      scope: .weights,
      finding: .deductive(isProved ? .proved : isRefuted ? .refuted : .inconclusive),
      margin: threshold - cosine,
      witness: closest.map {
        .init(
          "the two atoms with the largest cosine", latents: $0.0.map { live[$0] }, value: $0.1)
      },
      reason: isProved || isRefuted ? nil : "the largest cosine is within rounding of 0.9",
      source: "duplicates as in elute evaluate",
      figures: [
        "coherence": coherence.coherence, "welch": welch,
      ])
  }

  private func babel(_ count: Int) -> Double {
    coherence.babel[min(max(count, 0), coherence.babel.count - 1)]
  }

  /// What `delta` of so many atoms is at most, by Gershgorin or by the spectrum of all.
  private func deltaAtMost(_ count: Int) -> Double {
    min(babel(count - 1), spectrum?.delta ?? .infinity)
  }

  /// The coherence that no dictionary of this size goes below.
  private var welch: Double {
    (Double(max(0, bounded.count - bounded.width))
      / Double(max(1, bounded.width * (bounded.count - 1)))).squareRoot()
  }

  /// Why cosines prove nothing, where they never could.
  ///
  /// With Welch's bound `W` not only the largest cosine is at least `W` but `mu_1(m)` is at least `min(1, m W)`; all proofs by
  /// cosines need `(2k - 1) W` below 1, or something smaller.
  private var welchReason: String? {
    let bound = (1 + 1 / welch) / 2
    return welch > 0 && Double(k) >= bound
      ? "for no \(bounded.count) atoms in \(bounded.width) dimensions do cosines prove this at k of \(Int(bound.rounded(.up))) or more (Welch)"
      : nil
  }

  private func uniqueness(_ live: [Int]) -> CertificateRecord.Claim {
    let size = min(2 * k, bounded.count)
    let bound = babel(size - 1)
    let isCrowded = size > bounded.width
    // All atoms are independent, or any 2k by Gershgorin.
    let least = max(1 - bound, spectrum?.least ?? 0)
    let finding: CertificateRecord.Deduction =
      least > 0 ? .proved : isCrowded && convention == .absolute ? .refuted : .inconclusive
    let reason: String? =
      least > 0
      ? nil
      : !isCrowded
        ? welchReason ?? "Gershgorin's bound does not reach, and no support was proved dependent"
        : convention == .absolute
          ? "\(size) atoms in \(bounded.width) dimensions are dependent"
          : "\(size) atoms in \(bounded.width) dimensions are dependent; whether two nonnegative codes of \(k) meet was not decided"
    return CertificateRecord.Claim(
      .uniquenessAtK,
      "no two codes of \(k) atoms have one reconstruction: any \(size) atoms are independent",
      scope: .weights, finding: .deductive(finding), margin: least > 0 ? least : 1 - bound,
      witness: .init(
        "the support of \(narrow.count) atoms with the smallest eigenvalue found",
        latents: narrow.map { live[$0] }, value: conditioning.narrow.least.upperBound),
      reason: reason, source: "Donoho and Elad 2003; Tropp 2004, theorem 3.5",
      figures: [
        "babel": bound, "least_eigenvalue_found": conditioning.narrow.least.upperBound,
        "least_eigenvalue_of_all_at_least": spectrum?.least ?? 0,
      ])
  }

  /// Either of two bounds suffices, so that both have to fail.
  private func isometry(_ live: [Int]) -> CertificateRecord.Claim {
    let threshold = 0.5.squareRoot()
    let (support, worst) =
      conditioning.narrow.deltaAtLeast > conditioning.wide.deltaAtLeast
      ? (narrow, conditioning.narrow) : (wide, conditioning.wide)
    // The second theorem is about two atoms or more.
    let (most, mostAtK) = (deltaAtMost(2 * k), k > 1 ? deltaAtMost(k) : 1)
    let leastAtK = k > 1 ? deltaAtK : 1
    var figures = [
      "delta_at_least": worst.deltaAtLeast, "delta_at_most": most, "babel": babel(2 * k - 1),
      "largest_eigenvalue_found": conditioning.wide.greatest.lowerBound,
      "scale_free_delta_found": worst.scaleFreeDelta,
    ]
    if k > 1 { (figures["delta_k_at_least"], figures["delta_k_at_most"]) = (deltaAtK, mostAtK) }
    let least = worst.deltaAtLeast
    let isProved = most < threshold || mostAtK < 1.0 / 3
    let isRefuted = least >= threshold && leastAtK >= 1.0 / 3
    return CertificateRecord.Claim(
      .isometryAt2K,
      "delta_2k is below 1/sqrt(2)\(k > 1 ? ", or delta_k below 1/3" : ""), k = \(k)",
      scope: .weights,
      finding: .deductive(isProved ? .proved : isRefuted ? .refuted : .inconclusive),
      margin: isRefuted
        ? max(threshold - least, 1.0 / 3 - leastAtK)
        : max(threshold - most, 1.0 / 3 - mostAtK),
      witness: .init(
        "the support of \(support.count) atoms with the largest delta found",
        latents: support.map { live[$0] }, value: least),
      reason: isRefuted
        ? "sufficient conditions fail; codes may be found all the same"
        : isProved
          ? "so minimizing the sum of |d_j| |z_j| finds every code of k atoms"
          : welchReason ?? "supports that were found bound delta from below, Gershgorin from above",
      assumptions: ["atoms are scaled to length one"],
      source: "Cai and Zhang 2014, theorem 1; Cai and Zhang 2013",
      figures: figures)
  }

  /// Proved by the Babel function or by `delta` of k + 1 atoms, refuted by a row.
  ///
  /// A support on which a certificate pulls at another atom by more than 1 is a counterexample: for the code
  /// `G_S^-1 s` every active atom has a product of 1 with the input, and that atom more. Its signs are the row's if codes
  /// have signs, and nonnegative codes need `G_S^-1 1 >= 0`.
  private func pursuit(_ rows: CertifiedRows, _ live: [Int]) -> CertificateRecord.Claim {
    let bound = babel(k) + babel(k - 1)
    let threshold = 1 / Double(k + 1).squareRoot()
    let delta = deltaAtMost(k + 1)
    let isProved = bound < 1 || delta < threshold
    let worst = rows.worst
    return CertificateRecord.Claim(
      .pursuitAtK, "orthogonal matching pursuit finds every code of \(k) atoms in \(k) steps",
      scope: .weights,
      finding: .deductive(isProved ? .proved : worst != nil ? .refuted : .inconclusive),
      margin: max(1 - bound, threshold - delta),
      witness: worst.map {
        .init(
          "the row whose support has a code from which pursuit takes this atom first",
          latents: [live[$0.rival]], rows: [$0.row], value: $0.pull)
      },
      reason: isProved || worst != nil
        ? nil : welchReason ?? "the Babel function is too large to prove it",
      assumptions: ["pursuit chooses by atoms at length one"],
      source: "Tropp 2004, theorems 3.5 and 3.10; Mo 2015 (delta of k + 1 atoms)",
      figures: ["babel": bound, "delta_at_most": delta, "delta_asked": threshold])
  }
}
