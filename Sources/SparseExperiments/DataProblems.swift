public import SparseCoding

/// What about data a user should know before training on them; none of it stops a run.
public enum DataProblem: Hashable, Sendable {
  /// Columns that have one value in all rows.
  case constantColumns([Int])
  /// Rows that repeat an earlier row.
  case duplicateRows(count: Int, first: Int)
  /// Columns whose root mean square is far above the others', with that ratio to their median.
  case outlierColumns([Int], ratio: Double)

  /// The problem in one sentence, with what to do.
  public var summary: String {
    func list(_ columns: [Int]) -> String {
      columns.prefix(5).map(String.init).joined(separator: ", ") + (columns.count > 5 ? ", …" : "")
    }
    switch self {
    case .constantColumns(let columns):
      return """
        \(columns.count) constant column\(columns.count == 1 ? "" : "s") (\(list(columns))): they \
        carry nothing; b_dec will absorb them
        """
    case .duplicateRows(let count, let first):
      return """
        \(count) row\(count == 1 ? " repeats an earlier one" : "s repeat earlier ones") (the first is \
        row \(first)): held-out rows may have been trained on
        """
    case .outlierColumns(let columns, let ratio):
      return """
        \(columns.count) outlier column\(columns.count == 1 ? "" : "s") (\(list(columns))), up to \
        \(ratio < 1e6 ? String(Int(ratio.rounded())) : String(ratio)) times the median column's root mean square: they dominate the error
        """
    }
  }

  /// A column is an outlier from this multiple of the median root mean square on.
  static let outlierRatio = 10.0

  /// Looks for problems in rows.
  ///
  /// - Complexity: O(rows × d_in).
  public static func find(in rows: Matrix) -> [DataProblem] {
    guard rows.rows > 1, rows.columns > 0 else { return [] }
    var problems: [DataProblem] = []
    let width = rows.columns
    var squares = [Double](repeating: 0, count: width)
    var isConstant = [Bool](repeating: true, count: width)
    var seen: Set<UInt64> = []
    seen.reserveCapacity(rows.rows)
    var duplicates = 0
    var firstDuplicate = 0
    rows.values.withUnsafeBufferPointer { values in
      for row in 0..<rows.rows {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for column in 0..<width {
          let value = values[row * width + column]
          squares[column] += Double(value) * Double(value)
          if value != values[column] { isConstant[column] = false }
          hash = (hash ^ UInt64(value.bitPattern)) &* 0x9e37_79b9_7f4a_7c15
          hash ^= hash >> 32
        }
        if !seen.insert(hash).inserted {
          if duplicates == 0 { firstDuplicate = row }
          duplicates += 1
        }
      }
    }
    let constant = isConstant.indices.filter { isConstant[$0] }
    if !constant.isEmpty { problems.append(.constantColumns(constant)) }
    if duplicates > 0 {
      problems.append(.duplicateRows(count: duplicates, first: firstDuplicate))
    }
    let sizes = squares.map { ($0 / Double(rows.rows)).squareRoot() }
    let median = sizes.sorted()[width / 2]
    let outliers = sizes.indices.filter { sizes[$0] > outlierRatio * median }
    if median > 0, let largest = sizes.max(), !outliers.isEmpty {
      problems.append(.outlierColumns(outliers, ratio: largest / median))
    }
    return problems
  }
}
