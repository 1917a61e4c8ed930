import CSparseKernels
import Testing

/// The counting sort of codes by latent: at once, and in units of rows side by side.
@Suite struct RegroupTests {
  /// Codes by latent, with a guard entry behind each array.
  struct Grouped: Equatable {
    var offsets: [Int64]
    var rows: [Int32]
    var values: [Float]
    var gradients: [Float]

    init(latents: Int, room: Int) {
      offsets = [Int64](repeating: -1, count: latents + 2)
      rows = [Int32](repeating: -1, count: room + 1)
      values = [Float](repeating: 7, count: room + 1)
      gradients = values
    }
  }

  @Test(arguments: [(0, 3, 5), (1, 1, 1), (40, 4, 10), (100, 1, 3), (30, 7, 200), (5, 2, 0)])
  func codesAreSortedByLatentThenRow(rows: Int, k: Int, latents: Int) {
    var draw = Draw(100)
    var indices = [Int32](repeating: -9, count: rows * k)
    var counts: [Int32] = []
    var entries: [(latent: Int32, row: Int32, place: Int)] = []
    for row in 0..<rows {
      let chosen = Set((0..<draw.index(below: k + 1)).map { _ in draw.index(below: latents) })
        .filter { _ in latents > 0 }.sorted()
      counts.append(Int32(chosen.count))
      for (entry, latent) in chosen.enumerated() {
        indices[row * k + entry] = Int32(latent)
        entries.append((Int32(latent), Int32(row), row * k + entry))
      }
    }
    entries.sort { ($0.latent, $0.row) < ($1.latent, $1.row) }
    let values = draw.floats(rows * k)
    let gradients = draw.floats(rows * k)
    var expected = Grouped(latents: latents, room: rows * k)
    for latent in 0...latents {
      expected.offsets[latent] = Int64(entries.filter { Int($0.latent) < latent }.count)
    }
    for (place, entry) in entries.enumerated() {
      expected.rows[place] = entry.row
      expected.values[place] = values[entry.place]
      expected.gradients[place] = gradients[entry.place]
    }

    var found = Grouped(latents: latents, room: rows * k)
    var cursor = [Int64](repeating: -1, count: latents + 1)
    elute_regroup(
      indices, values, gradients, counts, rows, k, latents, &found.offsets, &cursor, &found.rows,
      &found.values, &found.gradients)
    #expect(found == expected && cursor[latents] == -1)

    for unit in [1, 7, 16, 1000] {
      let starts = Array(stride(from: 0, to: rows, by: unit))
      var found = Grouped(latents: latents, room: rows * k)
      var histograms = [Int32](repeating: -5, count: starts.count * latents + 1)
      histograms.withUnsafeMutableBufferPointer { buffer in
        guard let histograms = buffer.baseAddress else { return }
        for (index, first) in starts.enumerated() {
          elute_count_codes(
            indices, counts, first, min(unit, rows - first), k, latents,
            histograms + index * latents)
        }
        elute_place_codes(histograms, starts.count, latents, &found.offsets, &cursor)
      }
      // Ranges of latents may be written in any order.
      for part in (0..<3).reversed() {
        elute_scatter_codes(
          indices, values, gradients, counts, rows, k, part * latents / 3,
          (part + 1) * latents / 3, &cursor, &found.rows, &found.values, &found.gradients)
      }
      #expect(found == expected && histograms.last == -5, "units of \(unit) rows")
    }
  }
}
