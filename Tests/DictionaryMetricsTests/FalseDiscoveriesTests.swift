import DictionaryMetrics
import SparseCoding
import Testing

@Suite struct FalseDiscoveriesTests {
  private func isAbout(_ values: [Double], _ expected: [Double]) -> Bool {
    values.count == expected.count && zip(values, expected).allSatisfy { abs($0 - $1) < 1e-12 }
  }

  @Test func adjustedValuesAreThoseByHand() {
    // Sorted .005 .01 .03 .04 .2, times 5 over the place: .025 .025 .05 .05 .2.
    let p = [0.01, 0.04, 0.03, 0.005, 0.2]
    let hochberg = [0.025, 0.05, 0.05, 0.025, 0.2]
    #expect(isAbout(benjaminiHochberg(p), hochberg))
    let harmonic = 137 / 60.0
    #expect(isAbout(benjaminiYekutieli(p), hochberg.map { $0 * harmonic }))
    // A greater rank may lower a value, never raise it; nothing is above 1, and equal stays equal.
    #expect(isAbout(benjaminiHochberg([0.02, 0.021, 0.9, 0.02]), [0.028, 0.028, 0.9, 0.028]))
    #expect(benjaminiYekutieli([0.8, 0.9]) == [1, 1])
    #expect(benjaminiYekutieli([0.03]) == [0.03] && benjaminiHochberg([]).isEmpty)
  }

  @Test func theShareOfFalseDiscoveriesIsHeld() {
    // 60 true nulls and 20 tests with an effect, whose p-values are squeezed to the cube.
    var stream = RandomStream(seed: 1, name: "tests")
    var falseShares: (hochberg: Double, yekutieli: Double) = (0, 0)
    var found: (hochberg: Int, yekutieli: Int) = (0, 0)
    let repetitions = 2000
    for _ in 0..<repetitions {
      let p = (0..<80).map { test in
        let uniform = stream.uniform()
        return test < 60 ? uniform : uniform * uniform * uniform * 0.01
      }
      func count(_ q: [Double]) -> (share: Double, found: Int) {
        let discoveries = q.indices.filter { q[$0] <= 0.05 }
        let wrong = discoveries.count { $0 < 60 }
        return (Double(wrong) / Double(max(1, discoveries.count)), discoveries.count - wrong)
      }
      let (hochberg, yekutieli) = (count(benjaminiHochberg(p)), count(benjaminiYekutieli(p)))
      falseShares.hochberg += hochberg.share / Double(repetitions)
      falseShares.yekutieli += yekutieli.share / Double(repetitions)
      found.hochberg += hochberg.found
      found.yekutieli += yekutieli.found
    }
    // Independent tests get α times the share of true nulls exactly; s.e. 0.001.
    #expect(abs(falseShares.hochberg - 0.05 * 0.75) < 0.004)
    #expect(falseShares.yekutieli < 0.012)
    #expect(found.hochberg > found.yekutieli && found.yekutieli > repetitions * 8)
  }

  @Test func partialConjunctionsAreThoseByHand() {
    let p = [0.04, 0.001, 0.3, 0.02]
    #expect(partialConjunction(p, atLeast: 1) == 4 * 0.001)
    #expect(partialConjunction(p, atLeast: 2) == 3 * 0.02)
    #expect(partialConjunction(p, atLeast: 3) == 2 * 0.04)
    #expect(partialConjunction(p, atLeast: 4) == 0.3)
    #expect(partialConjunction([0.7], atLeast: 1) == 0.7)
    #expect(partialConjunction([0.7, 0.9], atLeast: 1) == 1)
  }

  @Test(arguments: [(1, 0), (2, 0), (2, 1), (3, 2)])
  func aConjunctionThatIsNotThereIsRarelyClaimed(required: Int, present: Int) {
    // Studies without the effect share half of their noise, as an atom's crowded direction is shared; their
    // p-values come from the ranks of a sample, so no law has to be known.
    var stream = RandomStream(seed: UInt64(required), name: "studies")
    let (studies, draws) = (3, 20_000)
    let shared = stream.gaussians(count: draws)
    let own = (0..<studies).map { _ in stream.gaussians(count: draws) }
    var p = [[Double]](repeating: [Double](repeating: 0, count: studies), count: draws)
    for study in present..<studies {
      let scores = (0..<draws).map { shared[$0] + own[study][$0] }
      for (place, draw) in (0..<draws).sorted(by: { scores[$0] > scores[$1] }).enumerated() {
        p[draw][study] = Double(place + 1) / Double(draws)
      }
    }
    let claimed = p.count { partialConjunction($0, atLeast: required) <= 0.05 }
    #expect(Double(claimed) / Double(draws) <= 0.05 + 2 * 0.0016)
    #expect(claimed > 0)
  }
}
