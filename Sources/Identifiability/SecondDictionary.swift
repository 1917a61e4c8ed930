public import SparseCoding

/// Another dictionary with the same reconstructions of the same rows on the same supports.
///
/// Of children `c` and parents `p`, with atoms at length one,
///
///     u_c' = u_c - 2 u_p,   z_p' = z_p + 2 z_c
///
/// and a parent is no child of another, so that all turn at once. At a right angle `u_c'` has a cosine of 0.447 with `u_c`.
///
/// - Source: our own; the impossibility of theorem 3.2 in "Toward Identifiable Sparse Autoencoders", on data.
public struct SecondDictionary: Sendable {
  /// Its atoms, `[atoms, width]`.
  public let atoms: Matrix
  /// The children that turned, with their parents.
  public let turned: [NestedLatents.Pair]
  /// The cosine of every atom with the one that it was.
  public let cosines: [Double]
  /// Of each turned latent its parent, and what the parent's code takes over of its own.
  private let heirs: [Int: (parent: Int32, share: Double)]

  /// The dictionary in which every latent has turned away from a parent that can.
  ///
  /// - Complexity: O(pairs × log pairs + atoms × width).
  public init(_ nested: NestedLatents, on bounded: BoundedAtoms) {
    var (isChild, isParent) = (Set<Int>(), Set<Int>())
    var turned: [NestedLatents.Pair] = []
    // Frequent latents first: what is turned should be seen on many rows.
    let order = nested.pairs.sorted {
      ($1.rows, $0.child, $0.parent) < ($0.rows, $1.child, $1.parent)
    }
    for pair in order
    where !isChild.contains(pair.child) && !isParent.contains(pair.child)
      && !isChild.contains(pair.parent)
    {
      isChild.insert(pair.child)
      isParent.insert(pair.parent)
      turned.append(pair)
    }
    var atoms = bounded.atoms
    var cosines = [Double](repeating: 1, count: bounded.count)
    var heirs: [Int: (parent: Int32, share: Double)] = [:]
    for pair in turned {
      let share = 2 * bounded.lengths[pair.child] / bounded.lengths[pair.parent]
      heirs[pair.child] = (Int32(pair.parent), share)
      for index in 0..<bounded.width {
        let moved = share * Double(bounded.atoms[pair.parent, index])
        atoms[pair.child, index] = Float(Double(bounded.atoms[pair.child, index]) - moved)
      }
      cosines[pair.child] = (1 - 2 * pair.cosine) / (5 - 4 * pair.cosine).squareRoot()
    }
    (self.atoms, self.turned, self.cosines, self.heirs) = (atoms, turned, cosines, heirs)
  }

  /// The codes of rows with this dictionary, for those with the other.
  public func codes(_ codes: SparseCodes) -> SparseCodes {
    var changed = codes
    for row in 0..<codes.rows {
      let entries = codes.entries(ofRow: row)
      for entry in entries {
        guard let heir = heirs[Int(codes.indices[entry])],
          let place = entries.first(where: { codes.indices[$0] == heir.parent })
        else { continue }
        changed.values[place] += Float(heir.share * Double(codes.values[entry]))
      }
    }
    return changed
  }

  /// The largest difference between the two reconstructions of a row, over the length of the one: rounding of floats.
  ///
  /// - Complexity: O(entries × width).
  public func difference(on codes: SparseCodes, of bounded: BoundedAtoms) -> Double {
    let changed = self.codes(codes)
    var greatest = 0.0
    for row in 0..<codes.rows {
      var one = [Double](repeating: 0, count: bounded.width)
      var difference = one
      for entry in codes.entries(ofRow: row) {
        let latent = Int(codes.indices[entry])
        let (value, other) = (Double(codes.values[entry]), Double(changed.values[entry]))
        let (before, after) = (bounded.atoms.row(latent), atoms.row(latent))
        for (index, pair) in zip(before, after).enumerated() {
          one[index] += value * Double(pair.0)
          difference[index] += other * Double(pair.1) - value * Double(pair.0)
        }
      }
      let size = dot(one, one)
      if size > 0 { greatest = max(greatest, (dot(difference, difference) / size).squareRoot()) }
    }
    return greatest
  }
}
