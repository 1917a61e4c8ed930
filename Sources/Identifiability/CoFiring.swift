public import SparseCoding

/// Which latents fire only where another does.
///
///     a_kj = (sum over rows with z_k != 0 of |z_j|) / (sum over rows of |z_j|)
///
/// the share of `j`'s activity that falls where `k` is on. At an exact optimum with a nonnegative L1 penalty
/// `d_j · d_k >= a_kj - (1 - a_kj) max |r| / lambda`, so that a latent that fires only where another does has the same
/// atom: no two distinct atoms are parent and child. Two atoms near each other that hardly fire together are what is left
/// where one has absorbed the other.
///
/// A pair counts as parent and child where the child fires on at least 30 rows, the parent on half of all or fewer (by
/// chance it would then be on at all of 30 rows once in a thousand million), `a` is above 0.95 and the cosine is below
/// 0.9; where rounding leaves that open, it does not.
///
/// - Complexity: O(rows × k²) for the pairs, and a cosine for each with an `a` of 0.2 or more.
/// - Source: "How optimality structures sparse dictionaries", condition C3 and its corollary on hierarchies.
public struct CoFiring: Hashable, Sendable {
  /// Of each latent the one that is on for the largest share of its activity; nil where it fires alone.
  public let parents: [Parent?]
  /// The pairs with an `a` of 0.2 or more, by child and then parent; of each child the 20 with the largest at most.
  public let pairs: [Pair]
  /// Those of parent and child, by the child's activity, largest first.
  public let hierarchy: [Pair]
  /// The pairs of which rounding leaves open whether they are parent and child.
  public let undecided: Int

  /// A latent that is on where another fires.
  public struct Parent: Hashable, Sendable {
    /// The latent.
    public var latent: Int
    /// `a`.
    public var share: Double
  }

  /// A latent that fires where another does.
  public struct Pair: Hashable, Sendable {
    /// The latents.
    public var parent, child: Int
    /// The rows on which the child fires.
    public var rows: Int
    /// `a`.
    public var share: Double
    /// The cosine of their atoms.
    public var cosine: Double
    /// The sum of the child's activity.
    public var activity: Double
  }

  /// The pairs of codes, with their columns.
  ///
  /// - Precondition: As many latents as atoms.
  public init(
    of codes: SparseCodes, columns: CodeColumns, on atoms: BoundedAtoms, compute: Compute
  ) {
    precondition(codes.latents == atoms.count, "\(codes.latents) latents, \(atoms.count) atoms")
    let most = codes.rows / 2
    let isSparse = (0..<codes.latents).map { columns.entries(of: $0).count <= most }
    var found = [Found](repeating: Found(), count: codes.latents)
    found.withUnsafeMutableBufferPointer { found in
      nonisolated(unsafe) let found = found
      compute.pool.run(units: codes.latents) { child, _ in
        found[child] = Found(child, codes, columns, isSparse, atoms)
      }
    }
    parents = found.map(\.parent)
    pairs = found.flatMap(\.pairs)
    undecided = found.reduce(0) { $0 + $1.undecided }
    hierarchy = found.flatMap(\.parents).sorted {
      ($1.activity, $0.child, $0.parent) < ($0.activity, $1.child, $1.parent)
    }
  }

  /// What is found of one child.
  private struct Found {
    var parent: Parent?
    /// Those of which it is the child, and all with a large share.
    var parents: [Pair] = []
    var pairs: [Pair] = []
    var undecided = 0

    init() {}

    init(
      _ child: Int, _ codes: SparseCodes, _ columns: CodeColumns, _ isSparse: [Bool],
      _ atoms: BoundedAtoms
    ) {
      var sums: [Int32: Double] = [:]
      var whole = 0.0
      let entries = columns.entries(of: child)
      for entry in entries {
        let activity = Double(abs(columns.values[entry]))
        whole += activity
        for other in codes.entries(ofRow: Int(columns.rows[entry])) {
          sums[codes.indices[other], default: 0] += activity
        }
      }
      sums[Int32(child)] = nil
      guard whole > 0, let first = sums.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })
      else { return }
      parent = Parent(latent: Int(first.key), share: first.value / whole)
      let all = sums.filter { $0.value >= 0.2 * whole }.map { latent, sum in
        Pair(
          parent: Int(latent), child: child, rows: entries.count, share: sum / whole,
          cosine: atoms.cosine(child, Int(latent)), activity: whole)
      }.sorted { ($1.share, $0.parent) < ($0.share, $1.parent) }
      pairs = all.prefix(20).sorted { $0.parent < $1.parent }
      // Sums of as many numbers as there are rows, and cosines, are off by less.
      let (shareError, cosineError) = (Double(codes.rows) * 0x1p-51, atoms.cosineError)
      let near = all.filter { pair in
        pair.rows >= 30 && isSparse[pair.parent] && pair.share > 0.95 - shareError
          && pair.cosine < 0.9 + cosineError
      }
      parents = near.filter { $0.share > 0.95 + shareError && $0.cosine < 0.9 - cosineError }
      undecided = near.count - parents.count
    }
  }
}
