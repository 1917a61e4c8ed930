import CSparseKernels

extension Compute {
  /// Adds the outer products of rows to a symmetric sum: `sum += sum over rows of r rᵀ`.
  ///
  /// Only the lower triangle is filled. The rows are taken four at a time in their order, whatever the
  /// threads, and in pieces that stay in cache while all of the sum passes by.
  ///
  /// - Parameters:
  ///   - rows: The rows, `[count, width]`.
  ///   - sum: What is added to, `[width, width]`.
  /// - Complexity: O(count × width² / 2).
  /// - Precondition: Both have elements for whole rows.
  public func addOuterProducts(of rows: [Double], width: Int, to sum: inout [Double]) {
    let count = width == 0 ? 0 : rows.count / width
    precondition(
      rows.count == count * width && sum.count == width * width,
      "\(rows.count) and \(sum.count) elements where rows of \(width) are summed")
    let band = 16
    let piece = 512
    let functions = kernels.functions
    rows.withUnsafeBufferPointer { rows in
      sum.withUnsafeMutableBufferPointer { sum in
        nonisolated(unsafe) let (rows, sum) = (rows, sum)
        for start in stride(from: 0, to: count, by: piece) {
          let some = min(piece, count - start)
          pool.run(units: (width + band - 1) / band) { unit, _ in
            guard let rows = rows.baseAddress, let sum = sum.baseAddress else { return }
            functions.pointee.outer_products(
              rows + start * width, some, width, unit * band, min((unit + 1) * band, width), sum)
          }
        }
      }
    }
  }
}
