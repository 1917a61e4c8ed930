import SparseCoding

/// Directions in clusters: a Gaussian mixture on the sphere.
///
///     w = c_j + spread g / sqrt(width),   then to length one,   j uniform,   g standard normal
///
/// with `c_j` uniform on the sphere. Two directions of a cluster have a cosine of about `1 / (1 + spread²)`.
///
/// - Source: the second synthetic set of "Toward Identifiable Sparse Autoencoders"; its number and spread of
///   components are not printed.
public struct DirectionMixture: Hashable, Sendable {
  /// The number of clusters.
  public var components: Int
  /// How far directions are from their cluster's, in lengths of it.
  public var spread: Double

  /// A mixture of the values given.
  public init(components: Int, spread: Double = 1) {
    self.components = components
    self.spread = spread
  }

  /// Directions of length one, `[count, width]`, a function of seed and name.
  func directions(count: Int, width: Int, seed: UInt64, name: String) -> Matrix {
    let centers = randomDirections(
      count: components, width: width, seed: seed, name: "\(name)/centers")
    var stream = RandomStream(seed: seed, name: "\(name)/mixture")
    var directions = Matrix(rows: count, columns: width)
    let scale = Float(spread / Double(width).squareRoot())
    for row in 0..<count {
      let center = centers.row(stream.index(below: components))
      for (index, pair) in zip(center, stream.gaussians(count: width)).enumerated() {
        directions[row, index] = pair.0 + scale * pair.1
      }
    }
    normalizeRows(of: &directions)
    return directions
  }
}
