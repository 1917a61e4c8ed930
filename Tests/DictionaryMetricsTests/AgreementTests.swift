import DictionaryMetrics
import SparseCoding
import Testing

@Suite struct AgreementTests {
  static func pair(
    _ a: Matrix, _ b: Matrix, _ convention: CosineConvention = .signed, liveA: [Int]? = nil,
    liveB: [Int]? = nil
  ) throws -> DictionaryPair {
    try DictionaryPair(
      dictionary(a, live: liveA), dictionary(b, live: liveB, name: "b"), convention: convention)
  }

  static func statistics(_ pair: DictionaryPair) -> [Double] {
    [
      pair.bestMatches(on: compute).mmcs, pair.matching(on: compute).dcs,
      pair.mmcsAll(on: compute), pair.dcsAll(on: compute), pair.pwMCC(on: compute) ?? .nan,
    ]
  }

  static func changed(_ matrix: Matrix, by scale: (Int) -> Float) -> Matrix {
    var matrix = matrix
    for row in 0..<matrix.rows {
      for column in 0..<matrix.columns { matrix[row, column] *= scale(row) }
    }
    return matrix
  }

  @Test(arguments: CosineConvention.allCases)
  func aDictionaryAgreesWithItself(convention: CosineConvention) throws {
    let a = gaussianRows(70, 24, seed: 1)
    for value in Self.statistics(try Self.pair(a, a, convention)) {
      #expect(abs(value - 1) < 1e-6 && value <= 1)
    }
  }

  @Test func valuesOfASmallCaseAreThoseByHand() throws {
    // a: x and y; b: x, the diagonal, and -y. Cosines by hand, r = sqrt(1/2).
    let a = Matrix(rows: 2, columns: 2, values: [3, 0, 0, 2])
    let b = Matrix(rows: 3, columns: 2, values: [1, 0, 5, 5, 0, -7])
    let r = 0.5.squareRoot()
    let signed = try Self.pair(a, b)
    let matches = signed.bestMatches(on: compute)
    #expect(matches.firstInSecond.partners == [0, 1])
    #expect(matches.secondInFirst.partners.prefix(2) == [0, 0])
    #expect(abs(matches.firstInSecond.mean - (1 + r) / 2) < 1e-7)
    #expect(abs(matches.secondInFirst.mean - (1 + r + 0) / 3) < 1e-7)
    let matching = signed.matching(on: compute)
    #expect(matching.pairs.map(\.second) == [0, 1])
    #expect(abs(matching.dcs - (1 + r) / 2) < 1e-7)
    #expect(abs(matching.coverage - 2 / 3.0) < 1e-15)
    #expect(signed.pwMCC(on: compute) == nil)
    let absolute = try Self.pair(a, b, .absolute)
    #expect(abs(absolute.bestMatches(on: compute).mmcs - (1 + (2 + r) / 3) / 2) < 1e-7)
    #expect(abs(absolute.matching(on: compute).dcs - 1) < 1e-7)
    #expect(abs(signed.dcsAll(on: compute) - 1) < 1e-7)
  }

  @Test(arguments: CosineConvention.allCases)
  func orderScaleAndExchangeChangeNothing(convention: CosineConvention) throws {
    let a = gaussianRows(60, 16, seed: 1)
    let b = gaussianRows(60, 16, seed: 2)
    let expected = Self.statistics(try Self.pair(a, b, convention))
    var stream = RandomStream(seed: 9, name: "order")
    let shuffled = b.selecting(rows: stream.permutation(count: 60))
    let scaled = Self.changed(a) { Float($0 % 7 + 1) / 3 }
    for (x, y) in [(a, shuffled), (scaled, b), (b, a), (scaled, shuffled)] {
      for (value, known) in zip(Self.statistics(try Self.pair(x, y, convention)), expected) {
        #expect(abs(value - known) < 1e-6)
      }
    }
  }

