import ArgumentParser
import Elute

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure a dictionary on activations: fvu, l0, dead latents, duplicate atoms.",
    discussion: """
      Example:
        elute evaluate runs/a/seed-0 --data acts.npy --holdout every:10

      The dictionary is a folder in the layout of SAELens 6, or a seed of a run. fvu is the squared \
      error over the squared deviation from the mean of the evaluated rows; mse is per element; a latent \
      is dead when it fires on none of them. Live atoms in a cluster of cosines of 0.9 and more count as \
      one distinct atom; effective rank is the exponential of the entropy of the live atoms' singular \
      values, centered.

      What does the encoder lose? --oracle codes the same rows on the dictionary's own atoms without it:
        elute evaluate runs/a/seed-0 --data acts.npy --holdout every:10 --oracle omp
      omp is orthogonal matching pursuit, ols orthogonal least squares, fista the lasso (whose codes are \
      shrunk). The amortization gap is the encoder's fvu minus the oracle's at the same l0; the code iou \
      is the mean overlap of their supports. An oracle is no certified optimum: a gap may be negative.
      """)

  @Argument(help: ArgumentHelp("The dictionary.", valueName: "dict"))
  var dictionary: String

  @OptionGroup var sites: SiteOptions

  @Option(
    help: ArgumentHelp(
      "Evaluate only these rows: a fraction, every:N or none for all. (default: all)",
      valueName: "rule"))
  var holdout: String?

  @Option(
    help: ArgumentHelp(
      "The folder with the truth of synthetic data: what of it is recovered?", valueName: "dir"))
  var truth: String?

  @OptionGroup var oracle: OracleOptions
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if sites.paths.isEmpty { throw ValidationError("Missing expected argument '--data <path>'") }
  }

  func run() throws {
    let place = try compute.compute()
    let oracle = try oracle.oracle()
    let named = try NamedDictionary(dictionary)
    let (divided, data) = try sites.rows(for: named.coder, holdOut: holdout)
    let seen = try evaluate(
      named.coder, on: divided.source, rows: divided.evaluated, path: data, compute: place)
    let measures = seen.measures
    let atoms = try AtomMeasures(named, live: seen.live, on: place)
    let solved = try oracle.map {
      try evaluate(
        $0, against: named.coder, l0: measures.l0, on: divided.source, rows: divided.evaluated,
        path: data,
        compute: place)
    }
    let gap = solved.map { measures.fvu - $0.fvu }
    let recovery = try truth.map {
      try RecoveryMeasures(
        of: Truth($0), by: named, live: seen.live, on: divided.source, rows: divided.evaluated,
        compute: place)
    }
    if output.json {
      return try Console.json(
        Answer(
          measures: measures, atoms: atoms, oracle: solved, amortizationGap: gap,
          recovery: recovery))
    }
    print(
      """
      \(dictionary) on \(measures.rows) rows of \(data)
        fvu                 \(fixed(measures.fvu, 5))
        explained variance  \(fixed(measures.explainedVariance, 5))
        mse                 \(measures.mse)
        l0                  \(fixed(measures.l0, 3))
        dead latents        \(fixed(100 * measures.deadFraction, 2)) %
        distinct atoms      \(atoms.distinctAtoms) of \(atoms.liveAtoms) live
        effective rank      \(fixed(atoms.effectiveRank, 1)) of \(named.coder.outputWidth)
      """)
    if let recovery { print(table(of: recovery)) }
    guard let solved, let gap else { return }
    let sparsity = solved.k.map { "k \($0)" } ?? "l1 \(solved.l1 ?? .nan)"
    print(
      """
      oracle \(solved.solver.rawValue), \(sparsity), \(solved.nonnegative ? "nonnegative" : "signed") codes
        fvu                 \(fixed(solved.fvu, 5))
        l0                  \(fixed(solved.l0, 3))
        amortization gap    \(fixed(gap, 5))
        code iou            \(fixed(solved.codeIoU, 4))
      """)
  }

  private func table(of recovery: RecoveryMeasures) -> String {
    func line(_ name: String, _ measure: RecoveryMeasures.Measure) -> String {
      "  \(name)\(fixed(100 * measure.gtRecovery, 1)) %   \(fixed(100 * measure.gtRecovery90, 1)) %   "
        + fixed(measure.meanMaxInnerProduct, 4)
    }
    return """
      recovery of \(recovery.features) features, at 0.95, at 0.9, and the mean of the best
      \(line("decoder cosine      ", recovery.decoderCosine))
      \(line("encoder cosine      ", recovery.encoderCosine))
      \(line("encoder, read-out   ", recovery.encoderReadout))
      \(line("path gain           ", recovery.pathGain))
      \(line("raw encoder rows    ", recovery.paperRaw))   as the paper has it; not invariant
        precision           \(fixed(100 * recovery.precision, 1)) %, f1 \(fixed(recovery.f1, 4))
        duplicates          \(recovery.duplicates), features split \(recovery.split)\
      \(recovery.absorbed.map { ", absorbed \($0)" } ?? "")\(absorption(recovery))
        features alone      \(fixed(recovery.pattern.latentsPerFeature, 1)) latents each; of latents \
      \(fixed(100 * recovery.pattern.polysemantic, 1)) % have several features, \
      \(fixed(100 * recovery.pattern.empty, 1)) % none
      """
  }

  private func absorption(_ recovery: RecoveryMeasures) -> String {
    guard let found = recovery.absorption else { return "" }
    return ": full absorption \(fixed(found.full, 4)), fraction \(fixed(found.fraction, 4))"
  }

  /// The measures of rows and those of atoms, as one flat object, and the oracle's in one of their own.
  private struct Answer: Encodable {
    var measures: Evaluation
    var atoms: AtomMeasures
    var oracle: OracleMeasures?
    var amortizationGap: Double?
    var recovery: RecoveryMeasures?

    enum CodingKeys: String, CodingKey {
      case oracle, recovery
      case amortizationGap = "amortization_gap"
    }

    func encode(to encoder: any Encoder) throws {
      try measures.encode(to: encoder)
      try atoms.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encodeIfPresent(oracle, forKey: .oracle)
      try container.encodeIfPresent(amortizationGap, forKey: .amortizationGap)
      try container.encodeIfPresent(recovery, forKey: .recovery)
    }
  }
}

