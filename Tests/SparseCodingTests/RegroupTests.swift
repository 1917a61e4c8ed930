import CSparseKernels
import Testing

/// The counting sort of codes by latent, in units of rows and ranges of latents side by side.
@Suite struct RegroupTests {
  /// Codes by latent, with a guard entry behind each array.
  struct Grouped: Equatable {
    var offsets: [Int64]
    var rows: [Int32]
    var lanes: [[Float]]

    init(latents: Int, room: Int) {
      offsets = [Int64](repeating: -1, count: latents + 2)
      rows = [Int32](repeating: -1, count: room + 1)
      lanes = [[Float]](repeating: [Float](repeating: 7, count: room + 1), count: 3)
    }
  }

  @Test(arguments: [(0, 3, 5), (1, 1, 1), (40, 4, 10), (100, 1, 3), (30, 7, 200), (5, 2, 0)])
  func codesAreSortedByLatentThenRow(rows: Int, k: Int, latents: Int) {
    var draw = Draw(100)
    // The rows' entries lie in memory in an order of their own.
    let order = (0..<rows).map { ($0 * 7 + 3) % max(rows, 1) }
    let isPermutation = Set(order).count == rows
    let starts = (0..<rows).map { Int64((isPermutation ? order[$0] : $0) * k) }
    var indices = [Int32](repeating: -9, count: rows * k)
    var counts: [Int32] = []
    var entries: [(latent: Int32, row: Int32, place: Int)] = []
    for row in 0..<rows {
      let chosen = Set((0..<draw.index(below: k + 1)).map { _ in draw.index(below: latents) })
        .filter { _ in latents > 0 }.sorted()
      counts.append(Int32(chosen.count))
      for (entry, latent) in chosen.enumerated() {
        let place = Int(starts[row]) + entry
        indices[place] = Int32(latent)
        entries.append((Int32(latent), Int32(row + 1000), place))
      }
    }
    entries.sort { ($0.latent, $0.row) < ($1.latent, $1.row) }
    let lanes = (0..<3).map { _ in draw.floats(rows * k) }
    var expected = Grouped(latents: latents, room: rows * k)
    for latent in 0...latents {
      expected.offsets[latent] = Int64(entries.filter { Int($0.latent) < latent }.count)
    }
    for (place, entry) in entries.enumerated() {
      expected.rows[place] = entry.row
      for lane in 0..<3 { expected.lanes[lane][place] = lanes[lane][entry.place] }
    }
    for unit in [1, 7, 16, 1000] {
      #expect(
        grouped(indices, starts, counts, lanes, latents: latents, unit: unit) == expected,
        "units of \(unit) rows")
    }
  }

  private func grouped(
    _ indices: [Int32], _ starts: [Int64], _ counts: [Int32], _ lanes: [[Float]], latents: Int,
    unit: Int
  ) -> Grouped {
    let rows = counts.count
    let units = Array(stride(from: 0, to: rows, by: unit))
    var found = Grouped(latents: latents, room: indices.count)
    var cursor = [Int64](repeating: -1, count: latents + 1)
    var histograms = [Int32](repeating: -5, count: units.count * latents + 1)
    let from = lanes.map { lane in
      let copy = UnsafeMutablePointer<Float>.allocate(capacity: lane.count + 1)
      copy.initialize(repeating: 0, count: lane.count + 1)
      copy.update(from: lane, count: lane.count)
      return copy
    }
    let room = indices.count + 1
    let to = lanes.map { _ in
      let copy = UnsafeMutablePointer<Float>.allocate(capacity: room)
      copy.initialize(repeating: 7, count: room)
      return copy
    }
    defer { for pointer in from + to { pointer.deallocate() } }
    indices.withUnsafeBufferPointer { indices in
      starts.withUnsafeBufferPointer { starts in
        counts.withUnsafeBufferPointer { counts in
          var codes = EluteCodes(
            indices: indices.baseAddress, starts: starts.baseAddress, counts: counts.baseAddress,
            first: 1000, rows: rows, latents: latents)
          histograms.withUnsafeMutableBufferPointer { buffer in
            guard let histograms = buffer.baseAddress else { return }
            for (index, first) in units.enumerated() {
              elute_count_codes(
                &codes, first, min(unit, rows - first), histograms + index * latents)
            }
            elute_place_codes(histograms, units.count, latents, &found.offsets, &cursor)
          }
          // Ranges of latents may be written in any order.
          for part in (0..<3).reversed() {
            elute_scatter_codes(
              &codes, part * latents / 3, (part + 1) * latents / 3, &cursor,
              from.map { UnsafePointer($0) }, 3, &found.rows, to.map { Optional($0) })
          }
        }
      }
    }
    #expect(histograms.last == -5)
    found.lanes = to.map { Array(UnsafeBufferPointer(start: $0, count: room)) }
    return found
  }
}
