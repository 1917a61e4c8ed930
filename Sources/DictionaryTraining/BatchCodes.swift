import CSparseKernels
import SparseCoding
import Synchronization

/// The codes of a batch: by row, and regrouped by latent.
///
/// An entry is a latent that a row's gradient reaches: its index and value, and in each lane a number that
/// the latent adds up over its rows. Lane 0 holds what the residual is multiplied with for the atom's gradient,
/// lane 1 what the centred row is for the encoder's; the others are a rule's own.
final class BatchCodes {
  let rows, latents, laneCount: Int
  /// Entries that there is room for.
  private(set) var capacity: Int
  let starts: AlignedBuffer<Int64>
  let counts: AlignedBuffer<Int32>
  let smallest: AlignedBuffer<Float>
  let histograms: AlignedBuffer<Int32>
  let offsets, cursor: AlignedBuffer<Int64>
  private(set) var indices, latentRows: AlignedBuffer<Int32>
  private(set) var values, scores, lanes, latentLanes: AlignedBuffer<Float>
  /// Entries handed out to rows that do not know their number beforehand.
  let used = Atomic<Int>(0)

  /// - Parameter laneCount: At least the two that every rule has.
  init(rows: Int, latents: Int, laneCount: Int, capacity: Int) {
    self.rows = rows
    self.latents = latents
    self.laneCount = laneCount
    self.capacity = capacity
    starts = AlignedBuffer(count: rows)
    counts = AlignedBuffer(count: rows)
    smallest = AlignedBuffer(count: rows)
    histograms = AlignedBuffer(count: latents * EngineSizes.units(ofRows: rows))
    offsets = AlignedBuffer(count: latents + 1)
    cursor = AlignedBuffer(count: latents)
    (indices, latentRows) = (AlignedBuffer(count: 0), AlignedBuffer(count: 0))
    (values, scores) = (AlignedBuffer(count: 0), AlignedBuffer(count: 0))
    (lanes, latentLanes) = (AlignedBuffer(count: 0), AlignedBuffer(count: 0))
    allocate()
  }

  /// Makes room for more entries; what was in it is lost.
  func reserve(_ entries: Int) {
    guard entries > capacity else { return }
    capacity = entries
    allocate()
  }

  private func allocate() {
    indices = AlignedBuffer(count: capacity)
    latentRows = AlignedBuffer(count: capacity)
    values = AlignedBuffer(count: capacity)
    // Rules of k know a score from its value.
    scores = laneCount > 2 ? AlignedBuffer(count: capacity) : values
    lanes = AlignedBuffer(count: capacity * laneCount)
    latentLanes = AlignedBuffer(count: capacity * laneCount)
  }

  /// Gives every row room for `k` entries, one row after the other.
  func setEqualRoom(_ k: Int) {
    for row in 0..<rows { starts.start[row] = Int64(row * k) }
  }

  /// The bytes that codes take.
  static func byteCount(rows: Int, latents: Int, laneCount: Int, capacity: Int) -> Int {
    let floats = 1 + (laneCount > 2 ? 1 : 0)
    return (2 + floats) * AlignedBuffer<Float>.byteCount(of: capacity)
      + 2 * AlignedBuffer<Float>.byteCount(of: capacity * laneCount)
      + AlignedBuffer<Int32>.byteCount(of: latents * EngineSizes.units(ofRows: rows))
      + 2 * AlignedBuffer<Int64>.byteCount(of: latents + 1)
  }
}

/// The codes of a batch as plain pointers.
struct CodesView: BitwiseCopyable {
  let latents, laneCount, capacity: Int
  let starts: UnsafeMutablePointer<Int64>
  let indices, counts, histograms, latentRows: UnsafeMutablePointer<Int32>
  let values, scores, smallest, lanes, latentLanes: UnsafeMutablePointer<Float>
  let offsets, cursor: UnsafeMutablePointer<Int64>

