import DictionaryMetrics
import SparseCoding
import Testing

@Suite struct DuplicateAtomsTests {
  /// Joins the two clusters of greatest complete-linkage similarity while that is at the threshold.
  static func greedy(_ cosines: Matrix, _ threshold: Float) -> [[Int]] {
    var clusters = (0..<cosines.rows).map { [$0] }
    while true {
      var best = (similarity: threshold, a: -1, b: -1)
      for b in clusters.indices {
        for a in 0..<b {
          let least =
            clusters[a].map { i in clusters[b].map { cosines[i, $0] }.min() ?? 1 }.min() ?? 1
          if least > best.similarity || (least == threshold && best.a < 0) { best = (least, a, b) }
        }
      }
      if best.a < 0 { break }
      clusters[best.a] += clusters[best.b]
      clusters.remove(at: best.b)
    }
    return clusters.map { $0.sorted() }.sorted { $0[0] < $1[0] }
  }

  @Test(arguments: [0.2, 0.5, 0.7, 0.9]) func agreesWithJoiningGreedily(threshold: Float) throws {
    for seed in 0..<20 {
      for convention in CosineConvention.allCases {
        let atoms = try dictionary(gaussianRows(40, 3, seed: UInt64(seed)))
        var cosines = compute.product(atoms.all, atoms.all)
        if convention == .absolute { cosines.values = cosines.values.map { abs($0) } }
        let found = DuplicateAtoms(
          among: atoms, convention: convention, threshold: threshold, on: compute)
        #expect(found.clusters == Self.greedy(cosines, threshold))
      }
    }
  }

  @Test func copiesCountOnce() throws {
    let base = gaussianRows(300, 64, seed: 1)
    let copies = base.selecting(rows: Array(0..<300) + Array(0..<100) + [5, 5])
    let found = DuplicateAtoms(among: try dictionary(copies), convention: .signed, on: compute)
    #expect(found.distinctAtoms == 300)
    #expect(found.clusters[5] == [5, 305, 400, 401])
    #expect(found.clusters[299] == [299])
  }

  @Test func aChainIsNotOneCluster() throws {
    // Neighbors 20 degrees apart have a cosine of 0.94, next neighbors 0.77.
    let cosine: Float = 0.9396926
    let sine: Float = 0.3420201
    var point: (x: Float, y: Float) = (1, 0)
    var values: [Float] = []
    for _ in 0..<4 {
      values += [point.x, point.y]
      point = (point.x * cosine - point.y * sine, point.x * sine + point.y * cosine)
    }
    let chain = try dictionary(Matrix(rows: 4, columns: 2, values: values))
    #expect(DuplicateAtoms(among: chain, convention: .signed, on: compute).distinctAtoms == 2)
  }

  @Test func oppositeAtomsAreDuplicatesOnlyOfSignedCodes() throws {
    let atoms = try dictionary(Matrix(rows: 2, columns: 2, values: [1, 0, -3, 0]))
    #expect(DuplicateAtoms(among: atoms, convention: .signed, on: compute).distinctAtoms == 2)
    #expect(DuplicateAtoms(among: atoms, convention: .absolute, on: compute).distinctAtoms == 1)
  }

  @Test func deadAtomsAreNotCountedAndLatentsKeepTheirNumbers() throws {
    let base = gaussianRows(6, 16, seed: 1)
    let atoms = try dictionary(
      base.selecting(rows: [0, 1, 2, 0, 1, 5]), live: [1, 2, 4, 5])
    let found = DuplicateAtoms(among: atoms, convention: .signed, on: compute)
    #expect(found.clusters == [[1, 4], [2], [5]])
  }

  @Test func aCollapsedDictionaryIsOneAtom() throws {
    let row = gaussianRows(1, 8, seed: 1)
    let same = row.selecting(rows: [Int](repeating: 0, count: 500))
    let found = DuplicateAtoms(among: try dictionary(same), convention: .signed, on: compute)
    #expect(found.distinctAtoms == 1)
  }
}
