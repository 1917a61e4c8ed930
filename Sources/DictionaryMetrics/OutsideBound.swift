import SparseCoding

/// What pairs that are no candidates could gain a row, at most.
///
///     bounds[i] >= max over columns j that are no candidates of row i of (cosine(i, j) - price[j])
///
/// The bound includes all rounding. It stays valid when prices rise; when they fall it is raised by as much.
struct OutsideBound {
  private(set) var bounds: [Double]
  private var prices: [Double]

  /// A bound of nothing yet.
  init(rows: Int, columns: Int) {
    bounds = [Double](repeating: .infinity, count: rows)
    prices = [Double](repeating: 0, count: columns)
  }

  /// Makes the bound one for these prices.
  mutating func move(to prices: [Double]) {
    let fall = zip(self.prices, prices).reduce(0) { max($0, $1.0 - $1.1) }
    self.prices = prices
    guard fall > 0 else { return }
    for row in bounds.indices { bounds[row] = (bounds[row] + fall).nextUp }
  }

  /// Searches the columns that could gain these rows most, which then have to become candidates.
  ///
  /// - Parameter gains: What each row gains now; the search has its precision there.
  mutating func search(
    _ rows: [Int], gains: [Double], keeping k: Int, by search: AtomSearch
  ) -> [CandidatePairs.Key] {
    // Scores have to be positive to be found, so the least of the gains is made so.
    let offset = 0.125 - min(0, rows.reduce(0) { min($0, gains[$1]) })
    let biases = prices.map { Float(offset - $0) }
    var rounding = 0.0
    for (bias, price) in zip(biases, prices) {
      rounding = max(rounding, abs(Double(bias) - (offset - price)))
    }
    let columns = prices.count
    let found = search.largest(k, for: rows, biases: biases)
    var keys: [CandidatePairs.Key] = []
    keys.reserveCapacity(found.indices.count)
    for (place, row) in rows.enumerated() {
      let entries = found.entries(ofRow: place)
      // What was not found scores at most the least that was found, or 0 if there was room for more.
      var least: Float = entries.count < k ? 0 : .infinity
      for entry in entries {
        least = min(least, found.values[entry])
        keys.append(CandidatePairs.key(row, Int(found.indices[entry]) % columns))
      }
      bounds[row] = Double(least) * (1 + 0x1p-23) - offset + rounding + 0x1p-50
    }
    return keys
  }
}
