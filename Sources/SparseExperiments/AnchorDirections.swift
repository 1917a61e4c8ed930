import DictionaryTraining
import SparseCoding
import TensorFiles

/// The directions of a run's anchors, in the data's own units: those of a file, or those of the classes
/// that a file of labels makes of the rows.
struct AnchorDirections {
  private let tensor: SingleTensor
  private let architecture: Architecture
  private let given: Matrix
  private var classes: ClassMeans?

  /// Reads the file and checks it against the rows; of classes the rows are yet to be seen.
  init(
    _ source: AnchorSource, rows: TrainingRows, configuration: TrainingConfiguration
  ) throws {
    tensor = try SingleTensor.open(source.path)
    architecture = configuration.architecture
    let width = architecture.rowWidth
    let available: Int
    switch (tensor.isFloating, tensor.shape.count) {
    case (true, 2):
      if source.isCentered {
        throw ConfigurationError(
          key: "anchor_centered", found: "directions in \(source.path)", expected: "labels, [rows]",
          hint: "only means of classes are centred; leave it out")
      }
      if tensor.shape[1] != width {
        throw Self.error(
          tensor, "directions of \(tensor.shape[1])", "the width of a row, \(width)",
          hint: architecture.sites.count > 1
            ? "the columns of all sites stand side by side" : "directions are of the data's space")
      }
      available = tensor.shape[0]
    case (false, 1):
      if tensor.shape[0] != rows.count {
        throw Self.error(
          tensor, "\(tensor.shape[0]) labels", "\(rows.count), one for each row of the data",
          hint: "give a row without a class the label -1")
      }
      let found = ClassMeans(
        labels: try tensor.integers(), rows: rows, count: source.count,
        isCentered: source.isCentered)
      available = found.available
      classes = found
    default:
      throw Self.error(
        tensor, "\(tensor.typeName) of the shape \(tensor.shape)",
        "floats [anchors, \(width)] or integers [\(rows.count)]",
        hint: "a row of floats is a direction, an integer the class of a row")
    }
    let kind = classes == nil ? "directions" : "classes of rows that train"
    if available == 0 {
      throw Self.error(
        tensor, "no \(kind)", "at least one",
        hint: classes == nil
          ? "leave out --anchors to train without" : "labels below 0 are of no class")
    }
    if let count = source.count, count > available {
      throw ConfigurationError(
        key: "anchor_count", found: "\(count)",
        expected: "at most \(available), the \(kind) of \(source.path)",
        hint: "leave it out for all")
    }
    let count = source.count ?? available
    if count > configuration.latents {
      throw ConfigurationError(
        key: "anchors", found: "\(count) \(kind) in \(source.path)",
        expected: "at most d_sae, \(configuration.latents)",
        hint: "raise d_sae, or take the first few with --anchor-count")
    }
    given =
      classes == nil
      ? try tensor.matrix().selecting(rows: 0..<count) : Matrix(rows: 0, columns: width)
  }

  /// Takes in the rows from `first` on, where classes need them.
  mutating func add(_ first: Int, _ values: UnsafeBufferPointer<Float>) {
    classes?.add(first, values)
  }

  /// The directions, `[anchors, row width]`, when all rows have been seen.
  func finish() throws(TensorFileError) -> Matrix {
    let directions = classes?.means() ?? given
    for row in 0..<directions.rows {
      let direction = directions.row(row)
      let place = classes.map { "class \($0.names[row])" } ?? "direction \(row)"
      guard direction.allSatisfy(\.isFinite) else {
        throw Self.error(
          tensor, "a number that is not finite in \(place)", "finite numbers",
          hint: "remove what was divided by zero where the file was written")
      }
      for (columns, name) in [
        (architecture.inputs, "read"), (architecture.outputs, "reconstructed"),
      ] {
        let part = direction.dropFirst(columns.lowerBound).prefix(columns.count)
        if part.contains(where: { $0 != 0 }) { continue }
        let which = architecture.readsItsTarget ? "" : ", in the columns that are \(name)"
        throw Self.error(
          tensor, "zeros alone in \(place)\(which)", "a direction",
          hint: "leave it out: zeros point nowhere")
      }
    }
    return directions
  }

  private static func error(
    _ tensor: SingleTensor, _ found: String, _ expected: String, hint: String
  ) -> TensorFileError {
    TensorFileError(
      path: tensor.path, location: tensor.location, found: found, expected: expected, hint: hint)
  }
}

extension ActivationFingerprint {
  /// The fingerprint of a matrix.
  static func of(_ matrix: Matrix) -> String {
    var fingerprint = ActivationFingerprint(rows: matrix.rows, width: matrix.columns)
    matrix.values.withUnsafeBufferPointer { fingerprint.update($0) }
    return fingerprint.finish()
  }
}
