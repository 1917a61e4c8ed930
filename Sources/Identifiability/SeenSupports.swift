public import SparseCoding

/// The supports that were seen, and the smallest singular value of as many codes of each as it has atoms, at least.
///
/// Of atoms at length one. A support that was seen on fewer rows than it has atoms shows nothing.
///
/// - Source: "Toward Identifiable Sparse Autoencoders", assumption 3.5.
/// - Complexity: O(entries + rows × k²), and O(k³) for each support that was seen often enough.
public struct SeenSupports: Hashable, Sendable {
  /// The supports that were seen, and those of them that were seen on as many rows as they have atoms.
  public let supports, determined: Int
  /// `zeta` of all, at least; 0 where one was not seen often enough.
  public let zeta: Double

  /// The supports of codes.
  ///
  /// - Precondition: As many latents as atoms.
  public init(of codes: SparseCodes, on atoms: BoundedAtoms) {
    precondition(codes.latents == atoms.count, "\(codes.latents) latents, \(atoms.count) atoms")
    let groups = Dictionary(
      grouping: (0..<codes.rows).filter { !codes.entries(ofRow: $0).isEmpty }
    ) { codes.indices[codes.entries(ofRow: $0)] }
    supports = groups.count
    let often = groups.filter { $0.value.count >= $0.key.count }
    determined = often.count
    zeta =
      determined < supports
      ? 0 : often.values.map { Self.smallestValue(of: $0, codes, atoms) }.min() ?? 0
  }

  /// A number that the smallest singular value of some of the rows' codes, as many as atoms, is not below.
  private static func smallestValue(
    of rows: [Int], _ codes: SparseCodes, _ atoms: BoundedAtoms
  ) -> Double {
    let all = rows.map { row in
      codes.entries(ofRow: row).map {
        Double(codes.values[$0]) * atoms.lengths[Int(codes.indices[$0])]
      }
    }
    let chosen = farthest(of: all)
    let order = chosen.count
    var gram = [Double](repeating: 0, count: order * order)
    for row in 0..<order {
      for column in 0..<order { gram[row * order + column] = dot(chosen[row], chosen[column]) }
    }
    let size = (0..<order).map { gram[$0 * order + $0] }.max() ?? 0
    let bounds = EigenvalueBounds(
      of: gram, order: order, entryError: Double(order + 4) * 0x1p-52 * size)
    return max(0, bounds.least.lowerBound).squareRoot()
  }

  /// As many codes as they have atoms, each the farthest from the span of those before.
  private static func farthest(of codes: [[Double]]) -> [[Double]] {
    var left = codes
    return (0..<(codes.first?.count ?? 0)).map { _ in
      let sizes = left.map { dot($0, $0) }
      let place = sizes.indices.max { (sizes[$0], $1) < (sizes[$1], $0) } ?? 0
      let (direction, size) = (left[place], sizes[place])
      if size > 0 {
        for other in left.indices {
          let share = dot(left[other], direction) / size
          for index in direction.indices { left[other][index] -= share * direction[index] }
        }
      }
      return codes[place]
    }
  }
}
