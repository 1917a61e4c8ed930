public import SparseCoding

/// Latents that fire only where another does, and what that leaves open.
///
/// Where latent `p` is active on every row on which `c` is, for any number `t`
///
///     d_c' = d_c - t d_p,   z_p' = z_p + t z_c
///
/// changes no reconstruction and, but for a sum that happens to be zero, no support: the rows cannot tell the two
/// dictionaries apart. Nonnegative codes allow every `t > 0`, which turns the child away from its parent, and
/// `t > -min z_p / z_c`, which turns it towards it. The latter makes the codes smaller: with atoms at length one and `e = -t`
///
///     sum of |z|  falls by  (sum of z_c) (1 + e - |u_c + e u_p|)  =  e (sum of z_c) (1 - u_c · u_p) at first
///
/// - Source: the descent: "How optimality structures sparse dictionaries", hierarchies; the other direction is its inverse.
/// - Complexity: O(entries × k) at most; a latent that has no parent after some rows is done with. Eight pairs a child at most
///   are kept.
public struct NestedLatents: Hashable, Sendable {
  /// The children with their parents, by the child; of more than eight parents those to which turning saves most.
  public let pairs: [Pair]
  /// The sum of `|d| |z|` over all rows and latents.
  public let size: Double

  /// A latent that fires only where another does.
  public struct Pair: Hashable, Sendable {
    /// The latents.
    public var child, parent: Int
    /// The rows on which the child is active.
    public var rows: Int
    /// The cosine of their atoms.
    public var cosine: Double
    /// The sum of the child's `|d| |z|`.
    public var activity: Double
    /// The smallest `|d_p| |z_p| / (|d_c| |z_c|)`: how far the child can turn to its parent.
    public var reach: Double

    /// What turning all of the way takes off the sum of `|d| |z|`, for nonnegative codes.
    public var saving: Double {
      // activity (1 + reach - |u_c + reach u_p|), as a quotient in which nothing cancels.
      let turned = max(0, 1 + 2 * reach * cosine + reach * reach).squareRoot()
      return activity * 2 * reach * max(0, 1 - cosine) / (1 + reach + turned)
    }
    /// What it takes off at first.
    public var slope: Double { activity * max(0, 1 - cosine) }
  }

  /// The pairs of codes, with their columns.
  ///
  /// - Precondition: As many latents as atoms.
  public init(
    of codes: SparseCodes, columns: CodeColumns, on atoms: BoundedAtoms, compute: Compute
  ) {
    precondition(codes.latents == atoms.count, "\(codes.latents) latents, \(atoms.count) atoms")
    var found = [(pairs: [Pair], size: Double)](repeating: ([], 0), count: codes.latents)
    found.withUnsafeMutableBufferPointer { found in
      nonisolated(unsafe) let found = found
      compute.pool.run(units: codes.latents) { child, _ in
        found[child] = Self.above(child, codes, columns, atoms)
      }
    }
    pairs = found.flatMap(\.pairs)
    size = found.reduce(0) { $0 + $1.size }
  }

  private static func above(
    _ child: Int, _ codes: SparseCodes, _ columns: CodeColumns, _ atoms: BoundedAtoms
  ) -> (pairs: [Pair], size: Double) {
    let entries = columns.entries(of: child)
    let length = atoms.lengths[child]
    let activity = entries.reduce(0) { $0 + length * Double(abs(columns.values[$1])) }
    /// The latents on in all rows so far, ascending, and how far the child can turn to each.
    var left: [(latent: Int32, reach: Double)] = []
    for (place, entry) in entries.enumerated() {
      let own = length * Double(abs(columns.values[entry]))
      let others = codes.entries(ofRow: Int(columns.rows[entry]))
      if place == 0 {
        left = others.map { (codes.indices[$0], .infinity) }.filter { $0.latent != Int32(child) }
      }
      var (kept, other) = (0, others.lowerBound)
      for (latent, reach) in left {
        while other < others.upperBound && codes.indices[other] < latent { other += 1 }
        guard other < others.upperBound else { break }
        guard codes.indices[other] == latent else { continue }
        let here = atoms.lengths[Int(latent)] * Double(abs(codes.values[other])) / own
        left[kept] = (latent, min(reach, here))
        kept += 1
      }
      left.removeSubrange(kept...)
      if left.isEmpty { break }
    }
    let pairs = left.map { parent, reach in
      Pair(
        child: child, parent: Int(parent), rows: entries.count,
        cosine: atoms.cosine(child, Int(parent)), activity: activity, reach: reach)
    }
    guard pairs.count > 8 else { return (pairs, activity) }
    let best = pairs.sorted { ($1.saving, $0.parent) < ($0.saving, $1.parent) }.prefix(8)
    return (best.sorted { $0.parent < $1.parent }, activity)
  }
}
