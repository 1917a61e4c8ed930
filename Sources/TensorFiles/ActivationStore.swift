public import SparseCoding

/// Activations on disk: one file, or a folder of files read one after the other as if they were one.
///
/// A store is a `.npy` file; a `.safetensors` file with one tensor of floats, or one named
/// `activations`; a folder with a `store.json`; or a folder whose every tensor file is named
/// `activations*` or `shard*`, which are then taken in the order of their names, numbers by value.
/// Arrays are `[rows, d_in]` or `[sequences, context, d_in]`, the first two dimensions then counted as
/// one, of 16, 32 or 64 bits, read as `Float`.
public struct ActivationStore: ActivationSource, Hashable {
  /// The path that was opened.
  public let path: String
  /// The place in the network, as `store.json` names it (`activations` without one), and the width.
  public let site: Site
  /// The files, in order.
  public private(set) var shards: [ActivationShard]
  /// The number of rows.
  public let rows: Int
  /// The fingerprint that `store.json` declares, which `load` verifies.
  public let fingerprint: String?

  /// The number of activations in a row, `d_in`.
  public var width: Int { site.width }

  /// The name of a site that no file names.
  static let defaultSiteName = "activations"

  /// The store, to be read past the system's cache where the file system can: for files that memory does
  /// not hold, whose pages the system would only take up, copy and throw away.
  public var bypassingCache: ActivationStore {
    var store = self
    let bypass = CacheBypass()
    for index in shards.indices { store.shards[index].stored.run.file.bypass = bypass }
    return store
  }

  /// Whether rows lie one after the other in every file, so that a few of them can be read alone.
  public var isRowMajor: Bool { shards.allSatisfy { $0.stored.order == .rowMajor } }

  /// Refuses a store of which a few rows cannot be read alone.
  public func checkRowMajor() throws(TensorFileError) {
    guard let shard = shards.first(where: { $0.stored.order != .rowMajor }) else { return }
    throw TensorFileError(
      path: shard.path, location: shard.stored.run.location,
      found: "\(shard.rows) rows stored column by column",
      expected: "row by row, as rows that stay on disk are read a few at a time",
      hint: "write it again with numpy.save(path, numpy.ascontiguousarray(x))")
  }

  /// Reads all rows as `Float`, doubles rounded.
  ///
  /// The first row that is not finite, and data that do not have the declared fingerprint, are errors.
  public func load() throws(TensorFileError) -> Matrix {
    let matrix = try read(rows: 0..<rows)
    try check(fingerprint: fingerprint.map { _ in Self.fingerprint(of: matrix) })
    return matrix
  }

  /// Reads some rows as `Float`, doubles rounded; the first that is not finite is an error.
  ///
  /// - Precondition: The range lies within the store.
  public func read(rows range: Range<Int>) throws(TensorFileError) -> Matrix {
    let (count, overflow) = range.count.multipliedReportingOverflow(by: width)
    let values = try [Float].filled(count: overflow ? Int.max : count, path: path) {
      (target) throws(TensorFileError) in
      if let first = target.baseAddress { try read(range, into: first) }
    }
    return Matrix(rows: range.count, columns: width, values: values)
  }

