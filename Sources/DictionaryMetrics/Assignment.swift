public import SparseCoding

/// The one-to-one matching of rows with columns that has the greatest total.
///
///     maximize  sum over matched (r, c) of similarity[r, c]
///
/// with min(rows, columns) pairs, no row and no column twice. Prices prove it: for every row and column
/// `rowGains[r] + columnPrices[c] >= similarity[r, c]` (up to rounding), with equality at every pair,
/// prices at least 0, and both 0 where unmatched on the longer side; so no matching can have more than
/// the sum of all gains and prices. Of several best matchings, which one it is depends on the order of
/// rows and columns; the total does not.
///
/// - Complexity: O(short² × long) at worst, in practice far less: a tenth of a second at 1,024 and a
///   second at 2,048 for random dictionaries. Memory: the matrix and O(rows + columns). Sums in `Double`.
/// - Source: Jonker and Volgenant, Computing 38 (1987), augmenting row reduction and shortest augmenting
///   paths, which serve rectangles too; Crouse, IEEE TAES 52 (2016).
/// - Elsewhere: SciPy `linear_sum_assignment` (the same optimum), which SAELens, Song et al. and
///   overcomplete call on the whole matrix in double precision.
public struct Assignment: Sendable, Hashable {
  /// The column of each row; `nil` if there are more rows than columns and it has none.
  public let columns: [Int?]
  /// The greatest possible total.
  public let total: Double
  /// One value per row that with `columnPrices` proves the optimum.
  public let rowGains: [Double]
  /// One value per column; see `rowGains`.
  public let columnPrices: [Double]

  /// The best matching of a matrix of similarities.
  ///
  /// - Precondition: Every element is finite.
  public init(maximizing similarity: Matrix) {
    let isTall = similarity.rows > similarity.columns
    let wide = isTall ? similarity.transposed() : similarity
    var search = AssignmentSearch(wide.rows, wide.columns)
    if wide.rows > 0 {
      wide.values.withUnsafeBufferPointer { values in
        guard let start = values.baseAddress else { return }
        search.bid(on: start)
        search.augment(start)
      }
    }
    let owned = search.columnOfRow
    total = owned.indices.reduce(0) { $0 + Double(wide[$1, owned[$1]]) }
    let gains = owned.indices.map { Double(wide[$0, owned[$0]]) - search.prices[owned[$0]] }
    rowGains = isTall ? search.prices : gains
    columnPrices = isTall ? gains : search.prices
    columns = isTall ? search.rowOfColumn.map { $0 < 0 ? nil : $0 } : owned
  }
}

/// The search on a matrix with at least as many columns as rows.
private struct AssignmentSearch {
  let rows: Int
  let columns: Int
  /// Each row's column, or -1.
  var columnOfRow: [Int]
  /// Each column's row, or -1.
  var rowOfColumn: [Int]
  /// At least 0, and 0 while a column is free.
  ///
  /// A row that has a column gains most with that one.
  var prices: [Double]

  init(_ rows: Int, _ columns: Int) {
    self.rows = rows
    self.columns = columns
    columnOfRow = [Int](repeating: -1, count: rows)
    rowOfColumn = [Int](repeating: -1, count: columns)
    prices = [Double](repeating: 0, count: columns)
  }

  /// Lets rows outbid each other: each raises its best column's price to where its second best is as
  /// good.
  ///
  /// Stops early enough that a price war costs little; whoever is left goes on to `augment`.
  mutating func bid(on similarity: UnsafePointer<Float>) {
    var waiting = Array((0..<rows).reversed())
    var bids = 8 * rows
    while bids > 0, let row = waiting.popLast() {
      bids -= 1
      let (best, next, gain, nextGain) = twoBest(similarity + row * columns)
      var column = best
      if gain > nextGain {
        prices[best] += gain - nextGain
      } else if rowOfColumn[best] >= 0, next >= 0 {
        column = next
      }
      let loser = rowOfColumn[column]
      rowOfColumn[column] = row
      columnOfRow[row] = column
      guard loser >= 0 else { continue }
      columnOfRow[loser] = -1
      // On a tie nothing was paid, and the loser would take it back: leave it to `augment`.
      if gain > nextGain { waiting.append(loser) }
    }
  }

