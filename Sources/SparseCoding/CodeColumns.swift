/// Codes by latent: for each the rows in which it is active, ascending, and its values there.
public struct CodeColumns: Sendable {
  private var offsets: [Int]
  /// The rows of the entries.
  public private(set) var rows: [Int32]
  /// Their values.
  public private(set) var values: [Float]

  /// The columns of codes.
  ///
  /// - Complexity: O(entries).
  public init(_ codes: SparseCodes) {
    offsets = [Int](repeating: 0, count: codes.latents + 1)
    for index in codes.indices { offsets[Int(index) + 1] += 1 }
    for latent in 0..<codes.latents { offsets[latent + 1] += offsets[latent] }
    var next = offsets
    rows = [Int32](repeating: 0, count: codes.indices.count)
    values = [Float](repeating: 0, count: codes.indices.count)
    for row in 0..<codes.rows {
      for entry in codes.entries(ofRow: row) {
        let latent = Int(codes.indices[entry])
        rows[next[latent]] = Int32(row)
        values[next[latent]] = codes.values[entry]
        next[latent] += 1
      }
    }
  }

  /// The positions of a latent's entries.
  public func entries(of latent: Int) -> Range<Int> { offsets[latent]..<offsets[latent + 1] }

  /// The number of rows in which two latents are both active.
  ///
  /// - Complexity: O(entries of both).
  public func rowsShared(by one: Int, _ other: Int) -> Int {
    let (first, second) = (entries(of: one), entries(of: other))
    var (a, b, shared) = (first.lowerBound, second.lowerBound, 0)
    while a < first.upperBound && b < second.upperBound {
      if rows[a] == rows[b] { shared += 1 }
      let isBehind = rows[a] <= rows[b]
      if rows[b] <= rows[a] { b += 1 }
      if isBehind { a += 1 }
    }
    return shared
  }

  /// The sum of each latent's values.
  public var sums: [Double] {
    (0..<offsets.count - 1).map { entries(of: $0).reduce(0) { $0 + Double(values[$1]) } }
  }

  /// The sum of each latent's squared values.
  public var energies: [Double] {
    (0..<offsets.count - 1).map {
      entries(of: $0).reduce(0) { $0 + Double(values[$1]) * Double(values[$1]) }
    }
  }
}
