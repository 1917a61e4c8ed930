import SparseCoding
import Testing

@testable import DictionaryMetrics

@Suite struct SparseMatchingTests {
  /// A pair of dictionaries on which sparse and dense matching have to agree.
  enum Atoms: CaseIterable {
    case random, anisotropic, planted, clustered, duplicated, tied, opposite, withZeros

    func pair(_ rows: Int, _ columns: Int, _ convention: CosineConvention) throws -> DictionaryPair
    {
      let decay = self == .anisotropic ? 9 : 0
      let width = self == .tied ? 6 : 24
      var a = gaussianRows(rows, width, decay: decay, seed: 1)
      var b = gaussianRows(columns, width, decay: decay, seed: 2)
      let centers = gaussianRows(3, width, seed: 3)
      for index in b.values.indices where self == .planted {
        let row = index / width
        if row < rows, row % 3 > 0 {
          b.values[index] =
            a[rows - 1 - row, index % width] + 0.3 * Float(row % 5) * b.values[index]
        }
      }
      func change(_ matrix: inout Matrix, _ value: (Int, Int, Float) -> Float) {
        for row in 0..<matrix.rows {
          for column in 0..<width { matrix[row, column] = value(row, column, matrix[row, column]) }
        }
      }
      func both(_ value: (Int, Int, Float) -> Float) {
        change(&a, value)
        change(&b, value)
      }
      switch self {
      case .random, .anisotropic, .planted: break
      case .clustered: both { centers[$0 % 3, $1] + 0.05 * $2 }
      case .duplicated: both { row, column, _ in centers[row % 3, column] }
      case .tied: both { $2 > 0.5 ? 1 : $2 < -0.5 ? -1 : 0 }
      case .opposite:
        // Every cosine is negative.
        both { $1 == 0 ? 4 : $2 }
        change(&b) { -$2 }
      case .withZeros: both { $0 % 4 == 0 ? 0 : $2 }
      }
      return try DictionaryPair(
        dictionary(a), dictionary(b, name: "b"), convention: convention)
    }
  }

  static let shapes = [(1, 1), (1, 7), (5, 3), (40, 40), (300, 300), (200, 280), (290, 150)]

  @Test(arguments: Atoms.allCases, shapes)
  func findsWhatTheWholeMatrixFinds(atoms: Atoms, shape: (Int, Int)) throws {
    // With few neighbors rows are stranded and the bound has much to find.
    for (convention, neighbors) in [
      (CosineConvention.signed, 16), (.absolute, 16), (.signed, 1), (.absolute, 2),
    ] {
      if atoms == .withZeros, min(shape.0, shape.1) == 1 { continue }
      let pair = try atoms.pair(shape.0, shape.1, convention)
      let (first, second) = (pair.first.all, pair.second.all)
      let sparse = SparseMatching(
        first, second, convention, neighbors: neighbors, on: compute)
      let matching = OneToOneMatching(sparse, of: first.rows, and: second.rows)
      let dense = OneToOneMatching(
        OneToOneMatching.similarities(first, second, convention, on: compute))
      #expect(abs(matching.dcs - dense.dcs) < 3e-7)
      #expect(matching.coverage == dense.coverage)
      #expect(matching.pairs.count == dense.pairs.count)
      #expect(Set(matching.pairs.map(\.second)).count == matching.pairs.count)
      #expect(matching.gap >= 0 && matching.gap < 3e-7)
      for pair in matching.pairs {
        let dot = compute.dot(Array(first.row(pair.first)), Array(second.row(pair.second)))
        let cosine = convention == .absolute ? abs(dot) : dot
        #expect(pair.cosine == max(-1, min(1, cosine)))
      }
    }
  }

  @Test(arguments: [Atoms.anisotropic, .planted, .clustered, .duplicated])
  func theGapHoldsHoweverEarlyTheSearchEnds(atoms: Atoms) throws {
    let pair = try atoms.pair(300, 300, .signed)
    let (first, second) = (pair.first.live, pair.second.live)
    let dense = OneToOneMatching(
      OneToOneMatching.similarities(first, second, .signed, on: compute))
    #expect(SparseMatching(first, second, .signed, rounds: 0, on: compute).gap == .infinity)
    for rounds in 1...4 {
      let sparse = SparseMatching(
        first, second, .signed, neighbors: 1, rounds: rounds, on: compute)
      let matching = OneToOneMatching(sparse, of: 300, and: 300)
      #expect(matching.dcs <= dense.dcs + 3e-7)
      #expect(matching.dcs + matching.gap >= dense.dcs - 3e-7)
    }
  }

  @Test func anEarlyEndLeavesAGapThatIsTold() throws {
    let pair = try Atoms.anisotropic.pair(300, 300, .signed)
    func gap(rounds: Int) -> Double {
      SparseMatching(
        pair.first.live, pair.second.live, .signed, neighbors: 1, rounds: rounds, on: compute
      ).gap
    }
    #expect(gap(rounds: 1) > 1e-3 && gap(rounds: 100) < 1e-9)
  }

  @Test func threadsAndKernelsChangeNothing() throws {
    for atoms in Atoms.allCases {
      let pair = try atoms.pair(150, 150, .signed)
      let expected = SparseMatching(
        pair.first.all, pair.second.all, .signed, on: Compute(threads: 1))
      for place in [compute, Compute(threads: 5), Compute(kernels: .plain, threads: 3)] {
        let other = SparseMatching(pair.first.all, pair.second.all, .signed, on: place)
        #expect(other.columns == expected.columns && other.cosines == expected.cosines)
        #expect(other.gap == expected.gap)
      }
    }
  }

  @Test func wideDictionariesAreMatchedWithoutTheirMatrix() throws {
    let a = gaussianRows(4097, 8, seed: 1)
    var stream = RandomStream(seed: 3, name: "order")
    let order = stream.permutation(count: 4097)
    let pair = try DictionaryPair(
      dictionary(a), dictionary(a.selecting(rows: order), name: "b"), convention: .signed)
    let matching = pair.matching(on: compute)
    #expect(matching.pairs.map { order[$0.second] } == Array(0..<4097))
    #expect(matching.dcs > 1 - 1e-6 && matching.gap < 3e-7)
    // The matrix would hold other sums of the same products.
    #expect(
      matching.pairs.allSatisfy {
        let atom = Array(pair.first.live.row($0.first))
        return $0.cosine == min(1, compute.dot(atom, atom))
      })
  }
}

@Suite struct CandidatePairsTests {
  @Test func pairsAreKeptOnceAndInOrder() {
    var pairs = CandidatePairs(rows: 3, columns: 5)
    func measure(_ offsets: [Int], _ partners: [Int32]) -> [Float] {
      (0..<3).flatMap { row in
        partners[offsets[row]..<offsets[row + 1]].map { Float(row * 10) + Float($0) }
      }
    }
    func keys(_ list: [(Int, Int)]) -> [CandidatePairs.Key] {
      list.map { CandidatePairs.key($0.0, $0.1) }
    }
    pairs.add(keys([(2, 3), (0, 4), (0, 1), (2, 3)]), measure: measure)
    #expect(pairs.offsets == [0, 2, 2, 3] && pairs.partners == [1, 4, 3])
    pairs.add(keys([(2, 0), (1, 2), (0, 4), (0, 2), (2, 4)]), measure: measure)
    #expect(pairs.offsets == [0, 3, 4, 7] && pairs.partners == [1, 2, 4, 2, 0, 3, 4])
    #expect(pairs.similarities == [1, 2, 4, 12, 20, 23, 24])
    pairs.add([], measure: measure)
    #expect(pairs.partners.count == 7)
  }
}
