import DictionaryTraining

/// The root mean square distance of the training rows from their mean, fed with all rows in order.
///
///     sqrt(sum over rows of |x - mean|^2 / rows)
///
/// Sums are in `Double`, of differences from the first row, so that a mean far from zero costs no digits.
struct RowDeviation {
  private let training: RowSelection
  private let width: Int
  private var origin: [Float] = []
  private var sums, squares: [Double]
  private var seen = 0

  /// The deviation of rows of which none has been seen.
  init(_ rows: TrainingRows) {
    training = rows.training
    width = rows.width
    sums = [Double](repeating: 0, count: width)
    squares = sums
  }

  /// Takes in the rows from `first` on.
  mutating func add(_ first: Int, _ values: UnsafeBufferPointer<Float>) {
    let end = first + values.count / max(width, 1)
    while seen < training.count, training[seen] < end {
      let start = (training[seen] - first) * width
      if seen == 0 { origin = Array(values[start..<start + width]) }
      for i in 0..<width {
        let difference = Double(values[start + i]) - Double(origin[i])
        sums[i] += difference
        squares[i] += difference * difference
      }
      seen += 1
    }
  }

  /// The deviation of the rows seen; 0 of none.
  var value: Double {
    guard seen > 0 else { return 0 }
    let count = Double(seen)
    let total = zip(sums, squares).reduce(0.0) { $0 + max(0, $1.1 - $1.0 * $1.0 / count) }
    return (total / count).squareRoot()
  }
}
