public import SparseCoding

/// The numbers of a tensor to be written, in the type that they will have in the file.
public enum TensorValues: Sendable, Hashable {
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

  /// The number of elements.
  public var count: Int {
    switch self {
    case .floats(let values): values.count
    case .doubles(let values): values.count
    case .integers(let values): values.count
    case .unsignedIntegers(let values): values.count
    case .transposed(let matrix): matrix.values.count
    }
  }

  /// The type in a safetensors file.
  public var type: SafetensorsType {
    switch self {
    case .floats, .transposed: .float32
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
public struct NamedTensor: Sendable, Hashable {
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

  /// The transpose of a matrix, as a tensor of two dimensions.
  public init(_ name: String, transposing matrix: Matrix) {
    self.init(name, shape: [matrix.columns, matrix.rows], .transposed(matrix))
  }
}
