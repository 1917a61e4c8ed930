/// Seconds since it was made, by the monotonic clock; for progress, diagnostics and records of the
/// host, never for a result.
public struct Stopwatch: Sendable {
  private let start = ContinuousClock.now

  /// A stopwatch that runs from now on.
  public init() {}

  /// Seconds since it was made.
  public var seconds: Double {
    let elapsed = (ContinuousClock.now - start).components
    return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
  }
}
