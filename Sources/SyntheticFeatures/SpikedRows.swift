public import SparseCoding

/// Rows of another source with directions planted in them as they are read.
public struct SpikedRows: ActivationSource {
  /// The rows as they were.
  public let source: any ActivationSource
  /// What is planted.
  public let spikes: SpikeIn

  /// The number of rows.
  public var rows: Int { source.rows }
  /// The number of activations in a row.
  public var width: Int { source.width }

  /// Reads consecutive rows and plants in them.
  public func read(_ range: Range<Int>, into target: UnsafeMutablePointer<Float>) throws {
    try source.read(range, into: target)
    spikes.add(to: target, rows: range)
  }
}

extension SpikeIn {
  /// A source with the features planted: a matrix at once, in a copy, and others as they are read.
  ///
  /// - Precondition: Rows as wide as the directions.
  public func planted(in source: any ActivationSource) -> any ActivationSource {
    precondition(
      source.width == directions.columns,
      "directions of \(directions.columns) in rows of \(source.width)")
    guard var matrix = source as? Matrix else { return SpikedRows(source: source, spikes: self) }
    let rows = 0..<matrix.rows
    matrix.values.withUnsafeMutableBufferPointer { values in
      if let first = values.baseAddress { add(to: first, rows: rows) }
    }
    return matrix
  }
}
