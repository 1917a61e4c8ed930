import DictionaryMetrics
import SparseCoding
import Testing

@Suite struct AgreementNullTests {
  static func pair(
    _ atoms: Int, _ width: Int, decay: Int, _ convention: CosineConvention = .signed,
    seed: UInt64 = 1
  ) throws -> DictionaryPair {
    try DictionaryPair(
      dictionary(gaussianRows(atoms, width, decay: decay, seed: seed)),
      dictionary(gaussianRows(atoms, width, decay: decay, seed: seed + 1), name: "b"),
      convention: convention)
  }

  @Test(arguments: CosineConvention.allCases)
  func simulationAgreesWithTheExactIntegral(convention: CosineConvention) {
    // First and second differ in size: each direction has the null of the size it searches.
    let null = AgreementNull(
      isotropicOfWidth: 16, first: 40, second: 90, convention: convention, seed: 3,
      draws: NullDraws(bestMatch: 300, oneToOne: 0), on: compute)
    let inSecond = IsotropicNull(width: 16, atoms: 90, convention: convention)
    let inFirst = IsotropicNull(width: 16, atoms: 40, convention: convention)
    let expected = (inSecond.expectedMMCS + inFirst.expectedMMCS) / 2
    #expect(abs(null.mmcs.mean - expected) < 4 * null.mmcs.standardError)
    #expect(null.mmcs.standardError < 0.002 && null.dcs == nil)
    for (cosines, exact) in [
      (null.bestCosinesOfFirst, inSecond), (null.bestCosinesOfSecond, inFirst),
    ] {
      let mean = cosines.reduce(0) { $0 + Double($1) } / Double(cosines.count)
      let variance =
        cosines.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
        / Double(cosines.count)
      #expect(abs(mean - exact.expectedMMCS) < 0.003)
      #expect(abs(variance.squareRoot() / exact.standardDeviationPerAtom - 1) < 0.03)
      #expect(cosines == cosines.sorted())
    }
    let typical = Float(inSecond.expectedMMCS)
    #expect(
      abs(null.pValue(ofFirst: typical) - inSecond.probability(atLeast: Double(typical))) < 0.02)
  }

  @Test func theOneToOneNullIsTheKnownOne() {
    // Hungarian null of random dictionaries at (128, 128): .2350 absolute, .2146 signed.
    for (convention, known) in [(CosineConvention.absolute, 0.2350), (.signed, 0.2146)] {
      let null = AgreementNull(
        isotropicOfWidth: 128, first: 128, second: 128, convention: convention, seed: 1,
        draws: NullDraws(bestMatch: 10, oneToOne: 10), on: compute)
      #expect(abs((null.dcs?.mean ?? 0) - known) < 0.002)
      #expect((null.dcs?.mean ?? 1) < null.mmcs.mean)
    }
  }

  @Test func independentAnisotropicDictionariesAgreeNoMoreThanChance() throws {
    // Singular values i^-0.6: far above the isotropic null of 0.283, and yet only chance.
    let pair = try Self.pair(1024, 128, decay: 6)
    let agreement = pair.bestMatches(on: compute)
    #expect((0.60...0.65).contains(agreement.mmcs))
    let draws = NullDraws(bestMatch: 6, oneToOne: 2)
    let null = AgreementNull(
      for: pair, law: .matchedSecondMoment, seed: 1, draws: draws, on: compute)
    #expect(abs(kappa(of: agreement.mmcs, null: null.mmcs.mean)) < 0.02)
    #expect(
      abs(kappa(of: pair.matching(on: compute).dcs, null: null.dcs?.mean ?? 0)) < 0.03)
    let p = agreement.firstInSecond.cosines.map { null.pValue(ofFirst: $0) }
    let discoveries = Double(p.count { $0 <= 0.05 }) / Double(p.count)
    #expect((0.02...0.08).contains(discoveries))
    // What the two other laws would have said.
    let gaussian = AgreementNull(
      for: pair, seed: 1, draws: NullDraws(bestMatch: 3, oneToOne: 0), on: compute)
    #expect((0.07...0.11).contains(kappa(of: agreement.mmcs, null: gaussian.mmcs.mean)))
    let isotropic = IsotropicNull(width: 128, atoms: 1024, convention: .signed)
    #expect(kappa(of: agreement.mmcs, null: isotropic.expectedMMCS) > 0.4)
    let falsely = agreement.firstInSecond.cosines.count {
      isotropic.probability(atLeast: Double($0)) <= 0.05
    }
    #expect(falsely > 900)
  }

  @Test func sharedAtomsStandOut() throws {
    let a = gaussianRows(200, 32, decay: 6, seed: 1)
    var b = gaussianRows(200, 32, decay: 6, seed: 2)
    for row in 0..<100 { for column in 0..<32 { b[row, column] = a[row, column] } }
    let pair = try DictionaryPair(dictionary(a), dictionary(b), convention: .signed)
    let null = AgreementNull(for: pair, seed: 1, on: compute)
    #expect(kappa(of: pair.bestMatches(on: compute).mmcs, null: null.mmcs.mean) > 0.4)
    #expect(null.pValue(ofFirst: 1) <= 1 / 3000.0)
  }

  @Test func fewAtomsStayInTheirOwnSubspace() throws {
    // Three atoms in a plane of a space of eight: draws lie in that plane.
    var a = Matrix(rows: 3, columns: 8)
    (a[0, 0], a[1, 1], a[2, 0], a[2, 1]) = (1, 1, 1, 1)
    let pair = try DictionaryPair(dictionary(a), dictionary(a), convention: .absolute)
    let null = AgreementNull(
      for: pair, seed: 1, draws: NullDraws(bestMatch: 400, oneToOne: 0), on: compute)
    let disc = IsotropicNull(width: 2, atoms: 3, convention: .absolute)
    #expect(null.mmcs.mean > disc.expectedMMCS - 0.02)
  }

  @Test func theSeedAloneDecides() throws {
    let pair = try Self.pair(300, 24, decay: 3)
    let draws = NullDraws(bestMatch: 4, oneToOne: 3)
    let null = AgreementNull(for: pair, seed: 7, draws: draws, on: Compute(threads: 1))
    for kernels in KernelSet.available {
      let other = Compute(kernels: kernels, threads: 3)
      #expect(AgreementNull(for: pair, seed: 7, draws: draws, on: other) == null)
    }
    #expect(AgreementNull(for: pair, seed: 8, draws: draws, on: compute) != null)
    // More draws begin with the same ones.
    let one = AgreementNull(
      for: pair, seed: 7, draws: NullDraws(bestMatch: 1, oneToOne: 1), on: compute)
    #expect(Set(one.bestCosinesOfFirst).isSubset(of: Set(null.bestCosinesOfFirst)))
  }

  @Test func pValuesCountTheNullAtOrAbove() {
    let null = AgreementNull(
      isotropicOfWidth: 1, first: 3, second: 2, convention: .absolute, seed: 1,
      draws: NullDraws(bestMatch: 3, oneToOne: 0), on: compute)
    // On a line every cosine is 1: all nine (six) null cosines are at 1, none above.
    #expect(null.bestCosinesOfFirst == [Float](repeating: 1, count: 9))
    #expect(null.pValue(ofFirst: 1) == 1 && null.pValue(ofFirst: 0.5) == 1)
    #expect(null.pValue(ofFirst: 1.5) == 0.1)
    #expect(null.pValue(ofSecond: 1.5) == 1 / 7.0)
    #expect(null.mmcs.standardDeviation == 0)
  }

  @Test func aNullOfDrawsHasTheirMeanAndSpread() {
    let statistic = NullStatistic(of: [1, 2, 3, 6])
    #expect(statistic.mean == 3 && statistic.draws == 4)
    #expect(abs(statistic.standardDeviation - (14 / 3.0).squareRoot()) < 1e-15)
    #expect(abs(statistic.standardError - (14 / 12.0).squareRoot()) < 1e-15)
    #expect(NullStatistic(of: [5]).standardDeviation == 0)
  }
}
