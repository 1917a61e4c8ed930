import CSparseKernels
import SparseCoding
import Testing

@Suite struct RegroupTests {
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
    let values = draw.floats(rows * k)
    let gradients = draw.floats(rows * k)
    var offsets = [Int64](repeating: -1, count: latents + 2)
    var cursor = [Int64](repeating: -1, count: latents + 1)
    var outRows = [Int32](repeating: -1, count: rows * k + 1)
    var outValues = [Float](repeating: 7, count: rows * k + 1)
    var outGradients = outValues
    elute_regroup(
      indices, values, gradients, counts, rows, k, latents, &offsets, &cursor, &outRows,
      &outValues, &outGradients)
    entries.sort { ($0.latent, $0.row) < ($1.latent, $1.row) }
    let total = entries.count
    #expect(Array(outRows[..<total]) == entries.map(\.row))
    #expect(Array(outValues[..<total]) == entries.map { values[$0.place] })
    #expect(Array(outGradients[..<total]) == entries.map { gradients[$0.place] })
    for latent in 0...latents {
      let before = entries.filter { Int($0.latent) < latent }.count
      #expect(offsets[latent] == Int64(before), "\(latent)")
    }
    #expect(offsets[latents + 1] == -1 && cursor[latents] == -1)
    #expect(outRows[total...].allSatisfy { $0 == -1 })
    #expect(outValues[total...].allSatisfy { $0 == 7 })
  }
}
