/// Rows of activations of one width, wherever they lie: in memory, in files, or made when asked for.
///
/// The values of a row never change. Rows may be read from several threads at once.
public protocol ActivationSource: Sendable {
  /// The number of rows.
  var rows: Int { get }
  /// The number of activations in a row, `d_in`.
  var width: Int { get }
  /// Writes consecutive rows to memory that has room for them, row after row.
  ///
  /// - Throws: An error that names the place: data that cannot be read, or a row that is not finite.
  func read(_ range: Range<Int>, into target: UnsafeMutablePointer<Float>) throws
}

extension ActivationSource {
  /// Writes chosen rows to memory that has room for them, one after the other.
  ///
  /// Rows that lie close together are read together with those between them, which `gap` receives.
  ///
  /// - Precondition: The chosen rows ascend.
  public func read(
    _ chosen: [Int], into target: UnsafeMutablePointer<Float>, gap: inout AlignedBuffer<Float>
  ) throws {
    let width = width
    // At most 256 KiB at once, which stay in cache, and no gap that costs more than another read would.
    let longest = max(1, (1 << 16) / max(width, 1))
    let widest = max(1, (1 << 13) / max(width, 1))
    var next = 0
    while next < chosen.count {
      let first = chosen[next]
      var end = next + 1
      while end < chosen.count, chosen[end] - first < longest,
        chosen[end] - chosen[end - 1] <= widest
      {
        end += 1
      }
      let last = chosen[end - 1]
      let place = target + next * width
      if end - next == last - first + 1 {
        try read(first..<last + 1, into: place)
      } else {
        if gap.count < longest * width { gap = AlignedBuffer(count: longest * width) }
        try read(first..<last + 1, into: gap.start)
        for index in next..<end {
          (place + (index - next) * width).update(
            from: gap.start + (chosen[index] - first) * width, count: width)
        }
      }
      next = end
    }
  }

  /// The chosen rows as a matrix.
  ///
  /// - Precondition: The chosen rows ascend.
  public func matrix(ofRows chosen: [Int]) throws -> Matrix {
    let count = chosen.count * width
    var gap = AlignedBuffer<Float>(count: 0)
    let values = try [Float](unsafeUninitializedCapacity: count) { target, initialized in
      if let first = target.baseAddress, count > 0 { try read(chosen, into: first, gap: &gap) }
      initialized = count
    }
    return Matrix(rows: chosen.count, columns: width, values: values)
  }

  /// Calls a closure with all rows, a few mebibytes at a time: the first row's number and the values.
  public func forEachPiece(
    _ body: (_ first: Int, _ values: UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    let step = max(1, (1 << 20) / max(width, 1))
    let piece = AlignedBuffer<Float>(count: min(step, rows) * width)
    for first in stride(from: 0, to: rows, by: step) {
      let end = min(first + step, rows)
      try read(first..<end, into: piece.start)
      try body(first, UnsafeBufferPointer(start: piece.start, count: (end - first) * width))
    }
  }
}

extension Matrix: ActivationSource {
  /// The number of columns.
  public var width: Int { columns }

  /// Copies consecutive rows.
  public func read(_ range: Range<Int>, into target: UnsafeMutablePointer<Float>) {
    values.withUnsafeBufferPointer { source in
      guard let start = source.baseAddress else { return }
      target.update(from: start + range.lowerBound * columns, count: range.count * columns)
    }
  }
}
