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
    var centred = coder.inputs(of: part.selecting(rows: places))
    for row in 0..<centred.rows {
      for (index, value) in coder.inputBias.enumerated() { centred[row, index] -= value }
    }
    moments?.add(
      centred, some, residuals.selecting(rows: places), on: bounded, compute: compute)
  }

  func claim(on compute: Compute) -> CertificateRecord.Claim {
    let statement =
      "moving the encoder's rows and biases and the output's bias, each latent alone and with supports held, by a step that is surely short enough would remove less than 1 % of the error"
    let source = "How optimality structures sparse dictionaries, the conditions of an encoder"
    guard let moments, moments.rows > 0 else {
      return CertificateRecord.Claim(
        .encoderStationary, statement, scope: .distribution,
        finding: .deductive(.notApplicable), reason: obstacle, source: source)
    }
    let found = EncoderStationarity(moments, atoms: bounded, on: compute)
    let tolerance = OptimalityClaims.tolerance
    let verdict: CertificateRecord.Inference =
      !moments.isTelling
      ? .inconclusive
      : found.whole.high < tolerance
        ? .supported : found.whole.low > tolerance ? .contradicted : .inconclusive
    return CertificateRecord.Claim(
      .encoderStationary, statement, scope: .distribution,
      finding: .statistical(verdict, level: 0.95), margin: tolerance - found.whole.effect,
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
