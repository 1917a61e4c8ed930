import DictionaryMetrics
import Identifiability
import RunRecords
import SparseCoding

/// Claims about what training would still change: atoms, codes, and the number of atoms.
struct OptimalityClaims {
  private var moments: ResidualMoments?
  private var encoder: EncoderClaim
  private var gap: RayGap?
  /// Some of the rows, evenly spread, and their codes.
  private var sample: (rows: [Float], codes: SparseCodes)
  private var numbers: [Int] = []
  private var seen = 0
  private let bounded: BoundedAtoms
  private let coder: SparseCoder
  private let lambda: Double?
  private let every: Int

  /// The most rows on which conditions of single codes are looked at: every latent's sums are held in doubles.
  private static let sampled = 4096
  /// The share of the error that moving atoms may still remove.
  static let tolerance = 0.01
  /// The relative gap, and the relative error of conditions, that count as none.
  static let precision = 1e-3

  init(_ bounded: BoundedAtoms, of coder: SparseCoder, rows: Int, lambda: Double?) {
    (self.bounded, self.coder, self.lambda) = (bounded, coder, lambda)
    encoder = EncoderClaim(bounded, of: coder, rows: rows, lambda: lambda)
    moments =
      coder.rowScaling == .none
      ? ResidualMoments(latents: bounded.count, width: bounded.width, rows: rows) : nil
    sample = ([], SparseCodes(latents: bounded.count, offsets: [0], indices: [], values: []))
    every = max(1, (rows + Self.sampled - 1) / Self.sampled)
    guard let lambda, Self.obstacle(coder) == nil else { return }
    gap = RayGap(
      bounded, bias: coder.decoderBias, lambda: lambda,
      convention: CosineConvention(for: coder.activation))
  }

  /// Why a dictionary has no such claims, if so.
  static func obstacle(_ coder: SparseCoder) -> String? {
    coder.rowScaling != .none
      ? "rows are scaled by themselves, so that no one dictionary reconstructs them"
      : coder.skip != nil ? "a linear path leads past the latents" : nil
  }

  /// Adds rows: as they are, what is reconstructed, what was, and the codes of live latents.
  mutating func add(
    _ part: Matrix, _ targets: Matrix, reconstruction: Matrix, _ codes: SparseCodes,
    rows: ArraySlice<Int>, on compute: Compute
  ) {
    guard moments != nil else { return }
    var residuals = targets
    for index in residuals.values.indices {
      residuals.values[index] -= reconstruction.values[index]
    }
    moments?.add(codes, residuals, on: compute)
    encoder.add(part, residuals: residuals, codes, on: compute)
    guard coder.skip == nil else { return }
    gap?.add(targets, codes, rows: rows, on: compute)
    for row in 0..<codes.rows where (seen + row) % every == 0 {
      sample.rows += targets.row(row)
      sample.codes.append(codes, row)
      numbers.append(rows[rows.startIndex + row])
    }
    seen += codes.rows
  }

  /// Looks at rows again for what takes two looks.
  mutating func lookAgain(
    at rows: [Int], in source: any ActivationSource, places: [Int32], on compute: Compute
  ) throws {
    try encoder.lookAgain(at: rows, in: source, places: places, on: compute)
  }

  /// What became of the claims.
  struct Found {
    var claims: [CertificateRecord.Claim]
    /// Whether codes and atoms are an optimum; nil where no penalty was given.
    var isOptimum: Bool?
    /// Of each latent, as `DecoderStationarity` has them; nil where they are not defined.
    var turns: [Double]?
    var penalties: [Double]?
  }

