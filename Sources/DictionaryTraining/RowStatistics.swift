public import SparseCoding

/// What training needs to know of its rows before the first step; the same for every seed.
public struct RowStatistics: Hashable, Sendable {
  /// The units in which rows are trained.
  let normalizer: RowNormalizer
  /// The geometric median, in these units, of at most 32,768 training rows, and 256 MiB, evenly spread.
  let median: [Double]

  /// The statistics of rows for a configuration: a pass over them, where their squares are asked for and
  /// not known, and the sampled rows.
  ///
  /// Units other than `unitMeanSquare` are those of the sampled rows.
  public init(
    _ rows: TrainingRows, for configuration: TrainingConfiguration, squares: RowSquares? = nil,
    compute: Compute
  ) throws {
    let sites = configuration.architecture.siteColumns
    let sample = try rows.sample(atMost: 32_768)
    var scales: [Double]
    if configuration.normalization == .unitMeanSquare {
      var squares = squares ?? RowSquares(rows)
      if !squares.isComplete { try rows.source.forEachPiece { squares.add($0, $1) } }
      scales = sites.map { squares.inverseRoot(of: $0) }
    } else {
      scales = sites.map { sample.scale($0, configuration.normalization) }
    }
    var columns = [Float](repeating: 1, count: rows.width)
    for (site, scale) in zip(sites, scales) { for i in site { columns[i] = Float(scale) } }
    normalizer = RowNormalizer(
      rowScaling: configuration.normalization.rowScaling, scales: columns,
      whitening: configuration.normalization == .whitened
        ? sites.map { sample.whitening(of: $0) } : [])
    let normalized = sample.normalized(by: normalizer, sites: sites, compute)
    median = geometricMedian(
      of: Batch(source: normalized, rows: Array(0..<normalized.rows)[...]), compute: compute)
  }
}

extension TrainingRows {
  /// Training rows evenly spread, of at most 256 MiB.
  func sample(atMost most: Int) throws -> Batch {
    let room = max(1, OrderLayout.standard.windowElements / max(width, 1))
    let count = min(training.count, most, room)
    let chosen = (0..<count).map { training[$0 * training.count / count] }
    if let matrix = source as? Matrix { return Batch(source: matrix, rows: chosen[...]) }
    let panel = AlignedBuffer<Float>(count: count * width)
    var gap = AlignedBuffer<Float>(count: 0)
    try source.read(chosen, into: panel.start, gap: &gap)
    return Batch(panel: panel, rows: Array(0..<count)[...], width: width)
  }
}

extension Batch {
  /// The rows, or the first of them, in the units of training.
  func normalized(
    by normalizer: RowNormalizer, sites: [Range<Int>], atMost most: Int = .max, _ compute: Compute
  ) -> Matrix {
    let rows = rows.prefix(most)
    let prepared = RowNormalization(normalizer, sites: sites)
    let functions = compute.kernels.functions
    return withValues { values in
      let count = rows.count * width
      let normalized = [Float](unsafeUninitializedCapacity: count) { target, initialized in
        initialized = count
        guard let values, let first = target.baseAddress else { return }
        for (place, row) in rows.enumerated() {
          prepared.normalize(values + row * width, into: first + place * width, with: functions)
        }
      }
      return Matrix(rows: rows.count, columns: width, values: normalized)
    }
  }
}

extension TrainingConfiguration.Normalization {
  /// What each row is scaled by itself with.
  public var rowScaling: RowScaling {
    switch self {
    case .none, .unitMeanSquare, .meanNorm, .centered, .whitened: .none
    case .unitNorm: .unitNorm
    case .layerNorm: .layerNorm
    }
  }
}

