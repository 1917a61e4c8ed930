public import SparseCoding

/// Groups of atoms so alike that they count as one.
///
/// Complete-linkage clusters: within a cluster every two atoms have a cosine of at least the threshold,
/// and no two clusters could be joined without breaking that. Clusters join in the order of their
/// similarity, which for two clusters is that of their most unlike members.
///
/// - Complexity: O(live² × width) for the cosines, then O(m²) time and memory for each set of `m` atoms
///   that a chain of similar atoms connects.
/// - Source: Defays 1977; nearest-neighbor chains, Murtagh 1983 (the same clusters, unless cosines tie).
/// - Elsewhere: overcomplete `dictionary_collinearity` (only the greatest cosine); SAELens
///   `feature_uniqueness` (distinct best matches among planted features / latents); SciPy `linkage(method="complete")`.
public struct DuplicateAtoms: Hashable, Sendable {
  /// The latents of each cluster, singles included: ascending, clusters by their first latent.
  public let clusters: [[Int]]

  /// The number of clusters: how many atoms there are when duplicates count once.
  public var distinctAtoms: Int { clusters.count }

  /// The duplicates among the live atoms of a dictionary.
  ///
  /// - Precondition: The threshold is positive.
  public init(
    among atoms: UnitAtoms, convention: CosineConvention, threshold: Float = 0.9,
    on compute: Compute
  ) {
    precondition(threshold > 0, "atoms at a cosine of \(threshold) are no duplicates")
    let groups = Self.connected(atoms.live, convention, threshold, on: compute)
    clusters = groups.flatMap { group -> [[Int]] in
      guard group.count > 1 else { return [group] }
      let members = atoms.live.selecting(rows: group)
      let cosines = OneToOneMatching.similarities(members, members, convention, on: compute)
      var linkage = CompleteLinkage(cosines)
      return linkage.clusters(atLeast: threshold).map { $0.map { group[$0] } }
    }
    .map { $0.map { atoms.liveLatents[$0] } }
    .sorted { $0[0] < $1[0] }
  }

  /// The sets of rows that chains of pairs at or above the threshold connect, each ascending.
  private static func connected(
    _ atoms: Matrix, _ convention: CosineConvention, _ threshold: Float, on compute: Compute
  ) -> [[Int]] {
    var chains = Chains(of: atoms.rows)
    let block = 256
    for start in stride(from: 0, to: atoms.rows, by: block) {
      let chosen = start..<min(start + block, atoms.rows)
      let cosines = OneToOneMatching.similarities(
        atoms.selecting(rows: chosen), atoms, convention, on: compute)
      for row in chosen {
        let line = cosines.row(row - start)
        for (other, cosine) in line.prefix(row).enumerated() where cosine >= threshold {
          chains.connect(row, other)
        }
      }
    }
    return chains.groups()
  }
}
