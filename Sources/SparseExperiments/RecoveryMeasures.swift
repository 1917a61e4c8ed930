import DictionaryMetrics
public import SparseCoding
import TensorFiles

/// What a dictionary recovers of a truth, as JSON has it.
public struct RecoveryMeasures: Codable, Hashable, Sendable {
  /// One of the measures of a feature's best latent.
  public struct Measure: Codable, Hashable, Sendable {
    /// The share of features of at least 0.95, and of 0.9.
    public var gtRecovery, gtRecovery90: Double
    /// The mean over features.
    public var meanMaxInnerProduct: Double

    init(_ measure: FeatureRecovery.Measure) {
      gtRecovery = measure.atLeast95
      gtRecovery90 = measure.atLeast90
      meanMaxInnerProduct = measure.mean
    }

    enum CodingKeys: String, CodingKey {
      case gtRecovery = "gt_recovery"
      case gtRecovery90 = "gt_recovery_90"
      case meanMaxInnerProduct = "mean_max_inner_product"
    }
  }

  /// The number of features, and of those that are left out because the input or the output does not have them.
  public var features, absent: Int
  /// By the atoms: the headline.
  public var decoderCosine: Measure
  /// The same of the parts of atoms and features at each site of a crosscoder.
  public var sites: [Measure]?
  /// By the encoder's rows, against the features and against their read-outs.
  public var encoderCosine, encoderReadout: Measure
  /// By what a unit of the feature becomes on its way; 1 is ideal.
  public var pathGain: Measure
  /// As the paper has it, which rescaling a latent changes.
  public var paperRaw: Measure
  /// See `FeatureRecovery`.
  public var precision, f1: Double
  /// See `FeatureRecovery`.
  public var duplicates, split: Int
  /// See `AbsorptionCounts`; absent without the codes of the truth.
  public var absorbed: Int?
  /// How far other latents carry features; absent without the codes of the truth, or features to judge.
  public var absorption: Absorption?
  /// How many are absorbed at least and at most, whatever rounding did; no part of the JSON.
  var absorbedBounds: ClosedRange<Int>?
  /// Of latents the share of their feature's rows on which others carry it; no part of the JSON.
  var absorbedShares: [Int: Double]?

  /// How far other latents carry features where their own are silent; see `AbsorptionCounts`.
  public struct Absorption: Codable, Hashable, Sendable {
    /// The features with a latent of their own, active on ten rows at least.
    public var features: Int
    /// Means over them: of the share of rows on which they are absorbed, and of the fraction that others carry.
    public var full, fraction: Double
    /// The feature that is absorbed most, its latent, and on which share of its rows it is.
    public var worstFeature, worstLatent: Int
    /// See `worstFeature`.
    public var worstShare: Double

    init?(_ counts: AbsorptionCounts) {
      guard let full = counts.meanFull, let fraction = counts.meanFraction, let worst = counts.worst
      else { return nil }
      (features, self.full, self.fraction) = (counts.judgedFeatures, full, fraction)
      (worstFeature, worstLatent, worstShare) = (worst.feature, worst.latent, worst.share)
    }

    enum CodingKeys: String, CodingKey {
      case features
      case full = "mean_full_absorption"
      case fraction = "mean_absorption_fraction"
      case worstFeature = "worst_feature"
      case worstLatent = "worst_latent"
      case worstShare = "worst_share"
    }
  }
  /// What features do when they are active alone.
  public var pattern: TruthPattern

  enum CodingKeys: String, CodingKey {
    case features, absent, precision, f1, duplicates, split, absorbed, absorption, sites
    case pattern
    case decoderCosine = "decoder_cosine"
    case encoderCosine = "encoder_cosine"
    case encoderReadout = "encoder_readout"
    case pathGain = "path_gain"
    case paperRaw = "paper_raw"
  }

