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
  /// Of each latent the nearest other one if their atoms have a cosine of 0.5 or more and they fire together on less than a
  /// tenth of the rows that chance would give, which are ten at least: what is left where one has absorbed the other.
  private(set) var scars: [Int?] = []
  private let cosineError: Double
  /// Whether the codes are those of all rows.
  private let isWhole: Bool

  /// The claims about codes.
  ///
  /// - Parameters:
  ///   - codes: Those of all rows, or of some of them, with their columns.
  ///   - densities: The share of all rows on which each latent fires.
  init(
    _ codes: SparseCodes, columns: CodeColumns, densities: [Double], isWhole: Bool,
    on bounded: BoundedAtoms, nearest: [Coherence.Neighbour?], compute: Compute
  ) {
    coFiring = CoFiring(of: codes, columns: columns, on: bounded, compute: compute)
    self.densities = densities
    self.isWhole = isWhole
    cosineError = bounded.cosineError
    let dense = densities.indices.filter { densities[$0] > 0.1 }
    for (place, latent) in dense.enumerated() {
      for other in dense[..<place] {
        let cosine = bounded.cosine(other, latent)
        guard cosine < -0.9 + cosineError else { continue }
        let together = Double(columns.rowsShared(by: other, latent))
        opposed.append(([other, latent], cosine, together / Double(max(codes.rows, 1))))
      }
    }
    scars = nearest.enumerated().map { latent, near in
      guard let near, near.cosine >= 0.5 else { return nil }
      let counts = [latent, near.atom].map { Double(columns.entries(of: $0).count) }
      let expected = counts[0] * counts[1] / Double(max(codes.rows, 1))
      guard expected >= 10 else { return nil }
      let together = Double(columns.rowsShared(by: latent, near.atom))
      return together < 0.1 * expected ? near.atom : nil
    }
  }

  /// Of each latent that is half of what is one signed direction, the other half.
  var antipodes: [Int: Int] {
    opposed.filter { $0.together < 0.01 }.reduce(into: [:]) { halves, found in
      halves[found.pair[0]] = found.pair[1]
      halves[found.pair[1]] = found.pair[0]
    }
  }

  /// The claims, with what is known of whether codes and atoms are an optimum with an L1 penalty.
  func claims(live: [Int], isOptimum: Bool?) -> [CertificateRecord.Claim] {
    let pairs = coFiring.hierarchy
    let children = Set(pairs.map(\.child)).count
    let apart = opposed.filter { $0.together < 0.01 }
    let witness = apart.filter { $0.cosine < -0.9 - cosineError }.min { $0.cosine < $1.cosine }
    let isProved = isWhole ? apart.isEmpty : opposed.isEmpty
    return [
      CertificateRecord.Claim(
        .noHierarchy,
        "no latent that fires on 30 rows has 95 % of its activity where another is on, unless their atoms have a cosine of 0.9 or that one is on in half of all rows",
        scope: .rows,
        finding: .deductive(
          isOptimum != true
            ? .notApplicable
            : !pairs.isEmpty
              ? .refuted : isWhole && coFiring.undecided == 0 ? .proved : .inconclusive),
        witness: pairs.first.map {
          .init(
            "the child of most activity and its parent",
            latents: [live[$0.child], live[$0.parent]], value: $0.share)
        },
        reason: (isOptimum == true
          ? ""
          : "a theorem about an optimum with an L1 penalty, \(isOptimum == nil ? "and that this is one was not checked" : "which this is not"); ")
          + (pairs.isEmpty
            ? "no pair of parent and child was found"
            : "\(children) latents have at least 95 % of their activity where another is on"),
        source: "How optimality structures sparse dictionaries, condition C3",
        figures: [
          "pairs": Double(pairs.count), "children": Double(children),
          "pairs_too_close_to_call": Double(coFiring.undecided),
          "scars": Double(scars.count { $0 != nil }),
          "dense_latents": Double(densities.count { $0 > 0.5 }),
        ]),
      CertificateRecord.Claim(
        .noDensePairs,
        "no two nearly opposite atoms (a cosine below -0.9) each fire on more than a tenth of the rows, and on less than 1 % together",
        scope: .rows,
        finding: .deductive(
          isProved ? .proved : isWhole && witness != nil ? .refuted : .inconclusive),
        witness: witness.map {
          .init(
            "two halves of what is one signed direction", latents: $0.pair.map { live[$0] },
            value: $0.cosine)
        },
        reason: isProved || isWhole ? nil : "not the codes of all rows were held",
        source: "How optimality structures sparse dictionaries, section on dense features",
        figures: ["pairs": Double(apart.count)]),
    ]
  }
}
