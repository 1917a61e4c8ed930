public import SparseCoding

extension ActivationStore {
  /// Writes activations as a store, a folder that appears whole or not at all: `store.json` and
  /// `.npy` files of at most a gibibyte.
  ///
  /// Rows are read some at a time, so sets of any size can be written. A row that is not finite is an error, and
  /// nothing is written.
  ///
  /// - Parameters:
  ///   - site: Where the activations come from, of their width.
  ///   - folder: The folder to write.
  ///   - replacing: Whether a folder that is there already may be replaced.
  ///   - shardRows: The most rows in a file; as many as fit in a gibibyte unless given.
  ///   - others: Writes what else belongs in the folder, whose path it is given.
  public static func write(
    _ rows: any ActivationSource, site: Site, to folder: String, replacing: Bool = false,
    shardRows: Int? = nil, with others: (String) throws(TensorFileError) -> Void = { _ in }
  ) throws(TensorFileError) {
    precondition(
      site.width == rows.width && shardRows ?? 1 > 0,
      "rows of \(rows.width) at a site of \(site.width)")
    guard rows.rows > 0, rows.width > 0 else {
      throw TensorFileError(
        path: folder, found: "no activations to write", expected: "at least one row")
    }
    let step = shardRows ?? max(1, (1 << 28) / rows.width)
    let starts = Array(stride(from: 0, to: rows.rows, by: step))
    let names = starts.indices.map { index in
      let digits = String(index)
      return "activations-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
        + ".npy"
    }
    try AtomicFolder.write(to: folder, replacing: replacing) {
      (temporary) throws(TensorFileError) in
      var fingerprint = ActivationFingerprint(rows: rows.rows, width: rows.width)
      for (name, start) in zip(names, starts) {
        let shard = start..<min(start + step, rows.rows)
        try AtomicFile.write(to: FilePath.join(temporary, name)) {
          (writer) throws(TensorFileError) in
          try writer.write(NpyFile.header(.float32, shape: [shard.count, rows.width]))
          try write(shard, of: rows, to: &writer, folder: folder, &fingerprint)
        }
      }
      try others(temporary)
      let description = StoreDescription(
        site: site.name, width: site.width, rows: rows.rows, type: ElementType.float32.rawValue,
        shards: names, fingerprint: fingerprint.finish())
      try AtomicFile.write(
        description.text, to: FilePath.join(temporary, StoreDescription.fileName))
    }
  }

  /// Writes some rows, sixteen mebibytes at a time.
  private static func write(
    _ shard: Range<Int>, of rows: any ActivationSource, to writer: inout FileWriter, folder: String,
    _ fingerprint: inout ActivationFingerprint
  ) throws(TensorFileError) {
    let some = max(1, (1 << 22) / rows.width)
    for start in stride(from: shard.lowerBound, to: shard.upperBound, by: some) {
      let block = try read(start..<min(start + some, shard.upperBound), of: rows, for: folder)
      if let offset = block.values.withUnsafeBufferPointer(firstNonFinite) {
        throw TensorFileError(
          path: folder, location: .row(start + offset / rows.width),
          found: "\(block.values[offset]) in column \(offset % rows.width)",
          expected: "finite numbers")
      }
      block.values.withUnsafeBufferPointer { fingerprint.update($0) }
      try writer.write(block.values.span.bytes)
    }
  }

  private static func read(
    _ range: Range<Int>, of rows: any ActivationSource, for folder: String
  ) throws(TensorFileError) -> Matrix {
    var block = Matrix(rows: range.count, columns: rows.width)
    do {
      try block.values.withUnsafeMutableBufferPointer { values in
        if let start = values.baseAddress { try rows.read(range, into: start) }
      }
    } catch let error as TensorFileError {
      throw error
    } catch {
      throw TensorFileError(path: folder, found: "\(error)", expected: "rows that can be read")
    }
    return block
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
