public import SparseCoding

extension NpyFile {
  /// Writes a matrix as `<f4` to a file, which appears whole or not at all.
  public static func write(_ matrix: Matrix, to path: String) throws(TensorFileError) {
    try write(.floats(matrix.values), shape: [matrix.rows, matrix.columns], to: path)
  }

  /// Writes an array to a file, which appears whole or not at all; the bytes are `numpy.save`'s.
  ///
  /// - Precondition: The shape has as many elements as there are values.
  public static func write(
    _ values: TensorValues, shape: [Int], to path: String
  ) throws(TensorFileError) {
    precondition(
      shape.reduce(1, *) == values.count && shape.count <= 64,
      "\(values.count) values cannot fill the shape \(shape)")
    try AtomicFile.write(to: path) { (writer) throws(TensorFileError) in
      try writer.write(header(values.type, shape: shape))
      try values.write(to: &writer)
    }
  }

  /// A header of version 1.0, with numpy's room for the first dimension to grow to 21 digits.
  static func header(_ type: SafetensorsType, shape: [Int]) -> [UInt8] {
    let descr =
      switch type {
      case .float64: "<f8"
      case .int64: "<i8"
      case .uint64: "<u8"
      default: "<f4"
      }
    let tuple =
      shape.count == 1 ? "(\(shape[0]),)" : "(\(shape.map(String.init).joined(separator: ", ")))"
    var text = "{'descr': '\(descr)', 'fortran_order': False, 'shape': \(tuple), }"
    if let first = shape.first {
      text += String(repeating: " ", count: max(0, 21 - String(first).count))
    }
    let unpadded = 10 + text.utf8.count + 1
    text += String(repeating: " ", count: 64 - unpadded % 64) + "\n"
    let length = text.utf8.count
    return NpyHeader.magic + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)] + Array(text.utf8)
  }
}
