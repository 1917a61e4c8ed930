import SparseCoding

/// Reads the windows of an order one after the other, on a thread of its own, into two buffers: one is
/// filled while the other is trained on.
///
/// The thread ends with the last window, with the first error, or when the value goes.
final class WindowPrefetch {
  /// A window and its rows, by slot.
  struct Loaded: @unchecked Sendable {
    let window: OrderWindow
    let values: AlignedBuffer<Float>
  }

  private struct State {
    var free: [AlignedBuffer<Float>]
    var ready: [Loaded] = []
    var failure: (any Error)?
    var isStopping = false
  }

  private let monitor: Monitor<State>
  private let thread: BackgroundThread

  /// Begins to read the windows that hold the positions `start..<end`.
  ///
  /// - Throws: `ConfigurationError` where the system has no room for a thread.
  init(
    _ rows: TrainingRows, order: RowOrder, from start: Int, until end: Int
  ) throws(ConfigurationError) {
    let room = order.largestWindow * rows.width
    let monitor = Monitor(State(free: (0..<2).map { _ in AlignedBuffer(count: room) }))
    self.monitor = monitor
    let reading = BackgroundThread {
      var position = start
      while position < end {
        let window = order.window(at: position)
        guard let buffer = monitor.wait(for: Self.freeBuffer) else { return }
        do {
          guard try Self.load(window, of: rows, into: buffer, monitor) else { return }
        } catch {
          return monitor.change { $0.failure = error }
        }
        monitor.change { $0.ready.append(Loaded(window: window, values: buffer)) }
        position = window.positions.upperBound
      }
    }
    guard let reading else {
      throw ConfigurationError(
        key: "threads", found: "no room for the thread that reads ahead",
        expected: "one more than those that compute",
        hint: "lower --threads, or raise the limit on processes")
    }
    thread = reading
  }

  deinit {
    monitor.change { $0.isStopping = true }
    thread.join()
  }

  /// The next window, once it is read.
  ///
  /// - Parameter used: The window before it, whose buffer is filled anew from now on.
  /// - Throws: What reading met, once the windows before it are used up.
  /// - Precondition: There are windows left.
  func next(after used: Loaded?) throws -> Loaded {
    if let used { monitor.change { $0.free.append(used.values) } }
    return try monitor.wait { state in
      if !state.ready.isEmpty { return state.ready.removeFirst() }
      if let failure = state.failure { throw failure }
      return nil
    }
  }

  /// A buffer to fill, or none when there is an end to it; waits while both are in use.
  private static func freeBuffer(_ state: inout State) -> AlignedBuffer<Float>?? {
    if state.isStopping { return .some(nil) }
    return state.free.popLast().map(Optional.some)
  }

  /// Whether the window was read to its end.
  private static func load(
    _ window: OrderWindow, of rows: TrainingRows, into buffer: AlignedBuffer<Float>,
    _ monitor: Monitor<State>
  ) throws -> Bool {
    var slot = 0
    var gap = AlignedBuffer<Float>(count: 0)
    for run in window.runs {
      if monitor.change({ $0.isStopping }) { return false }
      try rows.source.read(
        run.map { rows.training[$0] }, into: buffer.start + slot * rows.width, gap: &gap)
      slot += run.count
    }
    return true
  }
}
