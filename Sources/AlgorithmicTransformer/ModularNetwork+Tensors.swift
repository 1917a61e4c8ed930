import SparseCoding
import TensorFiles

extension ModularNetwork {
  /// All tensors under the names that files have for them, after a prefix.
  func namedTensors(prefix: String = "") -> [NamedTensor] {
    Self.tensors.map { NamedTensor(prefix + $0.name, self[keyPath: $0.path]) }
  }

  /// A network from tensors by name.
  ///
  /// - Parameters:
  ///   - path: What an error names as the file.
  ///   - prefix: What stands before each name.
  ///   - matrix: Finds a tensor.
  init(
    shape: ModularShape, path: String, prefix: String = "",
    matrix: (String) throws(TensorFileError) -> Matrix
  ) throws(TensorFileError) {
    self.init(zeros: shape)
    for tensor in Self.tensors {
      let expected = self[keyPath: tensor.path]
      let found = try matrix(prefix + tensor.name)
      guard found.rows == expected.rows, found.columns == expected.columns else {
        throw TensorFileError(
          path: path, location: .tensor(prefix + tensor.name),
          found: "the shape [\(found.rows), \(found.columns)]",
          expected: "[\(expected.rows), \(expected.columns)]")
      }
      self[keyPath: tensor.path] = found
    }
  }
}
