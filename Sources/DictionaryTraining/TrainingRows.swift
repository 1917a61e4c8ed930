public import SparseCoding

/// The rows of a data set, divided into those that train and those held out.
public struct TrainingRows: Sendable {
  /// All rows, `[rows, d_in]`.
  public let matrix: Matrix
  /// Positions of the rows that train, ascending.
  public let training: [Int]
  /// Positions of the rows that training never sees, ascending.
  public let heldOut: [Int]

  /// Rows divided by a rule.
  public init(_ matrix: Matrix, holdOut: HoldOut) {
    self.matrix = matrix
    let chosen = holdOut.positions(of: matrix.rows)
    heldOut = chosen
    var isHeldOut = [Bool](repeating: false, count: matrix.rows)
    for position in chosen { isHeldOut[position] = true }
    training = (0..<matrix.rows).filter { !isHeldOut[$0] }
  }

  /// The held-out rows, or all rows if none are held out.
  public var evaluated: Matrix {
    heldOut.isEmpty ? matrix : matrix.selecting(rows: heldOut)
  }
}

/// Which rows training never sees; the same for every seed.
public enum HoldOut: Codable, Hashable, Sendable {
  /// None.
  case none
  /// Rows 0, n, 2n and so on.
  case every(rows: Int)
  /// A fraction of the rows, drawn once and for all.
  case fraction(Double)

  /// The positions of the held-out rows among `count`, ascending.
  public func positions(of count: Int) -> [Int] {
    switch self {
    case .none: return []
    case .every(let step): return Array(stride(from: 0, to: count, by: max(step, 1)))
    case .fraction(let fraction):
      var stream = RandomStream(seed: 0, name: "held-out rows")
      let wanted = min(count, Int((fraction * Double(count)).rounded()))
      return stream.permutation(count: count).prefix(wanted).sorted()
    }
  }
}

/// The order in which rows are trained on: position p is a pure function of (seed, p).
///
/// Every epoch is a fresh permutation of all training rows; a batch may span two epochs.
struct RowOrder {
  private let seed: UInt64
  private let rows: [Int]
  private var epoch = -1
  private var permuted: [Int] = []

  init(seed: UInt64, rows: [Int]) {
    self.seed = seed
    self.rows = rows
  }

  /// The rows at positions `start..<start + count`.
  mutating func rows(from start: Int, count: Int) -> ArraySlice<Int> {
    var chosen: [Int] = []
    chosen.reserveCapacity(count)
    var position = start
    while chosen.count < count {
      load(epoch: position / rows.count)
      let offset = position % rows.count
      let taken = min(count - chosen.count, rows.count - offset)
      chosen.append(contentsOf: permuted[offset..<offset + taken])
      position += taken
    }
    return chosen[...]
  }

  private mutating func load(epoch wanted: Int) {
    guard wanted != epoch else { return }
    var stream = RandomStream(seed: seed, name: "order of epoch \(wanted)")
    permuted = stream.permutation(count: rows.count).map { rows[$0] }
    epoch = wanted
  }
}