  init(_ codes: BatchCodes) {
    latents = codes.latents
    laneCount = codes.laneCount
    capacity = codes.capacity
    starts = codes.starts.start
    indices = codes.indices.start
    counts = codes.counts.start
    histograms = codes.histograms.start
    latentRows = codes.latentRows.start
    values = codes.values.start
    scores = codes.scores.start
    smallest = codes.smallest.start
    lanes = codes.lanes.start
    latentLanes = codes.latentLanes.start
    offsets = codes.offsets.start
    cursor = codes.cursor.start
  }

  /// The entries of a row.
  func entries(ofRow row: Int) -> Range<Int> {
    let start = Int(starts[row])
    return start..<start + Int(counts[row])
  }

  /// The regrouped entries of a latent.
  func entries(ofLatent latent: Int) -> Range<Int> {
    Int(offsets[latent])..<Int(offsets[latent + 1])
  }

  /// A lane by row, and regrouped.
  func lane(_ lane: Int) -> UnsafeMutablePointer<Float> { lanes + lane * capacity }
  func latentLane(_ lane: Int) -> UnsafeMutablePointer<Float> { latentLanes + lane * capacity }

  /// Where the rows from `first` on write their choice, `k` entries of room each.
  func choice(from first: Int) -> EluteChoice {
    let start = Int(starts[first])
    return EluteChoice(
      indices: indices + start, values: values + start, counts: counts + first,
      smallest: smallest + first, survivors: 0, fallbacks: 0)
  }

  /// The sum of a lane over a latent's entries, in the order of rows, after `sum`.
  func sum(of lane: Int, latent: Int, after sum: Float = 0) -> Float {
    let values = latentLane(lane)
    var sum = sum
    for entry in entries(ofLatent: latent) { sum += values[entry] }
    return sum
  }

  /// Makes of the products in lane 1 the gradients of a row's codes, and of its values what atoms' gradients take.
  func scaleGradients(of row: Int, _ factor: Float) {
    let (coefficients, gradients) = (lane(0), lane(1))
    for entry in entries(ofRow: row) {
      gradients[entry] *= factor
      coefficients[entry] = factor * values[entry]
    }
  }

  private func part(_ rows: Range<Int>) -> EluteCodes {
    EluteCodes(
      indices: indices, starts: starts + rows.lowerBound, counts: counts + rows.lowerBound,
      first: rows.lowerBound, rows: rows.count, latents: latents)
  }

  /// Counts the codes of one unit of all rows by latent, once they are chosen.
  func count(unit: Int, of rows: Range<Int>) {
    var codes = part(rows)
    let first = unit * EngineSizes.rowBlock
    elute_count_codes(
      &codes, first, min(EngineSizes.rowBlock, rows.count - first), histograms + unit * latents)
  }

  /// Regroups the codes of rows by latent: as many ranges of latents side by side as there are threads,
  /// each in the order of rows, so the ranges do not show.
  ///
  /// - Parameter isCounted: Whether all units have been counted.
  func regroup(_ rows: Range<Int>, isCounted: Bool = false, on pool: ThreadPool) {
    let units = EngineSizes.units(ofRows: rows.count)
    let codes = part(rows)
    let view = self
    if !isCounted { pool.run(units: units) { unit, _ in view.count(unit: unit, of: rows) } }
    elute_place_codes(histograms, units, latents, offsets, cursor)
    let parts = min(pool.threads, latents)
    pool.run(units: parts) { part, _ in
      var codes = codes
      withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: view.laneCount) {
        from in
        withUnsafeTemporaryAllocation(
          of: UnsafeMutablePointer<Float>?.self, capacity: view.laneCount
        ) { to in
          for lane in 0..<view.laneCount {
            from.initializeElement(at: lane, to: UnsafePointer(view.lane(lane)))
            to.initializeElement(at: lane, to: view.latentLane(lane))
          }
          elute_scatter_codes(
            &codes, part * view.latents / parts, (part + 1) * view.latents / parts, view.cursor,
            from.baseAddress, view.laneCount, view.latentRows, to.baseAddress)
        }
      }
    }
  }
}
