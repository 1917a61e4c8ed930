import Identifiability
import RunRecords
import SparseCoding

/// The claim that the error no longer pushes the encoder.
struct EncoderClaim {
  private var moments: EncoderMoments?
  private let obstacle: String?
  private let bounded: BoundedAtoms
  private let coder: SparseCoder
  private let lambda: Double?
  private let every: Int
  private var seen = 0

  /// The most rows that are looked at, evenly spread.
  private static let rows = 100_000

  init(_ bounded: BoundedAtoms, of coder: SparseCoder, rows: Int, lambda: Double?) {
    (self.bounded, self.coder, self.lambda) = (bounded, coder, lambda)
    obstacle = Self.obstacle(coder, lambda)
    every = max(1, (rows + Self.rows - 1) / Self.rows)
    guard obstacle == nil else { return }
    moments = EncoderMoments(
      latents: bounded.count, inputWidth: coder.inputWidth, outputWidth: coder.outputWidth,
      rows: (rows + every - 1) / every, lambda: lambda ?? 0)
  }

  /// Why an encoder has no such claim, if so.
  private static func obstacle(_ coder: SparseCoder, _ lambda: Double?) -> String? {
    if coder.rowScaling != .none { return OptimalityClaims.obstacle(coder) }
    // Eight blocks and a direction.
    if 9 * 4 * coder.latents * coder.inputWidth > 1 << 32 {
      return "the sums over rows of so large an encoder would take more than 4 GiB"
    }
    if coder.multistep != nil { return "the encoder has several steps" }
    return switch coder.activation {
    case .gated: "gates are trained by an objective of their own"
    case .relu where lambda == nil:
      "without its penalty the objective is not known: give the penalty with --lambda"
    default: nil
    }
  }

  /// Adds rows as they are, what was left of them, and the codes of live latents.
  mutating func add(
    _ part: Matrix, residuals: Matrix, _ codes: SparseCodes, on compute: Compute
  ) {
    guard moments != nil else { return }
    let places = (0..<codes.rows).filter { (seen + $0) % every == 0 }
    seen += codes.rows
    var some = SparseCodes(latents: codes.latents, offsets: [0], indices: [], values: [])
    for place in places { some.append(codes, place) }
    let inputs = centred(part.selecting(rows: places))
    moments?.add(
      inputs, some, residuals.selecting(rows: places), on: bounded, compute: compute)
  }

  /// Looks again at the rows that were added: how far the gradient can be followed takes the gradient first.
  mutating func lookAgain(
    at rows: [Int], in source: any ActivationSource, places: [Int32], on compute: Compute
  ) throws {
    guard moments != nil else { return }
    let some = stride(from: 0, to: rows.count, by: every).map { rows[$0] }
    try forEachBlock(of: some, in: source, with: coder, on: compute) { part, prepared in
      let codes = prepared.encode(part).renumbered(places, latents: bounded.count)
      let inputs = centred(part)
      moments?.addSpread(inputs, codes, on: compute)
    }
  }

  private func centred(_ part: Matrix) -> Matrix {
    var centred = coder.inputs(of: part)
    for row in 0..<centred.rows {
      for (index, value) in coder.inputBias.enumerated() { centred[row, index] -= value }
    }
    return centred
  }

  func claim(on compute: Compute) -> CertificateRecord.Claim {
    let statement =
      "following the gradient of the encoder's rows and biases and of the output's bias, each latent alone and with supports held, would remove less than 1 % of the error"
    let source = "How optimality structures sparse dictionaries, the conditions of an encoder"
    guard let moments, moments.rows > 0 else {
      return CertificateRecord.Claim(
        .encoderStationary, statement, scope: .distribution,
        finding: .deductive(.notApplicable), reason: obstacle, source: source)
    }
    let found = EncoderStationarity(moments, atoms: bounded, on: compute)
    let verdict = OptimalityClaims.verdict(found.whole, isTelling: moments.isTelling)
    return CertificateRecord.Claim(
      .encoderStationary, statement, scope: .distribution,
      finding: .statistical(verdict, level: 0.95),
      margin: OptimalityClaims.tolerance - found.whole.effect,
      reason: moments.isTelling
        ? OptimalityClaims.words(found.whole) : "too few rows to tell what sampling does",
      assumptions: [
        OptimalityClaims.objective(lambda), OptimalityClaims.independence(moments.run),
      ],
      source: source,
      figures: [
        "effect": found.whole.effect, "low": found.whole.low, "high": found.whole.high,
        "chance": found.whole.chance, "rows_of_encoder": found.rows.effect,
        "biases_of_latents": found.biases.effect, "bias_of_output": found.output.effect,
        "rows_looked_at": Double(moments.rows),
      ])
  }
}
