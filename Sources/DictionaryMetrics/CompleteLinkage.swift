import SparseCoding

/// Agglomeration by the similarity of the most unlike members, along chains of nearest neighbors.
struct CompleteLinkage {
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
