import SparseCoding
import Testing

@Suite struct MatrixTests {
  /// Element (r, c) is 100 r + c.
  static func numbered(_ rows: Int, _ columns: Int) -> Matrix {
    Matrix(
      rows: rows, columns: columns,
      values: (0..<rows).flatMap { row in (0..<columns).map { Float(100 * row + $0) } })
  }

  static let shapes = [(0, 0), (0, 5), (5, 0), (1, 1), (1, 70), (31, 33), (64, 32), (65, 97)]

  @Test func elementsAndRowsAreWhereTheyShouldBe() {
    var matrix = Self.numbered(3, 4)
    #expect(matrix[2, 3] == 203 && matrix.row(1) == [100, 101, 102, 103])
    matrix[2, 3] = -1
    #expect(matrix.values[11] == -1)
    #expect(Matrix(rows: 2, columns: 2, repeating: 3).values == [3, 3, 3, 3])
  }

  @Test(arguments: shapes)
  func transposedExchangesRowsAndColumns(rows: Int, columns: Int) {
    let matrix = Self.numbered(rows, columns)
    let transposed = matrix.transposed()
    #expect(transposed.rows == columns && transposed.columns == rows)
    for row in 0..<rows {
      for column in 0..<columns { #expect(transposed[column, row] == Float(100 * row + column)) }
    }
    #expect(transposed.transposed() == matrix)
  }

  @Test func selectingKeepsTheOrderGivenAndRepeats() {
    let matrix = Self.numbered(5, 3)
    let chosen = matrix.selecting(rows: [4, 0, 4])
    #expect(chosen.rows == 3 && chosen.columns == 3)
    #expect(chosen.values == [400, 401, 402, 0, 1, 2, 400, 401, 402])
    #expect(matrix.selecting(rows: []).rows == 0)
    #expect(matrix.selecting(rows: 0..<5) == matrix)
  }

  @Test(arguments: shapes + [(3, 16), (3, 17)])
  func paddedRowsComeBack(rows: Int, columns: Int) {
    let matrix = Self.numbered(rows, columns)
    let buffer = AlignedBuffer<Float>(padding: matrix)
    let stride = AlignedBuffer<Float>.stride(ofWidth: columns)
    #expect(stride % 16 == 0 && stride >= columns && stride < columns + 16)
    #expect(buffer.count == rows * stride)
    for row in 0..<rows {
      let padding = buffer.elements[row * stride + columns..<(row + 1) * stride]
      #expect(padding.allSatisfy { $0 == 0 })
    }
    #expect(buffer.matrix(rows: rows, columns: columns) == matrix)
  }

  @Test(arguments: [0, 1, 15, 1000, 600_000])
  func buffersAreAlignedZeroedAndCopied(count: Int) {
    let buffer = AlignedBuffer<Float>(count: count)
    #expect(Int(bitPattern: buffer.start) % 64 == 0)
    #expect(buffer.elements == [Float](repeating: 0, count: count))
    let numbers = (0..<count).map(Float.init)
    #expect(AlignedBuffer(numbers).elements == numbers)
  }
}
