public import SparseCoding

/// Activations of known features: sparse codes times a matrix of unit directions, one for each site.
///
///     x_d = m_d (least + scale e_d),   m_d by the co-activation at the given probability, e_d ~ Exp(1)
///     row = sum over d of x_d W_s[d]  for every site s,  plus noise of that mean length
///
/// Every row is a function of the seed and its position alone, so rows can be read in any order and written to
/// any size. Sites share the codes: one is an autoencoder's, two are input and target of a transcoder, more the
/// sources of a crosscoder.
///
/// - Complexity: O(active × width) a row.
/// - Source: the Linear Representation Bench, unified theory of sparse dictionary learning, appendix C;
///   the law of the activations is not printed there.
public struct LinearRepresentationBench: ActivationSource {
  /// What the rows are made by.
  public let settings: BenchSettings
  /// The features of each site, `[features, width]`: of length one, or zero where a site does not have them.
  public let features: [Matrix]
  /// The greatest product of two features of a site, for each.
  public let greatestProducts: [Double]

  /// The bench of some settings.
  ///
  /// - Throws: `BenchError` for settings that make no data, or directions that could not be pushed apart.
  public init(_ settings: BenchSettings, on compute: Compute) throws(BenchError) {
    try settings.validate()
    var features: [Matrix] = []
    var greatest: [Double] = []
    for site in 0..<settings.sites {
      let made = settings.descent.directions(
        count: settings.features, width: settings.width, in: settings.mixture,
        keeping: settings.sharing.kept(at: site, from: features.first), seed: settings.seed,
        name: "bench/features/\(site)", on: compute)
      guard made.greatest <= settings.descent.interference else {
        throw BenchError(
          key: "interference",
          found: "a greatest product of \(made.greatest) after \(made.steps) steps",
          expected: "at most \(settings.descent.interference)",
          hint: "so many directions do not fit: fewer features, a larger width or interference, "
            + "or another rate of descent")
      }
      features.append(
        settings.sharing.features(of: site, among: settings.sites, from: made.directions))
      greatest.append(InterferenceDescent.greatestProduct(of: features[site], on: compute))
    }
    self.settings = settings
    self.features = features
    greatestProducts = greatest
  }

  /// The number of rows.
  public var rows: Int { settings.rows }
  /// The width of all sites side by side.
  public var width: Int { settings.width * settings.sites }

  /// The codes of some rows, in their order.
  public func codes(ofRows range: Range<Int>) -> SparseCodes {
    var offsets = [0]
    var indices: [Int32] = []
    var values: [Float] = []
    for row in range {
      for (feature, value) in code(ofRow: row) {
        indices.append(Int32(feature))
        values.append(value)
      }
      offsets.append(indices.count)
    }
    return SparseCodes(
      latents: settings.features, offsets: offsets, indices: indices, values: values)
  }

  /// The active features of a row, ascending, and how active they are.
  private func code(ofRow row: Int) -> [(feature: Int, value: Float)] {
    var stream = RandomStream(seed: settings.seed, name: "bench/codes/\(row)")
    if let code = settings.coActivation.normalCode(of: settings.features, from: &stream) {
      return code.map { ($0.feature, Float(settings.scale) * $0.value) }
    }
    let active = settings.coActivation.active(
      of: settings.features, probability: settings.activationProbability, from: &stream)
    return zip(active, stream.uniforms(count: active.count)).map { feature, draw in
      (feature, Float(settings.least + settings.scale * -Elementary.log(1 - draw)))
    }
  }

  /// Writes consecutive rows, site beside site.
  public func read(_ range: Range<Int>, into target: UnsafeMutablePointer<Float>) {
    read(range, sites: 0..<settings.sites, into: target)
  }

  /// All rows at once, site beside site, shared by the threads: each row is drawn on its own.
  public func matrix(on compute: Compute) -> Matrix {
    let (rows, width, unit) = (rows, width, 256)
    let values = [Float](unsafeUninitializedCapacity: rows * width) { target, initialized in
      nonisolated(unsafe) let target = target
      compute.pool.run(units: (rows + unit - 1) / unit) { part, _ in
        guard let first = target.baseAddress else { return }
        let some = part * unit..<min((part + 1) * unit, rows)
        read(some, into: first + some.lowerBound * width)
      }
      initialized = rows * width
    }
    return Matrix(rows: rows, columns: width, values: values)
  }

  /// Writes consecutive rows of some sites.
  fileprivate func read(
    _ range: Range<Int>, sites: Range<Int>, into target: UnsafeMutablePointer<Float>
  ) {
    let each = settings.width
    target.update(repeating: 0, count: range.count * sites.count * each)
    var place = target
    for row in range {
      let code = code(ofRow: row)
      for site in sites {
        features[site].values.withUnsafeBufferPointer { directions in
          for (feature, value) in code {
            for index in 0..<each { place[index] += value * directions[feature * each + index] }
          }
        }
        if settings.noise > 0 { addNoise(to: place, row: row, site: site) }
        place += each
      }
    }
  }

  private func addNoise(to place: UnsafeMutablePointer<Float>, row: Int, site: Int) {
    var stream = RandomStream(seed: settings.seed, name: "bench/noise/\(row)/\(site)")
    let scale = Float(settings.noise / Double(settings.width).squareRoot())
    for (index, value) in stream.gaussians(count: settings.width).enumerated() {
      place[index] += scale * value
    }
  }
}

extension LinearRepresentationBench {
  /// The rows of one site alone.
  public func site(_ index: Int) -> BenchSite { BenchSite(bench: self, index: index) }
}

/// The rows of one site of a bench.
public struct BenchSite: ActivationSource {
  let bench: LinearRepresentationBench
  let index: Int

  /// The number of rows.
  public var rows: Int { bench.rows }
  /// The width of the site.
  public var width: Int { bench.settings.width }

  /// Writes consecutive rows of the site.
  public func read(_ range: Range<Int>, into target: UnsafeMutablePointer<Float>) {
    bench.read(range, sites: index..<index + 1, into: target)
  }
}
