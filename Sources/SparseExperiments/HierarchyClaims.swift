import Identifiability
import RunRecords
import SparseCoding

/// Claims about which latents fire together.
struct HierarchyClaims {
  let coFiring: CoFiring
  private let densities: [Double]
  /// Pairs of nearly opposite atoms that both fire on more than a tenth of the rows, and the share of rows on which they
  /// do so together.
  private var opposed: [(pair: [Int], cosine: Double, together: Double)] = []

  init(
    _ codes: SparseCodes, _ bounded: BoundedAtoms, _ coherence: Coherence, compute: Compute
  ) {
    coFiring = CoFiring(of: codes, on: bounded, compute: compute)
    let columns = CodeColumns(codes)
    let rows = Double(max(codes.rows, 1))
    densities = (0..<codes.latents).map { Double(columns.entries(of: $0).count) / rows }
    for (latent, opposite) in coherence.opposite.enumerated() {
      guard let opposite, opposite.cosine < -0.9, latent < opposite.atom,
        densities[latent] > 0.1, densities[opposite.atom] > 0.1
      else { continue }
      let other = Set(columns.entries(of: opposite.atom).map { columns.rows[$0] })
      let together = columns.entries(of: latent).count { other.contains(columns.rows[$0]) }
      opposed.append(([latent, opposite.atom], opposite.cosine, Double(together) / rows))
    }
  }

  func claims(live: [Int]) -> [CertificateRecord.Claim] {
    let pairs = coFiring.hierarchy
    let apart = opposed.filter { $0.together < 0.01 }.min { $0.cosine < $1.cosine }
    return [
      CertificateRecord.Claim(
        .noHierarchy,
        "no latent fires only where another does, unless their atoms are one",
        scope: .rows, finding: .deductive(.notApplicable),
        witness: pairs.first.map {
          .init(
            "the child of most activity and its parent",
            latents: [live[$0.child], live[$0.parent]], value: $0.share)
        },
        reason: "a theorem about exact codes with an L1 penalty, which an encoder's are not; "
          + (pairs.isEmpty
            ? "no pair of parent and child was found"
            : "\(Set(pairs.map(\.child)).count) latents have at least 95 % of their activity where another is on"),
        source: "How optimality structures sparse dictionaries, condition C3",
        figures: [
          "pairs": Double(pairs.count), "children": Double(Set(pairs.map(\.child)).count),
          "dense_latents": Double(densities.count { $0 > 0.5 }),
        ]),
      CertificateRecord.Claim(
        .noDensePairs,
        "no two nearly opposite atoms (a cosine below -0.9) each fire on more than a tenth of the rows and hardly ever together",
        scope: .rows, finding: .deductive(apart == nil ? .proved : .refuted),
        witness: apart.map {
          .init(
            "two halves of what is one signed direction", latents: $0.pair.map { live[$0] },
            value: $0.cosine)
        },
        source: "How optimality structures sparse dictionaries, section on dense features",
        figures: ["pairs": Double(opposed.count { $0.together < 0.01 })]),
    ]
  }
}
