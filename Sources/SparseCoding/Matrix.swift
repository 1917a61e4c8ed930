/// A dense row-major matrix of `Float`: the currency of Elute's interfaces.
///
/// Activations are `[rows, d_in]`; encoders and decoders are `[d_sae, d_in]`, one latent a row.
/// Engines keep their own aligned buffers and exchange a `Matrix` only at their edges.
public struct Matrix: Sendable, Hashable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The elements, row after row: element `(r, c)` is `values[r * columns + c]`.
  public var values: [Float]

  /// A matrix over existing values.
  ///
  /// - Precondition: `values.count == rows * columns`.
  public init(rows: Int, columns: Int, values: [Float]) {
    precondition(
      values.count == rows * columns,
      "\(values.count) values cannot fill a matrix of \(rows) x \(columns)")
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  /// A matrix in which every element is the same.
  public init(rows: Int, columns: Int, repeating value: Float = 0) {
    self.init(
      rows: rows, columns: columns, values: [Float](repeating: value, count: rows * columns))
  }

  /// The element at a row and a column.
  public subscript(row: Int, column: Int) -> Float {
    get { values[row * columns + column] }
    set { values[row * columns + column] = newValue }
  }

  /// The elements of one row.
  public func row(_ index: Int) -> ArraySlice<Float> {
    values[index * columns..<(index + 1) * columns]
  }

  /// The matrix that consists of the chosen rows, in the order given.
  public func selecting(rows chosen: some Collection<Int>) -> Matrix {
    var selected: [Float] = []
    selected.reserveCapacity(chosen.count * columns)
    for index in chosen { selected.append(contentsOf: row(index)) }
    return Matrix(rows: chosen.count, columns: columns, values: selected)
  }

  /// The matrix that consists of some columns.
  public func selecting(columns chosen: Range<Int>) -> Matrix {
    var selected: [Float] = []
    selected.reserveCapacity(rows * chosen.count)
    for index in 0..<rows {
      let start = index * columns
      selected.append(contentsOf: values[start + chosen.lowerBound..<start + chosen.upperBound])
    }
    return Matrix(rows: rows, columns: chosen.count, values: selected)
  }

  /// The matrix with rows and columns exchanged.
  ///
  /// - Complexity: O(rows × columns), in square blocks so that both sides stay in cache.
  public func transposed() -> Matrix {
    let block = 32
    let rows = rows
    let columns = columns
    let result = [Float](unsafeUninitializedCapacity: rows * columns) { target, count in
      values.withUnsafeBufferPointer { source in
        for rowStart in stride(from: 0, to: rows, by: block) {
          for columnStart in stride(from: 0, to: columns, by: block) {
            for row in rowStart..<min(rowStart + block, rows) {
              for column in columnStart..<min(columnStart + block, columns) {
                target[column * rows + row] = source[row * columns + column]
              }
            }
          }
        }
      }
      count = rows * columns
    }
    return Matrix(rows: columns, columns: rows, values: result)
  }
}
