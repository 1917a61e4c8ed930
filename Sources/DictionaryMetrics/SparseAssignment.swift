import SparseCoding

/// The one-to-one matching with the greatest total among candidate pairs, for at most as many rows as
/// columns.
///
/// The method of `Assignment` on lists instead of a matrix. Always: a row that has a column gains nowhere
/// more than there, of its candidates. After `forget` prices begin at 0 and only rise, so the prices of free
/// columns are 0; a released column keeps its price, which proves an optimum only if no column is free in
/// the end.
///
/// - Complexity: a path search takes O((p + q) log p) for the p candidates of the q rows nearer than the
///   nearest free column; memory 46 bytes a column and 8 a row, beside the candidates.
/// - Source: as `Assignment`, with Dijkstra's algorithm on a heap.
struct SparseAssignment: ~Copyable {
  let rows: Int
  let columns: Int
  /// Each row's column, or -1.
  private let columnOfRow: AlignedBuffer<Int32>
  /// The similarity of each row with its column.
  private let similarityOfRow: AlignedBuffer<Float>
  /// Each column's row, or -1.
  private let rowOfColumn: AlignedBuffer<Int32>
  private let price: AlignedBuffer<Double>
  private var paths: CandidatePaths

  init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    columnOfRow = AlignedBuffer(count: rows)
    similarityOfRow = AlignedBuffer(count: rows)
    rowOfColumn = AlignedBuffer(count: columns)
    price = AlignedBuffer(count: columns)
    paths = CandidatePaths(columns: columns)
    forget()
  }

  /// Begins anew.
  func forget() {
    columnOfRow.start.update(repeating: -1, count: rows)
    rowOfColumn.start.update(repeating: -1, count: columns)
    price.start.update(repeating: 0, count: columns)
  }

  /// The price of each column, at least 0.
  var prices: [Double] { price.elements }

  /// The columns that no row has, ascending.
  var freeColumns: [Int] { (0..<columns).filter { rowOfColumn.start[$0] < 0 } }

  /// The column of a row that has one.
  func column(of row: Int) -> Int { Int(columnOfRow.start[row]) }

  /// The similarity of a row with its column.
  func similarity(of row: Int) -> Float { similarityOfRow.start[row] }

  /// What a row that has a column gains by it: similarity less price.
  func gain(of row: Int) -> Double {
    Double(similarityOfRow.start[row]) - price.start[column(of: row)]
  }

  /// Takes a row's column from it.
  func release(_ row: Int) {
    rowOfColumn.start[column(of: row)] = -1
    columnOfRow.start[row] = -1
  }

  private func give(_ row: Int, _ column: Int32, _ similarity: Float) {
    columnOfRow.start[row] = column
    similarityOfRow.start[row] = similarity
    rowOfColumn.start[Int(column)] = Int32(row)
  }

  /// Lets rows without a column outbid others; whoever is left goes on to `augment`.
  func bid(on candidates: CandidatePairs) {
    var waiting = (0..<rows).reversed().filter { columnOfRow.start[$0] < 0 }
    var bids = 8 * rows
    candidates.withUnsafeLists { lists in
      while bids > 0, let row = waiting.popLast() {
        bids -= 1
        guard let (best, next, gain, nextGain) = lists.twoBest(of: row, price.start) else {
          continue
        }
        let favorite = Int(lists.partners[best])
        var entry = best
        if gain > nextGain {
          price.start[favorite] += gain - nextGain
        } else if rowOfColumn.start[favorite] >= 0, let next {
          entry = next
        }
        let loser = Int(rowOfColumn.start[Int(lists.partners[entry])])
        give(row, lists.partners[entry], lists.similarities[entry])
        guard loser >= 0 else { continue }
        columnOfRow.start[loser] = -1
        // On a tie nothing was paid, and the loser would take it back: leave it to `augment`.
        if gain > nextGain { waiting.append(loser) }
      }
    }
  }

  /// Gives each row that has none a column, along the path of exchanges that loses least.
  ///
  /// - Returns: The rows for which no path along candidates leads to a free column.
  mutating func augment(on candidates: CandidatePairs) -> [Int] {
    var stranded: [Int] = []
    paths.reviveAll()
    candidates.withUnsafeLists { lists in
      for row in 0..<rows where columnOfRow.start[row] < 0 {
        let end = paths.search(
          from: row, lists, price.start, rowOfColumn.start, similarityOfRow.start)
        guard let end else {
          stranded.append(row)
          continue
        }
        let least = paths.distance(of: end)
        for column in paths.closed { price.start[column] += least - paths.distance(of: column) }
        var column = Int32(end)
        while true {
          let (owner, entry) = paths.origin(of: Int(column))
          let left = columnOfRow.start[owner]
          give(owner, column, lists.similarities[entry])
          if owner == row { break }
          column = left
        }
      }
    }
    return stranded
  }
}
