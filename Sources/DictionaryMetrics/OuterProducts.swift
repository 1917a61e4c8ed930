import SparseCoding

/// Adds the outer products of rows to a symmetric sum: `sum += sum over rows of r rᵀ`, lower triangle.
///
/// The rows are taken four at a time in their order, whatever the threads, and in pieces that stay in
/// cache while all of the sum passes by.
///
/// - Complexity: O(rows × width² / 2).
func addOuterProducts(of rows: [Double], width: Int, to sum: inout [Double], on pool: ThreadPool) {
  let band = 16
  let piece = 512
  let count = width == 0 ? 0 : rows.count / width
  rows.withUnsafeBufferPointer { rows in
    sum.withUnsafeMutableBufferPointer { sum in
      nonisolated(unsafe) let (rows, sum) = (rows, sum)
      for start in stride(from: 0, to: count, by: piece) {
        let end = min(start + piece, count)
        pool.run(units: (width + band - 1) / band) { unit, _ in
          guard let rows = rows.baseAddress, let sum = sum.baseAddress else { return }
          let lines = unit * band..<min((unit + 1) * band, width)
          let fours = start + (end - start) & ~3
          for first in stride(from: start, to: fours, by: 4) {
            for line in lines { addFour(rows + first * width, width, line, to: sum + line * width) }
          }
          for row in fours..<end {
            let a = rows + row * width
            for line in lines {
              let target = sum + line * width
              for column in 0...line { target[column] += a[line] * a[column] }
            }
          }
        }
      }
    }
  }
}

private func addFour(
  _ a: UnsafePointer<Double>, _ width: Int, _ line: Int, to target: UnsafeMutablePointer<Double>
) {
  let (b, c, d) = (a + width, a + 2 * width, a + 3 * width)
  let (p, q, r, s) = (a[line], b[line], c[line], d[line])
  for column in 0...line {
    target[column] += (p * a[column] + q * b[column]) + (r * c[column] + s * d[column])
  }
}
