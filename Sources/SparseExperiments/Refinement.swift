import DictionaryMetrics
public import DictionaryTraining
public import RunRecords
public import SparseCoding

/// A dictionary taken apart from its encoder and made sparser: the fewest atoms that need the fewest codes.
///
/// An encoder of one step must spend latents on what it cannot tell apart, and more active latents than the
/// truth has make copies. So the encoder is left out:
///
/// 1. Atoms that are one (complete linkage at `merge`) become their mean, here and after every fit.
/// 2. Rows are coded by nonnegative orthogonal matching pursuit, each until what is left is `residual` of its square;
///    atoms and bias are fitted to the codes by least squares. Twice.
/// 3. A quarter of the atoms, those of least energy, is taken away as long as the others need no more codes for the
///    same residual.
/// 4. The residual is halved, and again, as long as that costs few more codes: where it would cost many, the
///    codes begin to fit noise.
/// 5. Atoms are taken away once more, few at a time.
/// 6. An encoder is fitted to the codes.
///
/// Codes cost their atoms; a row of which even `k` leave too much costs more than `k`, by how much too much it is.
/// How many features there are and how many are active at a time is not told.
///
/// - Complexity: some twenty pursuits of all rows and fifty of 4,096, each O(rows × l0 × width × atoms).
/// - Source: alternating pursuit and least squares are the method of optimal directions (Engan, Aase and Husøy
///   1999) and K-SVD (Aharon, Elad and Bruckstein 2006); steps 1, 3 and 4 and their order are our own.
/// - Elsewhere: none for sparse autoencoders that are trained.
public struct Refinement: Sendable {
  /// Raised by every change that changes results, so that older ones are not taken for them.
  static let version = 2

  /// The dictionary: jumprelu, reading and rebuilding what it did before, or rebuilding the targets.
  public let coder: SparseCoder
  /// What was tried, in order.
  public let rounds: [RefinementRecord.Round]
  /// The dictionary as it was: l0 and fvu by its own encoder on these rows.
  public let before: RefinementRecord.Quality

  /// Refines a dictionary on rows.
  ///
  /// - Parameters:
  ///   - rows: As the dictionary reads them, `[rows, width]`; all of them are used.
  ///   - target: Another site of the same rows: the result is a transcoder to it, whose atoms there are
  ///     fitted to the codes of the input.
  ///   - progress: Called often, with the number of atoms that are left.
  /// - Throws: `ConfigurationError` for dictionaries that are more than atoms and nonnegative codes, or settings that do
  ///   not hold, and `MetricError` for weights that are not finite.
  public init(
    of dictionary: SparseCoder, on rows: Matrix, target: (site: Site, rows: Matrix)? = nil,
    settings: RefinementSettings = RefinementSettings(), compute: Compute,
    progress: (_ atoms: Int) throws -> Void = { _ in }
  ) throws {
    try settings.validate()
    try Self.check(dictionary, target: target?.site)
    let targets = dictionary.targets(of: rows)
    let first = FirstLook(at: dictionary, on: rows, targets, compute: compute)
    before = RefinementRecord.Quality(latents: dictionary.latents, l0: first.l0, fvu: first.fvu)
    guard !first.live.isEmpty else {
      throw ConfigurationError(
        key: "refine", found: "no latent that is active on these rows",
        expected: "a dictionary of these activations", hint: "give those that it was trained on")
    }
    let atoms = dictionary.decoder.selecting(rows: first.live)
    var search = RefinementSearch(
      rows: targets, k: max(1, settings.k ?? Int(first.l0.rounded(.up))), merge: settings.merge,
      compute: compute)
    let start = settings.residual ?? min(max(first.fvu, 0x1p-20), 0.5)

    try search.begin(atoms, bias: dictionary.decoderBias, residual: start)
    try progress(search.coded().atoms.rows)
    try search.quarter(tolerance: settings.tolerance, progress: progress)
    try search.sharpen(
      growth: settings.growth, least: settings.leastResidual, progress: progress)
    try search.drop(tolerance: settings.tolerance, progress: progress)
    rounds = search.rounds

    let found = search.coded()
    let inputs = dictionary.inputs(of: rows)
    let encoder = EncoderFit(of: inputs, for: found.codes, on: compute)
    let zeros = [Float](repeating: 0, count: inputs.columns)
    var refined: SparseCoder
    if let target {
      let fit = AtomFit(
        of: target.rows, by: found.codes,
        from: Matrix(rows: found.codes.latents, columns: target.rows.columns), on: compute)
      refined = SparseCoder(
        architecture: .transcoder(
          input: dictionary.architecture.sites[0], output: target.site, skip: false),
        activation: .jumpReLU,
        encoder: encoder.encoder, decoder: fit.atoms, encoderBias: encoder.bias,
        decoderBias: fit.bias, inputBias: zeros)
    } else {
      refined = SparseCoder(
        architecture: dictionary.architecture, activation: .jumpReLU, encoder: encoder.encoder,
        decoder: found.atoms, encoderBias: encoder.bias, decoderBias: found.bias,
        inputBias: zeros)
    }
    refined.thresholds = encoder.thresholds
    coder = refined
  }

  private static func check(_ coder: SparseCoder, target: Site?) throws(ConfigurationError) {
    func refuse(_ found: String, _ hint: String) -> ConfigurationError {
      ConfigurationError(
        key: "refine", found: found,
        expected: "a dictionary whose atoms and nonnegative codes alone rebuild what it reads",
        hint: hint)
    }
    if case .transcoder = coder.architecture {
      throw refuse(
        "a transcoder",
        "refine an autoencoder of its input and give the target: that makes a transcoder")
    }
    if target != nil, case .crosscoder = coder.architecture {
      throw refuse("a crosscoder and a target", "a transcoder begins with an autoencoder")
    }
    if coder.skip != nil || coder.rowScaling != .none {
      throw refuse(
        coder.skip != nil ? "a linear path past the latents" : "rows scaled by themselves",
        "train without it")
    }
    if CosineConvention(for: coder.activation) != .signed {
      throw refuse("codes of both signs", "train with topk, batchtopk, relu, jumprelu or gated")
    }
  }
}

/// What a dictionary's own encoder makes of rows.
private struct FirstLook {
  var l0, fvu: Double
  var live: [Int]

  init(at coder: SparseCoder, on rows: Matrix, _ targets: Matrix, compute: Compute) {
    var totals = ReconstructionTotals(width: targets.columns)
    var firing = FiringCounts(latents: coder.latents)
    // Rules that do not say how many latents are active may have all of them.
    for start in stride(from: 0, to: rows.rows, by: 512) {
      let chosen = start..<min(start + 512, rows.rows)
      let part = rows.selecting(rows: chosen)
      let codes = coder.encode(part, on: compute)
      totals.add(
        coder.decode(codes, of: part, on: compute), target: targets.selecting(rows: chosen))
      firing.add(codes)
    }
    (l0, fvu) = (firing.l0, totals.fvu)
    live = firing.densities.indices.filter { firing.densities[$0] > 0 }
  }
}