  /// Reads some rows as `Float`, doubles rounded, to memory that has room for them; the first that is
  /// not finite is an error.
  ///
  /// Reading is by `pread`, so a file that was cut short meanwhile is an error too.
  ///
  /// - Precondition: The range lies within the store.
  public func read(
    _ range: Range<Int>, into target: UnsafeMutablePointer<Float>
  ) throws(TensorFileError) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of a store of \(rows)")
    // So many rows that they are still in cache when they are looked at.
    let blockRows = max(1, (1 << 16) / width)
    var shardStart = 0
    for shard in shards {
      let chosen = range.clamped(to: shardStart..<shardStart + shard.rows)
      let begin = shardStart
      shardStart += shard.rows
      if chosen.isEmpty { continue }
      let place = target + (chosen.lowerBound - range.lowerBound) * width
      try shard.stored.run.file.reading { (descriptor) throws(TensorFileError) in
        // Columns are gathered many rows at a time, or the file would be read over and over.
        let step = shard.stored.order == .rowMajor ? blockRows : chosen.count
        for start in stride(from: chosen.lowerBound, to: chosen.upperBound, by: step) {
          let end = min(start + step, chosen.upperBound)
          let part = UnsafeMutableBufferPointer(
            start: place + (start - chosen.lowerBound) * width, count: (end - start) * width)
          try shard.stored.read(start - begin..<end - begin, into: part, from: descriptor)
          try refuseNonFinite(UnsafeBufferPointer(part), of: shard, from: start - begin)
        }
      }
    }
  }

  private func refuseNonFinite(
    _ values: UnsafeBufferPointer<Float>, of shard: ActivationShard, from first: Int
  ) throws(TensorFileError) {
    guard let offset = firstNonFinite(values) else { return }
    throw TensorFileError(
      path: shard.path, location: .row(first + offset / width),
      found: "\(values[offset]) in column \(offset % width), as float32",
      expected: "finite numbers",
      hint: "drop such rows where the activations are written; one of them ruins a training run")
  }

  /// Calls a closure with the rows of a range, some at a time: their file, the number within that
  /// file of the first of them, and their values.
  func forEachBlock(
    in range: Range<Int>,
    _ body: (ActivationShard, Int, UnsafeBufferPointer<Float>) throws(TensorFileError) -> Void
  ) throws(TensorFileError) {
    let blockRows = max(1, (1 << 20) / width)
    let scratch = UnsafeMutableBufferPointer<Float>.allocate(
      capacity: min(blockRows, range.count) * width)
    defer { scratch.deallocate() }
    var shardStart = 0
    for shard in shards {
      let chosen = range.clamped(to: shardStart..<shardStart + shard.rows)
      defer { shardStart += shard.rows }
      if chosen.isEmpty { continue }
      try shard.stored.run.file.reading { (descriptor) throws(TensorFileError) in
        for start in stride(from: chosen.lowerBound, to: chosen.upperBound, by: blockRows) {
          let end = min(start + blockRows, chosen.upperBound)
          let part = UnsafeMutableBufferPointer(rebasing: scratch[..<((end - start) * width)])
          try shard.stored.read(
            start - shardStart..<end - shardStart, into: part, from: descriptor)
          try body(shard, start - shardStart, UnsafeBufferPointer(part))
        }
      }
    }
  }

  /// Compares the data with the fingerprint that the store declares, in one pass; nothing is read
  /// where it declares none.
  public func verify() throws(TensorFileError) {
    guard fingerprint != nil else { return }
    var found = ActivationFingerprint(rows: rows, width: width)
    try forEachBlock(in: 0..<rows) { (_, _, block) in found.update(block) }
    try check(fingerprint: found.finish())
  }

  /// Compares the fingerprint of what was read with the one that the store declares, if it does.
  public func check(fingerprint found: String?) throws(TensorFileError) {
    guard let found, let declared = fingerprint else { return }
    guard found == declared else {
      throw TensorFileError(
        path: path, location: .key("fingerprint"), found: "data of fingerprint \(found)",
        expected: abbreviated(declared),
        hint: "the files changed since the store was written; copy or write it again")
    }
  }
}

/// The first number that is infinite or none at all.
func firstNonFinite(_ values: UnsafeBufferPointer<Float>) -> Int? {
  typealias Lanes = SIMD16<UInt32>
  let bytes = UnsafeRawBufferPointer(values)
  // An exponent of all ones, and only that, carries into the sign's place: no branch in the usual case,
  // so that it runs at the speed of memory.
  var carried = Lanes()
  let whole = values.count / Lanes.scalarCount * Lanes.scalarCount
  for start in stride(from: 0, to: whole * 4, by: MemoryLayout<Lanes>.size) {
    let bits = bytes.loadUnaligned(fromByteOffset: start, as: Lanes.self)
    carried |= (bits & 0x7f80_0000) &+ 0x0080_0000
  }
  let isClean = (carried & 0x8000_0000) == Lanes() && values[whole...].allSatisfy(\.isFinite)
  return isClean ? nil : values.firstIndex { !$0.isFinite }
}
