public import SparseCoding

/// How much of a known truth a dictionary has found, by five measures of what a latent and a feature have in common.
///
/// - Complexity: products of all features with all latents, and one one-to-one matching.
/// - Source: the unified theory of sparse dictionary learning, section 5.1, whose measure is `paperRaw`; the
///   others do not change when a latent's encoder row and atom are rescaled against each other.
/// - Elsewhere: SAELens `mcc` (one to one, absolute, mean alone); implementations against a known truth mostly
///   take the mean best cosine of the decoder.
public struct FeatureRecovery: Hashable, Sendable {
  /// A measure of each feature's best latent.
  public struct Measure: Hashable, Sendable {
    /// The share of features of at least 0.95.
    public let atLeast95: Double
    /// The share of features of at least 0.9.
    public let atLeast90: Double
    /// The mean over features.
    public let mean: Double

    init(_ best: [Double], within error: (Double) -> Double) {
      func share(_ tolerance: Double) -> Double {
        // Cosines are rounded to Float.
        Double(best.count { error($0) <= tolerance + 1e-6 }) / Double(best.count)
      }
      (atLeast95, atLeast90) = (share(0.05), share(0.1))
      mean = best.reduce(0, +) / Double(best.count)
    }

    /// Of values that should be one and are never above.
    public init(cosines: [Float]) { self.init(cosines.map(Double.init)) { 1 - $0 } }
  }

  /// The best cosine of a feature's output direction among live atoms: the headline.
  public let decoderCosine: Measure
  /// The best cosine of its input direction among encoder rows of live latents.
  public let encoderCosine: Measure
  /// The best cosine of its read-out among them; see `readOuts(of:like:)`.
  public let encoderReadOut: Measure
  /// What one unit of the feature becomes on the way through the latent of the best atom.
  ///
  ///     gain = (w_E . w_p)(d . w_r) / |w_r|^2, ideally 1; counted are gains within 0.05 and 0.1 of 1
  public let pathGain: Measure
  /// The greatest magnitude of `w_E` times `w_p` over all latents, of encoder rows as they are and features of
  /// length one.
  ///
  /// It is not invariant: rescaling encoder against decoder changes it at will.
  public let paperRaw: Measure
  /// The share of live atoms that are matched one to one with a feature at 0.95 and more.
  public let precision: Double
  /// The harmonic mean of precision and the share of features whose best atom has 0.95.
  public let f1: Double
  /// Live atoms at 0.95 and more of their best feature beyond the first of each.
  public let duplicates: Int
  /// Features without an atom at 0.95 that two live atoms and more have as their best, at 0.7 and more.
  public let split: Int
  /// The best live atom of each feature: its latent.
  public let bestLatents: [Int]
  /// The cosine with it.
  public let bestCosines: [Float]

  /// The recovery of features by the live latents of a dictionary.
  ///
  /// - Parameters:
  ///   - inputs: The features' directions where the encoder reads, `[features, d_in]`.
  ///   - outputs: Their directions where the atoms are, `[features, d_out]`.
  ///   - readOuts: What a linear encoder should be, `[features, d_in]`.
  /// - Throws: If a weight is not finite, no latent is live, or widths differ.
  public init(
    of inputs: Matrix, _ outputs: Matrix, readOuts: Matrix, by encoder: Matrix,
    _ decoder: Matrix, live: [Int], convention: CosineConvention, name: String,
    on compute: Compute
  ) throws(MetricError) {
    let atoms = try UnitAtoms(decoder, live: live, name: name)
    let features = try UnitAtoms(outputs, name: "features")
    let read = try UnitAtoms(inputs, name: "features")
    guard features.live.rows == outputs.rows, read.live.rows == inputs.rows else {
      throw MetricError(
        place: "features", found: "one of length zero", expected: "directions",
        hint: "leave out features that a site does not have")
    }
    let pair = try DictionaryPair(features, atoms, convention: convention)
    let matches = pair.bestMatches(on: compute)
    bestCosines = matches.firstInSecond.cosines
    bestLatents = matches.firstInSecond.partners.map { atoms.liveLatents[$0] }
    decoderCosine = Measure(cosines: bestCosines)

    func best(_ directions: Matrix) throws(MetricError) -> Measure {
      let rows = atoms.liveLatents.filter { latent in encoder.row(latent).contains { $0 != 0 } }
      let wanted = try UnitAtoms(directions, name: "features")
      guard !rows.isEmpty, wanted.live.rows == directions.rows else {
        return Measure(cosines: [Float](repeating: 0, count: directions.rows))
      }
      let found = try DictionaryPair(
        wanted, UnitAtoms(encoder, live: rows, name: name), convention: convention)
      return Measure(cosines: found.bestMatches(on: compute).firstInSecond.cosines)
    }
    encoderCosine = try best(inputs)
    encoderReadOut = try best(readOuts)

    let gains = bestLatents.enumerated().map { feature, latent in
      Self.dot(encoder.row(latent), inputs.row(feature))
        * Self.dot(decoder.row(latent), outputs.row(feature))
        / Self.dot(outputs.row(feature), outputs.row(feature))
    }
    pathGain = Measure(gains) { abs(1 - $0) }
    let raw = compute.bestMatches(of: read.all, in: encoder, absolute: true).values
    paperRaw = Measure(raw.map(Double.init)) { 1 - $0 }

    let matched = pair.matching(on: compute).pairs.count { $0.cosine >= 0.95 }
    precision = Double(matched) / Double(atoms.live.rows)
    let recall = decoderCosine.atLeast95
    f1 = precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0
    var near = [Int](repeating: 0, count: outputs.rows)
    var claimed = near
    for (cosine, feature) in zip(matches.secondInFirst.cosines, matches.secondInFirst.partners) {
      if cosine >= 0.95 { near[feature] += 1 }
      if cosine >= 0.7 { claimed[feature] += 1 }
    }
    duplicates = near.reduce(0) { $0 + max(0, $1 - 1) }
    split = zip(claimed, bestCosines).count { $0 > 1 && $1 < 0.95 }
  }

  private static func dot(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  /// What a linear encoder of each feature should be, given how rows vary.
  ///
  ///     (C + r I)^-1 w_p,   C the covariance of rows, r = 0.001 trace(C) / d_in
  ///
  /// With more features than dimensions it is far from the features themselves.
  ///
  /// - Returns: `[features, d_in]`.
  /// - Complexity: O(d_in³), and two products of features and eigenvectors.
  public static func readOuts(
    of inputs: Matrix, like rows: CovarianceTotals, on compute: Compute
  ) -> Matrix {
    let width = inputs.columns
    let eigen = SymmetricEigen(rows.scatter, order: width)
    let scale = 1 / Double(max(1, rows.rows - 1))
    let ridge = 0.001 * scale * eigen.values.reduce(0, +) / Double(width)
    let vectors = Matrix(
      rows: width, columns: width,
      values: (0..<width).flatMap { index in eigen.vector(index).map(Float.init) })
    var along = compute.product(inputs, vectors)
    for index in 0..<width {
      let weight = Float(1 / (max(0, eigen.values[index]) * scale + ridge))
      for feature in 0..<inputs.rows { along[feature, index] *= weight }
    }
    return compute.product(along, vectors.transposed())
  }
}
