public import SparseCoding

extension ActivationStore {
  /// Writes activations as a store, a folder that appears whole or not at all: `store.json` and
  /// `.npy` files of at most a gibibyte.
  ///
  /// A row that is not finite is an error, and nothing is written.
  ///
  /// - Parameters:
  ///   - site: Where the activations come from, of their width.
  ///   - folder: The folder to write.
  ///   - replacing: Whether a folder that is there already may be replaced.
  ///   - shardRows: The most rows in a file; as many as fit in a gibibyte unless given.
  public static func write(
    _ matrix: Matrix, site: Site, to folder: String, replacing: Bool = false, shardRows: Int? = nil
  ) throws(TensorFileError) {
    precondition(
      site.width == matrix.columns && shardRows ?? 1 > 0,
      "rows of \(matrix.columns) at a site of \(site.width)")
    guard matrix.rows > 0, matrix.columns > 0 else {
      throw TensorFileError(
        path: folder, found: "no activations to write", expected: "at least one row")
    }
    if let offset = matrix.values.withUnsafeBufferPointer(firstNonFinite) {
      throw TensorFileError(
        path: folder, location: .row(offset / matrix.columns),
        found: "\(matrix.values[offset]) in column \(offset % matrix.columns)",
        expected: "finite numbers")
    }
    let step = shardRows ?? max(1, (1 << 28) / matrix.columns)
    let starts = Array(stride(from: 0, to: matrix.rows, by: step))
    let names = starts.indices.map { index in
      let digits = String(index)
      return "activations-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
        + ".npy"
    }
    let description = StoreDescription(
      site: site.name, width: site.width, rows: matrix.rows, type: ElementType.float32.rawValue,
      shards: names, fingerprint: fingerprint(of: matrix))
    try AtomicFolder.write(to: folder, replacing: replacing) {
      (temporary) throws(TensorFileError) in
      for (name, start) in zip(names, starts) {
        let end = min(start + step, matrix.rows)
        try AtomicFile.write(to: FilePath.join(temporary, name)) {
          (writer) throws(TensorFileError) in
          try writer.write(
            NpyFile.header(.float32, shape: [end - start, matrix.columns]))
          let elements = start * matrix.columns..<end * matrix.columns
          try writer.write(matrix.values.span.extracting(elements).bytes)
        }
      }
      try AtomicFile.write(
        description.text, to: FilePath.join(temporary, StoreDescription.fileName))
    }
  }

  /// What names a matrix of activations, whatever files hold it; see `ActivationFingerprint`.
  public static func fingerprint(of matrix: Matrix) -> String {
    var fingerprint = ActivationFingerprint(rows: matrix.rows, width: matrix.columns)
    matrix.values.withUnsafeBufferPointer { fingerprint.update($0) }
    return fingerprint.finish()
  }
}

/// What names activations, whatever files hold them, computed as they go by.
///
///     SHA-256 of: rows and width as integers of 64 bits, the values row after row as float32,
///     all little-endian
public struct ActivationFingerprint: Sendable {
  private var digest = SHA256()

  /// The fingerprint of so many rows, of which none has been seen.
  public init(rows: Int, width: Int) {
    digest.update([UInt64(rows).littleEndian, UInt64(width).littleEndian].span.bytes)
  }

  /// Takes in the values that follow.
  public mutating func update(_ values: UnsafeBufferPointer<Float>) {
    digest.update(UnsafeRawBufferPointer(values))
  }

  /// 64 lower-case hexadecimal digits, when all rows have been seen.
  public func finish() -> String { digest.finish() }
}
