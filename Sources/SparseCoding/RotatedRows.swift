/// The rows of a matrix on which many plane rotations act in turn.
///
/// Rotations are gathered and applied to one narrow panel of columns after another, so that a panel
/// stays in cache for thousands of them. The order on each element is that of arrival.
struct RotatedRows {
  private let order: Int
  /// Lanes of eight columns in a row, the last padded with zeros.
  private let lanes: Int
  /// `[order, lanes]`.
  private var rows: [SIMD8<Double>]
  private var waiting: [PlaneRotation] = []
  /// Thirty-two columns: 256 kB at order 1,024.
  private static let panel = 4

  init(identityOfOrder order: Int) {
    self.order = order
    lanes = (order + 7) / 8
    rows = [SIMD8<Double>](repeating: .zero, count: order * lanes)
    for index in 0..<order { rows[index * lanes + index / 8][index % 8] = 1 }
  }

  /// Rotates two neighboring rows: `(v, w) <- (c v - s w, s v + c w)`.
  mutating func rotate(_ rotation: PlaneRotation) {
    waiting.append(rotation)
    if waiting.count >= 32 * order { apply() }
  }

  /// The rows after every rotation, `[order, order]`.
  mutating func finished() -> [Double] {
    apply()
    return [Double](unsafeUninitializedCapacity: order * order) { target, count in
      for row in 0..<order {
        for column in 0..<order {
          target.initializeElement(
            at: row * order + column, to: rows[row * lanes + column / 8][column % 8])
        }
      }
      count = order * order
    }
  }

  private mutating func apply() {
    let lanes = lanes
    rows.withUnsafeMutableBufferPointer { buffer in
      waiting.withUnsafeBufferPointer { rotations in
        guard let rows = buffer.baseAddress else { return }
        for start in stride(from: 0, to: lanes, by: Self.panel) {
          let end = min(start + Self.panel, lanes)
          for rotation in rotations {
            let v = rows + rotation.lower * lanes
            let w = v + lanes
            for lane in start..<end {
              let (a, b) = (v[lane], w[lane])
              w[lane] = rotation.sine * a + rotation.cosine * b
              v[lane] = rotation.cosine * a - rotation.sine * b
            }
          }
        }
      }
    }
    waiting.removeAll(keepingCapacity: true)
  }
}
