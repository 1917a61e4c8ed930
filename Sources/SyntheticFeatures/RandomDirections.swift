import SparseCoding

/// Directions uniform on the sphere, `[count, width]`, of length one; a function of seed and name.
func randomDirections(count: Int, width: Int, seed: UInt64, name: String) -> Matrix {
  var stream = RandomStream(seed: seed, name: name)
  var directions = Matrix(
    rows: count, columns: width, values: stream.gaussians(count: count * width))
  for row in 0..<count {
    let range = row * width..<(row + 1) * width
    let squared = directions.values[range].reduce(0.0) { $0 + Double($1) * Double($1) }
    let factor = Float(1 / max(squared, 1e-30).squareRoot())
    for index in range { directions.values[index] *= factor }
  }
  return directions
}