  func found(live: [Int], on compute: Compute) -> Found {
    guard let moments else {
      let reason = Self.obstacle(coder)
      return Found(
        claims: [
          stationary(nil, reason: reason), encoder.claim(on: compute),
          turning(nil, reason: reason, live: live),
          refitClaim(
            Matrix(rows: 0, columns: bounded.width), sample.codes, numbers: [], of: coder,
            on: bounded, lambda: lambda, compute: compute),
          firstOrder(nil, reason: reason), wide(reason),
        ])
    }
    let stationarity = DecoderStationarity(
      moments, atoms: bounded, lambda: lambda ?? 0, on: compute)
    let claims = [
      stationary(stationarity, isTelling: moments.isTelling, run: moments.run, reason: nil),
      encoder.claim(on: compute),
      turning(
        PairTurns(
          moments, atoms: bounded, convention: CosineConvention(for: coder.activation),
          on: compute),
        isTelling: moments.isTelling, run: moments.run, reason: nil, live: live),
    ]
    let rows = Matrix(
      rows: sample.codes.rows, columns: bounded.width, values: sample.rows)
    let refit = refitClaim(
      rows, sample.codes, numbers: numbers, of: coder, on: bounded, lambda: lambda,
      compute: compute)
    guard let lambda, gap != nil else {
      let reason =
        Self.obstacle(coder) ?? "a claim about an L1 penalty: give its weight with --lambda"
      return Found(
        claims: claims + [refit, firstOrder(nil, reason: reason), wide(reason)],
        turns: stationarity.turns, penalties: stationarity.penalties)
    }
    let conditions = FirstOrderConditions(
      rows, sample.codes, on: bounded, bias: coder.decoderBias, lambda: lambda,
      convention: CosineConvention(for: coder.activation), compute: compute)
    let share = RayGap.shareWithBestBias(of: rows, bias: coder.decoderBias, lambda: lambda)
    // The theorem is about nonnegative codes, and the atoms' condition about all rows.
    let isMet = conditions.holds(to: Self.precision)
    let isOptimum: Bool? = !isMet ? false : coder.activation.isSigned || every > 1 ? nil : true
    return Found(
      claims: claims + [
        refit, firstOrder(conditions, reason: nil, live: live),
        wide(nil, shareWithBestBias: share),
      ], isOptimum: isOptimum, turns: stationarity.turns, penalties: stationarity.penalties)
  }

  /// Whether an objective leaves the length of codes free, so that nothing may push along atoms either.
  private var isFreeOfScale: Bool {
    if lambda != nil { return true }
    return switch coder.activation {
    case .topK, .jumpReLU, .batchTopK, .absTopK: true
    default: false
    }
  }

  private func stationary(
    _ found: DecoderStationarity?, isTelling: Bool = false, run: Int = 1, reason: String?
  ) -> CertificateRecord.Claim {
    let source = "How optimality structures sparse dictionaries, condition C2"
    let move = isFreeOfScale ? "moving" : "turning"
    let statement =
      "\(move) atoms, each alone and with codes held, would remove less than 1 % of the error"
    guard let found else {
      return CertificateRecord.Claim(
        .decoderStationary, statement, scope: .distribution,
        finding: .deductive(.notApplicable), reason: reason, source: source)
    }
    let part = isFreeOfScale ? found.whole : found.across
    let verdict = Self.verdict(part, isTelling: isTelling)
    let penalties = found.penalties.sorted()
    let tangents = found.tangents.sorted()
    return CertificateRecord.Claim(
      .decoderStationary, statement, scope: .distribution,
      finding: .statistical(verdict, level: 0.95), margin: Self.tolerance - part.effect,
      reason: isTelling ? Self.words(part) : "too few rows to tell what sampling does",
      assumptions: [Self.objective(lambda), Self.independence(run)],
      source: source,
      figures: [
        "effect": part.effect, "low": part.low, "high": part.high, "chance": part.chance,
        "across": found.across.effect, "along": found.along.effect,
        "median_penalty": penalties[penalties.count / 2],
        "median_tangential_ratio": tangents[tangents.count / 2],
      ])
  }

  /// Whether what following a push would remove is below the tolerance.
  static func verdict(
    _ part: DecoderStationarity.Part, isTelling: Bool
  ) -> CertificateRecord.Inference {
    guard isTelling else { return .inconclusive }
    return part.high < tolerance
      ? .supported : part.low > tolerance ? .contradicted : .inconclusive
  }

  /// A push in percent, with its interval.
  static func words(_ part: DecoderStationarity.Part) -> String {
    "\(percent(part.effect)) % (\(percent(part.low)) to \(percent(part.high)))"
  }

  /// A share in percent, to two digits after the point.
  static func percent(_ share: Double) -> String { "\((share * 1e4).rounded() / 100)" }

  /// What the error is that is spoken of.
  static func objective(_ lambda: Double?) -> String {
    "the error is that of the whole reconstruction"
      + (lambda.map { " and a penalty of \($0)" } ?? "")
  }

  /// What intervals over blocks of rows take for granted.
  static func independence(_ run: Int) -> String {
    "stretches of \(run) consecutive rows are independent of each other, edges included, and of one distribution"
  }

