import Identifiability
import RunRecords
import SparseCoding

/// The claim that another dictionary as good would be nearly the same, by the theorem about that.
struct NearIdentifiabilityClaim {
  private var error = 0.0
  private var norm = 0.0
  private let bias: [Float]
  private let obstacle: String?

  /// The distance of atoms at length one at which they have a cosine of 0.7.
  private static let near = 0.6.squareRoot()

  init(_ coder: SparseCoder) {
    bias = coder.decoderBias
    obstacle = OptimalityClaims.obstacle(coder)
  }

  /// Adds rows: what is reconstructed, and what was.
  mutating func add(_ targets: Matrix, reconstruction: Matrix) {
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

  /// The claim, for codes of these rows and what `delta` of the joint supports of two is at least and at most.
  func claim(
    _ codes: SparseCodes, delta: ClosedRange<Double>?, on bounded: BoundedAtoms
  ) -> CertificateRecord.Claim {
    let statement =
      "another dictionary that codes every input as well has the same atoms up to order and sign, with a cosine of 0.7 or more"
    let source = "Toward Identifiable Sparse Autoencoders, theorem 3.6"
    guard let delta, obstacle == nil else {
      return CertificateRecord.Claim(
        .nearIdentifiable, statement, scope: .distribution, finding: .deductive(.notApplicable),
        reason: obstacle ?? "there are no two rows with active latents", source: source)
    }
    let diversity = CodeDiversity(of: codes, on: bounded)
    /// With the constants as good as they can be for these rows, and as bad.
    let (best, worst) = (
      NearIdentifiability(
        k: diversity.k, delta: delta.lowerBound, error: error * (1 - 1e-5), norm: norm,
        diversity: diversity.atMost),
      NearIdentifiability(
        k: diversity.k, delta: delta.upperBound, error: error * (1 + 1e-5), norm: norm,
        diversity: diversity.atLeast)
    )
    var figures = [
      "k": Double(diversity.k), "delta": delta.lowerBound, "error": error, "norm": norm,
      "zeta_at_most": diversity.atMost, "zeta_at_least": diversity.atLeast,
      "error_asked": best.errorAsked,
      "supports_determined": Double(diversity.determined) / Double(max(1, diversity.supports)),
    ]
    figures["atoms_within"] = worst.atomsWithin
    figures["codes_within"] = worst.codesWithin
    let number = { (value: Double) in "\(Float(value))" }
    let reason =
      if delta.lowerBound >= 1 {
        "the theorem is vacuous here: delta is \(number(delta.lowerBound)) for a pair of rows, and has to be below 1"
      } else if !best.applies {
        "the theorem is vacuous here: the largest error is \(number(error)), and has to be below \(number(best.errorAsked)) at the most that the other constants allow"
      } else if let within = worst.atomsWithin {
        within <= Self.near
          ? "it would follow if these rows were all inputs: atoms within \(number(within)); but the theorem is about the error of every input"
          : "with the constants of these rows atoms are within \(number(within)), which is too far"
      } else {
        "the theorem asks for each support to be seen on as many rows as it has atoms: \(diversity.determined) of \(diversity.supports) were, or the constants are not small enough"
      }
    return CertificateRecord.Claim(
      .nearIdentifiable, statement, scope: .distribution,
      finding: .deductive(best.applies ? .inconclusive : .notApplicable),
      margin: best.errorAsked - error, reason: reason,
      assumptions: [
        "the error, the length and the codes of every input are within those of these rows, and every joint support as well-conditioned as the pairs seen",
        "supports are rich: any two latents come apart and any one comes alone as what two inputs share (assumption 3.4)",
        "the other dictionary meets all of this too",
      ],
      source: source, figures: figures)
  }
}
