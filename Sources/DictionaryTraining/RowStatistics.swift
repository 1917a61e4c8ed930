public import SparseCoding

/// What training needs to know of its rows before the first step; the same for every seed.
public struct RowStatistics: Hashable, Sendable {
  /// The sum of squares of the training rows, and its terms.
  let squares: Double
  let elements: Int
  /// The geometric median of at most 32,768 training rows, and 256 MiB, evenly spread.
  let median: [Double]

  /// The statistics of rows: a pass over them, unless their squares are known, and the sampled rows.
  public init(_ rows: TrainingRows, squares: RowSquares? = nil, compute: Compute) throws {
    var squares = squares ?? RowSquares(rows)
    if !squares.isComplete { try rows.source.forEachPiece { squares.add($0, $1) } }
    self.squares = squares.total
    elements = squares.elements
    median = geometricMedian(of: try Self.sample(of: rows), compute: compute)
  }

  /// The factor for rows: `sqrt(elements / sum of squares)` for unit mean square, in `Double`.
  func scale(_ normalization: TrainingConfiguration.Normalization) -> Float {
    switch normalization {
    case .none: 1
    case .unitMeanSquare:
      squares > 0 ? Float((Double(elements) / squares).squareRoot()) : 1
    }
  }

  private static func sample(of rows: TrainingRows) throws -> Batch {
    let most = max(1, OrderLayout.standard.windowElements / max(rows.width, 1))
    let count = min(rows.training.count, 32_768, most)
    let chosen = (0..<count).map { rows.training[$0 * rows.training.count / count] }
    if let matrix = rows.source as? Matrix { return Batch(source: matrix, rows: chosen[...]) }
    let panel = AlignedBuffer<Float>(count: count * rows.width)
    var gap = AlignedBuffer<Float>(count: 0)
    try rows.source.read(chosen, into: panel.start, gap: &gap)
    return Batch(panel: panel, rows: Array(0..<count)[...], width: rows.width)
  }
}

/// The sum of squares of the training rows, row after row in `Double`, fed with all rows in order.
public struct RowSquares: Sendable {
  private let training: RowSelection
  private let width: Int
  private var sum = 0.0
  /// How many of the training rows have been seen.
  private var seen = 0

  /// The sum of rows of which none has been seen.
  public init(_ rows: TrainingRows) {
    training = rows.training
    width = rows.width
  }

  /// Takes in the rows from `first` on.
  public mutating func add(_ first: Int, _ values: UnsafeBufferPointer<Float>) {
    let end = first + values.count / max(width, 1)
    while seen < training.count, training[seen] < end {
      let start = (training[seen] - first) * width
      var rowSum = 0.0
      for i in start..<start + width { rowSum += Double(values[i]) * Double(values[i]) }
      sum += rowSum
      seen += 1
    }
  }

  var isComplete: Bool { seen == training.count }
  var elements: Int { training.count * width }
  var total: Double { sum }
}

/// The point with the least sum of distances to the rows, by Weiszfeld's iteration from the mean.
///
///     m <- sum x / |x - m|  /  sum 1 / |x - m|
///
/// A fixed number of iterations, in `Double`. Sums are taken over blocks of rows in their order.
///
/// - Complexity: O(iterations × rows × d_in).
/// - Elsewhere: SAELens and dictionary_learning `geometric_median` (stop at a tolerance; float32).
func geometricMedian(of rows: Batch, iterations: Int = 30, compute: Compute) -> [Double] {
  let width = rows.width
  let count = rows.rows.count
  let chosen = Array(rows.rows)
  guard count > 0 else { return [Double](repeating: 0, count: width) }
  let block = 512
  let blocks = (count + block - 1) / block
  let sums = AlignedBuffer<Double>(count: blocks * (width + 1))
  var median: [Double] = []
  for iteration in 0...iterations {
    let center = AlignedBuffer(median.isEmpty ? [Double](repeating: 0, count: width) : median)
    rows.withValues { values in
      guard let values else { return }
      nonisolated(unsafe) let start = values
      compute.pool.run(units: blocks) { unit, _ in
        let sum = sums.start + unit * (width + 1)
        for i in 0...width { sum[i] = 0 }
        for position in unit * block..<min((unit + 1) * block, count) {
          let row = start + chosen[position] * width
          var weight = 1.0
          if iteration > 0 {
            var squared = 0.0
            for i in 0..<width {
              let difference = Double(row[i]) - center.start[i]
              squared += difference * difference
            }
            // A row that lies on the centre would weigh infinitely; it is held at a tiny distance.
            weight = 1 / max(squared.squareRoot(), 1e-12)
          }
          for i in 0..<width { sum[i] += weight * Double(row[i]) }
          sum[width] += weight
        }
      }
    }
    var total = [Double](repeating: 0, count: width + 1)
    for unit in 0..<blocks {
      for i in 0...width { total[i] += sums.start[unit * (width + 1) + i] }
    }
    median = (0..<width).map { total[$0] / total[width] }
  }
  return median
}
