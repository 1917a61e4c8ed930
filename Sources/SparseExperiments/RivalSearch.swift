import DictionaryMetrics
public import DictionaryTraining
import Identifiability
public import RunRecords
public import SparseCoding
public import TensorFiles

/// What to look for a rival dictionary with.
public struct RivalOptions: Hashable, Sendable {
  /// The variance that it may leave beside what the dictionary leaves, as a share.
  public var tolerance = 0.01
  /// The cosine below which an atom counts as another.
  public var threshold = Double(SharedLatents.standardThreshold)
  /// The active latents of a row; nil for the dictionary's k, else its rounded l0.
  public var k: Int?
  /// Rows that it is fitted to at most, evenly spread; as many others judge it at most.
  public var rows = 4096
  /// Rounds of codes and atoms.
  public var rounds = 8
  /// The seed of turns where atoms fire alone.
  public var seed: UInt64 = 0

  /// The defaults.
  public init() {}

  /// Refuses numbers that say nothing.
  public func validate() throws(ConfigurationError) {
    for (key, value) in [("tolerance", tolerance), ("threshold", threshold)]
    where !(value > 0 && value < 1) {
      throw ConfigurationError(
        key: key, found: "\(value)", expected: "a number between 0 and 1",
        hint: key == "tolerance" ? "0.01 is one part in a hundred of the variance" : "0.7 is usual")
    }
    for (key, value) in [("rows", rows), ("rounds", rounds), ("k", k ?? 1)] where value < 1 {
      throw ConfigurationError(
        key: key, found: "\(value)", expected: "a positive number",
        hint: "leave it out for the default")
    }
  }
}

/// The most different dictionary found that codes rows nearly as well; see `RivalDictionary`.
public struct RivalSearch: Sendable {
  /// What was found.
  public let record: RivalRecord
  /// The rival, with an encoder fitted to its codes; of codes with signs the atoms themselves are the encoder.
  public let coder: SparseCoder
  /// The latents of the dictionary that fire.
  public let latents: [Int]
  /// Of each the largest cosine with an atom of the rival, and what its loss would cost as a share of the variance.
  public let cosines, costs: [Double]

  /// Looks for a rival of a dictionary.
  ///
  /// - Parameters:
  ///   - siblings: Other seeds, from which the search begins too.
  ///   - rows: Rows for fitting are those that train, rows for judging those held out.
  /// - Throws: `ConfigurationError` for dictionaries that are more than atoms and codes, and as `evaluate`.
  public init(
    of named: NamedDictionary, siblings: [NamedDictionary] = [], on rows: TrainingRows,
    path: String, options: RivalOptions, compute: Compute,
    progress: (_ atoms: Int) throws -> Void = { _ in }
  ) throws {
    try options.validate()
    let coder = named.coder
    try Self.check(coder)
    try checkWidth(of: rows.source, path: path, for: coder)
    guard !rows.heldOut.isEmpty else {
      throw ConfigurationError(
        key: "holdout", found: "no row to judge on alone", expected: "rows that are not fitted",
        hint: "a fifth is usual: --holdout 0.2")
    }
    let fitted = try Self.matrix(rows.source, rows.training, most: options.rows)
    let judged = try Self.matrix(rows.source, rows.evaluated, most: options.rows)
    for (name, part) in [("fitted", fitted), ("judged", judged)] {
      var totals = ReconstructionTotals(width: part.columns)
      totals.add(part, target: part)
      guard totals.squaredDeviation > 0 else {
        throw MetricError(
          place: path, found: "\(part.rows) rows to be \(name) that do not vary",
          expected: "rows that do", hint: "give more with --rows or another --holdout")
      }
    }
    let seen = try evaluate(coder, on: fitted, path: path, compute: compute)
    let live = seen.live.filter { coder.decoder.row($0).contains { $0 != 0 } }
    guard live.count > 1 else {
      throw MetricError(
        place: named.name, found: "\(live.count) latents that fire on \(fitted.rows) rows",
        expected: "two at least",
        hint: "give activations of the site that the dictionary was trained on")
    }
    let convention = CosineConvention(for: coder.activation)
    let k = min(
      options.k ?? coder.activation.k ?? max(1, Int(seen.measures.l0.rounded())), live.count)
    let own = coder.decoder.selecting(rows: live)
    let others = try siblings.compactMap { sibling -> Matrix? in
      let live = try evaluate(sibling.coder, on: fitted, path: path, compute: compute).live
      return live.isEmpty
        ? nil : try UnitAtoms(sibling.coder.decoder, live: live, name: sibling.name).live
    }
    let rival = try RivalDictionary(
      of: own, bias: coder.decoderBias, others: others, fitted: fitted, judged: judged,
      convention: convention,
      settings: .init(
        tolerance: options.tolerance, threshold: options.threshold, k: k, rounds: options.rounds,
        seed: options.seed), compute: compute, progress: progress)

    let pair = try DictionaryPair(
      UnitAtoms(rival.own, name: named.name), UnitAtoms(rival.atoms, name: "rival"),
      convention: convention)
    var agreement = CodeAgreement()
    var stream = RandomStream(seed: options.seed, name: "rival/codes")
    agreement.add(
      rival.ownCodes, rival.codes,
      matching: CodeMatching(pair, pair.matching(on: compute)), by: &stream)
    let missed = others.map { other in
      let cosines = compute.bestMatches(
        of: rival.own, in: other, absolute: convention == .absolute
      ).values
      return Double(cosines.count { Double($0) < options.threshold }) / Double(cosines.count)
    }
    let whole = rival.costs.reduce(0, +)
    record = RivalRecord(
      eluteVersion: eluteVersion, source: named.name, data: path, fittedRows: fitted.rows,
      judgedRows: judged.rows, k: k, tolerance: options.tolerance, threshold: options.threshold,
      rounds: options.rounds, seed: options.seed,
      encoderFVU: try evaluate(coder, on: judged, path: path, compute: compute).measures.fvu,
      ownFVU: rival.ownFVU, rivalFVU: rival.fvu, rivalAtoms: rival.atoms.rows, atoms: live.count,
      replaced: rival.replaced.count,
      replacedShareOfCost: whole > 0
        ? rival.replaced.reduce(0) { $0 + rival.costs[$1] } / whole : 0,
      mmcs: pair.bestMatches(on: compute).mmcs,
      codeIoU: agreement.codes.rows > 0 ? agreement.codes.codeIoU : 0,
      missedBySeeds: missed.isEmpty ? nil : missed.reduce(0, +) / Double(missed.count),
      host: .init(compute))
    (latents, cosines, costs) = (live, rival.cosines, rival.costs)
    self.coder = Self.coder(
      rival, like: coder, k: k, fitted: fitted, isSigned: convention == .absolute,
      compute: compute)
  }

