/// The sparse codes of several rows, row after row: of each row the active latents and their values.
///
/// Within a row the indices ascend. Only nonzero values are stored.
public struct SparseCodes: Sendable, Hashable {
  /// The number of latents a code has, `d_sae`.
  public let latents: Int
  /// Row `r` holds the entries `offsets[r]..<offsets[r + 1]`; one more entry than there are rows.
  public var offsets: [Int]
  /// The active latents.
  public var indices: [Int32]
  /// Their values, nonzero.
  public var values: [Float]

  /// Codes over existing arrays.
  ///
  /// - Precondition: `offsets` starts at 0, ascends and ends at the number of entries.
  public init(latents: Int, offsets: [Int], indices: [Int32], values: [Float]) {
    precondition(
      offsets.first == 0 && offsets.last == indices.count && indices.count == values.count,
      "offsets end at \(offsets.last ?? -1); there are \(indices.count) indices and "
        + "\(values.count) values")
    self.latents = latents
    self.offsets = offsets
    self.indices = indices
    self.values = values
  }

  /// The number of rows.
  public var rows: Int { offsets.count - 1 }

  /// The entries of one row, as positions in `indices` and `values`.
  public func entries(ofRow row: Int) -> Range<Int> { offsets[row]..<offsets[row + 1] }
}
