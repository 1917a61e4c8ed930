import SparseCoding

/// For each atom of one dictionary its best cosine in another, and with which atom.
public struct BestMatches: Hashable, Sendable {
  /// The best cosine of each atom, in [-1, 1].
  public let cosines: [Float]
  /// The position of the best atom among those searched; of equal ones the first.
  public let partners: [Int]

  /// The best match of each row of `atoms` among the rows of `searched`, all of unit length.
  init(of atoms: Matrix, in searched: Matrix, _ convention: CosineConvention, on compute: Compute) {
    let isWide = atoms.rows * searched.rows >= Self.screenedPairs
    let found =
      isWide
      ? Self.screened(atoms, searched, convention, on: compute)
      : compute.bestMatches(of: atoms, in: searched, absolute: convention == .absolute)
    // Rounding may leave a cosine a few units in the last place above 1.
    cosines = found.values.map { max(-1, min(1, $0)) }
    partners = found.indices.map(Int.init)
  }

  /// From so many pairs of atoms on a screen of bytes is faster than the product of floats.
  static let screenedPairs = 1 << 26

  /// The best match by an exact screen; rows that have no positive cosine are searched again.
  static func screened(
    _ atoms: Matrix, _ searched: Matrix, _ convention: CosineConvention, on compute: Compute
  ) -> (values: [Float], indices: [Int32]) {
    let search = AtomSearch(
      first: atoms, second: searched, convention: convention, compute: compute)
    let found = search.largest(
      1, for: Array(0..<atoms.rows), biases: [Float](repeating: 0, count: searched.rows))
    var values = [Float](repeating: 0, count: atoms.rows)
    var indices = [Int32](repeating: 0, count: atoms.rows)
    var without: [Int] = []
    for row in 0..<atoms.rows {
      if let entry = found.entries(ofRow: row).first {
        values[row] = found.values[entry]
        indices[row] = found.indices[entry] % Int32(searched.rows)
      } else {
        without.append(row)
      }
    }
    let rest = compute.bestMatches(
      of: atoms.selecting(rows: without), in: searched, absolute: convention == .absolute)
    for (place, row) in without.enumerated() {
      (values[row], indices[row]) = (rest.values[place], rest.indices[place])
    }
    return (values, indices)
  }

  /// The mean best cosine, `mmcs` in one direction; `nan` without atoms.
  public var mean: Double {
    cosines.reduce(0.0) { $0 + Double($1) } / Double(cosines.count)
  }
}

/// The best matches of two dictionaries in each other.
public struct MutualMatches: Hashable, Sendable {
  /// The first dictionary's atoms in the second.
  public let firstInSecond: BestMatches
  /// The second dictionary's atoms in the first.
  public let secondInFirst: BestMatches

  init(_ first: Matrix, _ second: Matrix, _ convention: CosineConvention, on compute: Compute) {
    firstInSecond = BestMatches(of: first, in: second, convention, on: compute)
    secondInFirst = BestMatches(of: second, in: first, convention, on: compute)
  }

  /// The mean of both directions' means.
  public var mmcs: Double { (firstInSecond.mean + secondInFirst.mean) / 2 }

  /// For each atom of the first whether its best match has it for its own best match.
  ///
  /// Of atoms of one direction at most the first can be: a pair of mutual best matches is one to one.
  public var isMutual: [Bool] {
    firstInSecond.partners.enumerated().map { secondInFirst.partners[$1] == $0 }
  }
}