  @Test func signsMatterOnlyToTheSignedConvention() throws {
    let a = gaussianRows(50, 12, seed: 1)
    let b = gaussianRows(50, 12, seed: 2)
    let flipped = Self.changed(b) { $0 % 2 == 0 ? -1 : 1 }
    let plain = Self.statistics(try Self.pair(a, b, .absolute))
    let signs = Self.statistics(try Self.pair(a, flipped, .absolute))
    for (value, known) in zip(signs, plain).prefix(4) { #expect(abs(value - known) < 1e-6) }
    #expect(abs(signs[4] - plain[4]) > 1e-3)
    let opposite = Self.changed(a) { _ in -1 }
    #expect(try Self.pair(a, opposite, .signed).bestMatches(on: compute).mmcs < 0.9)
    #expect(try Self.pair(a, opposite).mmcsAll(on: compute) > 1 - 1e-6)
  }

  @Test func deadAtomsCountOnlyWhereTheNameSaysAll() throws {
    let a = gaussianRows(40, 16, seed: 1)
    var b = a
    for row in 20..<40 {
      for (column, value) in gaussianRows(1, 16, seed: UInt64(row)).values.enumerated() {
        b[row, column] = value
      }
    }
    let live = Array(0..<20)
    let pair = try Self.pair(a, b, .absolute, liveA: live.reversed(), liveB: live)
    #expect(abs(pair.bestMatches(on: compute).mmcs - 1) < 1e-6)
    #expect(abs(pair.matching(on: compute).dcs - 1) < 1e-6)
    #expect(pair.mmcsAll(on: compute) < 0.9)
    #expect(pair.dcsAll(on: compute) < 0.9)
    #expect(pair.first.liveLatents == live)
  }

  @Test func aZeroAtomIsDeadAndHasNoCosine() throws {
    var a = gaussianRows(4, 8, seed: 1)
    for column in 0..<8 { a[2, column] = 0 }
    let atoms = try dictionary(a)
    #expect(atoms.liveLatents == [0, 1, 3])
    let pair = try DictionaryPair(atoms, atoms, convention: .signed)
    #expect(abs(pair.bestMatches(on: compute).mmcs - 1) < 1e-6)
    #expect(abs(pair.mmcsAll(on: compute) - 0.75) < 1e-6)
    #expect(abs(pair.dcsAll(on: compute) - 0.75) < 1e-6)
  }

  @Test func matchingNeverBeatsTheBestMatch() throws {
    for seed in 0..<10 {
      let pair = try Self.pair(
        gaussianRows(30, 8, seed: UInt64(seed)), gaussianRows(45, 8, seed: UInt64(seed + 100)))
      let matching = pair.matching(on: compute)
      #expect(matching.dcs <= pair.bestMatches(on: compute).firstInSecond.mean)
      #expect(matching.pairs.count == 30)
    }
  }

  @Test func badDictionariesAreRefusedByName() throws {
    var broken = gaussianRows(3, 4, seed: 1)
    broken[1, 2] = .nan
    let error = #expect(throws: MetricError.self) {
      try UnitAtoms(broken, name: "runs/a/seed-0")
    }
    #expect(
      error?.description
        == "runs/a/seed-0: decoder row 1: found a value that is not finite, expected finite weights"
    )
    #expect(throws: MetricError.self) { try UnitAtoms(Matrix(rows: 2, columns: 3), name: "zero") }
    #expect(throws: MetricError.self) {
      try UnitAtoms(gaussianRows(3, 4, seed: 1), live: [], name: "dead")
    }
    let mismatch = #expect(throws: MetricError.self) {
      try Self.pair(gaussianRows(3, 4, seed: 1), gaussianRows(3, 5, seed: 1))
    }
    #expect(mismatch?.found == "atoms of width 4 and of width 5")
  }

  @Test func extremeScalesKeepTheirDirection() throws {
    let a = gaussianRows(20, 8, seed: 1)
    let tiny = Self.changed(a) { $0 % 2 == 0 ? 1e-30 : 1e30 }
    #expect(abs(try Self.pair(a, tiny).matching(on: compute).dcs - 1) < 1e-6)
  }

  @Test func kappaIsZeroAtChanceAndOneAtIdentity() {
    #expect(kappa(of: 0.3, null: 0.3) == 0)
    #expect(kappa(of: 1, null: 0.3) == 1)
    // "2.44 times random" at (128, 1,024): 0.73 against 0.298793.
    #expect(abs(kappa(of: 0.73, null: 0.298793) - 0.615) < 5e-4)
  }

  @Test func theConventionFollowsTheCodes() {
    #expect(CosineConvention(for: .topK(k: 8)) == .signed)
  }
}
