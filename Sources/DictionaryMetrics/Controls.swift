public import SparseCoding

/// Dictionaries that nobody would call learned, whose agreement a trained one's should exceed.
///
/// Each is made twice, from disjoint halves of the rows, and compared like two trained ones. They stand
/// beside the null and not inside it: on data of single features the rows themselves are the answer. A
/// decoder that stays as it was drawn is the isotropic null.
///
/// - Source: specification, nulls and controls.
/// - Elsewhere: no other tool prints a control of agreement.
public enum AgreementControl: String, CaseIterable, Sendable {
  /// Rows themselves, drawn at random, as differences from the mean.
  case dataDraw = "data_draw"
  /// The principal directions of largest variance, in both senses where cosines are signed.
  case principalDirections = "pca"
  /// The centroids of Lloyd's algorithm from random rows, as differences from the mean.
  case kMeans = "k_means"

  /// The most rows of a half that k-means looks at, for each centroid and in all.
  static let rowsPerCentroid = 16, mostRows = 32_768
  /// Lloyd's rounds: few, because a control need not be converged to agree.
  static let rounds = 10

  /// Two dictionaries of some numbers of atoms from disjoint halves of rows.
  ///
  /// - Parameter rows: What atoms reconstruct, `[rows, width]`.
  /// - Returns: `nil` where a half has fewer rows than atoms are asked for. Principal directions are as
  ///   many as there are.
  /// - Complexity: k-means: `rounds` products of at most 32,768 rows with the atoms; principal directions: the
  ///   covariance of the rows.
  /// - Throws: If rows have no variance at all.
  public func dictionaries(
    from rows: Matrix, atoms: (first: Int, second: Int), convention: CosineConvention,
    seed: UInt64, on compute: Compute
  ) throws(MetricError) -> (first: UnitAtoms, second: UnitAtoms)? {
    guard rows.rows >= 2 * max(atoms.first, atoms.second), rows.rows > 3 else { return nil }
    var stream = RandomStream(seed: seed, name: "control/" + rawValue)
    let order = stream.permutation(count: rows.rows)
    let half = rows.rows / 2
    let mean = Self.mean(of: rows)
    let most = min(Self.mostRows, Self.rowsPerCentroid * max(atoms.first, atoms.second))
    func dictionary(
      _ drawn: ArraySlice<Int>, _ count: Int, _ name: String
    ) throws(MetricError) -> UnitAtoms {
      let chosen =
        switch self {
        case .dataDraw: drawn.prefix(count)
        case .principalDirections: drawn
        case .kMeans: drawn.prefix(max(most, count))
        }
      var sample = rows.selecting(rows: Array(chosen))
      for row in 0..<sample.rows {
        for column in 0..<sample.columns { sample[row, column] -= mean[column] }
      }
      let atoms =
        switch self {
        case .dataDraw: sample
        case .principalDirections:
          Self.principal(of: sample, count, inBothSenses: convention == .signed, on: compute)
        case .kMeans: Self.centroids(of: sample, count, on: compute)
        }
      return try UnitAtoms(atoms, name: "the control \(rawValue), \(name) half")
    }
    return (
      try dictionary(order[..<half], atoms.first, "first"),
      try dictionary(order[half...], atoms.second, "second")
    )
  }

  private static func mean(of rows: Matrix) -> [Float] {
    var sums = [Double](repeating: 0, count: rows.columns)
    for row in 0..<rows.rows {
      for (column, value) in rows.row(row).enumerated() { sums[column] += Double(value) }
    }
    return sums.map { Float($0 / Double(rows.rows)) }
  }

  private static func principal(
    of rows: Matrix, _ count: Int, inBothSenses: Bool, on compute: Compute
  ) -> Matrix {
    var covariance = CovarianceTotals(width: rows.columns)
    covariance.add(rows, on: compute)
    let eigen = SymmetricEigen(covariance.scatter, order: rows.columns)
    let directions = min(rows.columns, inBothSenses ? (count + 1) / 2 : count)
    var values: [Float] = []
    for index in 0..<directions {
      let vector = eigen.vector(index).map { Float($0) }
      values += vector
      if inBothSenses { values += vector.map { -$0 } }
    }
    return Matrix(rows: values.count / rows.columns, columns: rows.columns, values: values)
  }

  /// Lloyd's algorithm, in which a centroid that no row is nearest to stays where it is.
  static func centroids(of rows: Matrix, _ count: Int, on compute: Compute) -> Matrix {
    var centroids = rows.selecting(rows: Array(0..<count))
    for _ in 0..<rounds {
      let nearest = nearest(of: rows, among: centroids, on: compute)
      var sums = [Double](repeating: 0, count: count * rows.columns)
      var members = [Int](repeating: 0, count: count)
      for (row, centroid) in nearest.enumerated() {
        members[centroid] += 1
        for (column, value) in rows.row(row).enumerated() {
          sums[centroid * rows.columns + column] += Double(value)
        }
      }
      for centroid in 0..<count where members[centroid] > 0 {
        for column in 0..<rows.columns {
          centroids[centroid, column] =
            Float(sums[centroid * rows.columns + column] / Double(members[centroid]))
        }
      }
    }
    return centroids
  }

  /// For each row the centroid of least distance: of greatest `x·c - |c|² / 2`, the first of equals.
  private static func nearest(
    of rows: Matrix, among centroids: Matrix, on compute: Compute
  ) -> [Int] {
    let halves = (0..<centroids.rows).map { centroid in
      centroids.row(centroid).reduce(Float(0)) { $0 + $1 * $1 } / 2
    }
    var nearest = [Int](repeating: 0, count: rows.rows)
    let (step, unit) = (1024, 64)
    var products = Matrix(rows: min(step, rows.rows), columns: centroids.rows)
    for start in stride(from: 0, to: rows.rows, by: step) {
      let block = rows.selecting(rows: start..<min(start + step, rows.rows))
      if block.rows < products.rows {
        products = Matrix(rows: block.rows, columns: centroids.rows)
      }
      compute.product(block, centroids, into: &products)
      nearest.withUnsafeMutableBufferPointer { nearest in
        nonisolated(unsafe) let nearest = nearest
        compute.pool.run(units: (block.rows + unit - 1) / unit) { [products] part, _ in
          for row in part * unit..<min((part + 1) * unit, block.rows) {
            var best = 0
            var greatest = -Float.infinity
            for (centroid, product) in products.row(row).enumerated()
            where product - halves[centroid] > greatest {
              greatest = product - halves[centroid]
              best = centroid
            }
            nearest[start + row] = best
          }
        }
      }
    }
    return nearest
  }
}
