import SparseCoding

/// A source of random unit atoms of one law.
struct RandomAtoms {
  private let width: Int
  /// What a standard normal vector is multiplied with, `[width, rank]`; `nil` for the identity.
  private let factor: Matrix?

  /// Atoms of a law, which may take its second moment from a dictionary's live atoms.
  ///
  /// - Complexity: that of the `AtomMoment` unless isotropic.
  init(_ law: AtomLaw, like atoms: UnitAtoms, on compute: Compute) {
    if law == .isotropic {
      self.init(isotropicOfWidth: atoms.width)
    } else {
      self.init(law, AtomMoment(of: atoms, on: compute))
    }
  }

  /// Atoms of a law that takes its second moment from this.
  init(_ law: AtomLaw, _ moment: AtomMoment) {
    switch law {
    case .isotropic: self.init(isotropicOfWidth: moment.width)
    case .decoderSecondMoment: self.init(moment) { $0 }
    case .matchedSecondMoment:
      self.init(moment) { DirectionalCovariance.variances(matching: $0) }
    }
  }

  init(isotropicOfWidth width: Int) {
    self.width = width
    factor = nil
  }

  private init(_ moment: AtomMoment, _ variances: ([Double]) -> [Double]) {
    let (width, eigen) = (moment.width, moment.eigen)
    // What rounding leaves of directions that no atom has is dropped.
    let floor = (eigen.values.first ?? 0) * 1e-12
    let shares = eigen.values.prefix { $0 > floor }
    let deviations = variances(Array(shares)).map { $0.squareRoot() }
    var factor = Matrix(rows: width, columns: shares.count)
    for (direction, deviation) in deviations.enumerated() {
      for (coordinate, element) in eigen.vector(direction).enumerated() {
        factor[coordinate, direction] = Float(element * deviation)
      }
    }
    self.width = width
    self.factor = factor
  }

  /// A number of independent atoms, `[count, width]`, a function of seed and name.
  func draw(_ count: Int, seed: UInt64, name: String, on compute: Compute) -> Matrix {
    let normals = Self.normals(
      rows: count, columns: factor?.columns ?? width, seed: seed, name: name, on: compute.pool)
    var atoms = factor.map { compute.product(normals, $0) } ?? normals
    for row in 0..<count {
      let norm = atoms.row(row).reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      guard norm > 0 else { continue }
      for index in row * width..<(row + 1) * width {
        atoms.values[index] = Float(Double(atoms.values[index]) / norm)
      }
    }
    return atoms
  }

  /// Standard normal numbers; each block of rows has a stream of its own, so that threads can share.
  private static func normals(
    rows: Int, columns: Int, seed: UInt64, name: String, on pool: ThreadPool
  ) -> Matrix {
    let block = 128
    var normals = Matrix(rows: rows, columns: columns)
    normals.values.withUnsafeMutableBufferPointer { target in
      nonisolated(unsafe) let target = target
      pool.run(units: (rows + block - 1) / block) { unit, _ in
        var stream = RandomStream(seed: seed, name: "\(name)/\(unit)")
        let first = unit * block * columns
        let count = min(block, rows - unit * block) * columns
        for (index, value) in stream.gaussians(count: count).enumerated() {
          target[first + index] = value
        }
      }
    }
    return normals
  }
}
