public import SparseCoding

/// The numbers of a tensor to be written, in the type that they will have in the file.
public enum TensorValues: Sendable {
  /// Written as `F32`.
  case floats([Float])
  /// Written as `F64`.
  case doubles([Double])
  /// Written as `I64`.
  case integers([Int64])
  /// Written as `U64`.
  case unsignedIntegers([UInt64])
  /// The transpose of a matrix, written as `F32`, without a transposed copy of the whole.
  case transposed(Matrix)
  /// Rows of a buffer that are padded to `AlignedBuffer.stride(ofWidth:)`, written as `F32` from where
  /// they lie; the buffer must keep its values until then.
  case padded(AlignedBuffer<Float>, rows: Int, columns: Int)

  /// The number of elements.
  public var count: Int {
    switch self {
    case .floats(let values): values.count
    case .doubles(let values): values.count
    case .integers(let values): values.count
    case .unsignedIntegers(let values): values.count
    case .transposed(let matrix): matrix.values.count
    case .padded(_, let rows, let columns): rows * columns
    }
  }

  /// The type in a safetensors file.
  public var type: SafetensorsType {
    switch self {
    case .floats, .transposed, .padded: .float32
    case .doubles: .float64
    case .integers: .int64
    case .unsignedIntegers: .uint64
    }
  }

  /// Appends the numbers to a file, little-endian.
  func write(to writer: inout FileWriter) throws(TensorFileError) {
    #if _endian(big)
      #error("numbers are written as they lie in memory; a big-endian machine needs a swap here")
    #endif
    switch self {
    case .floats(let values): try writer.write(values.span.bytes)
    case .doubles(let values): try writer.write(values.span.bytes)
    case .integers(let values): try writer.write(values.span.bytes)
    case .unsignedIntegers(let values): try writer.write(values.span.bytes)
    case .transposed(let matrix):
      // Blocks of columns: 16 floats are a cache line of the source.
      for start in stride(from: 0, to: matrix.columns, by: 16) {
        let block = matrix.transposedColumns(start..<min(start + 16, matrix.columns))
        try writer.write(block.span.bytes)
      }
    case .padded(let buffer, let rows, let columns):
      try write(buffer, rows: rows, columns: columns, to: &writer)
    }
  }

  /// Without the padding, a mebibyte at a time, or all at once where there is none.
  private func write(
    _ buffer: AlignedBuffer<Float>, rows: Int, columns: Int, to writer: inout FileWriter
  ) throws(TensorFileError) {
    let stride = rows > 1 ? AlignedBuffer<Float>.stride(ofWidth: columns) : columns
    if stride == columns {
      let all = UnsafeRawBufferPointer(start: buffer.start, count: rows * columns * 4)
      return try writer.write(all.bytes)
    }
    let step = max(1, (1 << 18) / columns)
    for first in Swift.stride(from: 0, to: rows, by: step) {
      let count = min(step, rows - first)
      let piece = [Float](unsafeUninitializedCapacity: count * columns) { target, initialized in
        for row in 0..<count {
          for column in 0..<columns {
            target[row * columns + column] = buffer.start[(first + row) * stride + column]
          }
        }
        initialized = count * columns
      }
      try writer.write(piece.span.bytes)
    }
  }
}

extension Matrix {
  /// Some columns, one after the other.
  fileprivate func transposedColumns(_ chosen: Range<Int>) -> [Float] {
    var block = [Float](repeating: 0, count: chosen.count * rows)
    for row in 0..<rows {
      for column in chosen {
        block[(column - chosen.lowerBound) * rows + row] = values[row * columns + column]
      }
    }
    return block
  }
}

/// A tensor to be written: a name, a shape and its numbers.
public struct NamedTensor: Sendable {
  /// The name.
  public let name: String
  /// The dimensions, outermost first; none for a single number.
  public let shape: [Int]
  /// The numbers.
  public let values: TensorValues

  /// A tensor of a name, a shape and numbers.
  ///
  /// - Precondition: The shape has as many elements as there are numbers.
  public init(_ name: String, shape: [Int], _ values: TensorValues) {
    precondition(
      shape.reduce(1, *) == values.count, "\(values.count) values cannot fill the shape \(shape)")
    self.name = name
    self.shape = shape
    self.values = values
  }

  /// A tensor of one dimension.
  public init(_ name: String, _ values: TensorValues) {
    self.init(name, shape: [values.count], values)
  }

  /// A matrix, as a tensor of two dimensions.
  public init(_ name: String, _ matrix: Matrix) {
    self.init(name, shape: [matrix.rows, matrix.columns], .floats(matrix.values))
  }

  /// Padded rows of a buffer, as a tensor of two dimensions.
  public init(_ name: String, _ rows: AlignedBuffer<Float>, rows count: Int, columns: Int) {
    self.init(name, shape: [count, columns], .padded(rows, rows: count, columns: columns))
  }

  /// The transpose of a matrix, as a tensor of two dimensions.
  public init(_ name: String, transposing matrix: Matrix) {
    self.init(name, shape: [matrix.columns, matrix.rows], .transposed(matrix))
  }
}
