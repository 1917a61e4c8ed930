import SparseCoding

/// The pairing of two dictionaries' atoms, each used once, that has the greatest sum of cosines.
public struct OneToOneMatching: Hashable, Sendable {
  /// A matched pair.
  public struct Pair: Hashable, Sendable {
    /// The positions of the two atoms among those compared.
    public var first, second: Int
    /// Their cosine by the convention, in [-1, 1].
    public var cosine: Float
  }

  /// The pairs, by ascending `first`; as many as the smaller dictionary has atoms.
  public let pairs: [Pair]
  /// The fraction of the larger dictionary that is matched, `min(K_A, K_B) / max(K_A, K_B)`.
  public let coverage: Double
  /// The sum of matched cosines divided by `min(K_A, K_B)`.
  public let dcs: Double

  init(_ first: Matrix, _ second: Matrix, _ convention: CosineConvention, on compute: Compute) {
    self.init(Self.similarities(first, second, convention, on: compute))
  }

  /// The cosines of all rows with all rows, by a convention.
  static func similarities(
    _ first: Matrix, _ second: Matrix, _ convention: CosineConvention, on compute: Compute
  ) -> Matrix {
    var cosines = compute.product(first, second)
    if convention == .absolute {
      for index in cosines.values.indices { cosines.values[index] = abs(cosines.values[index]) }
    }
    return cosines
  }

  /// The best pairing of a matrix of cosines; nothing here runs in parallel.
  init(_ similarities: Matrix) {
    let assignment = Assignment(maximizing: similarities)
    pairs = assignment.columns.enumerated().compactMap { row, column in
      column.map {
        Pair(first: row, second: $0, cosine: max(-1, min(1, similarities[row, $0])))
      }
    }
    let shorter = min(similarities.rows, similarities.columns)
    coverage = Double(shorter) / Double(max(similarities.rows, similarities.columns))
    dcs = pairs.reduce(0.0) { $0 + Double($1.cosine) } / Double(shorter)
  }
}
