import SparseCoding

/// The few dense operations that a layer needs besides products. Each element is one chain of
/// operations in a fixed order.
extension Matrix {
  /// Adds the single row of `other` to every row.
  mutating func addToEveryRow(_ other: Matrix) {
    precondition(
      other.rows == 1 && other.columns == columns,
      "[\(other.rows), \(other.columns)] is no row of width \(columns)")
    let (rows, columns) = (rows, columns)
    values.withUnsafeMutableBufferPointer { target in
      other.values.withUnsafeBufferPointer { source in
        for row in 0..<rows {
          let start = row * columns
          for column in 0..<columns { target[start + column] += source[column] }
        }
      }
    }
  }

  /// Adds a matrix of the same shape.
  mutating func add(_ other: Matrix) {
    precondition(
      other.rows == rows && other.columns == columns,
      "[\(other.rows), \(other.columns)] cannot be added to [\(rows), \(columns)]")
    values.withUnsafeMutableBufferPointer { target in
      other.values.withUnsafeBufferPointer { source in
        for index in target.indices { target[index] += source[index] }
      }
    }
  }

  /// Sets negative elements to zero.
  mutating func rectify() {
    values.withUnsafeMutableBufferPointer { target in
      for index in target.indices { target[index] = target[index] > 0 ? target[index] : 0 }
    }
  }

  /// Sets an element to zero where `mask` is not positive.
  mutating func keep(where mask: Matrix) {
    precondition(
      mask.rows == rows && mask.columns == columns,
      "[\(mask.rows), \(mask.columns)] cannot mask [\(rows), \(columns)]")
    values.withUnsafeMutableBufferPointer { target in
      mask.values.withUnsafeBufferPointer { mask in
        for index in target.indices { target[index] = mask[index] > 0 ? target[index] : 0 }
      }
    }
  }

  /// The sum of all rows, as a single row.
  func columnSums() -> Matrix {
    var sums = Matrix(rows: 1, columns: columns)
    let (rows, columns) = (rows, columns)
    sums.values.withUnsafeMutableBufferPointer { target in
      values.withUnsafeBufferPointer { source in
        for row in 0..<rows {
          let start = row * columns
          for column in 0..<columns { target[column] += source[start + column] }
        }
      }
    }
    return sums
  }
}

extension Compute {
  /// `a b`.
  func times(_ a: Matrix, _ b: Matrix) -> Matrix { product(a, b.transposed()) }

  /// `aᵀ b`.
  func transposedTimes(_ a: Matrix, _ b: Matrix) -> Matrix {
    product(a.transposed(), b.transposed())
  }
}
