/// The change of units in which a dictionary is trained: a row becomes `A (s ∘ scaled(x))`.
///
/// `scaled` is what a `RowScaling` does to each site of a row, s one factor a column, A one symmetric
/// matrix a site. A shift is not part of it: the output bias is learned, and takes any shift up.
public struct RowNormalizer: Sendable, Hashable {
  /// What each row is scaled by itself with, first.
  public var rowScaling: RowScaling
  /// One factor for each column, `[row width]`.
  public var scales: [Float]
  /// For each site a symmetric matrix `[width, width]`; empty for none.
  public var whitening: [Whitening]

  /// A normalizer of the parts given.
  public init(
    rowScaling: RowScaling = .none, scales: [Float], whitening: [Whitening] = []
  ) {
    self.rowScaling = rowScaling
    self.scales = scales
    self.whitening = whitening
  }

  /// One factor for all columns.
  public init(scale: Float, width: Int) {
    self.init(scales: [Float](repeating: scale, count: width))
  }

  /// The factor of all columns, where they have one and nothing else is done.
  public var uniformScale: Float? {
    guard let first = scales.first, scales.allSatisfy({ $0 == first }), isDiagonal else {
      return nil
    }
    return first
  }

  /// The factor that leads from the data's own units to those of training in some columns; 1 where there
  /// is no such factor.
  public func scale(of columns: Range<Int>) -> Double {
    guard isDiagonal, let first = scales[columns].first,
      scales[columns].allSatisfy({ $0 == first })
    else { return 1 }
    return Double(first)
  }

  /// Whether nothing but the columns' factors is applied.
  public var isDiagonal: Bool { rowScaling == .none && whitening.isEmpty }

  /// A symmetric matrix and its inverse.
  public struct Whitening: Sendable, Hashable {
    /// What rows are multiplied with, `[width, width]`.
    public var matrix: Matrix
    /// Its inverse.
    public var inverse: Matrix

    /// A matrix and its inverse.
    public init(matrix: Matrix, inverse: Matrix) {
      self.matrix = matrix
      self.inverse = inverse
    }
  }
}

extension RowScaling {
  /// What the values of one site of a row are shifted by, and then multiplied with; in `Double`.
  ///
  /// A row of zeros, or a constant one under `layerNorm`, stays zero.
  public func shiftAndFactor(
    of count: Int, _ value: (Int) -> Float
  ) -> (shift: Double, factor: Double) {
    guard self != .none else { return (0, 1) }
    var sum = 0.0
    if self == .layerNorm { for i in 0..<count { sum += Double(value(i)) } }
    let mean = sum / Double(max(count, 1))
    var squares = 0.0
    for i in 0..<count {
      let difference = Double(value(i)) - mean
      squares += difference * difference
    }
    let size =
      self == .layerNorm ? (squares / Double(max(count, 1))).squareRoot() : squares.squareRoot()
    return (-mean, size > 0 ? 1 / size : 0)
  }
}
