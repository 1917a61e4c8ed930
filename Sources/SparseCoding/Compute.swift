import CSparseKernels

/// Where numerical work runs: a kernel set, a screen and a pool of threads.
///
/// None shows in a result: every function gives the same bits for every kernel set, screen and number
/// of threads.
public struct Compute: Sendable {
  /// The kernel set.
  public let kernels: KernelSet
  /// The screen of the fused product and selection.
  public let screen: Screen
  /// The threads.
  public let pool: ThreadPool

  /// A place to compute, by default with all that this machine has.
  ///
  /// - Parameter screen: One of the set's screens; by default its best.
  public init(
    kernels: KernelSet = .best, threads: Int = ThreadPool.coreCount, screen: Screen? = nil
  ) {
    self.kernels = kernels
    self.screen = screen ?? kernels.bestScreen
    pool = ThreadPool(threads: threads)
  }

  /// The same kernels and screen on the caller's thread alone.
  public var onOneThread: Compute { Compute(kernels: kernels, threads: 1, screen: screen) }

  /// The canonical dot product: sixteen interleaved partial sums and one fixed tree.
  ///
  /// - Precondition: Equal counts.
  public func dot(_ a: [Float], _ b: [Float]) -> Float {
    precondition(a.count == b.count, "\(a.count) and \(b.count) elements have no dot product")
    return kernels.functions.pointee.dot(a, b, a.count)
  }

  /// The product `a bᵀ`: `[m, w]` by `[n, w]` gives `[m, n]`.
  ///
  /// Each element is one chain of fused multiply-adds over `w`, in `Float`.
  ///
  /// - Complexity: O(m × n × w), blocked so that both operands stay in cache.
  public func product(_ a: Matrix, _ b: Matrix) -> Matrix {
    var c = Matrix(rows: a.rows, columns: b.rows)
    product(a, b, into: &c)
    return c
  }

  /// The product `a bᵀ` into existing memory.
  ///
  /// - Precondition: `a` and `b` have the same width, and `c` is `[a.rows, b.rows]`.
  public func product(_ a: Matrix, _ b: Matrix, into c: inout Matrix) {
    precondition(
      a.columns == b.columns && c.rows == a.rows && c.columns == b.rows,
      "\(a.rows) x \(a.columns) by the transpose of \(b.rows) x \(b.columns) is not "
        + "\(c.rows) x \(c.columns)")
    let width = a.columns
    let columns = b.rows
    let functions = kernels.functions
    let tileRows = Int(ELUTE_TILE_LATENTS)
    // One unit is one panel of result columns against a block of result rows.
    let block = 40 * tileRows
    let panels = (b.rows + panelRows - 1) / panelRows
    let blocks = (a.rows + block - 1) / block
    let scratch = (0..<pool.threads).map { _ in
      AlignedBuffer<Float>(count: panelRows * (width + tileRows))
    }
    a.values.withUnsafeBufferPointer { left in
      b.values.withUnsafeBufferPointer { right in
        c.values.withUnsafeMutableBufferPointer { target in
          guard let left = left.baseAddress, let right = right.baseAddress,
            let target = target.baseAddress
          else { return }
          pool.run(units: panels * blocks) { unit, worker in
            let first = unit / blocks * panelRows
            let count = min(panelRows, columns - first)
            let panel = scratch[worker].start
            let strip = panel + panelRows * width
            functions.pointee.pack(right + first * width, width, count, width, panel)
            let start = unit % blocks * block
            for tile in stride(from: start, to: min(start + block, a.rows), by: tileRows) {
              let rows = min(tileRows, a.rows - tile)
              functions.pointee.product_strip(
                panel, left + tile * width, width, rows, width, strip)
              for row in 0..<rows {
                (target + (tile + row) * columns + first).update(
                  from: strip + row * panelRows, count: count)
              }
            }
          }
        }
      }
    }
  }

  /// For each row of `a` the greatest product with any row of `b`, and which row that is.
  ///
  /// With unit rows these are best cosines. Equal products keep the smaller index. The full matrix is
  /// never built. Without rows in `b` the values are minus infinity and the indices -1.
  ///
  /// - Parameter absolute: Compares and returns magnitudes.
  /// - Complexity: O(m × n × w) time, O(m) memory beside the operands.
  public func bestMatches(
    of a: Matrix, in b: Matrix, absolute: Bool
  ) -> (values: [Float], indices: [Int32]) {
    precondition(a.columns == b.columns, "rows of \(a.columns) and \(b.columns) have no products")
    let width = a.columns
    let panels = (a.rows + panelRows - 1) / panelRows
    let functions = kernels.functions
    let best = AlignedBuffer([Float](repeating: -.infinity, count: panels * panelRows))
    let place = AlignedBuffer([Int32](repeating: -1, count: panels * panelRows))
    let left = AlignedBuffer(a.values)
    let right = AlignedBuffer(b.values)
    let packed = (0..<pool.threads).map { _ in AlignedBuffer<Float>(count: panelRows * width) }
    pool.run(units: panels) { unit, worker in
      let first = unit * panelRows
      functions.pointee.pack(
        left.start + first * width, width, min(panelRows, a.rows - first), width,
        packed[worker].start)
      functions.pointee.best_matches(
        packed[worker].start, right.start, width, b.rows, width, absolute ? 1 : 0,
        best.start + first, place.start + first)
    }
    return (Array(best.elements.prefix(a.rows)), Array(place.elements.prefix(a.rows)))
  }

  /// Does fused multiply-adds in registers on every thread, as fast as they go, for benchmarks.
  ///
  /// - Returns: The operations done, a multiply-add counting two.
  public func multiplyAdds(repeats: Int) -> Double {
    // Many units, so that a thread that wakes late does not leave the others idle at the end.
    let units = 32 * pool.threads
    let done = AlignedBuffer<Double>(count: units)
    let functions = kernels.functions
    pool.run(units: units) { unit, _ in
      done.start[unit] = functions.pointee.multiply_add_peak(repeats)
    }
    return done.elements.reduce(0, +)
  }

  private var panelRows: Int { Int(ELUTE_PANEL_ROWS) }
}
