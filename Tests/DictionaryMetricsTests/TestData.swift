import DictionaryMetrics
import SparseCoding

/// Rows of independent Gaussians whose coordinate `i` (from 1) is scaled by `i^(-decay / 10)`.
func gaussianRows(_ rows: Int, _ width: Int, decay: Int = 0, seed: UInt64) -> Matrix {
  var stream = RandomStream(seed: seed, name: "test")
  var matrix = Matrix(rows: rows, columns: width, values: stream.gaussians(count: rows * width))
  // The decay is in tenths, so that a root by hand will do and no mathematics library is needed.
  let scales = (1...width).map { Float(tenthPower(of: Double($0), -decay)) }
  for row in 0..<rows {
    for column in 0..<width { matrix[row, column] *= scales[column] }
  }
  return matrix
}

/// `base^(tenths / 10)` by Newton's method for the tenth root.
private func tenthPower(of base: Double, _ tenths: Int) -> Double {
  var root = base
  for _ in 0..<200 {
    var power = 1.0
    for _ in 0..<9 { power *= root }
    root = (9 * root + base / power) / 10
  }
  var result = 1.0
  for _ in 0..<tenths.magnitude { result *= root }
  return tenths < 0 ? 1 / result : result
}

func dictionary(_ matrix: Matrix, live: [Int]? = nil, name: String = "a") throws -> UnitAtoms {
  try UnitAtoms(matrix, live: live, name: name)
}

let compute = Compute(threads: 2)