/// What an encoder is compared with.
struct OracleOptions: ParsableArguments {
  @Option(
    name: .customLong("oracle"),
    help: ArgumentHelp(
      "Code the rows without the encoder too, by omp, ols or fista.", valueName: "solver"))
  var method: String?

  @Option(
    name: .customLong("oracle-k"),
    help: ArgumentHelp(
      "Atoms a row of omp and ols. (default: the encoder's mean l0, rounded)", valueName: "n"))
  var k: Int?

  @Option(
    name: .customLong("oracle-l1"),
    help: ArgumentHelp(
      "The penalty of fista, in units of data times atoms. (default: the one of the encoder's l0)",
      valueName: "x"))
  var l1: Double?

  @Flag(
    name: .customLong("oracle-nonnegative"), inversion: .prefixedNo,
    help: "Whether the oracle's codes are nonnegative. (default: as the dictionary's)")
  var isNonnegative: Bool?

  func oracle() throws -> Oracle? {
    guard let method else {
      guard k == nil, l1 == nil, isNonnegative == nil else {
        throw ConfigurationError(
          key: k != nil ? "oracle-k" : l1 != nil ? "oracle-l1" : "oracle-nonnegative",
          found: "no oracle to apply it to", expected: "--oracle with it",
          hint: "add --oracle omp, or leave it out")
      }
      return nil
    }
    guard let chosen = Oracle.Method(rawValue: method) else {
      throw ConfigurationError(
        key: "oracle", found: "'\(method)'",
        expected: Oracle.Method.allCases.map(\.rawValue).joined(separator: " or "),
        hint: "omp is the usual one")
    }
    return try Oracle(chosen, k: k, l1: l1, isNonnegative: isNonnegative)
  }
}
