import SparseCoding

/// Activations in a file: rows of floating-point numbers, read in any range as `Float`.
struct StoredRows: Sendable, Hashable {
  /// How the rows lie in the file.
  enum Order: Sendable, Hashable {
    /// Row after row.
    case rowMajor
    /// Fortran order of `[sequences, context, width]`; `context` is 1 for `[rows, width]`.
    case columnMajor(context: Int)
  }

  var run: ElementRun
  let rows: Int
  let width: Int
  let order: Order

  /// Rows of a shape `[rows, width]`, or `[sequences, context, width]`, whose first two dimensions
  /// then count as one.
  init(_ run: ElementRun, shape: [Int], isFortranOrder: Bool) throws(TensorFileError) {
    guard (2...3).contains(shape.count), shape.allSatisfy({ $0 <= Int32.max }) else {
      throw TensorFileError(
        path: run.file.path, location: run.location, found: "the shape \(shape)",
        expected: "[rows, width] or [sequences, context, width], each up to \(Int32.max)")
    }
    guard run.type.isFloating else {
      throw TensorFileError(
        path: run.file.path, location: run.location, found: "elements of type \(run.type.rawValue)",
        expected: "activations, which are floating-point numbers",
        hint: run.type == .int16 || run.type == .uint16 ? NpyOptions.advice : "")
    }
    self.run = run
    rows = shape.dropLast().reduce(1, *)
    width = shape[shape.count - 1]
    order =
      isFortranOrder ? .columnMajor(context: shape.count == 3 ? shape[1] : 1) : .rowMajor
  }

  /// All rows.
  func matrix() throws(TensorFileError) -> Matrix {
    let values = try [Float].filled(count: run.count, path: run.file.path, location: run.location) {
      (target) throws(TensorFileError) in
      try run.file.reading { (descriptor) throws(TensorFileError) in
        try read(0..<rows, into: target, from: descriptor)
      }
    }
    return Matrix(rows: rows, columns: width, values: values)
  }

  /// A range of rows, row-major, into a buffer of as many floats.
  func read(
    _ range: Range<Int>, into target: UnsafeMutableBufferPointer<Float>,
    from descriptor: borrowing OpenDescriptor
  ) throws(TensorFileError) {
    guard !range.isEmpty, width > 0 else { return }
    switch order {
    case .rowMajor:
      let elements = range.lowerBound * width..<range.upperBound * width
      try run.read(elements, into: target, from: descriptor)
    case .columnMajor(let context):
      try readColumns(range, context: context, into: target, from: descriptor)
    }
  }

  /// Element `(i, j, c)` of `[s, context, width]` in Fortran order is number
  /// `i + s (j + context c)`; it belongs to row `i context + j`.
  private func readColumns(
    _ range: Range<Int>, context: Int, into target: UnsafeMutableBufferPointer<Float>,
    from descriptor: borrowing OpenDescriptor
  ) throws(TensorFileError) {
    let sequences = rows / context
    let first = range.lowerBound / context
    let end = (range.upperBound - 1) / context + 1
    // Pieces of a column long enough to read at once, and rows few enough to stay in the cache.
    let block = 1024
    let column = UnsafeMutableBufferPointer<Float>.allocate(capacity: min(block, end - first))
    defer { column.deallocate() }
    for start in stride(from: first, to: end, by: block) {
      let count = min(block, end - start)
      let piece = UnsafeMutableBufferPointer(rebasing: column[..<count])
      for dimension in 0..<width {
        for place in 0..<context {
          let element = start + sequences * (place + context * dimension)
          try run.read(element..<element + count, into: piece, from: descriptor)
          for offset in 0..<count {
            let row = (start + offset) * context + place
            if range.contains(row) {
              target[(row - range.lowerBound) * width + dimension] = piece[offset]
            }
          }
        }
      }
    }
  }
}
