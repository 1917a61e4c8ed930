import CSparseKernels

extension Compute {
  /// The canonical dot products of chosen pairs: rows of `a` with rows of `b`.
  ///
  /// Entry `e` in `offsets[r]..<offsets[r + 1]` is that of row `r` of `a` with row `partners[e]` of `b`.
  ///
  /// - Complexity: O(pairs × w) time; a copy of both operands.
  /// - Precondition: Equal widths, one offset more than `a` has rows, and the partners exist.
  public func dots(
    of a: Matrix, with b: Matrix, offsets: [Int], partners: [Int32]
  ) -> [Float] {
    precondition(a.columns == b.columns, "rows of \(a.columns) and \(b.columns) have no products")
    precondition(
      offsets.count == a.rows + 1 && offsets.last == partners.count
        && partners.allSatisfy { b.rows > $0 && $0 >= 0 },
      "\(partners.count) pairs do not fit \(a.rows) and \(b.rows) rows")
    let stride = AlignedBuffer<Float>.stride(ofWidth: a.columns)
    let left = AlignedBuffer(padding: a)
    let right = AlignedBuffer(padding: b)
    let indices = AlignedBuffer(partners)
    let products = AlignedBuffer<Float>(count: partners.count)
    let functions = kernels.functions
    let block = 64
    pool.run(units: (a.rows + block - 1) / block) { unit, _ in
      for row in unit * block..<min((unit + 1) * block, a.rows) {
        let first = offsets[row]
        functions.pointee.gathered_dots(
          left.start + row * stride, right.start, stride, indices.start + first,
          offsets[row + 1] - first, stride, products.start + first)
      }
    }
    return products.elements
  }
}
