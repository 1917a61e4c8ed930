import SparseCoding

/// Positions of some rows of a data set, ascending, in little memory.
public struct RowSelection: RandomAccessCollection, Sendable {
  private enum Rule: Sendable {
    case all
    /// Rows 0, n, 2n and so on, and all others.
    case every(Int)
    case exceptEvery(Int)
    /// Rows by their positions, ascending, and all others.
    case listed([Int])
    case except([Int])
    /// A part of other rows.
    indirect case part(RowSelection, Int, of: Int, RandomStream)
  }

  private let rule: Rule
  /// The number of chosen rows.
  public let count: Int
  /// The index of the first.
  public var startIndex: Int { 0 }
  /// The index after the last.
  public var endIndex: Int { count }

  private init(_ rule: Rule, count: Int) {
    self.rule = rule
    self.count = count
  }

  /// All of a number of rows.
  static func all(_ rows: Int) -> RowSelection { RowSelection(.all, count: rows) }

  /// Rows 0, `step`, 2 `step` and so on are held out of `rows`, the others train.
  static func every(
    _ step: Int, of rows: Int
  ) -> (heldOut: RowSelection, training: RowSelection) {
    let count = rows == 0 ? 0 : (rows - 1) / step + 1
    return (
      RowSelection(.every(step), count: count),
      RowSelection(.exceptEvery(step), count: rows - count)
    )
  }

  /// Rows by their positions, which ascend, are held out of `rows`, the others train.
  static func listed(
    _ positions: [Int], of rows: Int
  ) -> (heldOut: RowSelection, training: RowSelection) {
    (
      RowSelection(.listed(positions), count: positions.count),
      RowSelection(.except(positions), count: rows - positions.count)
    )
  }

  /// One of several disjoint parts of these rows, drawn once and for all.
  ///
  /// Of every `parts` rows that follow each other each part has one, by chance; what is left over at the end
  /// is in none.
  ///
  /// - Precondition: `parts` is positive and `part` below it.
  func part(_ part: Int, of parts: Int) -> RowSelection {
    precondition(parts > 0 && (0..<parts).contains(part), "part \(part) of \(parts)")
    if parts == 1 { return self }
    return RowSelection(
      .part(self, part, of: parts, RandomStream(seed: 0, name: "parts of the rows")),
      count: count / parts)
  }

  /// The position of a chosen row.
  ///
  /// - Complexity: O(1), or O(log rows) for the rows that a list leaves over.
  public subscript(index: Int) -> Int {
    precondition(indices.contains(index), "row \(index) of \(count)")
    switch rule {
    case .all: return index
    case .every(let step): return index * step
    case .exceptEvery(let step): return index + index / (step - 1) + 1
    case .listed(let positions): return positions[index]
    case .except(let positions):
      // Before listed row j lie positions[j] - j others.
      var low = 0
      var high = positions.count
      while low < high {
        let middle = (low + high) / 2
        if positions[middle] - middle <= index { low = middle + 1 } else { high = middle }
      }
      return index + low
    case .part(let whole, let part, let parts, let stream):
      var draws = stream.dropping(index)
      return whole[index * parts + (part + draws.index(below: parts)) % parts]
    }
  }
}