  private func turning(
    _ found: PairTurns?, isTelling: Bool = false, run: Int = 1, reason: String?, live: [Int]
  ) -> CertificateRecord.Claim {
    let statement =
      "no two atoms that turn in their plane, towards each other, apart or the same way round, would at first remove 1 % of the error a radian, with codes held"
    let source = "our own; How optimality structures sparse dictionaries, section 4"
    guard let found else {
      return CertificateRecord.Claim(
        .noPairTurn, statement, scope: .distribution, finding: .deductive(.notApplicable),
        reason: reason, source: source)
    }
    let best = found.found.first
    let isContradicted = isTelling && best.map { $0.low > Self.tolerance } ?? false
    let isSupported = isTelling && !isContradicted && found.boundHigh < Self.tolerance
    let verdict: CertificateRecord.Inference =
      isContradicted ? .contradicted : isSupported ? .supported : .inconclusive
    let decisive = isSupported ? found.boundHigh : best?.slope
    return CertificateRecord.Claim(
      .noPairTurn, statement, scope: .distribution,
      finding: .statistical(verdict, level: 0.95), margin: decisive.map { Self.tolerance - $0 },
      witness: best.map {
        .init(
          "the two whose turn (\($0.kind.rawValue)) removes most, chosen on other rows",
          latents: $0.atoms.map { live[$0] }, value: $0.slope)
      },
      reason: !isTelling
        ? "too few rows to tell what sampling does"
        : verdict == .inconclusive
          ? "no pair was found that would, but the two strongest pushes together might, by up to \((found.boundHigh * 1e4).rounded() / 100) % a radian"
          : nil,
      assumptions: [Self.independence(run)],
      source: source,
      figures: found.found.reduce(into: ["bound": found.bound, "bound_high": found.boundHigh]) {
        figures, turn in
        figures[turn.kind.rawValue] = turn.slope
        figures["\(turn.kind.rawValue)_low"] = turn.low
      })
  }

  private func firstOrder(
    _ found: FirstOrderConditions?, reason: String?, live: [Int] = []
  ) -> CertificateRecord.Claim {
    let source = "How optimality structures sparse dictionaries, conditions C1 to C4"
    let statement =
      "every code is the best with this penalty and every atom the best with these codes, to 0.1 %"
    guard let found else {
      return CertificateRecord.Claim(
        .firstOrder, statement, scope: .rows, finding: .deductive(.notApplicable),
        reason: reason, source: source)
    }
    // Of some of the rows only their codes speak: the atoms' condition is about all.
    let isWhole = every == 1
    let (row, atom) = (found.worstRow, found.worstAtom)
    let greatest = isWhole ? max(row.value, atom.value) : row.value
    // In doubles; a millionth of the bound is more than their rounding.
    let isRefuted = greatest > Self.precision * (1 + 1e-6)
    let isProved = isWhole && greatest < Self.precision * (1 - 1e-6)
    let witness: CertificateRecord.Witness =
      row.value == greatest
      ? .init(
        "the row whose code is farthest from it", rows: [numbers[row.place]], value: row.value)
      : .init(
        "the latent whose atom is farthest from it", latents: [live[atom.place]], value: atom.value)
    return CertificateRecord.Claim(
      .firstOrder, statement, scope: .rows,
      finding: .deductive(isProved ? .proved : isRefuted ? .refuted : .inconclusive),
      margin: Self.precision - greatest, witness: witness,
      reason: isWhole ? nil : "\(numbers.count) rows were looked at",
      source: source,
      figures: [
        "active_mean": 1 + found.active.mean, "active_rms": found.active.rms,
        "active_greatest": found.active.greatest, "silent_greatest": found.silent.greatest,
        "missed": found.missed, "atoms_rms": found.atoms.rms,
        "atoms_greatest": found.atoms.greatest, "pairs_rms": found.pairs.rms,
        "pairs_greatest": found.pairs.greatest, "residuals_rms": found.residuals.rms,
        "fixed_by_active_set": found.fixedByActiveSet, "bias_rms": found.bias.rms,
        "encoder_rms": found.encoder.rms, "output": found.output,
      ])
  }

  private func wide(
    _ reason: String?, shareWithBestBias: Double = 1
  ) -> CertificateRecord.Claim {
    let source = "How optimality structures sparse dictionaries, the large-dictionary problem"
    let statement =
      "with the best codes no dictionary, however large, costs 0.1 % less with this penalty and bias"
    guard let gap, reason == nil else {
      return CertificateRecord.Claim(
        .wideOptimal, statement, scope: .rows, finding: .deductive(.notApplicable),
        reason: reason, source: source)
    }
    let isProved = gap.high <= Self.precision
    let isRefuted = gap.low > Self.precision
    return CertificateRecord.Claim(
      .wideOptimal, statement, scope: .rows,
      finding: .deductive(isProved ? .proved : isRefuted ? .refuted : .inconclusive),
      margin: Self.precision - (isRefuted ? gap.low : gap.high),
      witness: isProved
        ? nil
        : gap.costliest.map {
          .init(
            "the row whose best code costs most beside an atom of its own, and by how much at least",
            rows: [$0.row], value: $0.excess)
        },
      source: source,
      figures: [
        "gap_low": gap.low, "gap_high": gap.high,
        "rows_beyond": Double(gap.beyond) / Double(max(gap.rows, 1)),
        "share_with_best_bias": shareWithBestBias,
      ])
  }
}
