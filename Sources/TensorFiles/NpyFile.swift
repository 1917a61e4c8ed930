public import SparseCoding

/// A `.npy` file: one array, read when asked for.
///
/// Opening reads and checks the header alone; nothing is mapped. Differences from `numpy.load`: bytes
/// after the data are refused unless the options allow them, object arrays always.
public struct NpyFile: Sendable, Hashable {
  /// The path of the file.
  public var path: String { file.path }
  /// The dimensions, outermost first; none for a single number.
  public var shape: [Int] { header.shape }
  /// The type of the elements as the file writes it, such as `<f4`.
  public var typeName: String { header.descr }
  /// The number of elements.
  public var count: Int { header.count }

  private let file: ReadableFile
  private let header: NpyHeader

  /// Opens a file: reads and checks its header.
  public static func open(
    _ path: String, options: NpyOptions = NpyOptions()
  ) throws(TensorFileError) -> NpyFile {
    let file = try ReadableFile(path)
    return NpyFile(file: file, header: try NpyHeader(of: file, options: options))
  }

  /// The elements, which are floats of any precision, in row-major order; doubles are rounded.
  public func floats() throws(TensorFileError) -> [Float] { try rowMajor(run.floats()) }

  /// The elements, which are floats of any precision, in row-major order, exactly.
  public func doubles() throws(TensorFileError) -> [Double] { try rowMajor(run.doubles()) }

  /// The elements, which are integers or truth values, in row-major order.
  public func integers() throws(TensorFileError) -> [Int64] { try rowMajor(run.integers()) }

  /// An array `[rows, width]` as a matrix, or `[sequences, context, width]` with the first two
  /// dimensions counted as one.
  public func matrix() throws(TensorFileError) -> Matrix { try storedRows().matrix() }

  /// The elements, not yet read.
  var run: ElementRun {
    ElementRun(
      file: file, offset: header.dataOffset, count: header.count, type: header.type,
      isBigEndian: header.isBigEndian, location: .file)
  }

  /// The rows, not yet read.
  func storedRows() throws(TensorFileError) -> StoredRows {
    try StoredRows(run, shape: shape, isFortranOrder: header.isFortranOrder)
  }

  /// The elements in row-major order, where the file has them in Fortran order.
  private func rowMajor<Value>(_ values: [Value]) -> [Value] {
    guard header.isFortranOrder, shape.count > 1, !values.isEmpty else { return values }
    var strides: [Int] = []
    var stride = 1
    for dimension in shape {
      strides.append(stride)
      stride *= dimension
    }
    var index = [Int](repeating: 0, count: shape.count)
    var position = 0
    return values.indices.map { _ in
      defer {
        // Count the index on, its last dimension fastest.
        var axis = shape.count - 1
        while axis >= 0 {
          index[axis] += 1
          position += strides[axis]
          if index[axis] < shape[axis] { break }
          position -= strides[axis] * shape[axis]
          index[axis] = 0
          axis -= 1
        }
      }
      return values[position]
    }
  }
}
