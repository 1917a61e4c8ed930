import Identifiability
import RunRecords
import SparseCoding

/// The claim that another dictionary as good would be nearly the same, by the theorem about that.
struct NearIdentifiabilityClaim {
  private var error = 0.0
  private var norm = 0.0
  private var diversity: CodeDiversity
  private let bias: [Float]
  private let obstacle: String?

  /// The distance of atoms at length one at which they have a cosine of 0.7.
  private static let near = 0.6.squareRoot()

  init(_ coder: SparseCoder, on bounded: BoundedAtoms) {
    diversity = CodeDiversity(on: bounded)
    bias = coder.decoderBias
    obstacle = OptimalityClaims.obstacle(coder)
  }

  /// Adds rows: what is reconstructed, what was, and the codes of live latents.
  mutating func add(_ targets: Matrix, reconstruction: Matrix, _ codes: SparseCodes) {
    diversity.add(codes)
    for row in 0..<targets.rows {
      var (left, whole) = (0.0, 0.0)
      for (index, value) in targets.row(row).enumerated() {
        let difference = Double(value) - Double(reconstruction[row, index])
        let centred = Double(value) - Double(bias[index])
        left += difference * difference
        whole += centred * centred
      }
      error = max(error, left.squareRoot())
      norm = max(norm, whole.squareRoot())
    }
  }

  /// The claim, for what `delta` of the joint supports of two rows is at least and at most.
  ///
  /// - Parameters:
  ///   - codes: Those of all rows, or of some of them.
  ///   - isWhole: Whether they are those of all.
  func claim(
    _ codes: SparseCodes, isWhole: Bool, delta: ClosedRange<Double>?, on bounded: BoundedAtoms
  ) -> CertificateRecord.Claim {
    let statement =
      "another dictionary that codes every input as well has the same atoms up to order and sign, with a cosine of 0.7 or more"
    let source = "Toward Identifiable Sparse Autoencoders, theorem 3.6"
    guard let delta, obstacle == nil else {
      return CertificateRecord.Claim(
        .nearIdentifiable, statement, scope: .distribution, finding: .deductive(.notApplicable),
        reason: obstacle ?? "there are no two rows with active latents", source: source)
    }
    /// With the constants as good as they can be for these rows.
    let best = NearIdentifiability(
      k: diversity.k, delta: delta.lowerBound, error: error * (1 - 1e-5), norm: norm,
      diversity: diversity.zeta)
    var figures = [
      "k": Double(diversity.k), "delta": delta.lowerBound, "error": error, "norm": norm,
      "zeta_at_most": diversity.zeta, "error_asked": best.errorAsked,
    ]
    let reason: String
    if best.applies && isWhole {
      let seen = SeenSupports(of: codes, on: bounded)
      let shown = NearIdentifiability(
        k: diversity.k, delta: delta.upperBound, error: error * (1 + 1e-5), norm: norm,
        diversity: seen.zeta)
      figures["zeta_at_least"] = seen.zeta
      figures["supports_determined"] = Double(seen.determined) / Double(max(1, seen.supports))
      figures["atoms_within"] = shown.atomsWithin
      figures["codes_within"] = shown.codesWithin
      reason = Self.words(shown, seen)
    } else {
      reason = best.applies ? "not the codes of all rows were held" : Self.vacuous(best)
    }
    return CertificateRecord.Claim(
      .nearIdentifiable, statement, scope: .distribution,
      finding: .deductive(best.applies ? .inconclusive : .notApplicable),
      margin: best.errorAsked > 0 ? best.errorAsked - error : nil, reason: reason,
      assumptions: [
        "the error, the length and the codes of every input are within those of these rows, and every joint support as well-conditioned as the pairs seen",
        "supports are rich: any two latents come apart and any one comes alone as what two inputs share (assumption 3.4)",
        "codes are the best on their supports (codes-refit says whether these are)",
        "the other dictionary meets all of this too, with the same bias of the output",
      ],
      source: source, figures: figures)
  }

  /// Why the theorem says nothing, whatever the constants that were not measured.
  private static func vacuous(_ best: NearIdentifiability) -> String {
    best.delta >= 1
      ? "the theorem is vacuous here: delta is \(Float(best.delta)) for a pair of rows, and has to be below 1"
      : "the theorem is vacuous here: the largest error is \(Float(best.error)), and has to be below \(Float(best.errorAsked)) at the most that the other constants allow"
  }

  /// What it says with the constants of these rows.
  private static func words(_ shown: NearIdentifiability, _ seen: SeenSupports) -> String {
    guard let within = shown.atomsWithin else {
      return
        "the theorem asks for each support to be seen on as many rows as it has atoms, and for small constants: \(seen.determined) of \(seen.supports) were"
    }
    return within <= near
      ? "if these rows were all inputs and what is assumed held, atoms would be within \(Float(within)); but the theorem is about the error of every input"
      : "with the constants of these rows atoms are within \(Float(within)), which is too far"
  }
}
