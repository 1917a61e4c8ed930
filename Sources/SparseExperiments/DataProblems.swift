/// What about data a user should know before training on them; none of it stops a run.
public enum DataProblem: Hashable, Sendable {
  /// Columns that have one value in all rows.
  case constantColumns([Int])
  /// Rows that repeat an earlier row; of more than 2^21 rows an estimate from a share of them.
  case duplicateRows(count: Int, first: Int, isEstimate: Bool = false)
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
    case .duplicateRows(let count, let first, let isEstimate):
      return """
        \(isEstimate ? "about " : "")\(count) row\(count == 1 ? " repeats an earlier one" : "s repeat earlier ones") \
        (\(isEstimate ? "one" : "the first") is row \(first)): held-out rows may have been trained on
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
}

/// A search for problems, fed with all rows in their order.
struct DataProblemSearch {
  private let rows: Int
  private let width: Int
  private var squares: [Double]
  private var first: [Float] = []
  private var isConstant: [Bool]
  private var seen: Set<UInt64> = []
  private var duplicates = 0
  private var firstDuplicate = 0
  /// Rows are looked for again where these bits of their hash are zero: a row and its repetition
  /// are, or are not, so a share of all rows shows that share of the repetitions.
  private let sampleBits: UInt64

  /// - Parameter mostHashes: About so many rows' hashes are kept.
  init(rows: Int, width: Int, mostHashes: Int = 1 << 21) {
    self.rows = rows
    self.width = width
    squares = [Double](repeating: 0, count: width)
    isConstant = [Bool](repeating: true, count: width)
    var share = 1
    while rows / share > mostHashes { share *= 2 }
    sampleBits = UInt64(share - 1)
    seen.reserveCapacity(min(rows, mostHashes))
  }

  mutating func add(_ start: Int, _ values: UnsafeBufferPointer<Float>) {
    guard width > 0, !values.isEmpty else { return }
    if start == 0 { first = Array(values[..<width]) }
    for row in 0..<values.count / width {
      let part = UnsafeBufferPointer(rebasing: values[row * width..<(row + 1) * width])
      take(part)
      let hash = Self.hash(part)
      if hash & sampleBits == 0, !seen.insert(hash).inserted {
        if duplicates == 0 { firstDuplicate = start + row }
        duplicates += 1
      }
    }
  }

  private mutating func take(_ row: UnsafeBufferPointer<Float>) {
    let width = width
    squares.withUnsafeMutableBufferPointer { squares in
      for column in 0..<width { squares[column] += Double(row[column]) * Double(row[column]) }
    }
    first.withUnsafeBufferPointer { first in
      isConstant.withUnsafeMutableBufferPointer { isConstant in
        for column in 0..<width where row[column] != first[column] { isConstant[column] = false }
      }
    }
  }

  private static func hash(_ row: UnsafeBufferPointer<Float>) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for value in row {
      hash = (hash ^ UInt64(value.bitPattern)) &* 0x9e37_79b9_7f4a_7c15
      hash ^= hash >> 32
    }
    return hash
  }

  func finish() -> [DataProblem] {
    guard rows > 1, width > 0 else { return [] }
    var problems: [DataProblem] = []
    let constant = isConstant.indices.filter { isConstant[$0] }
    if !constant.isEmpty { problems.append(.constantColumns(constant)) }
    if duplicates > 0 {
      problems.append(
        .duplicateRows(
          count: duplicates * Int(sampleBits + 1), first: firstDuplicate, isEstimate: sampleBits > 0
        ))
    }
    let sizes = squares.map { ($0 / Double(rows)).squareRoot() }
    let median = sizes.sorted()[width / 2]
    let outliers = sizes.indices.filter { sizes[$0] > DataProblem.outlierRatio * median }
    if median > 0, let largest = sizes.max(), !outliers.isEmpty {
      problems.append(.outlierColumns(outliers, ratio: largest / median))
    }
    return problems
  }
}
