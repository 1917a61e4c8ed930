import CSparseKernels
import SparseCoding
import Testing

/// The counting sort in units of rows gives what the whole sort gives.
struct RegroupInUnitsTests {
  @Test(arguments: [(rows: 1, unit: 128), (rows: 128, unit: 128), (rows: 301, unit: 128)])
  func unitsWriteWhatTheWholeSortWrites(rows: Int, unit: Int) {
    let (k, latents) = (5, 17)
    var stream = RandomStream(seed: UInt64(rows), name: "regroup in units")
    let counts = AlignedBuffer((0..<rows).map { _ in Int32(stream.index(below: k + 1)) })
    let indices = AlignedBuffer<Int32>(count: rows * k)
    for row in 0..<rows {
      let chosen = stream.permutation(count: latents).prefix(Int(counts.start[row])).sorted()
      for (entry, latent) in chosen.enumerated() { indices.start[row * k + entry] = Int32(latent) }
    }
    let values = AlignedBuffer(stream.gaussians(count: rows * k))
    let gradients = AlignedBuffer(stream.gaussians(count: rows * k))
    let whole = Sorted(count: rows * k, latents: latents)
    let cursor = AlignedBuffer<Int64>(count: latents)
    elute_regroup(
      indices.start, values.start, gradients.start, counts.start, rows, k, latents,
      whole.offsets.start, cursor.start, whole.rows.start, whole.values.start,
      whole.gradients.start)

    let parts = Sorted(count: rows * k, latents: latents)
    let units = (rows + unit - 1) / unit
    let histograms = AlignedBuffer<Int32>(count: units * latents)
    for part in 0..<units {
      elute_count_codes(
        indices.start, counts.start, part * unit, min(unit, rows - part * unit), k, latents,
        histograms.start + part * latents)
    }
    elute_place_codes(histograms.start, units, latents, parts.offsets.start)
    for part in (0..<units).reversed() {
      elute_scatter_codes(
        indices.start, values.start, gradients.start, counts.start, part * unit,
        min(unit, rows - part * unit), k, histograms.start + part * latents, parts.rows.start,
        parts.values.start, parts.gradients.start)
    }
    #expect(parts.offsets.elements == whole.offsets.elements)
    #expect(parts.rows.elements == whole.rows.elements)
    #expect(parts.values.elements == whole.values.elements)
    #expect(parts.gradients.elements == whole.gradients.elements)
  }

  private struct Sorted {
    let offsets: AlignedBuffer<Int64>
    let rows: AlignedBuffer<Int32>
    let values, gradients: AlignedBuffer<Float>

    init(count: Int, latents: Int) {
      offsets = AlignedBuffer(count: latents + 1)
      rows = AlignedBuffer(count: count)
      values = AlignedBuffer(count: count)
      gradients = AlignedBuffer(count: count)
    }
  }
}
