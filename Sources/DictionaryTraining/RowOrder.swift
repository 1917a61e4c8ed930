import SparseCoding

/// How large sets are shuffled: sizes that are part of what an order means, never of the machine.
public struct OrderLayout: Hashable, Sendable {
  /// The most activations in a window.
  var windowElements: Int
  /// The most rows in a window.
  var windowRows: Int
  /// Activations in a block, about.
  var blockElements: Int

  /// Windows of 256 MiB as float32, or 2^20 rows where that is less; blocks of 256 KiB.
  public static let standard = OrderLayout(
    windowElements: 1 << 26, windowRows: 1 << 20, blockElements: 1 << 16)

  /// Whether so many rows are shuffled as a whole.
  func isOneWindow(rows: Int, width: Int) -> Bool {
    let (elements, overflow) = rows.multipliedReportingOverflow(by: width)
    return !overflow && elements <= windowElements
  }
}

/// The order in which rows are trained on: a pure function of (data seed, epoch, position), the number
/// of rows and their width.
///
/// Up to 256 MiB of activations (as float32), every epoch is a fresh permutation of all training rows,
/// every one as likely. Above, the rows are cut into blocks of consecutive ones, of 256 KiB; an epoch
/// permutes the blocks, takes them in that order into windows of at most 256 MiB, as equal as blocks
/// allow, and permutes the rows of each window. So
///
/// - every row is seen once an epoch, and a batch draws uniformly from the rows of a window: some
///   1,000 places of the set, drawn anew each epoch;
/// - rows of one block, such as the tokens of one text, fall into one window: they are seen within one
///   window's share of an epoch of each other, and a batch of B rows has about B / 1,000 of a block,
///   where a full shuffle has fewer. Sets that are shuffled on disk lose nothing;
/// - positions that follow each other need no more than two windows in memory.
///
/// Elsewhere: tf.data and WebDataset (shuffle buffers, which depend on how the reading went).
public struct RowOrder: Hashable, Sendable {
  let dataSeed: UInt64
  /// The number of training rows.
  let rows: Int
  private let blockRows: Int
  private let blocks: Int
  private let windows: Int

  init(dataSeed: UInt64, rows: Int, width: Int, layout: OrderLayout = .standard) {
    self.dataSeed = dataSeed
    self.rows = rows
    if layout.isOneWindow(rows: rows, width: width) {
      (blockRows, blocks, windows) = (max(rows, 1), 1, 1)
    } else {
      let windowRows = max(1, min(layout.windowElements / max(width, 1), layout.windowRows))
      blockRows = min(max(1, layout.blockElements / max(width, 1)), windowRows)
      blocks = (rows + blockRows - 1) / blockRows
      let blocksEach = windowRows / blockRows
      windows = (blocks + blocksEach - 1) / blocksEach
    }
  }

  /// The most rows in a window.
  var largestWindow: Int { (blocks + windows - 1) / windows * blockRows }

  /// The window that a position falls into.
  ///
  /// - Complexity: O(rows of the window + blocks of the set).
  func window(at position: Int) -> OrderWindow {
    let epoch = position / rows
    guard windows > 1 else {
      var stream = RandomStream(seed: dataSeed, name: "order of epoch \(epoch)")
      return OrderWindow(
        start: epoch * rows, runs: [0..<rows], runRows: blockRows,
        slots: stream.permutation(count: rows))
    }
    var blockStream = RandomStream(seed: dataSeed, name: "blocks of epoch \(epoch)")
    let order = blockStream.permutation(count: blocks)
    // The set's last block may be short; the windows after the one that has it begin so much earlier.
    let missing = blocks * blockRows - rows
    let short = order.firstIndex(of: blocks - 1) ?? 0
    func firstBlock(_ window: Int) -> Int { window * blocks / windows }
    func start(_ window: Int) -> Int {
      firstBlock(window) * blockRows - (firstBlock(window) > short ? missing : 0)
    }
    let offset = position % rows
    let window = (0..<windows).last { start($0) <= offset } ?? 0
    let runs = order[firstBlock(window)..<firstBlock(window + 1)].sorted().map {
      $0 * blockRows..<min(($0 + 1) * blockRows, rows)
    }
    var stream = RandomStream(seed: dataSeed, name: "order of epoch \(epoch), window \(window)")
    let found = OrderWindow(
      start: epoch * rows + start(window), runs: runs, runRows: blockRows,
      slots: stream.permutation(count: runs.reduce(0) { $0 + $1.count }))
    // Whoever goes through an order would go round forever.
    precondition(
      found.positions.contains(position), "position \(position) beyond window \(found.positions)")
    return found
  }
}

/// Positions of an order that are shuffled together.
struct OrderWindow: Hashable, Sendable {
  /// The first position.
  let start: Int
  /// The training rows, as runs of consecutive ones, ascending: those at slots 0, 1, 2 and so on.
  let runs: [Range<Int>]
  /// The length of every run but the last, which may be shorter.
  let runRows: Int
  /// The slot of each position.
  let slots: [Int]

  /// The positions.
  var positions: Range<Int> { start..<start + slots.count }

  /// Which of the training rows is at a position.
  func row(at position: Int) -> Int {
    let slot = slots[position - start]
    return runs[slot / runRows].lowerBound + slot % runRows
  }
}