  private static func check(_ coder: SparseCoder) throws(ConfigurationError) {
    let found: String? =
      if case .transcoder = coder.architecture {
        "a transcoder"
      } else if coder.skip != nil {
        "a linear path past the latents"
      } else if coder.rowScaling != .none {
        "rows scaled by themselves"
      } else {
        nil
      }
    guard let found else { return }
    throw ConfigurationError(
      key: "rival", found: found,
      expected: "a dictionary whose atoms and codes alone rebuild what it reads",
      hint: "give an autoencoder or a crosscoder without it")
  }

  private static func matrix(
    _ source: any ActivationSource, _ rows: some RandomAccessCollection<Int>, most: Int
  ) throws -> Matrix {
    let most = max(1, min(most, rows.count))
    let every = (rows.count + most - 1) / most
    return try source.matrix(
      ofRows: stride(from: 0, to: rows.count, by: every).map {
        rows[rows.index(rows.startIndex, offsetBy: $0)]
      })
  }

  /// The rival's atoms with an encoder: fitted to codes that are not negative, else the atoms themselves.
  private static func coder(
    _ rival: RivalDictionary, like coder: SparseCoder, k: Int, fitted: Matrix, isSigned: Bool,
    compute: Compute
  ) -> SparseCoder {
    let bias = coder.decoderBias
    guard !isSigned else {
      return SparseCoder(
        architecture: coder.architecture, activation: .absTopK(k: k), encoder: rival.atoms,
        decoder: rival.atoms, encoderBias: [Float](repeating: 0, count: rival.atoms.rows),
        decoderBias: bias)
    }
    let codes = SparseSolver.orthogonalMatchingPursuit(k: k, isNonnegative: true)
      .codes(of: fitted, on: rival.atoms, bias: bias, compute: compute)
    let encoder = EncoderFit(of: fitted, for: codes, on: compute)
    var made = SparseCoder(
      architecture: coder.architecture, activation: .jumpReLU, encoder: encoder.encoder,
      decoder: rival.atoms, encoderBias: encoder.bias, decoderBias: bias,
      inputBias: [Float](repeating: 0, count: fitted.columns))
    made.thresholds = encoder.thresholds
    return made
  }
}

extension RivalSearch {
  /// Writes the rival as a dictionary, `rival.json`, and `atoms.csv` with a line for each latent of the dictionary.
  public func write(to folder: String) throws(TensorFileError) {
    try makeFolder(folder)
    try AtomicFolder.write(to: folder) { (temporary) throws(TensorFileError) in
      try SAELensDictionary.write(
        coder,
        metadata: [
          "elute_version": .string(eluteVersion), "elute_rival_of": .string(record.source),
          "l0": .number(Double(record.k)),
        ], to: temporary)
      try JSONFile.write(record, to: temporary + "/rival.json")
      let lines = latents.indices.map {
        "\(latents[$0]),\(costs[$0]),\(cosines[$0]),\(cosines[$0] < record.threshold ? 1 : 0)"
      }
      try AtomicFile.write(
        (["latent,cost,cosine,replaceable"] + lines).joined(separator: "\n") + "\n",
        to: temporary + "/atoms.csv")
    }
  }
}
