import SparseCoding

/// For each atom of one dictionary its best cosine in another, and with which atom.
public struct BestMatches: Hashable, Sendable {
  /// The best cosine of each atom, in [-1, 1].
  public let cosines: [Float]
  /// The position of the best atom among those searched; of equal ones the first.
  public let partners: [Int]

  /// The best match of each row of `atoms` among the rows of `searched`, all of unit length.
  init(of atoms: Matrix, in searched: Matrix, _ convention: CosineConvention, on compute: Compute) {
    let found = compute.bestMatches(of: atoms, in: searched, absolute: convention == .absolute)
    // Rounding may leave a cosine a few units in the last place above 1.
    cosines = found.values.map { max(-1, min(1, $0)) }
    partners = found.indices.map(Int.init)
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
