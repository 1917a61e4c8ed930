import SparseCoding

/// The pairing of two dictionaries' atoms, each used once, that has the greatest sum of cosines.
///
/// Up to `densePairs` pairs of atoms by `Assignment` on the matrix of cosines; beyond, the same optimum from
/// nearest neighbors alone, without that matrix, and with a proof of how far from it the result can be.
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
  /// By how much the best pairing's `dcs` can exceed this one, at most: 0 from the matrix, else proved by
  /// the prices of the assignment, some 1e-9 or less unless atoms tie to the last bit (then near 1e-7).
  public let gap: Double

  /// The number of pairs of atoms whose cosines are still held at once: 4,096 by 4,096, 64 MiB.
  static let densePairs = 1 << 24

  init(_ first: Matrix, _ second: Matrix, _ convention: CosineConvention, on compute: Compute) {
    guard first.rows * second.rows > Self.densePairs else {
      self.init(Self.similarities(first, second, convention, on: compute))
      return
    }
    self.init(
      SparseMatching(first, second, convention, on: compute), of: first.rows, and: second.rows)
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
    self.init(
      assignment.columns, gap: 0, of: similarities.rows, and: similarities.columns
    ) { similarities[$0, $1] }
  }

  init(_ matching: SparseMatching, of first: Int, and second: Int) {
    self.init(matching.columns, gap: matching.gap, of: first, and: second) { row, _ in
      matching.cosines[row]
    }
  }

  private init(
    _ columns: [Int?], gap: Double, of first: Int, and second: Int, cosine: (Int, Int) -> Float
  ) {
    pairs = columns.enumerated().compactMap { row, column in
      column.map {
        // Rounding may leave a cosine a few units in the last place above 1.
        Pair(first: row, second: $0, cosine: max(-1, min(1, cosine(row, $0))))
      }
    }
    let shorter = min(first, second)
    coverage = Double(shorter) / Double(max(first, second))
    dcs = pairs.reduce(0.0) { $0 + Double($1.cosine) } / Double(shorter)
    self.gap = gap
  }
}
