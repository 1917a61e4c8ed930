import Elute
import Testing

@testable import SparseExperiments

@Suite("data problems") struct DataProblemTests {
  private func problems(of rows: Matrix, mostHashes: Int = 1 << 21) throws -> [DataProblem] {
    var search = DataProblemSearch(
      rows: rows.rows, width: rows.columns, mostHashes: mostHashes)
    try rows.forEachPiece { search.add($0, $1) }
    return search.finish()
  }

  @Test("data without problems have none, and so has a single row")
  func none() throws {
    #expect(try problems(of: planted) == [])
    #expect(try problems(of: matrix([[1, 1, 100]])) == [])
    #expect(try problems(of: Matrix(rows: 3, columns: 0)) == [])
  }

  @Test("columns that are the same in all rows are constant, zeros or not")
  func constantColumns() throws {
    let rows = matrix([[2, 0, 1, -1], [2, 0, 1.5, 1], [2, 0, 1, 0.5]])
    #expect(try problems(of: rows) == [.constantColumns([0, 1])])
  }

  @Test("rows that repeat earlier ones are counted, and the first of them is named")
  func duplicates() throws {
    let rows = matrix([[1, 2], [3, 4], [2, 1], [3, 4], [1, 2], [1, 2]])
    #expect(try problems(of: rows) == [.duplicateRows(count: 3, first: 3)])
    #expect(try problems(of: matrix([[1, 2], [2, 1]])) == [])
  }

  @Test(
    "of many rows a share is looked for again, and shows how many repeat", arguments: [64, 1023])
  func share(mostHashes: Int) throws {
    // 4096 rows, no two alike, and then half of them again, in the other direction.
    let distinct: [[Float]] = (0..<4096).map { [Float($0), Float($0 * $0 % 97)] }
    let rows = matrix(distinct + distinct[..<2048].reversed())
    #expect(try problems(of: matrix(distinct), mostHashes: mostHashes) == [])
    #expect(
      try problems(of: rows, mostHashes: 6144) == [.duplicateRows(count: 2048, first: 4096)])
    let found = try problems(of: rows, mostHashes: mostHashes)
    guard case .duplicateRows(let count, let first, isEstimate: true) = found.first else {
      Issue.record("found \(found)")
      return
    }
    #expect(found.count == 1)
    // A share of one in s finds about 2048 / s of them: twice that many s off would be four deviations.
    let share = mostHashes == 64 ? 128 : 8
    let deviation = (2048 * Double(share - 1)).squareRoot()
    #expect(count % share == 0 && abs(Double(count) - 2048) < 4 * deviation)
    #expect((4096..<6144).contains(first))
    #expect(found[0].summary.hasPrefix("about \(count) rows repeat earlier ones (one is row "))
  }

  @Test("columns far above the median root mean square are outliers, by that ratio")
  func outliers() throws {
    // Root mean squares 1, 1, 1, 10 and 40.
    var rows: [[Float]] = []
    for row in 0..<8 {
      let sign: (Int) -> Float = { row >> $0 & 1 == 0 ? 1 : -1 }
      rows.append([sign(0), sign(1), sign(2), 10 * sign(0), 40 * sign(1)])
    }
    #expect(try problems(of: matrix(rows)) == [.outlierColumns([4], ratio: 40)])
    for row in rows.indices { rows[row][3] *= 1.01 }
    let found = try problems(of: matrix(rows))
    #expect(found == [.outlierColumns([3, 4], ratio: 40)])
  }

  @Test("every problem has one sentence of any number, however large")
  func summaries() {
    #expect(
      DataProblem.constantColumns([3]).summary
        == "1 constant column (3): they carry nothing; b_dec will absorb them")
    #expect(
      DataProblem.constantColumns(Array(0..<7)).summary.hasPrefix(
        "7 constant columns (0, 1, 2, 3, 4, …): "))
    #expect(
      DataProblem.duplicateRows(count: 2, first: 9).summary
        == "2 rows repeat earlier ones (the first is row 9): held-out rows may have been trained on"
    )
    #expect(
      DataProblem.outlierColumns([1, 5], ratio: 40.4).summary
        == "2 outlier columns (1, 5), up to 40 times the median column's root mean square: they "
        + "dominate the error")
    #expect(DataProblem.outlierColumns([1], ratio: 1e30).summary.contains("up to 1e+30 times"))
  }
}
