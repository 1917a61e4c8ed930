public import SparseCoding

/// The activations of several sites at the same inputs, side by side: row r is row r of each store.
public struct AlignedStores: ActivationSource, Hashable {
  /// The stores, in the order of their columns.
  public private(set) var stores: [ActivationStore]
  /// The number of rows of each.
  public let rows: Int

  /// Opens the stores of some paths: reads and checks the headers, not the data.
  ///
  /// - Throws: What opening one meets; also if they do not have the same number of rows.
  public static func open(_ paths: [String]) throws(TensorFileError) -> AlignedStores {
    var stores: [ActivationStore] = []
    for path in paths { stores.append(try .open(path)) }
    let rows = stores.first?.rows ?? 0
    for store in stores where store.rows != rows {
      throw TensorFileError(
        path: store.path, found: "\(store.rows) rows", expected: "\(rows), as \(paths[0]) has",
        hint: "rows of all sites must belong to the same inputs, in the same order")
    }
    return AlignedStores(stores: stores, rows: rows)
  }

  /// The sites, in the order of their columns; a name that occurs twice gets the number of its place.
  public var sites: [Site] {
    let names = stores.map(\.site.name)
    return stores.enumerated().map { place, store in
      let isRepeated = names.count { $0 == store.site.name } > 1
      return Site(
        name: isRepeated ? "\(store.site.name).\(place)" : store.site.name, width: store.width)
    }
  }

  /// The number of activations in a row.
  public var width: Int { stores.reduce(0) { $0 + $1.width } }

  /// The paths, as the user wrote them.
  public var path: String { stores.map(\.path).joined(separator: ", ") }

  /// Whether all are stored row after row.
  public var isRowMajor: Bool { stores.allSatisfy(\.isRowMajor) }

  /// Refuses stores whose rows cannot be read alone.
  public func checkRowMajor() throws(TensorFileError) {
    for store in stores { try store.checkRowMajor() }
  }

  /// The same stores, read past the system's cache.
  public var bypassingCache: AlignedStores {
    var bypassing = self
    bypassing.stores = stores.map(\.bypassingCache)
    return bypassing
  }

  /// Checks the rows of each store against what its description says of them.
  public func verify() throws(TensorFileError) {
    for store in stores { try store.verify() }
  }

  /// All rows.
  public func load() throws(TensorFileError) -> Matrix {
    if stores.count == 1 { return try stores[0].read(rows: 0..<rows) }
    var joined = Matrix(rows: rows, columns: width)
    let columns = width
    // A few mebibytes at a time, so that rows are not in memory twice.
    let step = max(1, (1 << 20) / max(columns, 1))
    for first in stride(from: 0, to: rows, by: step) {
      let range = first..<min(first + step, rows)
      let part = AlignedBuffer<Float>(count: range.count * columns)
      try read(range, into: part.start)
      for i in 0..<range.count * columns { joined.values[first * columns + i] = part.start[i] }
    }
    return joined
  }

  /// Writes consecutive rows to memory that has room for them.
  public func read(
    _ range: Range<Int>, into target: UnsafeMutablePointer<Float>
  ) throws(TensorFileError) {
    if stores.count == 1 { return try stores[0].read(range, into: target) }
    let width = width
    var start = 0
    for store in stores {
      let part = AlignedBuffer<Float>(count: range.count * store.width)
      try store.read(range, into: part.start)
      for row in 0..<range.count {
        (target + row * width + start).update(
          from: part.start + row * store.width, count: store.width)
      }
      start += store.width
    }
  }
}
