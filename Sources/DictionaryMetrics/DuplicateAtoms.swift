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
    var roots = Array(0..<atoms.rows)
    func root(_ row: Int) -> Int {
      var row = row
      while roots[row] != row {
        roots[row] = roots[roots[row]]
        row = roots[row]
      }
      return row
    }
    let block = 256
    for start in stride(from: 0, to: atoms.rows, by: block) {
      let chosen = start..<min(start + block, atoms.rows)
      let cosines = OneToOneMatching.similarities(
        atoms.selecting(rows: chosen), atoms, convention, on: compute)
      for row in chosen {
        let line = cosines.row(row - start)
        for (other, cosine) in line.prefix(row).enumerated() where cosine >= threshold {
          let (a, b) = (root(row), root(other))
          roots[max(a, b)] = min(a, b)
        }
      }
    }
    var groups: [Int: [Int]] = [:]
    for row in 0..<atoms.rows { groups[root(row), default: []].append(row) }
    return groups.values.sorted { $0[0] < $1[0] }
  }
}

/// Agglomeration by the similarity of the most unlike members, along chains of nearest neighbors.
private struct CompleteLinkage {
  /// Similarities of active clusters, `[count, count]`; a joined cluster lives on in its first row.
  private var similarity: Matrix
  private var members: [[Int]]
  private var active: [Int]

  init(_ similarity: Matrix) {
    self.similarity = similarity
    members = (0..<similarity.rows).map { [$0] }
    active = Array(0..<similarity.rows)
  }

  /// Joins clusters while any two are at least so similar; the members of each, ascending.
  mutating func clusters(atLeast threshold: Float) -> [[Int]] {
    var finished: [[Int]] = []
    var chain: [Int] = []
    while let start = active.first {
      if chain.isEmpty { chain = [start] }
      let tip = chain[chain.count - 1]
      let previous = chain.count > 1 ? chain[chain.count - 2] : nil
      let nearest = nearest(to: tip, preferring: previous)
      guard let nearest, similarity[tip, nearest] >= threshold else {
        // Joins elsewhere can only lower its similarities: nobody will ever be near enough.
        finished.append(members[tip].sorted())
        active.removeAll { $0 == tip }
        chain.removeAll()
        continue
      }
      if nearest == previous {
        join(min(tip, nearest), max(tip, nearest))
        chain.removeLast(2)
      } else {
        chain.append(nearest)
      }
    }
    return finished
  }

  /// The most similar active cluster; of equal ones the one before in the chain, then the first.
  private func nearest(to cluster: Int, preferring previous: Int?) -> Int? {
    var best = previous
    for other in active where other != cluster {
      guard let current = best else {
        best = other
        continue
      }
      if similarity[cluster, other] > similarity[cluster, current] { best = other }
    }
    return best
  }

  private mutating func join(_ kept: Int, _ absorbed: Int) {
    members[kept] += members[absorbed]
    members[absorbed] = []
    active.removeAll { $0 == absorbed }
    for other in active where other != kept {
      let least = min(similarity[kept, other], similarity[absorbed, other])
      similarity[kept, other] = least
      similarity[other, kept] = least
    }
  }
}
