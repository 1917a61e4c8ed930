import SparseCoding

/// The one-to-one pairing of two sets of unit atoms with the greatest sum of cosines, and how far from the
/// greatest it can be at most, without the matrix of cosines.
///
/// 1. Candidates are the nearest few of every atom on either side; the best matching on those is exact.
/// 2. Its prices bound every matching, whatever pairs it uses (linear programming duality):
///
///        optimum <= sum over rows i of max over all columns j of (cosine(i, j) - price[j]) + sum of prices
///
///    so the rows for which some pair outside the candidates might gain more are searched among all
///    columns, with the prices as biases. What is found becomes a candidate, and the matching is made best
///    again, until nothing is found: then both sides of the inequality agree up to rounding.
/// 3. Rows that no candidate can serve are searched among the columns that are left.
///
/// The cosines are canonical dots in `Float`, exact numbers from there on; sums and prices are `Double`.
/// Everything runs in a stated order, so the result does not depend on the number of threads.
///
/// - Complexity: two products of all atoms with all for the candidates and one for the first bound; later
///   rounds search few rows. Twice that for magnitudes. The matching itself takes less than any of these.
///   Memory: about four copies of the atoms, and 200 bytes an atom.
/// - Source: column generation on the assignment's linear program, as LAPMOD (Volgenant 1996) does with
///   a core of small costs; here the pricing is a search for nearest atoms.
struct SparseMatching {
  /// The column of each row; `nil` if there are more rows than columns and it has none.
  let columns: [Int?]
  /// The cosine of each row with its column; 0 without one.
  let cosines: [Float]
  /// The optimum is at most this much above, in the mean over the pairs.
  let gap: Double

  /// The matching of the rows of two matrices.
  ///
  /// - Parameters:
  ///   - neighbors: How many nearest atoms are candidates at first; a matter of time only.
  ///   - tolerance: The gap that is small enough.
  ///   - rounds: How often the bound is improved at most; the gap that then remains is in `gap`.
  init(
    _ first: Matrix, _ second: Matrix, _ convention: CosineConvention, neighbors: Int = 16,
    tolerance: Double = 1e-9, rounds: Int = 100, on compute: Compute
  ) {
    let isTall = first.rows > second.rows
    let search = AtomSearch(
      first: isTall ? second : first, second: isTall ? first : second, convention: convention,
      compute: compute)
    var progress = MatchingProgress(search, neighbors: neighbors)
    for _ in 0..<rounds {
      progress.match()
      if progress.gap <= tolerance || !progress.improve() { break }
    }
    progress.match()
    gap = progress.gap
    let owned = progress.columns
    let similar = progress.cosines
    guard isTall else {
      columns = owned
      cosines = similar
      return
    }
    var columns = [Int?](repeating: nil, count: first.rows)
    var cosines = [Float](repeating: 0, count: first.rows)
    for (row, column) in owned.enumerated() {
      columns[column] = row
      cosines[column] = similar[row]
    }
    self.columns = columns
    self.cosines = cosines
  }
}

/// A matching on its way to the optimum, for at most as many rows as columns.
private struct MatchingProgress: ~Copyable {
  /// How many columns a search of the bound finds for a row.
  private static let found = 8

  private let search: AtomSearch
  private let neighbors: Int
  private var candidates: CandidatePairs
  private var assignment: SparseAssignment
  private var outside: OutsideBound

  init(_ search: AtomSearch, neighbors: Int) {
    self.search = search
    self.neighbors = neighbors
    let (rows, columns) = (search.first.rows, search.second.rows)
    candidates = CandidatePairs(rows: rows, columns: columns)
    assignment = SparseAssignment(rows: rows, columns: columns)
    outside = OutsideBound(rows: rows, columns: columns)
    candidates.add(
      search.neighbors(neighbors, rows: Array(0..<rows), columns: Array(0..<columns)),
      measure: search.cosines)
  }

  var columns: [Int] { (0..<assignment.rows).map { assignment.column(of: $0) } }
  var cosines: [Float] { (0..<assignment.rows).map { assignment.similarity(of: $0) } }

  /// By how much the mean over the pairs can be below the optimum.
  var gap: Double {
    guard assignment.rows > 0 else { return 0 }
    let gains = bestGains
    let excess = gains.indices.reduce(0.0) {
      $0 + max(gains[$1], outside.bounds[$1]) - assignment.gain(of: $1)
    }
    return max(0, excess / Double(assignment.rows))
  }

  /// What each row could gain from its candidates.
  private var bestGains: [Double] {
    var gains: [Double] = []
    gains.reserveCapacity(assignment.rows)
    let prices = assignment.prices
    candidates.withUnsafeLists { lists in
      for row in 0..<candidates.rows {
        gains.append(lists.twoBest(of: row, prices)?.gain ?? -.infinity)
      }
    }
    return gains
  }

  /// Makes the matching the best on the candidates, which become enough for one.
  mutating func match() {
    assignment.bid(on: candidates)
    var stranded = assignment.augment(on: candidates)
    while !stranded.isEmpty {
      let free = assignment.freeColumns
      var keys = search.neighbors(neighbors, rows: stranded, columns: free)
      // However the neighbors fall, these suffice.
      for (row, column) in zip(stranded, free) { keys.append(CandidatePairs.key(row, column)) }
      candidates.add(keys, measure: search.cosines)
      stranded = assignment.augment(on: candidates)
    }
    outside.move(to: assignment.prices)
  }

  /// Searches better columns for all rows that might have one; false if there is none.
  mutating func improve() -> Bool {
    let gains = (0..<assignment.rows).map { assignment.gain(of: $0) }
    let doubtful = gains.indices.filter { outside.bounds[$0] > gains[$0] }
    guard !doubtful.isEmpty else { return false }
    let keys = outside.search(doubtful, gains: gains, keeping: Self.found, by: search)
    candidates.add(keys, measure: search.cosines)
    let best = bestGains
    // What is less than this is the rounding of prices.
    let better = gains.indices.filter { best[$0] > gains[$0] + 1e-12 }
    guard !better.isEmpty else { return false }
    if candidates.rows == candidates.columns {
      for row in better { assignment.release(row) }
    } else {
      // A released column would be free at a price above 0, which proves nothing: begin anew.
      assignment.forget()
    }
    return true
  }
}
