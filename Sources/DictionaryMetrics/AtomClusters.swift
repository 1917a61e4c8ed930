public import SparseCoding

/// The atoms that several dictionaries have in common: groups with at most one atom of each.
///
/// Two atoms of different dictionaries that are each other's best match at the threshold or above are linked.
/// Of what chains of links connect, complete-linkage clusters are formed, in which every two members have a
/// cosine of at least the threshold; clusters that both have an atom of one dictionary never join. So the
/// number of members is the number of dictionaries in which an atom recurs.
///
/// Neither the order of the dictionaries nor that of their atoms matters, unless cosines tie.
///
/// - Complexity: O(live² × width) for each pair of dictionaries, then O(m²) time and memory for each `m` atoms
///   that links connect.
/// - Source: Defays 1977, for complete linkage; the links keep it from joining what merely lies near.
/// - Elsewhere: scikit-learn `AgglomerativeClustering(linkage="complete")` on cosine distances, which knows
///   no links and lets one dictionary have several members.
public struct AtomClusters: Hashable, Sendable {
  /// An atom of one of the dictionaries.
  public struct Member: Hashable, Comparable, Sendable {
    /// The place of the dictionary, and the latent in it.
    public let dictionary, latent: Int

    /// The atom of a latent.
    public init(dictionary: Int, latent: Int) {
      self.dictionary = dictionary
      self.latent = latent
    }

    /// Dictionary by dictionary, latents ascending.
    public static func < (a: Member, b: Member) -> Bool {
      (a.dictionary, a.latent) < (b.dictionary, b.latent)
    }
  }

  /// The number of dictionaries.
  public let dictionaries: Int
  /// The members of each cluster, singles included: ascending, clusters by their first member.
  public let clusters: [[Member]]

  /// How many clusters have one member, two members and so on, `[dictionaries]`.
  public var countsByMembers: [Int] {
    var counts = [Int](repeating: 0, count: dictionaries)
    for cluster in clusters { counts[cluster.count - 1] += 1 }
    return counts
  }

  /// The clusters of the live atoms of some dictionaries.
  ///
  /// - Throws: If widths differ.
  /// - Precondition: The threshold is positive.
  public init(
    of dictionaries: [UnitAtoms], convention: CosineConvention, threshold: Float,
    on compute: Compute
  ) throws(MetricError) {
    precondition(threshold > 0, "atoms at a cosine of \(threshold) have nothing in common")
    self.dictionaries = dictionaries.count
    var origins: [(member: Member, position: Int)] = []
    var starts: [Int] = []
    for (place, atoms) in dictionaries.enumerated() {
      starts.append(origins.count)
      for (position, latent) in atoms.liveLatents.enumerated() {
        origins.append((Member(dictionary: place, latent: latent), position))
      }
    }
    var chains = Chains(of: origins.count)
    for second in dictionaries.indices {
      for first in 0..<second {
        let pair = try DictionaryPair(
          dictionaries[first], dictionaries[second], convention: convention)
        for match in pair.bestMatches(on: compute).mutual(atLeast: threshold) {
          chains.connect(starts[first] + match.first, starts[second] + match.second)
        }
      }
    }
    clusters = chains.groups().flatMap { group -> [[Member]] in
      guard group.count > 1 else { return [[origins[group[0]].member]] }
      let width = dictionaries[0].width
      let rows = Matrix(
        rows: group.count, columns: width,
        values: group.flatMap { item in
          let (member, position) = origins[item]
          return dictionaries[member.dictionary].live.row(position)
        })
      var cosines = OneToOneMatching.similarities(rows, rows, convention, on: compute)
      for a in group.indices {
        for b in group.indices
        where origins[group[a]].member.dictionary == origins[group[b]].member.dictionary {
          cosines[a, b] = -1
        }
      }
      var linkage = CompleteLinkage(cosines)
      return linkage.clusters(atLeast: threshold).map { $0.map { origins[group[$0]].member } }
    }
    .sorted { $0[0] < $1[0] }
  }
}

extension MutualMatches {
  /// The atoms that are each other's best match, with a cosine of at least the threshold: positions among
  /// those compared, by the first.
  ///
  /// - Complexity: O(live).
  public func mutual(atLeast threshold: Float) -> [(first: Int, second: Int)] {
    firstInSecond.partners.indices.compactMap { first in
      let second = firstInSecond.partners[first]
      guard firstInSecond.cosines[first] >= threshold, secondInFirst.partners[second] == first
      else { return nil }
      return (first, second)
    }
  }
}
