import Elute
import Testing

@testable import SparseExperiments

@Suite("data problems") struct DataProblemTests {
  @Test("data without problems have none, and so has a single row")
  func none() throws {
    #expect(try DataProblem.find(in: planted) == [])
    #expect(try DataProblem.find(in: matrix([[1, 1, 100]])) == [])
    #expect(try DataProblem.find(in: Matrix(rows: 3, columns: 0)) == [])
  }

  @Test("columns that are the same in all rows are constant, zeros or not")
  func constantColumns() throws {
    let rows = matrix([[2, 0, 1, -1], [2, 0, 1.5, 1], [2, 0, 1, 0.5]])
    #expect(try DataProblem.find(in: rows) == [.constantColumns([0, 1])])
  }

  @Test("rows that repeat earlier ones are counted, and the first of them is named")
  func duplicates() throws {
    let rows = matrix([[1, 2], [3, 4], [2, 1], [3, 4], [1, 2], [1, 2]])
    #expect(try DataProblem.find(in: rows) == [.duplicateRows(count: 3, first: 3)])
    #expect(try DataProblem.find(in: matrix([[1, 2], [2, 1]])) == [])
  }

  @Test("columns far above the median root mean square are outliers, by that ratio")
  func outliers() throws {
    // Root mean squares 1, 1, 1, 10 and 40.
    var rows: [[Float]] = []
    for row in 0..<8 {
      let sign: (Int) -> Float = { row >> $0 & 1 == 0 ? 1 : -1 }
      rows.append([sign(0), sign(1), sign(2), 10 * sign(0), 40 * sign(1)])
    }
    #expect(try DataProblem.find(in: matrix(rows)) == [.outlierColumns([4], ratio: 40)])
    for row in rows.indices { rows[row][3] *= 1.01 }
    let found = try DataProblem.find(in: matrix(rows))
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
