import SparseCoding

/// Codes written out, row by row: latents, ascending, and their values.
func writtenCodes(latents: Int, _ rows: [[(Int, Float)]]) -> SparseCodes {
  var codes = SparseCodes(latents: latents, offsets: [0], indices: [], values: [])
  for row in rows {
    for (latent, value) in row {
      codes.indices.append(Int32(latent))
      codes.values.append(value)
    }
    codes.offsets.append(codes.indices.count)
  }
  return codes
}

/// The first axes of a space.
func axes(_ count: Int, width: Int) -> Matrix {
  var atoms = Matrix(rows: count, columns: width)
  for row in 0..<count { atoms[row, row] = 1 }
  return atoms
}

/// Random atoms at length one but for the rounding of floats.
func randomAtoms(_ count: Int, width: Int, seed: UInt64) -> Matrix {
  var stream = RandomStream(seed: seed, name: "atoms")
  var atoms = Matrix(rows: count, columns: width, values: stream.gaussians(count: count * width))
  for row in 0..<count {
    let length = atoms.row(row).reduce(0) { $0 + $1 * $1 }.squareRoot()
    for index in 0..<width { atoms[row, index] /= length }
  }
  return atoms
}
