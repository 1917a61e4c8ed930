import SparseCoding

/// Finds the most similar of two sets of unit atoms without the matrix of their cosines.
///
/// A cosine here is the canonical dot product of two rows, or its magnitude. It differs from that of
/// `Compute.product` by rounding only, some 1e-7.
///
/// - Complexity: a search takes one product of the rows searched for with the rows searched, twice that for
///   magnitudes. Memory: two copies of either set, three of `second` for magnitudes.
struct AtomSearch {
  let first, second: Matrix
  let convention: CosineConvention
  let compute: Compute

  /// The cosines of chosen pairs: entry `e` in `offsets[r]..<offsets[r + 1]` of row `r` and `partners[e]`.
  func cosines(_ offsets: [Int], _ partners: [Int32]) -> [Float] {
    let products = compute.dots(of: first, with: second, offsets: offsets, partners: partners)
    return convention == .absolute ? products.map(abs) : products
  }

  /// For chosen rows of `first` the `k` rows of `second` with the greatest `cosine + bias`, if positive.
  ///
  /// - Returns: Codes whose values are `cosine + bias`, rounded once. Index `j` stands for row `j`, and under
  ///   the absolute convention `second.rows + j` for row `j` negated.
  func largest(_ k: Int, for rows: [Int], biases: [Float]) -> SparseCodes {
    let chosen = rows.count == first.rows ? first : first.selecting(rows: rows)
    return largest(k, of: chosen, in: second, biases)
  }

  /// For chosen rows of either side the `k` most similar of the other's, as pairs.
  ///
  /// Ties are broken at random, differently for each row: otherwise all of many equal atoms would have the
  /// same few neighbors, and most of those could not be matched.
  func neighbors(_ k: Int, rows: [Int], columns: [Int]) -> [CandidatePairs.Key] {
    let a = scattered(first, rows, name: "rows")
    let b = scattered(second, columns, name: "columns")
    var keys: [CandidatePairs.Key] = []
    keys.reserveCapacity(k * (rows.count + columns.count))
    func search(_ x: Matrix, _ y: Matrix, _ key: (Int, Int) -> CandidatePairs.Key) {
      let found = largest(k, of: x, in: y, [Float](repeating: 1, count: y.rows))
      for row in 0..<x.rows {
        for entry in found.entries(ofRow: row) {
          keys.append(key(row, Int(found.indices[entry]) % y.rows))
        }
      }
    }
    search(a, b) { CandidatePairs.key(rows[$0], columns[$1]) }
    search(b, a) { CandidatePairs.key(rows[$1], columns[$0]) }
    return keys
  }

  private func largest(_ k: Int, of a: Matrix, in b: Matrix, _ biases: [Float]) -> SparseCodes {
    var (latents, latentBiases) = (b, biases)
    if convention == .absolute {
      latents = Matrix(
        rows: 2 * b.rows, columns: b.columns, values: b.values + b.values.lazy.map { -$0 })
      latentBiases += biases
    }
    let coder = SparseCoder(
      site: Site(name: "atoms", width: b.columns), activation: .topK(k: min(k, latents.rows)),
      encoder: latents, decoder: latents, encoderBias: latentBiases,
      decoderBias: [Float](repeating: 0, count: b.columns))
    return coder.encode(a, on: compute)
  }

  /// Chosen rows with sixteen more random coordinates, whose products have a standard deviation of 1e-5.
  private func scattered(_ atoms: Matrix, _ rows: [Int], name: String) -> Matrix {
    let extra = 16
    var stream = RandomStream(seed: 0, name: "ties/\(name)")
    let noise = stream.gaussians(count: rows.count * extra)
    var values: [Float] = []
    values.reserveCapacity(rows.count * (atoms.columns + extra))
    for (place, row) in rows.enumerated() {
      values += atoms.row(row)
      values += noise[place * extra..<(place + 1) * extra].lazy.map { 0.0016 * $0 }
    }
    return Matrix(rows: rows.count, columns: atoms.columns + extra, values: values)
  }
}
