import DictionaryTraining
import SparseCoding

/// The mean of each class's training rows, in `Double`, fed with all rows in order.
///
/// Held-out rows never enter: a class that has no other row has no mean.
struct ClassMeans {
  /// The number of classes that have a row that trains.
  let available: Int
  /// The labels of the classes of which means are taken, ascending.
  let names: [Int64]

  private let labels: [Int64]
  private let training: RowSelection
  private let width: Int
  private let isCentered: Bool
  private let places: [Int64: Int]
  private var sums: [Double]
  private var counts: [Int]
  /// The sum of all rows that train and have a class, also one beyond `names`.
  private var total: [Double]
  private var labelled = 0
  private var seen = 0

  /// The classes of rows of which none has been seen.
  ///
  /// - Parameters:
  ///   - labels: One for each row; one below 0 is of no class.
  ///   - count: How many classes are wanted, from the smallest label on; all of them without.
  ///   - isCentered: Whether the mean of all rows that train and have a class is subtracted.
  init(labels: [Int64], rows: TrainingRows, count: Int?, isCentered: Bool) {
    precondition(labels.count == rows.count, "\(labels.count) labels for \(rows.count) rows")
    self.labels = labels
    training = rows.training
    width = rows.width
    self.isCentered = isCentered
    var found: Set<Int64> = []
    for row in training where labels[row] >= 0 { found.insert(labels[row]) }
    available = found.count
    names = Array(found.sorted().prefix(count ?? found.count))
    places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    sums = []
    counts = []
    total = []
  }

  /// Takes in the rows from `first` on.
  mutating func add(_ first: Int, _ values: UnsafeBufferPointer<Float>) {
    // Room is made when the first rows come: by then it is known that the classes are not too many.
    if counts.isEmpty {
      sums = [Double](repeating: 0, count: names.count * width)
      counts = [Int](repeating: 0, count: names.count)
      total = [Double](repeating: 0, count: width)
    }
    let end = first + values.count / max(width, 1)
    while seen < training.count, training[seen] < end {
      let row = training[seen]
      seen += 1
      guard labels[row] >= 0 else { continue }
      let start = (row - first) * width
      labelled += 1
      for i in 0..<width { total[i] += Double(values[start + i]) }
      guard let place = places[labels[row]] else { continue }
      counts[place] += 1
      for i in 0..<width { sums[place * width + i] += Double(values[start + i]) }
    }
  }

  /// The means, `[classes, width]`, of unit length; zeros where a mean is zero, or lies on the centre as
  /// far as rounding lets one tell.
  func means() -> Matrix {
    precondition(seen == training.count, "\(seen) of \(training.count) rows seen")
    let center = total.map { isCentered ? $0 / Double(labelled) : 0 }
    let values = counts.enumerated().flatMap { place, count in
      var (length, size) = (0.0, 0.0)
      let mean = (0..<width).map { i in
        let value = sums[place * width + i] / Double(count)
        let difference = value - center[i]
        length += difference * difference
        size += value * value
        return difference
      }
      let factor = length > 1e-24 * size ? 1 / length.squareRoot() : 0
      return mean.map { Float($0 * factor) }
    }
    return Matrix(rows: names.count, columns: width, values: values)
  }
}
