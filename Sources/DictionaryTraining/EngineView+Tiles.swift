import CSparseKernels
import SparseCoding

/// Work of a unit of rows on the atoms of their codes, a tile of atoms after the other.
///
/// The second cache holds a tile, so rows that share atoms find them there; and atoms that are read in their order come
/// faster from further away. A row's entries ascend, so that its sums are the same chains whatever the tiles.
extension EngineView {
  /// Atoms of a tile, 768 KB of them.
  private var tileAtoms: Int { max((768 << 10) / (4 * outputStride), 1) }

  /// Adds to each row's `sum` the atoms of its entries among `latents`, times their values.
  func addAtoms(
    of latents: Range<Int>, _ codes: CodesView, rows unitRows: Range<Int>,
    to sum: (_ row: Int) -> UnsafeMutablePointer<Float>
  ) {
    let isTiled = shares(codes, unitRows, atLeast: 1, ofTileOf: latents)
    inTiles(of: isTiled ? tileAtoms : latents.count, latents, codes, unitRows) { row, entries in
      let (at, count, sum) = (entries.lowerBound, entries.count, sum(row))
      if isTiled {
        functions.pointee.gradient_row(
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
    of latents: Range<Int>, _ codes: CodesView, rows unitRows: Range<Int>,
    with vector: (_ row: Int) -> UnsafePointer<Float>
  ) {
    let isTiled = shares(codes, unitRows, atLeast: 4, ofTileOf: latents)
    let products = codes.lane(1)
    inTiles(of: isTiled ? tileAtoms : latents.count, latents, codes, unitRows) { row, entries in
      functions.pointee.gathered_dots(
        vector(row), decoder.weights, outputStride, codes.indices + entries.lowerBound,
        entries.count, outputStride, products + entries.lowerBound)
    }
  }

  /// Whether a row has, on average, so many entries in each tile.
  private func shares(
    _ codes: CodesView, _ unitRows: Range<Int>, atLeast least: Int, ofTileOf latents: Range<Int>
  ) -> Bool {
    let entries = unitRows.reduce(0) { $0 + Int(codes.counts[$1]) }
    let tiles = (self.latents + tileAtoms - 1) / tileAtoms
    return latents.count > tileAtoms && entries >= least * tiles * unitRows.count
  }

  /// Calls `body` with a row and its entries of a tile, for all rows and then the next tile.
  private func inTiles(
    of size: Int, _ latents: Range<Int>, _ codes: CodesView, _ unitRows: Range<Int>,
    _ body: (_ row: Int, _ entries: Range<Int>) -> Void
  ) {
    func end(of row: Int, from start: Int, below latent: Int) -> Int {
      let last = codes.entries(ofRow: row).upperBound
      var entry = start
      while entry < last, codes.indices[entry] < latent { entry += 1 }
      return entry
    }
    let first = unitRows.lowerBound
    withUnsafeTemporaryAllocation(of: Int.self, capacity: unitRows.count) { next in
      for row in unitRows {
        let start = codes.entries(ofRow: row).lowerBound
        next[row - first] = end(of: row, from: start, below: latents.lowerBound)
      }
      for start in stride(from: latents.lowerBound, to: latents.upperBound, by: size) {
        let limit = min(start + size, latents.upperBound)
        for row in unitRows {
          let from = next[row - first]
          let to = end(of: row, from: from, below: limit)
          if to > from { body(row, from..<to) }
          next[row - first] = to
        }
      }
    }
  }
}
