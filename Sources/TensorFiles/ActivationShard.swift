/// One file of an activation store.
public struct ActivationShard: Sendable, Hashable {
  /// The path of the file.
  public let path: String
  /// The number of rows.
  public var rows: Int { stored.rows }
  /// The number of activations in a row.
  public var width: Int { stored.width }
  /// The type of the numbers, such as `float16`.
  public var type: String { stored.run.type.rawValue }

  var stored: StoredRows

  /// The widest row that is believed: a few rows must always fit in memory.
  static let widest = 1 << 24

  /// Opens a `.npy` or `.safetensors` file of activations.
  static func open(
    _ path: String, options: NpyOptions
  ) throws(TensorFileError) -> ActivationShard {
    let stored: StoredRows
    switch try format(of: path) {
    case .npy: stored = try NpyFile.open(path, options: options).storedRows()
    case .safetensors: stored = try rows(of: try .open(path))
    }
    guard stored.rows > 0, (1...widest).contains(stored.width) else {
      throw TensorFileError(
        path: path, location: stored.run.location, found: "\(stored.rows) rows of \(stored.width)",
        expected: "at least one row of 1 to \(widest) activations")
    }
    return ActivationShard(path: path, stored: stored)
  }

  enum Format { case npy, safetensors }

  /// The format, by the name or else by the first bytes.
  static func format(of path: String) throws(TensorFileError) -> Format {
    switch FilePath.fileExtension(path) {
    case "npy": return .npy
    case "safetensors": return .safetensors
    default:
      let file = try ReadableFile(path)
      let start = try file.bytes(at: 0, count: min(file.size, 9))
      if start.starts(with: NpyHeader.magic) { return .npy }
      if start.count == 9, start[8] == UInt8(ascii: "{"), start[4..<8].allSatisfy({ $0 == 0 }) {
        return .safetensors
      }
      throw TensorFileError(
        path: path, found: "no format that Elute knows", expected: "a .npy or .safetensors file",
        hint: advice(for: FilePath.fileExtension(path)))
    }
  }

  private static func advice(for fileExtension: String) -> String {
    switch fileExtension {
    case "npz": "unpack it: an .npz is a zip archive of .npy files"
    case "pt", "pth", "bin", "pkl":
      "in Python: numpy.save('activations.npy', torch.load(path).float().numpy())"
    default: "in Python: numpy.save('activations.npy', array)"
    }
  }

  /// The one tensor of a safetensors file that can be meant: `activations`, or the only one of floats.
  private static func rows(of file: SafetensorsFile) throws(TensorFileError) -> StoredRows {
    let floats = file.entries.filter { $0.type.element?.isFloating ?? true }
    guard
      let entry = file.entry(named: "activations")
        ?? (floats.count == 1 ? floats.first : nil)
    else {
      let names = floats.prefix(8).map { abbreviated($0.name) }.joined(separator: ", ")
      throw TensorFileError(
        path: file.path, found: "\(floats.count) tensors of floats: \(names)",
        expected: "one, or one named activations",
        hint: "write the activations to a file of their own")
    }
    return try StoredRows(
      try file.run(named: entry.name), shape: entry.shape, isFortranOrder: false)
  }
}
