import DictionaryMetrics
import SparseCoding

/// The active latents of a row, for atoms at length one.
struct ActiveSet {
  private(set) var support: [Int] = []
  private(set) var signs: [Double] = []
  /// The magnitudes of the code, `|d| |z|`.
  private(set) var sizes: [Double] = []
  /// `s S` of each.
  private(set) var pulls: [Double] = []

  init(
    _ codes: SparseCodes, _ row: Int, _ residual: [Double], _ atoms: BoundedAtoms, lambda: Double
  ) {
    for entry in codes.entries(ofRow: row) where codes.values[entry] != 0 {
      let atom = Int(codes.indices[entry])
      let value = Double(codes.values[entry])
      support.append(atom)
      signs.append(value < 0 ? -1 : 1)
      sizes.append(abs(value) * atoms.lengths[atom])
      pulls.append((value < 0 ? -1 : 1) * atoms.product(atom, residual) / lambda)
    }
  }

  /// What is left of the condition of residuals, relative to it, and the energy that it asks for; nil where the atoms
  /// depend on each other or none is active.
  func residualError(_ atoms: BoundedAtoms, lambda: Double) -> (error: Double, share: Double)? {
    guard !support.isEmpty, support.count <= atoms.width,
      let factor = CholeskyFactor(of: atoms.gram(of: support), order: support.count)
    else { return nil }
    let asked = dot(signs, factor.solution(signs))
    // The part of r in the span has the products s S with the atoms.
    let off = zip(signs, pulls).map { $0 * ($1 - 1) }
    let left = max(0, dot(off, factor.solution(off)))
    return ((left / asked).squareRoot(), lambda * lambda * asked)
  }
}

/// What silent latents say of rows.
struct SilentLatents {
  /// The largest `|S| - 1` of each row, at least 0.
  private(set) var excess: [Double]
  /// The share of silent latents above 1.001.
  let missed: Double

  init(
    _ left: CodeResiduals, _ codes: SparseCodes, _ atoms: BoundedAtoms, lambda: Double,
    isSigned: Bool, _ compute: Compute
  ) {
    let products = compute.product(left.matrix(width: atoms.width), atoms.units)
    var found = [(excess: Double, above: Int, silent: Int)](repeating: (0, 0, 0), count: codes.rows)
    found.withUnsafeMutableBufferPointer { found in
      nonisolated(unsafe) let found = found
      compute.pool.run(units: codes.rows) { row, _ in
        let active = Set(codes.entries(ofRow: row).map { Int(codes.indices[$0]) })
        // What a float product and the rounding of the residual may be off by.
        let slack =
          (atoms.productError + 0x1p-23)
          * dot(left.residuals[row], left.residuals[row]).squareRoot()
        var greatest = 0.0
        for (atom, product) in products.row(row).enumerated() where !active.contains(atom) {
          found[row].silent += 1
          let near = isSigned ? abs(product) : product
          // What a float leaves open is computed again.
          guard Double(near) + slack > lambda else { continue }
          let exact = atoms.product(atom, left.residuals[row]) / lambda
          let pull = isSigned ? abs(exact) : exact
          if pull > 1.001 { found[row].above += 1 }
          greatest = max(greatest, pull - 1)
        }
        found[row].excess = greatest
      }
    }
    excess = found.map(\.excess)
    missed =
      Double(found.reduce(0) { $0 + $1.above }) / Double(max(1, found.reduce(0) { $0 + $1.silent }))
  }
}

/// Sums over the rows on which each latent is active.
struct LatentSums {
  /// The latents that are active at all, and on how many rows each is.
  private(set) var used: [Int] = []
  private(set) var counts: [Int]
  /// The sums of `|d| |z|`, of `s S - 1`, and of `|s S - 1| |x - b|`.
  private(set) var activities, off: [Double]
  private var inputSizes: [Double]
  /// The sums of `|d| z r` and of `(s S - 1) (x - b)`.
  private var pushes, inputs: [[Double]]
  /// The rows on which each latent is active, and its place in them.
  private var places: [[(row: Int, place: Int)]]

  init(_ active: [ActiveSet], _ left: CodeResiduals, _ atoms: BoundedAtoms) {
    let zero = [Double](repeating: 0, count: atoms.width)
    counts = [Int](repeating: 0, count: atoms.count)
    (activities, off) = (counts.map(Double.init), counts.map(Double.init))
    inputSizes = activities
    pushes = [[Double]](repeating: [], count: atoms.count)
    inputs = pushes
    places = [[(row: Int, place: Int)]](repeating: [], count: atoms.count)
    for (row, set) in active.enumerated() {
      let input = left.goals[row]
      let inputSize = dot(input, input).squareRoot()
      for (place, atom) in set.support.enumerated() {
        if counts[atom] == 0 { (pushes[atom], inputs[atom]) = (zero, zero) }
        let (code, error) = (set.signs[place] * set.sizes[place], set.pulls[place] - 1)
        counts[atom] += 1
        activities[atom] += set.sizes[place]
        off[atom] += error
        inputSizes[atom] += abs(error) * inputSize
        places[atom].append((row, place))
        for index in zero.indices {
          pushes[atom][index] += code * left.residuals[row][index]
          inputs[atom][index] += error * input[index]
        }
      }
    }
    used = counts.indices.filter { counts[$0] > 0 }
  }

  func atomError(_ atom: Int, _ atoms: BoundedAtoms, lambda: Double) -> Double {
    var square = 0.0
    let scale = lambda * activities[atom]
    for (push, value) in zip(pushes[atom], atoms.atoms.row(atom)) {
      let left = push - scale * Double(value) / atoms.lengths[atom]
      square += left * left
    }
    return square.squareRoot() / scale
  }

  func relativeInput(_ atom: Int) -> Double {
    inputSizes[atom] > 0
      ? dot(inputs[atom], inputs[atom]).squareRoot() / inputSizes[atom] : 0
  }

  /// What is left of the condition of each ordered pair that is ever on together.
  func pairErrors(
    _ active: [ActiveSet], _ atoms: BoundedAtoms, lambda: Double, _ compute: Compute
  ) -> [Double] {
    var found = [[Double]](repeating: [], count: atoms.count)
    found.withUnsafeMutableBufferPointer { found in
      nonisolated(unsafe) let found = found
      compute.pool.run(units: atoms.count) { child, _ in
        guard counts[child] > 0 else { return }
        // Of each latent that is on with it: the sums of z_j, and of z_j S_k, over those rows.
        var together: [Int: (activity: Double, pulled: Double)] = [:]
        for (row, place) in places[child] {
          let set = active[row]
          for (other, latent) in set.support.enumerated() where latent != child {
            together[latent, default: (0, 0)].activity += set.sizes[place]
            together[latent, default: (0, 0)].pulled += set.sizes[place] * set.pulls[other]
          }
        }
        for (parent, sums) in together.sorted(by: { $0.key < $1.key }) {
          let pulled = atoms.product(parent, pushes[child]) / lambda
          let asked = (sums.activity + pulled - sums.pulled) / activities[child]
          found[child].append(atoms.cosine(child, parent) - asked)
        }
      }
    }
    return found.flatMap { $0 }
  }
}
