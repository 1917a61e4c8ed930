import Identifiability
import RunRecords
import SparseCoding

/// Claims about latents that fire only where another does: what they leave open, and what moving them would save.
struct NestedClaims {
  private let nested: NestedLatents
  private let second: SecondDictionary
  /// The largest difference of the reconstructions by the two dictionaries.
  private let difference: Double
  private let atoms: Int
  private let cosineError: Double
  private let isSigned, isWhole: Bool

  /// The rows on which a latent has to fire: by chance a rare one is seen with others only.
  static let fewest = 30
  /// The rows at most on which the second dictionary is compared with the first.
  private static let compared = 1000

  /// - Parameters:
  ///   - codes: Those of all rows, or of some of them.
  ///   - isWhole: Whether they are those of all.
  init(
    _ codes: SparseCodes, columns: CodeColumns, isWhole: Bool, isSigned: Bool,
    on bounded: BoundedAtoms, compute: Compute
  ) {
    nested = NestedLatents(of: codes, columns: columns, on: bounded, compute: compute)
    second = SecondDictionary(nested, on: bounded)
    var some = SparseCodes(latents: codes.latents, offsets: [0], indices: [], values: [])
    let step = max(1, (codes.rows + Self.compared - 1) / Self.compared)
    for row in stride(from: 0, to: codes.rows, by: step) { some.append(codes, row) }
    difference = second.difference(on: some, of: bounded)
    (atoms, cosineError) = (bounded.count, bounded.cosineError)
    (self.isSigned, self.isWhole) = (isSigned, isWhole)
  }

  /// Of each latent another that is on wherever it is, where that is known of all rows.
  var parents: [Int: Int] {
    guard isWhole else { return [:] }
    return Dictionary(nested.pairs.map { ($0.child, $0.parent) }) { first, _ in first }
  }

  private var frequent: [NestedLatents.Pair] { nested.pairs.filter { $0.rows >= Self.fewest } }

  /// The claims.
  ///
  /// - Parameter overlap: The mean overlap of the supports of codes with those of smaller ones that were found.
  func claims(live: [Int], overlap: Double?) -> [CertificateRecord.Claim] {
    [multiplicity(live, overlap), descent(live)]
  }

  private func multiplicity(_ live: [Int], _ overlap: Double?) -> CertificateRecord.Claim {
    let turned = second.turned.filter { $0.rows >= Self.fewest }
    let first = turned.first
    let free = Set(nested.pairs.map(\.child)).count
    let count = Set(frequent.map(\.child)).count
    // Of codes with signs an atom and its negative are one.
    let cosines = isSigned ? second.cosines.map { abs($0) } : second.cosines
    let mean = cosines.reduce(0, +) / Double(max(1, cosines.count))
    var figures = [
      "free_latents": Double(free), "free_latents_on_30_rows": Double(count),
      "latents_turned": Double(second.turned.count), "mean_cosine": mean,
      "difference": difference,
    ]
    if let overlap { figures["smaller_code_iou"] = overlap }
    return CertificateRecord.Claim(
      .noMultiplicity,
      "no latent that fires on \(Self.fewest) rows could have another atom with every reconstruction and every support as it is",
      scope: .rows,
      finding: .deductive(first == nil || !isWhole ? .inconclusive : .refuted),
      witness: first.map {
        .init(
          "a latent that fires only where the other does, and the cosine of its atom with one that does as well",
          latents: [live[$0.child], live[$0.parent]], value: cosines[$0.child])
      },
      reason: !isWhole
        ? "not the codes of all rows were held"
        : first == nil
          ? "no such latent fires only where another does; other ways to a second dictionary were not tried, see elute rival"
          : "a second dictionary was built: \(second.turned.count) of \(atoms) atoms turned, \(turned.count) of them of latents on \(Self.fewest) rows, every reconstruction the same but for rounding",
      source: "our own; Toward Identifiable Sparse Autoencoders, theorem 3.2, on data",
      figures: figures)
  }

  private func descent(_ live: [Int]) -> CertificateRecord.Claim {
    let statement =
      "no latent that fires on \(Self.fewest) rows fires only where another does, so that turning its atom to that one's would make codes smaller at the same reconstructions"
    let source = "How optimality structures sparse dictionaries, the descent of hierarchies"
    guard !isSigned else {
      return CertificateRecord.Claim(
        .noNestedDescent, statement, scope: .rows, finding: .deductive(.notApplicable),
        reason: "a theorem about nonnegative codes", source: source)
    }
    // One atom with another's direction takes nothing off; rounding leaves open whether it has it.
    let pairs = frequent.filter { $0.cosine < 1 - cosineError && $0.reach > 0 }
    let isDecided = isWhole && pairs.count == frequent.count
    let best = pairs.max { $0.saving < $1.saving }
    let share = { (value: Double) in nested.size > 0 ? value / nested.size : 0 }
    return CertificateRecord.Claim(
      .noNestedDescent, statement, scope: .rows,
      finding: .deductive(
        isWhole && !pairs.isEmpty ? .refuted : isDecided ? .proved : .inconclusive),
      margin: best.map { -share($0.saving) },
      witness: best.map {
        .init(
          "the child and parent whose merging saves most of the sum of |d_j| |z_j|, and the share saved",
          latents: [live[$0.child], live[$0.parent]], value: share($0.saving))
      },
      reason: isWhole
        ? isDecided || !pairs.isEmpty
          ? nil : "rounding leaves open whether two atoms have one direction"
        : "not the codes of all rows were held",
      source: source,
      figures: [
        "pairs": Double(pairs.count),
        "steepest": share(pairs.map(\.slope).max() ?? 0),
        "greatest_saving": share(best?.saving ?? 0),
      ])
  }
}
