public import DictionaryMetrics
public import SparseCoding

/// The greatest cosine of two atoms, and the sums of the greatest of one atom: what bounds the constants of every
/// support from above, and rarely by enough.
///
///     mu = max over i != j of |u_i · u_j|,   mu_1(m) = max over j of the sum of the m largest |u_i · u_j|, i != j
///
/// Every support of `k` atoms has `delta <= mu_1(k - 1) <= (k - 1) mu` (Gershgorin). By Welch's bound `mu` is at least
/// `sqrt((n - d) / (d (n - 1)))`.
///
/// - Source: Donoho and Elad 2003; Tropp 2004, Greed is good, section 4 (the Babel function).
public struct Coherence: Hashable, Sendable {
  /// What `mu` is at most.
  public var coherence: Double
  /// The two atoms with the greatest cosine found.
  public var pair: [Int]
  /// Their cosine, with its sign.
  public var cosine: Double
  /// Of each atom the one with the largest cosine, its sign counted; nil where there is no other.
  public var nearest: [Neighbour?]

  /// An atom near another.
  public struct Neighbour: Hashable, Sendable {
    /// The atom.
    public var atom: Int
    /// Their cosine.
    public var cosine: Double
  }

  /// Of each atom the one with the most negative cosine; nil where there is none.
  public var opposite: [Neighbour?]
  /// What `mu_1(m)` is at most, `m` from 0.
  public var babel: [Double]

  /// The coherence of atoms, and their Babel function up to `m`.
  ///
  /// - Complexity: O(atoms² × width) in floats.
  public init(of bounded: BoundedAtoms, upTo most: Int, on compute: Compute) {
    let count = bounded.count
    let most = max(0, min(most, count - 1))
    let units = bounded.units
    let block = max(1, min(count, (1 << 22) / max(count, 1)))
    var sums = [Double](repeating: 0, count: most + 1)
    var best: (value: Float, atoms: [Int]) = (-1, [])
    var nearest = [Neighbour?](repeating: nil, count: count)
    var opposite = nearest
    for start in stride(from: 0, to: count, by: block) {
      let rows = Array(start..<min(start + block, count))
      let products = compute.product(units.selecting(rows: rows), units)
      var largest = [[Float]](repeating: [], count: rows.count)
      var first = [(near: Int, far: Int)](repeating: (0, 0), count: rows.count)
      largest.withUnsafeMutableBufferPointer { largest in
        first.withUnsafeMutableBufferPointer { first in
          nonisolated(unsafe) let (largest, first) = (largest, first)
          compute.pool.run(units: rows.count) { place, _ in
            var cosines = Array(products.row(place))
            cosines[rows[place]] = 0
            let others = cosines.indices.filter { $0 != rows[place] }
            first[place] = (
              others.max { (cosines[$0], $1) < (cosines[$1], $0) } ?? -1,
              others.min { (cosines[$0], $0) < (cosines[$1], $1) } ?? -1
            )
            largest[place] = Self.largest(most, of: cosines)
          }
        }
      }
      for (place, values) in largest.enumerated() {
        if first[place].near >= 0 {
          nearest[rows[place]] = Neighbour(
            atom: first[place].near, cosine: bounded.cosine(rows[place], first[place].near))
          opposite[rows[place]] = Neighbour(
            atom: first[place].far, cosine: bounded.cosine(rows[place], first[place].far))
        }
        if let value = values.first, value > best.value {
          let isNegative = -products[place, first[place].far] == value
          best = (value, [rows[place], isNegative ? first[place].far : first[place].near].sorted())
        }
        var sum = 0.0
        for (index, value) in values.enumerated() {
          sum += Double(value) + bounded.productError
          sums[index + 1] = max(sums[index + 1], sum)
        }
      }
    }
    (self.nearest, self.opposite) = (nearest, opposite)
    pair = best.atoms
    cosine = best.atoms.isEmpty ? 0 : bounded.cosine(best.atoms[0], best.atoms[1])
    babel = sums
    coherence = most > 0 ? sums[1] : 0
  }

  /// The atom nearest to one: of codes with signs an opposite one is as near.
  public func neighbour(of atom: Int, convention: CosineConvention) -> Neighbour? {
    guard convention == .absolute, let far = opposite[atom], let near = nearest[atom],
      -far.cosine > near.cosine
    else { return nearest[atom] }
    return far
  }

  /// The largest magnitudes, in descending order.
  private static func largest(_ count: Int, of values: [Float]) -> [Float] {
    var kept: [Float] = []
    kept.reserveCapacity(count + 1)
    for value in values {
      let value = abs(value)
      if kept.count == count {
        guard let least = kept.last, value > least else { continue }
        kept.removeLast()
      }
      let place = kept.firstIndex { $0 < value } ?? kept.count
      kept.insert(value, at: place)
    }
    return kept
  }
}
