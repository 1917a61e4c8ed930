import CSparseKernels
import SparseCoding

/// How the rows of a unit read the atoms of their codes; it saves time and does not show.
///
/// Rows that share many atoms read them together, a tile of atoms after the other, so that a tile comes from far away once
/// for all of them. Others are worked on one by one: what a row was added up from is still near when the products with
/// its residual are taken. A row's entries ascend, so that its sums are the same chains either way.
struct AtomTiles: BitwiseCopyable {
  /// Bytes of a tile's atoms: less than the second cache of most processors.
  var bytes = 768 << 10
  /// Entries that a row must have in a tile, on average, for rows to read together.
  var entries = 4
}

extension EngineView {
  /// Atoms of a tile.
  private var tileAtoms: Int { max(tiles.bytes / (4 * outputStride), 1) }

  /// Calls `body` with the rows of a unit: with all together, or one after the other.
  func forRowsTogether(_ codes: CodesView, _ unitRows: Range<Int>, _ body: (Range<Int>) -> Void) {
    let entries = unitRows.reduce(0) { $0 + Int(codes.counts[$1]) }
    let count = (latents + tileAtoms - 1) / tileAtoms
    if count > 1, entries >= tiles.entries * count * unitRows.count { return body(unitRows) }
    for row in unitRows { body(row..<row + 1) }
  }

  /// Adds to each row's `sum` the atoms of its entries among `latents`, times their values.
  func addAtoms(
    of latents: Range<Int>, _ codes: CodesView, rows: Range<Int>,
    to sum: (_ row: Int) -> UnsafeMutablePointer<Float>
  ) {
    let add = rows.count > 1 ? functions.pointee.gradient_row : nil
    forEntries(of: latents, codes, rows) { row, entries in
      let (at, count, sum) = (entries.lowerBound, entries.count, sum(row))
      if let add {
        add(
          decoder.weights, outputStride, codes.indices + at, codes.values + at, count,
          outputStride, sum)
      } else {
        functions.pointee.decode(
          sum, decoder.weights, outputStride, codes.indices + at, codes.values + at, count,
          outputStride, sum)
      }
    }
  }

  /// Writes for each entry among `latents` the product of its atom with its row's `vector`, into lane 1.
  func dotAtoms(
    of latents: Range<Int>, _ codes: CodesView, rows: Range<Int>,
    with vector: (_ row: Int) -> UnsafePointer<Float>
  ) {
    let products = codes.lane(1)
    forEntries(of: latents, codes, rows) { row, entries in
      functions.pointee.gathered_dots(
        vector(row), decoder.weights, outputStride, codes.indices + entries.lowerBound,
        entries.count, outputStride, products + entries.lowerBound)
    }
  }

  /// Calls `body` with a row and its entries among `latents`; with those of a tile, for several rows and then the next tile.
  private func forEntries(
    of latents: Range<Int>, _ codes: CodesView, _ rows: Range<Int>,
    _ body: (_ row: Int, _ entries: Range<Int>) -> Void
  ) {
    let (first, size) = (rows.lowerBound, rows.count > 1 ? tileAtoms : max(latents.count, 1))
    withUnsafeTemporaryAllocation(of: Int.self, capacity: rows.count) { next in
      for row in rows { next[row - first] = codes.firstEntry(ofRow: row, from: latents.lowerBound) }
      for start in stride(from: latents.lowerBound, to: latents.upperBound, by: size) {
        let limit = min(start + size, latents.upperBound)
        for row in rows {
          let (from, last) = (next[row - first], codes.entries(ofRow: row).upperBound)
          var to = from
          while to < last, codes.indices[to] < limit { to += 1 }
          if to > from { body(row, from..<to) }
          next[row - first] = to
        }
      }
    }
  }
}

extension CodesView {
  /// The first of a row's entries that is not below a latent.
  fileprivate func firstEntry(ofRow row: Int, from latent: Int) -> Int {
    let entries = entries(ofRow: row)
    var (low, high) = (entries.lowerBound, entries.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if indices[middle] < latent { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
