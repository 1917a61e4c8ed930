import DictionaryMetrics
import SparseCoding
import Testing

@Suite struct AtomClustersTests {
  typealias Member = AtomClusters.Member

  /// Rows near others: each coordinate moved by Gaussian noise of a size.
  static func near(_ rows: Matrix, _ size: Float, seed: UInt64) -> Matrix {
    var moved = rows
    let noise = gaussianRows(rows.rows, rows.columns, seed: seed)
    for index in moved.values.indices { moved.values[index] += size * noise.values[index] }
    return moved
  }

  /// Four dictionaries of which dictionary d holds the planted directions p with p % 4 >= d, in its own order, and
  /// eight directions that no other has; with the planted direction of each latent.
  static func planted(seed: UInt64 = 1) throws -> [(atoms: UnitAtoms, truth: [Int?])] {
    let truth = gaussianRows(40, 32, seed: seed)
    return try (0..<4).map { place in
      let held = (0..<40).filter { $0 % 4 >= place }
      let own = gaussianRows(8, 32, seed: seed + 100 + UInt64(place))
      var stream = RandomStream(seed: seed, name: "order \(place)")
      let order = stream.permutation(count: held.count + 8)
      let rows = near(truth.selecting(rows: held), 0.15, seed: seed + 10 + UInt64(place))
      let all = Matrix(rows: held.count + 8, columns: 32, values: rows.values + own.values)
      return (
        try dictionary(all.selecting(rows: order)),
        order.map { $0 < held.count ? held[$0] : nil }
      )
    }
  }

  @Test func plantedClustersAreRecovered() throws {
    let planted = try Self.planted()
    let found = try AtomClusters.groups(planted.map(\.atoms))
    // Direction p is in dictionaries 0 to p % 4.
    #expect(found.countsByMembers == [10 + 32, 10, 10, 10])
    for cluster in found.clusters {
      let truths = Set(cluster.map { planted[$0.dictionary].truth[$0.latent] })
      #expect(truths.count == 1)
      if let first = truths.first, let truth = first {
        #expect(cluster.map(\.dictionary) == Array(0...truth % 4))
      } else {
        #expect(cluster.count == 1)
      }
    }
  }

  @Test func eachAtomIsInOneClusterAndNoDictionaryTwice() throws {
    for seed in 0..<10 {
      // In four dimensions everything is near something.
      let dictionaries = try (0..<5).map {
        try dictionary(gaussianRows(30, 4, seed: UInt64(100 * seed + $0)), live: Array(0..<25))
      }
      for convention in CosineConvention.allCases {
        let found = try AtomClusters(
          of: dictionaries, convention: convention, threshold: 0.7, on: compute)
        #expect(found.countsByMembers[1...].reduce(0, +) > 5)
        let members = found.clusters.flatMap(\.self)
        #expect(members.count == 125 && Set(members).count == 125)
        for cluster in found.clusters {
          #expect(Set(cluster.map(\.dictionary)).count == cluster.count)
          for a in cluster {
            for b in cluster where a < b {
              let cosine = compute.dot(
                Array(dictionaries[a.dictionary].all.row(a.latent)),
                Array(dictionaries[b.dictionary].all.row(b.latent)))
              #expect((convention == .absolute ? abs(cosine) : cosine) >= 0.7 - 1e-6)
            }
          }
        }
      }
    }
  }

  @Test func orderDoesNotMatter() throws {
    let rows = (0..<4).map { gaussianRows(30, 4, seed: UInt64($0)) }
    let found = try AtomClusters(
      of: rows.map { try dictionary($0) }, convention: .signed, threshold: 0.7, on: compute)
    var stream = RandomStream(seed: 3, name: "orders")
    let places = stream.permutation(count: 4)
    let orders = (0..<4).map { _ in stream.permutation(count: 30) }
    let shuffled = try AtomClusters(
      of: places.enumerated().map { try dictionary(rows[$1].selecting(rows: orders[$0])) },
      convention: .signed, threshold: 0.7, on: compute)
    let restored = shuffled.clusters.map { cluster in
      Set(
        cluster.map {
          Member(dictionary: places[$0.dictionary], latent: orders[$0.dictionary][$0.latent])
        })
    }
    #expect(Set(restored) == Set(found.clusters.map(Set.init)))
    #expect(found.clusters.contains { $0.count > 2 })
  }

  @Test func aCopyInTheSameDictionaryStaysOut() throws {
    let base = gaussianRows(5, 16, seed: 1)
    let twice = base.selecting(rows: [0, 1, 2, 3, 4, 2])
    let found = try AtomClusters.groups([try dictionary(base), try dictionary(twice)])
    #expect(found.countsByMembers == [1, 5])
    #expect(found.clusters.contains([Member(dictionary: 1, latent: 5)]))
  }

  @Test func oppositeAtomsAreOneOnlyOfSignedCodes() throws {
    let first = try dictionary(Matrix(rows: 1, columns: 2, values: [1, 0]))
    let second = try dictionary(Matrix(rows: 1, columns: 2, values: [-3, 0]))
    #expect(try AtomClusters.groups([first, second]).countsByMembers == [2, 0])
    #expect(try AtomClusters.groups([first, second], .absolute).countsByMembers == [0, 1])
  }

  @Test func otherWidthsAreRefused() throws {
    let atoms = [
      try dictionary(gaussianRows(3, 4, seed: 1), name: "a"),
      try dictionary(gaussianRows(3, 5, seed: 1), name: "b"),
    ]
    #expect(throws: MetricError.self) {
      try AtomClusters(of: atoms, convention: .signed, threshold: 0.7, on: compute)
    }
  }
}

extension AtomClusters {
  /// The clusters at a cosine of 0.7.
  fileprivate static func groups(
    _ dictionaries: [UnitAtoms], _ convention: CosineConvention = .signed
  ) throws -> AtomClusters {
    try AtomClusters(of: dictionaries, convention: convention, threshold: 0.7, on: compute)
  }
}
