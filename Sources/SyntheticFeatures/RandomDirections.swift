import SparseCoding

/// Directions uniform on the sphere, `[count, width]`, of length one; a function of seed and name.
func randomDirections(count: Int, width: Int, seed: UInt64, name: String) -> Matrix {
  var stream = RandomStream(seed: seed, name: name)
  var directions = Matrix(
    rows: count, columns: width, values: stream.gaussians(count: count * width))
  normalizeRows(of: &directions)
  return directions
}

/// Makes rows from one on as long as one; rows of zeros stay.
func normalizeRows(of matrix: inout Matrix, from first: Int = 0) {
  for row in first..<matrix.rows {
    let range = row * matrix.columns..<(row + 1) * matrix.columns
    let squared = matrix.values[range].reduce(0.0) { $0 + Double($1) * Double($1) }
    let factor = Float(1 / max(squared, 1e-30).squareRoot())
    for index in range { matrix.values[index] *= factor }
  }
}