  /// The recovery by a dictionary, measured on some rows of the data that the truth is of; read-outs are those of all rows.
  ///
  /// - Throws: If the truth is of other widths or another number of rows, or no latent is live.
  public init(
    of truth: Truth, by named: NamedDictionary, live: [Int], on source: any ActivationSource,
    rows: some RandomAccessCollection<Int>, compute: Compute
  ) throws {
    let coder = named.coder
    try truth.check(coder.architecture, rows: source.rows)
    let numbers = truth.present(in: coder.architecture)
    let known = truth.features.selecting(rows: numbers)
    let inputs = known.selecting(columns: coder.architecture.inputs)
    let outputs = known.selecting(columns: coder.architecture.outputs)
    var covariance = CovarianceTotals(width: inputs.columns)
    // Of all rows: how inputs vary is not what was learned, and few rows say it badly.
    try forEachBlock(of: 0..<source.rows, in: source, with: coder, on: compute) { block, _ in
      covariance.add(block.selecting(columns: coder.architecture.inputs), on: compute)
    }
    let found = try FeatureRecovery(
      of: inputs, outputs,
      readOuts: FeatureRecovery.readOuts(of: inputs, like: covariance, on: compute),
      by: coder.encoder, coder.decoder, live: live,
      convention: CosineConvention(for: coder.activation), name: named.name, on: compute)
    features = numbers.count
    absent = truth.features.rows - numbers.count
    decoderCosine = Measure(found.decoderCosine)
    encoderCosine = Measure(found.encoderCosine)
    encoderReadout = Measure(found.encoderReadOut)
    pathGain = Measure(found.pathGain)
    paperRaw = Measure(found.paperRaw)
    (precision, f1) = (found.precision, found.f1)
    (duplicates, split) = (found.duplicates, found.split)
    pattern = TruthPattern(of: coder, on: known, compute: compute)
    sites = try Self.atSites(outputs, by: named, live: live, compute: compute)
    guard let codes = truth.codes else { return }
    var absorption = AbsorptionCounts(
      found, of: outputs, numbered: numbers, by: coder.decoder)
    var done = rows.startIndex
    try forEachBlock(of: rows, in: source, with: coder, on: compute) { block, prepared in
      let end = rows.index(done, offsetBy: block.rows)
      absorption.add(
        coder.targets(of: block), prepared.encode(block), truth: codes,
        at: Array(rows[done..<end]))
      done = end
    }
    absorbed = absorption.count
    absorbedBounds = absorption.countBounds
    absorbedShares = absorption.shares
    self.absorption = Absorption(absorption)
  }
}

extension RecoveryMeasures {
  /// The decoder's recovery at each of several sites that are rebuilt; features that a site does not have are left out.
  private static func atSites(
    _ outputs: Matrix, by named: NamedDictionary, live: [Int], compute: Compute
  ) throws -> [Measure]? {
    guard case .crosscoder(let sites) = named.coder.architecture else { return nil }
    var start = 0
    return try sites.map { site in
      let columns = start..<start + site.width
      start += site.width
      let features = try UnitAtoms(outputs.selecting(columns: columns), name: "features")
      let atoms = try UnitAtoms(
        named.coder.decoder.selecting(columns: columns), live: live, name: named.name)
      let pair = try DictionaryPair(
        features, atoms, convention: CosineConvention(for: named.coder.activation))
      return Measure(
        FeatureRecovery.Measure(cosines: pair.bestMatches(on: compute).firstInSecond.cosines))
    }
  }
}

extension Truth {
  /// The features that have a direction where a dictionary reads and where it reconstructs.
  fileprivate func present(in architecture: Architecture) -> [Int] {
    (0..<features.rows).filter { feature in
      let row = features.row(feature)
      return [architecture.inputs, architecture.outputs].allSatisfy { columns in
        columns.contains { row[row.startIndex + $0] != 0 }
      }
    }
  }

  /// Refuses a dictionary of other sites, and data of other rows.
  func check(_ architecture: Architecture, rows: Int) throws(TensorFileError) {
    guard features.columns == architecture.rowWidth else {
      throw TensorFileError(
        path: path, found: "features of width \(features.columns) in all",
        expected: "width \(architecture.rowWidth), as the dictionary has",
        hint: "give the truth of the data that the dictionary was trained on")
    }
    guard let codes, codes.rows != rows else { return }
    throw TensorFileError(
      path: path, found: "codes of \(codes.rows) rows", expected: "\(rows), as the data have",
      hint: "give the truth of these data")
  }
}