  /// The columns of greatest and second greatest gain, `similarity - price`.
  ///
  /// With a single column the second gain is that of having none, taken as the first: nothing is paid.
  private func twoBest(
    _ row: UnsafePointer<Float>
  ) -> (best: Int, next: Int, gain: Double, nextGain: Double) {
    var (best, next) = (-1, -1)
    var (gain, nextGain) = (-Double.infinity, -Double.infinity)
    prices.withUnsafeBufferPointer { prices in
      for column in 0..<columns {
        let value = Double(row[column]) - prices[column]
        if value > nextGain {
          if value > gain {
            (next, nextGain) = (best, gain)
            (best, gain) = (column, value)
          } else {
            (next, nextGain) = (column, value)
          }
        }
      }
    }
    return (best, next, gain, next < 0 ? gain : nextGain)
  }

  /// Gives each row that has none a column, along the path of exchanges that loses least.
  mutating func augment(_ similarity: UnsafePointer<Float>) {
    var paths = ShortestPaths(columns: columns)
    for row in 0..<rows where columnOfRow[row] < 0 {
      paths.start(prices)
      var reached = paths.scan(row, similarity + row * columns, offset: 0, rowOfColumn)
      while rowOfColumn[reached.column] >= 0 {
        let owner = rowOfColumn[reached.column]
        let line = similarity + owner * columns
        let own = prices[reached.column] - Double(line[reached.column])
        paths.close(reached)
        reached = paths.scan(owner, line, offset: reached.distance - own, rowOfColumn)
      }
      for (column, distance) in paths.closed { prices[column] += reached.distance - distance }
      var column = reached.column
      while true {
        let owner = paths.origins[column]
        rowOfColumn[column] = owner
        swap(&column, &columnOfRow[owner])
        if owner == row { break }
      }
    }
  }
}

/// The distances from one free row to all columns (Dijkstra's algorithm on the slacks).
private struct ShortestPaths {
  typealias Reached = (column: Int, distance: Double)

  /// The row from which the shortest path enters each column.
  var origins: [Int]
  /// The columns that are done, with their distances.
  var closed: [Reached] = []
  /// Distances and prices; infinite where a column is closed, so that no test is needed for it.
  private var distances: [Double]
  private var prices: [Double] = []

  init(columns: Int) {
    origins = [Int](repeating: -1, count: columns)
    distances = []
  }

  mutating func start(_ prices: [Double]) {
    self.prices = prices
    distances = [Double](repeating: .infinity, count: prices.count)
    closed.removeAll(keepingCapacity: true)
  }

  mutating func close(_ reached: Reached) {
    closed.append(reached)
    distances[reached.column] = .infinity
    prices[reached.column] = .infinity
  }

  /// Shortens the paths that can go through a row; returns the nearest open column, a free one first.
  mutating func scan(
    _ row: Int, _ similarity: UnsafePointer<Float>, offset: Double, _ rowOfColumn: [Int]
  ) -> Reached {
    var nearest = -1
    var least = Double.infinity
    let columns = rowOfColumn.count
    prices.withUnsafeBufferPointer { prices in
      distances.withUnsafeMutableBufferPointer { distances in
        origins.withUnsafeMutableBufferPointer { origins in
          rowOfColumn.withUnsafeBufferPointer { owners in
            for column in 0..<columns {
              let through = prices[column] - Double(similarity[column]) + offset
              var distance = distances[column]
              if through < distance {
                distance = through
                distances[column] = through
                origins[column] = row
              }
              if distance <= least, distance < least || owners[column] < 0 {
                least = distance
                nearest = column
              }
            }
          }
        }
      }
    }
    return (nearest, least)
  }
}
