public import SparseCoding

/// Data with a known dictionary: each row is a sparse nonnegative sum of unit atoms, plus noise.
///
///     x = sum over `active` distinct features of a f_i + noise g,   a uniform in [0.2, 1.2)
///
/// The features are uniform on the sphere, `g` is standard normal over the square root of the width.
/// Everything is a pure function of the seed.
public struct PlantedDictionary: Sendable {
  /// The true atoms, `[features, width]`, of unit length.
  public let features: Matrix
  /// Features in a row.
  public let active: Int
  /// The norm of the noise, on average.
  public let noise: Float

  private let seed: UInt64

  /// A dictionary of random unit atoms.
  ///
  /// - Precondition: `active` is at most `features`.
  public init(width: Int, features: Int, active: Int, noise: Float = 0.3, seed: UInt64 = 0) {
    precondition(active <= features, "\(active) of \(features) features cannot be active")
    self.features = randomDirections(
      count: features, width: width, seed: seed, name: "planted features")
    self.active = active
    self.noise = noise
    self.seed = seed
  }

  /// The true codes of `count` rows.
  public func codes(count: Int) -> SparseCodes {
    var stream = RandomStream(seed: seed, name: "planted codes")
    var offsets = [0]
    var indices: [Int32] = []
    var values: [Float] = []
    for _ in 0..<count {
      var chosen: Set<Int> = []
      while chosen.count < active { chosen.insert(stream.index(below: features.rows)) }
      for (feature, draw) in zip(chosen.sorted(), stream.uniforms(count: active)) {
        indices.append(Int32(feature))
        values.append(Float(0.2 + draw))
      }
      offsets.append(indices.count)
    }
    return SparseCodes(
      latents: features.rows, offsets: offsets, indices: indices, values: values)
  }

  /// `count` rows, `[count, width]`.
  public func rows(count: Int, on compute: Compute) -> Matrix {
    let width = features.columns
    let decoder = SparseCoder(
      site: Site(name: "planted", width: width), activation: .topK(k: active),
      encoder: features, decoder: features,
      encoderBias: [Float](repeating: 0, count: features.rows),
      decoderBias: [Float](repeating: 0, count: width))
    var rows = decoder.decode(codes(count: count), on: compute)
    var stream = RandomStream(seed: seed, name: "planted noise")
    let scale = noise / Float(width).squareRoot()
    for (index, value) in stream.gaussians(count: count * width).enumerated() {
      rows.values[index] += scale * value
    }
    return rows
  }
}
