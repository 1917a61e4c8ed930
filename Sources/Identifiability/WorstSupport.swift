public import SparseCoding

extension BoundedAtoms {
  /// The atoms of the worst support of a size that a search finds: what bounds the constants of all supports of that
  /// size from one side.
  ///
  /// Grown from a pair, atom by atom: with `v` the eigenvector of the smallest eigenvalue (or of the largest) of the
  /// support so far, the next atom is the one with the largest `|u_j · sum over i of v_i u_i|`. Then the atom with the
  /// smallest part in the vector is exchanged for the best of the others as long as that helps.
  ///
  /// - Parameter isLeast: Whether it is the smallest eigenvalue that is made small; else the largest is made large.
  /// - Precondition: From 2 atoms to all.
  /// - Complexity: O(size × (atoms × width + size³)).
  public func worstSupport(
    of size: Int, from pair: (Int, Int), isLeast: Bool, on compute: Compute
  ) -> [Int] {
    precondition(size >= 2 && size <= count, "a support of \(size) of \(count) atoms")
    var search = SupportSearch(self, pair, isLeast: isLeast)
    while search.support.count < size { search.add(on: compute) }
    for _ in 0..<size where size < count {
      var changed = search
      changed.removeWeakest()
      changed.add(on: compute)
      guard changed.isWorse(than: search) else { break }
      search = changed
    }
    return search.support.sorted()
  }
}

/// A support on its way to be the worst.
private struct SupportSearch {
  private(set) var support: [Int]
  private let bounded: BoundedAtoms
  private let isLeast: Bool
  /// The cosines, a row an atom.
  private var gram: [[Double]]
  private var vector: [Double] = []
  private var value = 0.0

  init(_ bounded: BoundedAtoms, _ pair: (Int, Int), isLeast: Bool) {
    self.bounded = bounded
    self.isLeast = isLeast
    support = [pair.0, pair.1]
    let cosine = bounded.cosine(pair.0, pair.1)
    gram = [[1, cosine], [cosine, 1]]
    vector = [1, isLeast == (cosine > 0) ? -1 : 1]
    settle()
  }

  func isWorse(than other: SupportSearch) -> Bool {
    isLeast ? value < other.value : value > other.value
  }

  /// Adds the atom with the largest product with the eigenvector's direction.
  mutating func add(on compute: Compute) {
    let sum = bounded.sum(support, vector)
    let goal = Matrix(rows: 1, columns: sum.count, values: sum.map { Float($0) })
    let products = compute.product(goal, bounded.units)
    let taken = Set(support)
    var best = (atom: -1, value: -Float.infinity)
    for atom in 0..<bounded.count where abs(products[0, atom]) > best.value && !taken.contains(atom)
    {
      best = (atom, abs(products[0, atom]))
    }
    let cosines = support.map { bounded.cosine(best.atom, $0) }
    for row in gram.indices { gram[row].append(cosines[row]) }
    gram.append(cosines + [1])
    support.append(best.atom)
    // What it adds at first order, so that the iteration begins near its end.
    vector.append((products[0, best.atom] < 0) == isLeast ? 0.1 : -0.1)
    settle()
  }

  /// Removes the atom with the smallest part.
  mutating func removeWeakest() {
    let weakest = vector.indices.min { abs(vector[$0]) < abs(vector[$1]) } ?? 0
    support.remove(at: weakest)
    vector.remove(at: weakest)
    gram.remove(at: weakest)
    for row in gram.indices { gram[row].remove(at: weakest) }
    settle()
  }

  /// The eigenvector by power iteration, inverse for the smallest; near it is enough for a search.
  private mutating func settle() {
    let order = support.count
    var factor: CholeskyFactor?
    if isLeast {
      var flat = Array(gram.joined())
      for row in 0..<order { flat[row * order + row] += 1e-10 }
      factor = CholeskyFactor(of: flat, order: order)
    }
    for _ in 0..<(isLeast ? 6 : 30) {
      let next = factor?.solution(vector) ?? (isLeast ? vector : gram.map { dot($0, vector) })
      let length = dot(next, next).squareRoot()
      vector = next.map { $0 / length }
    }
    value = dot(gram.map { dot($0, vector) }, vector)
  }
}
