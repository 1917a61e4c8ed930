import SparseCoding

/// The shortest paths of exchanges from one row to columns (Dijkstra's algorithm on the slacks).
struct CandidatePaths {
  /// The columns nearer than the nearest free one, all taken, in the order of their distances.
  private(set) var closed: [Int] = []
  private let distances: AlignedBuffer<Double>
  private let originRows: AlignedBuffer<Int32>
  private let originEntries: AlignedBuffer<Int>
  private let isClosed: AlignedBuffer<Bool>
  /// Whether no free column can be reached from a column.
  private let isDead: AlignedBuffer<Bool>
  private var touched: [Int] = []
  private var queue = ColumnQueue()

  init(columns: Int) {
    distances = AlignedBuffer([Double](repeating: .infinity, count: columns))
    originRows = AlignedBuffer(count: columns)
    originEntries = AlignedBuffer(count: columns)
    isClosed = AlignedBuffer(count: columns)
    isDead = AlignedBuffer(count: columns)
  }

  /// The distance of a column that the last search reached.
  func distance(of column: Int) -> Double { distances.start[column] }

  /// The row from which the shortest path enters a column, and the entry of that pair.
  func origin(of column: Int) -> (row: Int, entry: Int) {
    (Int(originRows.start[column]), originEntries.start[column])
  }

  /// Forgets which columns lead nowhere, because candidates were added or columns freed.
  func reviveAll() { isDead.start.update(repeating: false, count: isDead.count) }

  /// Searches the nearest free column; `nil` if there is no way to one.
  mutating func search(
    from row: Int, _ lists: CandidatePairs.Lists, _ prices: UnsafePointer<Double>,
    _ rowOfColumn: UnsafePointer<Int32>, _ similarityOfRow: UnsafePointer<Float>
  ) -> Int? {
    clear()
    var free: Int?
    var least = Double.infinity
    var current = row
    var offset = 0.0
    while true {
      for entry in lists.entries(ofRow: current) {
        let column = Int(lists.partners[entry])
        let through = prices[column] - Double(lists.similarities[entry]) + offset
        guard through < least, through < distances.start[column], !isClosed.start[column],
          !isDead.start[column]
        else { continue }
        if distances.start[column] == .infinity { touched.append(column) }
        distances.start[column] = through
        originRows.start[column] = Int32(current)
        originEntries.start[column] = entry
        if rowOfColumn[column] < 0 {
          free = column
          least = through
        } else {
          queue.push(through, column)
        }
      }
      guard let (distance, column) = nearest(), distance < least else { break }
      closed.append(column)
      isClosed.start[column] = true
      current = Int(rowOfColumn[column])
      offset = distance - prices[column] + Double(similarityOfRow[current])
    }
    // All that was reached leads only to itself, and later searches need not go there.
    if free == nil { for column in closed { isDead.start[column] = true } }
    return free
  }

  private mutating func clear() {
    for column in touched {
      distances.start[column] = .infinity
      isClosed.start[column] = false
    }
    touched.removeAll(keepingCapacity: true)
    closed.removeAll(keepingCapacity: true)
    queue.removeAll()
  }

  private mutating func nearest() -> (distance: Double, column: Int)? {
    while let first = queue.pop() {
      if !isClosed.start[first.column] { return first }
    }
    return nil
  }
}

/// Columns by ascending distance, a binary heap; a column may be in it several times.
private struct ColumnQueue {
  private var heap: [(distance: Double, column: Int)] = []

  mutating func removeAll() { heap.removeAll(keepingCapacity: true) }

  mutating func push(_ distance: Double, _ column: Int) {
    heap.append((distance, column))
    var place = heap.count - 1
    while place > 0 {
      let parent = (place - 1) / 2
      guard distance < heap[parent].distance else { break }
      heap[place] = heap[parent]
      place = parent
    }
    heap[place] = (distance, column)
  }

  mutating func pop() -> (distance: Double, column: Int)? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    guard !heap.isEmpty else { return first }
    var place = 0
    while true {
      var child = 2 * place + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count, heap[child + 1].distance < heap[child].distance { child += 1 }
      guard heap[child].distance < last.distance else { break }
      heap[place] = heap[child]
      place = child
    }
    heap[place] = last
    return first
  }
}
