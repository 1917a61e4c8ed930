/// Atoms and an output bias laid out for solvers, for rows that come in many parts.
public struct FixedAtoms: Sendable {
  /// The number of atoms.
  public let count: Int
  /// The width of rows and atoms.
  public let width: Int
  /// The floats from one padded row to the next.
  let stride: Int
  /// The atoms as given, `[count, stride]`.
  let atoms: AlignedBuffer<Float>
  /// The atoms at unit length, `[count, stride]`; zero atoms stay zero.
  let directions: AlignedBuffer<Float>
  /// The lengths of the atoms.
  let lengths: [Double]
  /// The output bias, `[stride]`.
  let bias: AlignedBuffer<Float>
  let compute: Compute

  /// Atoms `[atoms, width]` of any length and a bias `[width]`, all finite.
  ///
  /// - Complexity: O(atoms × width) time; two copies of the atoms in memory.
  public init(_ atoms: Matrix, bias: [Float], on compute: Compute) {
    precondition(
      bias.count == atoms.columns, "a bias of \(bias.count) for atoms of \(atoms.columns)")
    count = atoms.rows
    width = atoms.columns
    stride = AlignedBuffer<Float>.stride(ofWidth: width)
    self.compute = compute
    self.atoms = AlignedBuffer(padding: atoms)
    self.bias = AlignedBuffer(padding: Matrix(rows: 1, columns: width, values: bias))
    directions = AlignedBuffer(count: count * stride)
    var lengths: [Double] = []
    lengths.reserveCapacity(count)
    for atom in 0..<count {
      let values = self.atoms.start + atom * stride
      var squares = 0.0
      for index in 0..<width { squares += Double(values[index]) * Double(values[index]) }
      let length = squares.squareRoot()
      lengths.append(length)
      guard length > 0 else { continue }
      let direction = directions.start + atom * stride
      for index in 0..<width { direction[index] = Float(Double(values[index]) / length) }
    }
    self.lengths = lengths
  }

  /// The codes of rows by a solver.
  ///
  /// The same bits for every kernel set and number of threads; a row's code does not depend on the other
  /// rows. A pursuit chooses by sums in `Double`, which a float product with a proved bound only narrows
  /// down; of scores equal within 2^-30 the smallest index is kept. It stops early when the residual is below 2^-20 of the row
  /// or every atom left is numerically dependent on the chosen ones (a part of 1e-5 of its length or less is
  /// outside their span), so that a duplicate of a chosen atom is never chosen. FISTA iterates in `Float`;
  /// its gap is accurate to some 1e-6 of `|x - b|²`.
  ///
  /// - Parameter rows: `[rows, width]`, finite.
  /// - Complexity: O(rows × k × width × (atoms + k)) for orthogonal matching pursuit, twice the product for
  ///   least squares, O(rows × iterations × width × atoms) for FISTA. A thread holds 64 rows
  ///   (of pursuits at least 8, as many as fit in 64 MiB): 64 × k × width doubles, and 64 × atoms floats, one for least squares and four for FISTA.
  /// - Precondition: `k` and `l1` are positive.
  public func codes(of rows: Matrix, by solver: SparseSolver) -> SparseCodes {
    precondition(rows.columns == width, "rows of \(rows.columns) for atoms of \(width)")
    switch solver {
    case .orthogonalMatchingPursuit(let k, let isNonnegative, let residual):
      return pursue(
        rows,
        Pursuit(rule: .correlation, k: k, isNonnegative: isNonnegative, residual: residual))
    case .orthogonalLeastSquares(let k, let isNonnegative, let residual):
      return pursue(
        rows, Pursuit(rule: .decrease, k: k, isNonnegative: isNonnegative, residual: residual))
    case .fista(let l1, let isNonnegative, let tolerance, let iterations):
      precondition(l1 > 0 && l1 < .infinity, "a penalty of \(l1) makes no sparse code")
      return minimize(
        rows,
        Lasso(
          l1: l1, isNonnegative: isNonnegative, tolerance: tolerance, iterations: iterations))
    }
  }

  /// Codes units of consecutive rows, several at a time, and joins them in their order.
  func inUnits(
    of unitRows: Int, _ rows: Matrix, _ code: (_ unit: Range<Int>) -> SparseCodes
  ) -> SparseCodes {
    var parts = [SparseCodes?](
      repeating: nil, count: (rows.rows + unitRows - 1) / unitRows)
    let units = parts.count
    parts.withUnsafeMutableBufferPointer { parts in
      let target = parts
      compute.pool.run(units: units) { unit, _ in
        target[unit] = code(unit * unitRows..<min((unit + 1) * unitRows, rows.rows))
      }
    }
    var joined = SparseCodes(latents: count, offsets: [0], indices: [], values: [])
    for case let part? in parts {
      let start = joined.indices.count
      joined.offsets += part.offsets.dropFirst().map { start + $0 }
      joined.indices += part.indices
      joined.values += part.values
    }
    return joined
  }
}

extension SparseCodes {
  /// Adds a row of entries in any order; entries whose value is zero are left out.
  mutating func append(_ entries: [(index: Int, value: Float)]) {
    for entry in entries.sorted(by: { $0.index < $1.index }) where entry.value != 0 {
      indices.append(Int32(entry.index))
      values.append(entry.value)
    }
    offsets.append(indices.count)
  }
}

extension SparseCoder {
  /// The atoms and the output bias alone, to code rows without the encoder.
  public func fixedAtoms(on compute: Compute) -> FixedAtoms {
    FixedAtoms(decoder, bias: decoderBias, on: compute)
  }
}
