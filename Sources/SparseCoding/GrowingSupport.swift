/// The atoms chosen for one row, an orthonormal basis of their span, and what it leaves of the row.
///
///     d_t = sum over i <= t of factor[t, i] q_i,   r = x - b - sum over i of (q_i · (x - b)) q_i
///
/// All in `Double`, in one fixed order. A new direction is made orthogonal twice, which is enough
/// (Giraud, Langou and Rozložník 2005).
struct GrowingSupport {
  /// The chosen atoms in the order of choice.
  private(set) var members: [Int] = []
  private let atoms: FixedAtoms
  private let stride: Int
  private let capacity: Int
  /// Rows of `stride` doubles: the basis, then `x - b`, the residual and scratch.
  private let memory: AlignedBuffer<Double>
  private let basis, row, scratch: UnsafeMutablePointer<Double>
  /// What the chosen atoms leave of the row, `[stride]`.
  let residual: UnsafeMutablePointer<Double>
  private var factor: [Double]
  private var projections: [Double]

  /// A part of an atom this small, squared and relative to the atom, is not a direction of its own.
  static let dependence = 1e-10

  /// The doubles that a support of a capacity needs.
  static func memoryCount(capacity: Int, stride: Int) -> Int { (capacity + 3) * stride }

  /// The empty support of a row, in memory from `offset` on.
  init(
    of values: ArraySlice<Float>, on atoms: FixedAtoms, capacity: Int,
    in memory: AlignedBuffer<Double>, at offset: Int
  ) {
    self.atoms = atoms
    self.capacity = capacity
    self.memory = memory
    stride = atoms.stride
    basis = memory.start + offset
    row = basis + capacity * stride
    residual = row + stride
    scratch = residual + stride
    factor = [Double](repeating: 0, count: capacity * capacity)
    projections = [Double](repeating: 0, count: capacity)
    for (index, value) in values.enumerated() {
      row[index] = Double(value) - Double(atoms.bias.start[index])
    }
    residual.update(from: row, count: stride)
  }

  /// `|x - b|²`.
  var squaredLength: Double { dot(row, row, stride) }
  /// `|r|²`.
  var squaredResidual: Double { dot(residual, residual, stride) }

  /// The last direction of the basis, `[stride]`.
  func direction(_ index: Int) -> UnsafePointer<Double> {
    UnsafePointer(basis + index * stride)
  }

  /// The product of the residual with an atom.
  func correlation(with atom: Int) -> Double {
    load(atom)
    return dot(residual, scratch, stride)
  }

  /// The part of an atom's squared length that is outside the span.
  func squaredRemainder(of atom: Int) -> Double {
    load(atom)
    var inside = 0.0
    for index in members.indices {
      let component = dot(basis + index * stride, scratch, stride)
      inside += component * component
    }
    return atoms.lengths[atom] * atoms.lengths[atom] - inside
  }

  /// Adds an atom; returns whether it was independent of the others, else nothing changed.
  mutating func append(_ atom: Int) -> Bool {
    guard orthogonalize(atom, at: members.count) else { return false }
    members.append(atom)
    project(at: members.count - 1)
    return true
  }

  /// Removes members by their places, which ascend.
  mutating func remove(at places: [Int]) {
    guard let first = places.first else { return }
    for place in places.reversed() { members.remove(at: place) }
    // A subset of independent atoms is independent.
    for place in first..<members.count { _ = orthogonalize(members[place], at: place) }
    residual.update(from: row, count: stride)
    for place in members.indices { project(at: place) }
  }

  /// The coefficients that leave the residual, in the order of the members.
  func coefficients() -> [Double] {
    var solution = [Double](repeating: 0, count: members.count)
    for place in members.indices.reversed() {
      var value = projections[place]
      for later in place + 1..<members.count {
        value -= factor[later * capacity + place] * solution[later]
      }
      solution[place] = value / factor[place * capacity + place]
    }
    return solution
  }

  private func load(_ atom: Int) {
    let source = atoms.atoms.start + atom * stride
    for index in 0..<stride { scratch[index] = Double(source[index]) }
  }

  private mutating func orthogonalize(_ atom: Int, at place: Int) -> Bool {
    load(atom)
    let column = place * capacity
    for index in 0..<place { factor[column + index] = 0 }
    for _ in 0..<2 {
      for index in 0..<place {
        let direction = basis + index * stride
        let component = dot(direction, scratch, stride)
        factor[column + index] += component
        subtract(component, direction, from: scratch, stride)
      }
    }
    let squares = dot(scratch, scratch, stride)
    let length = atoms.lengths[atom]
    guard squares > Self.dependence * length * length else { return false }
    let root = squares.squareRoot()
    factor[column + place] = root
    let direction = basis + place * stride
    for index in 0..<stride { direction[index] = scratch[index] / root }
    return true
  }

  private mutating func project(at place: Int) {
    let direction = basis + place * stride
    projections[place] = dot(direction, residual, stride)
    subtract(projections[place], direction, from: residual, stride)
  }
}
