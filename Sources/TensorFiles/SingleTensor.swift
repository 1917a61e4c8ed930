public import SparseCoding

/// The one tensor of a `.npy` or `.safetensors` file, whatever its shape and its numbers are.
///
/// Opening reads and checks the header alone.
public struct SingleTensor: Sendable, Hashable {
  private enum Source: Sendable, Hashable {
    case npy(NpyFile)
    case safetensors(SafetensorsFile, name: String)
  }

  /// The path of the file.
  public let path: String
  /// What complaints about the tensor point at.
  public let location: TensorFileError.Location
  /// The dimensions, outermost first; none for a single number.
  public let shape: [Int]
  /// The type of the numbers, such as `float32`.
  public let typeName: String
  /// Whether the numbers are floats; else they are integers or truth values.
  public let isFloating: Bool

  private let source: Source

  /// Opens a file, which must hold one tensor.
  public static func open(_ path: String) throws(TensorFileError) -> SingleTensor {
    switch try ActivationShard.format(of: path) {
    case .npy:
      let file = try NpyFile.open(path)
      return SingleTensor(file.run, shape: file.shape, .npy(file))
    case .safetensors:
      let file = try SafetensorsFile.open(path)
      guard let entry = file.entries.first, file.entries.count == 1 else {
        let names = file.entries.prefix(8).map { abbreviated($0.name) }.joined(separator: ", ")
        throw TensorFileError(
          path: path, found: "\(file.entries.count) tensors: \(names)", expected: "one tensor",
          hint: "write it to a file of its own")
      }
      return SingleTensor(
        try file.run(named: entry.name), shape: entry.shape,
        .safetensors(file, name: entry.name))
    }
  }

  private init(_ run: ElementRun, shape: [Int], _ source: Source) {
    path = run.file.path
    location = run.location
    self.shape = shape
    typeName = run.type.rawValue
    isFloating = run.type.isFloating
    self.source = source
  }

  /// A tensor of two dimensions, of floats of any precision, as a matrix; doubles are rounded.
  public func matrix() throws(TensorFileError) -> Matrix {
    switch source {
    case .npy(let file): try file.matrix()
    case .safetensors(let file, let name): try file.matrix(named: name)
    }
  }

  /// The numbers of a tensor of integers or truth values, in row-major order.
  public func integers() throws(TensorFileError) -> [Int64] {
    switch source {
    case .npy(let file): try file.integers()
    case .safetensors(let file, let name): try file.integers(named: name)
    }
  }
}
