public import SparseCoding

/// The batches of a data seed, rows at positions that follow each other in its order.
///
/// Any positions may be asked for, and the same positions always give the same rows; positions that
/// follow each other are fast. Rows of a matrix are used where they lie. Other sources are read ahead, a
/// window at a time, and used where they lie in the window; a batch that spans windows is gathered. A
/// batch serves any number of engines that share the order, until the next batch is asked for.
public final class BatchStream {
  private let rows: TrainingRows
  private let order: RowOrder
  private let compute: Compute
  /// Positions that will be asked for end here; nothing beyond is read ahead.
  private let end: Int
  private var window: OrderWindow?
  private var loaded: WindowPrefetch.Loaded?
  private var prefetch: WindowPrefetch?
  private var panel = AlignedBuffer<Float>(count: 0)
  private var last: (positions: Range<Int>, batch: Batch)?

  /// The batches of a data seed, of which positions below `end` will be asked for.
  public init(_ rows: TrainingRows, dataSeed: UInt64, until end: Int, compute: Compute) {
    precondition(!rows.training.isEmpty, "no rows to train on")
    self.rows = rows
    self.end = end
    self.compute = compute
    order = rows.order(dataSeed: dataSeed)
  }

  /// The rows at positions `position..<position + count`, which may lie in several windows and epochs.
  ///
  /// Asked again for the same positions, it does nothing anew.
  ///
  /// - Throws: What reading the source met.
  public func batch(at position: Int, count: Int) throws -> Batch {
    let positions = position..<position + count
    if let last, last.positions == positions { return last.batch }
    last = nil
    let batch = try read(positions)
    last = (positions, batch)
    return batch
  }

  private func read(_ positions: Range<Int>) throws -> Batch {
    if let matrix = rows.source as? Matrix {
      return Batch(source: matrix, rows: chosen(at: positions)[...])
    }
    let first = try load(at: positions.lowerBound)
    if positions.upperBound <= first.window.positions.upperBound {
      let start = positions.lowerBound - first.window.start
      return Batch(
        panel: first.values, rows: first.window.slots[start..<start + positions.count],
        width: rows.width)
    }
    let count = positions.count
    if panel.count != count * rows.width { panel = AlignedBuffer(count: count * rows.width) }
    var next = positions.lowerBound
    while next < positions.upperBound {
      let current = try load(at: next)
      let part = next..<min(positions.upperBound, current.window.positions.upperBound)
      gather(part, of: current, to: next - positions.lowerBound)
      next = part.upperBound
    }
    return Batch(panel: panel, rows: Array(0..<count)[...], width: rows.width)
  }

  /// Which rows of the source are at some positions.
  private func chosen(at positions: Range<Int>) -> [Int] {
    var chosen: [Int] = []
    chosen.reserveCapacity(positions.count)
    var next = positions.lowerBound
    while next < positions.upperBound {
      let current = window(at: next)
      let part = next..<min(positions.upperBound, current.positions.upperBound)
      for place in part { chosen.append(rows.training[current.row(at: place)]) }
      next = part.upperBound
    }
    return chosen
  }

  private func window(at position: Int) -> OrderWindow {
    if let window, window.positions.contains(position) { return window }
    let found = order.window(at: position)
    window = found
    return found
  }

  private func load(at position: Int) throws -> WindowPrefetch.Loaded {
    if let loaded, loaded.window.positions.contains(position) { return loaded }
    let follows = loaded?.window.positions.upperBound == position && position < end
    if !follows || prefetch == nil {
      // The buffers of one that is there must go before there are others.
      loaded = nil
      prefetch = nil
      prefetch = try WindowPrefetch(
        rows, order: order, from: position, until: max(end, position + 1))
    }
    let used = loaded
    loaded = nil
    let next = try prefetch?.next(after: used)
    loaded = next
    guard let next else { preconditionFailure("a prefetch was just made") }
    return next
  }

  private func gather(_ positions: Range<Int>, of loaded: WindowPrefetch.Loaded, to first: Int) {
    let width = rows.width
    let target = panel.start + first * width
    let source = loaded.values.start
    let unit = 256
    let offset = positions.lowerBound - loaded.window.start
    loaded.window.slots.withUnsafeBufferPointer { slots in
      nonisolated(unsafe) let slots = slots
      compute.pool.run(units: (positions.count + unit - 1) / unit) { index, _ in
        for row in index * unit..<min((index + 1) * unit, positions.count) {
          (target + row * width).update(
            from: source + slots[offset + row] * width, count: width)
        }
      }
    }
  }
}
