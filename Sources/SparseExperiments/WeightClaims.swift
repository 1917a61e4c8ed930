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

  init(
    _ bounded: BoundedAtoms, k: Int, convention: CosineConvention, on compute: Compute
  ) {
    self.bounded = bounded
    self.k = k
    self.convention = convention
    let coherence = Coherence(of: bounded, upTo: 2 * k, on: compute)
    // What a smaller support has a larger one has at least.
    let size = min(2 * k, bounded.count, Self.greatest)
    func search(_ isLeast: Bool) -> [Int] {
      guard size > 1 else { return [0] }
      return bounded.worstSupport(
        of: size, from: (coherence.pair[0], coherence.pair[1]), isLeast: isLeast, on: compute)
    }
    let (narrow, wide) = (search(true), search(false))
    self.coherence = coherence
    (self.narrow, self.wide) = (narrow, wide)
    conditioning = (bounded.conditioning(of: narrow), bounded.conditioning(of: wide))
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
        "coherence": coherence.coherence,
        "welch":
          (Double(max(0, bounded.count - bounded.width))
          / Double(max(1, bounded.width * (bounded.count - 1)))).squareRoot(),
      ])
  }

  private func babel(_ count: Int) -> Double {
    coherence.babel[min(max(count, 0), coherence.babel.count - 1)]
  }

  private func uniqueness(_ live: [Int]) -> CertificateRecord.Claim {
    let size = min(2 * k, bounded.count)
    let bound = babel(size - 1)
    let isCrowded = size > bounded.width
    let finding: CertificateRecord.Deduction =
      bound < 1 ? .proved : isCrowded && convention == .absolute ? .refuted : .inconclusive
    let reason: String? =
      bound < 1
      ? nil
      : !isCrowded
        ? "Gershgorin's bound does not reach, and no support was proved dependent"
        : convention == .absolute
          ? "\(size) atoms in \(bounded.width) dimensions are dependent"
          : "\(size) atoms in \(bounded.width) dimensions are dependent; whether two nonnegative codes of \(k) meet was not decided"
    return CertificateRecord.Claim(
      .uniquenessAtK,
      "no two codes of \(k) atoms have one reconstruction: any \(size) atoms are independent",
      scope: .weights, finding: .deductive(finding), margin: 1 - bound,
      witness: .init(
        "the support of \(narrow.count) atoms with the smallest eigenvalue found",
        latents: narrow.map { live[$0] }, value: conditioning.narrow.least.upperBound),
      reason: reason, source: "Donoho and Elad 2003; Tropp 2004, theorem 3.5",
      figures: ["babel": bound, "least_eigenvalue_found": conditioning.narrow.least.upperBound])
  }

  private func isometry(_ live: [Int]) -> CertificateRecord.Claim {
    let threshold = 0.5.squareRoot()
    let bound = babel(2 * k - 1)
    let worse =
      conditioning.narrow.deltaAtLeast > conditioning.wide.deltaAtLeast
      ? (narrow, conditioning.narrow) : (wide, conditioning.wide)
    let isRefuted = worse.1.deltaAtLeast >= threshold
    return CertificateRecord.Claim(
      .isometryAt2K,
      "delta_2k is below 1/sqrt(2), k = \(k)",
      scope: .weights,
      finding: .deductive(bound < threshold ? .proved : isRefuted ? .refuted : .inconclusive),
      margin: threshold - (isRefuted ? worse.1.deltaAtLeast : bound),
      witness: .init(
        "the support of \(worse.0.count) atoms with the largest delta found",
        latents: worse.0.map { live[$0] }, value: worse.1.deltaAtLeast),
      reason: isRefuted
        ? "a sufficient condition fails; codes may be found all the same"
        : bound < threshold
          ? "so minimizing the sum of |d_j| |z_j| finds every code of k atoms"
          : "supports that were found bound delta from below, Gershgorin from above",
      source: "Cai and Zhang 2014, theorem 1",
      figures: [
        "delta_at_least": worse.1.deltaAtLeast, "babel": bound,
        "largest_eigenvalue_found": conditioning.wide.greatest.lowerBound,
      ])
  }

  /// Proved by the Babel function, refuted by a row.
  ///
  /// A support on which a certificate pulls at another atom by more than 1 is a counterexample: for the code
  /// `G_S^-1 s` every active atom has a product of 1 with the input, and that atom more. Its signs are the row's if codes
  /// have signs, and nonnegative codes need `G_S^-1 1 >= 0`.
  private func pursuit(_ rows: CertifiedRows, _ live: [Int]) -> CertificateRecord.Claim {
    let bound = babel(k) + babel(k - 1)
    let worst = rows.worst
    return CertificateRecord.Claim(
      .pursuitAtK, "orthogonal matching pursuit finds every code of \(k) atoms in \(k) steps",
      scope: .weights,
      finding: .deductive(bound < 1 ? .proved : worst != nil ? .refuted : .inconclusive),
      margin: 1 - bound,
      witness: worst.map {
        .init(
          "the row whose support has a code from which pursuit takes this atom first",
          latents: [live[$0.rival]], rows: [$0.row], value: $0.pull)
      },
      reason: bound < 1 ? nil : worst != nil ? nil : "the Babel function is too large to prove it",
      source: "Tropp 2004, theorems 3.5 and 3.10", figures: ["babel": bound])
  }
}