extension Batch {
  /// The factor of one site's columns; that of `unitMeanSquare` is of all rows and not of a sample.
  fileprivate func scale(
    _ site: Range<Int>, _ normalization: TrainingConfiguration.Normalization
  ) -> Double {
    let count = Double(max(rows.count, 1))
    switch normalization {
    case .none, .unitMeanSquare, .layerNorm, .whitened: return 1
    case .unitNorm: return Double(site.count).squareRoot()
    case .meanNorm:
      let lengths = rows.reduce(0.0) { sum, row in
        sum + site.reduce(0.0) { $0 + Double(self[row, $1]) * Double(self[row, $1]) }.squareRoot()
      }
      return lengths > 0 ? Double(site.count).squareRoot() * count / lengths : 1
    case .centered:
      let means = means(of: site)
      var squares = 0.0
      for row in rows {
        for (mean, column) in zip(means, site) {
          let difference = Double(self[row, column]) - mean
          squares += difference * difference
        }
      }
      return squares > 0 ? (count * Double(site.count) / squares).squareRoot() : 1
    }
  }

  private func means(of site: Range<Int>) -> [Double] {
    var sums = [Double](repeating: 0, count: site.count)
    for row in rows {
      for (place, column) in site.enumerated() { sums[place] += Double(self[row, column]) }
    }
    return sums.map { $0 / Double(max(rows.count, 1)) }
  }

  /// The inverse root of one site's covariance, and the root.
  ///
  /// Directions of less than a millionth of the greatest variance are not blown up beyond that.
  fileprivate func whitening(of site: Range<Int>) -> RowNormalizer.Whitening {
    let means = means(of: site)
    let width = site.count
    var covariance = [Double](repeating: 0, count: width * width)
    var difference = [Double](repeating: 0, count: width)
    for row in rows {
      for i in 0..<width { difference[i] = Double(self[row, site.lowerBound + i]) - means[i] }
      for i in 0..<width {
        let own = difference[i] / Double(rows.count)
        for j in 0...i { covariance[i * width + j] += own * difference[j] }
      }
    }
    for i in 0..<width { for j in 0..<i { covariance[j * width + i] = covariance[i * width + j] } }
    let spectrum = SymmetricEigen(covariance, order: width)
    let least = max((spectrum.values.max() ?? 0) * 1e-6, 1e-30)
    func matrix(_ f: (Double) -> Double) -> Matrix {
      var sum = [Double](repeating: 0, count: width * width)
      for (place, value) in spectrum.values.enumerated() {
        let factor = f(max(value, least))
        let vector = spectrum.vectors[place * width..<(place + 1) * width]
        for (i, element) in vector.enumerated() {
          for (j, other) in vector.enumerated() { sum[i * width + j] += factor * element * other }
        }
      }
      return Matrix(rows: width, columns: width, values: sum.map(Float.init))
    }
    return RowNormalizer.Whitening(
      matrix: matrix { 1 / $0.squareRoot() }, inverse: matrix { $0.squareRoot() })
  }
}

/// The sum of squares of each column of the training rows, in `Double`, fed with all rows in order.
public struct RowSquares: Sendable {
  private let training: RowSelection
  private let width: Int
  private var sums: [Double]
  /// How many of the training rows have been seen.
  private var seen = 0

  /// The sum of rows of which none has been seen.
  public init(_ rows: TrainingRows) {
    training = rows.training
    width = rows.width
    sums = [Double](repeating: 0, count: width)
  }

  /// Takes in the rows from `first` on.
  public mutating func add(_ first: Int, _ values: UnsafeBufferPointer<Float>) {
    let end = first + values.count / max(width, 1)
    while seen < training.count, training[seen] < end {
      let start = (training[seen] - first) * width
      for i in 0..<width {
        let value = Double(values[start + i])
        sums[i] += value * value
      }
      seen += 1
    }
  }

  var isComplete: Bool { seen == training.count }

  /// The factor that makes the mean square of some columns one; 1 where they are zero.
  func inverseRoot(of columns: Range<Int>) -> Double {
    let squares = sums[columns].reduce(0, +)
    return squares > 0 ? (Double(training.count * columns.count) / squares).squareRoot() : 1
  }
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
