import SparseCoding
import Testing

@Suite struct RandomStreamTests {
  /// Worked out by another program from FNV-1a, SplitMix64 and Philox as their authors state them.
  @Test(
    arguments: [
      (0, "", 0x14_90ca_aa90_83db), (0, "initial atoms", 0x13_765a_49d4_b51a),
      (1, "initial atoms", 0x10_93b9_c225_b2ef),
      (UInt64.max, "order of epoch 3", 0x9_f9c7_7e06_9750),
    ] as [(UInt64, String, UInt64)])
  func firstNumbersAreTheSameEverywhere(seed: UInt64, name: String, bits: UInt64) {
    var stream = RandomStream(seed: seed, name: name)
    #expect(stream.uniform() == Double(bits) * 0x1p-53)
  }

  @Test func howManyAreDrawnAtOnceDoesNotMatter() {
    var whole = RandomStream(seed: 7, name: "a")
    var parts = whole
    let uniforms = whole.uniforms(count: 20)
    #expect(uniforms == (0..<20).map { _ in parts.uniform() })
    let gaussians = whole.gaussians(count: 21)
    #expect(
      gaussians
        == parts.gaussians(count: 5) + (0..<3).map { _ in Float(parts.gaussian()) }
        + parts.gaussians(count: 0) + parts.gaussians(count: 13))
    #expect(whole == parts)
    #expect(whole.uniforms(count: 0).isEmpty && whole == parts)
  }

  @Test func streamsOfDifferentNamesAndSeedsDiffer() {
    var seen: Set<[Double]> = []
    for seed in [0, 1, 2, UInt64.max] {
      for name in ["", "a", "b", "aa", "ab", "ba", "initial atoms", "order of epoch 0"] {
        var stream = RandomStream(seed: seed, name: name)
        seen.insert(stream.uniforms(count: 4))
      }
    }
    #expect(seen.count == 32)
  }

  @Test func streamsOfDifferentNamesAreUncorrelated() {
    let n = 50_000
    var (a, b) = (RandomStream(seed: 1, name: "a"), RandomStream(seed: 1, name: "b"))
    let products = zip(a.gaussians(count: n), b.gaussians(count: n)).map { Double($0) * Double($1) }
    #expect(abs(products.reduce(0, +)) < 4 * Double(n).squareRoot())
  }

  @Test(arguments: [1, 2, 3, 10, 1 << 31])
  func indexesCoverTheirRangeEvenly(bound: Int) {
    var stream = RandomStream(seed: 3, name: "indexes")
    let draws = (0..<4000).map { _ in stream.index(below: bound) }
    #expect(draws.allSatisfy { (0..<bound).contains($0) })
    let bins = min(bound, 10)
    for bin in 0..<bins {
      let count = draws.filter { $0 * bins / bound == bin }.count
      let expected = 4000.0 / Double(bins)
      #expect(abs(Double(count) - expected) <= 4 * (expected * (1 - 1 / Double(bins))).squareRoot())
    }
  }

  @Test(arguments: [0, 1, 2, 3, 100, 1000])
  func permutationsArePermutations(count: Int) {
    var stream = RandomStream(seed: 4, name: "order")
    let first = stream.permutation(count: count)
    #expect(first.sorted() == Array(0..<count))
    if count >= 100 {
      #expect(stream.permutation(count: count) != first)
      #expect(first != Array(0..<count))
    }
  }

  @Test func allSixOrdersOfThreeAreAsLikely() {
    var stream = RandomStream(seed: 5, name: "order")
    var counts: [[Int]: Int] = [:]
    for _ in 0..<6000 { counts[stream.permutation(count: 3), default: 0] += 1 }
    #expect(counts.count == 6)
    // Chi square of five degrees of freedom: above 20.5 once in a thousand.
    let chi = counts.values.reduce(0) { $0 + Double(($1 - 1000) * ($1 - 1000)) / 1000 }
    #expect(chi < 20.5, "\(counts)")
  }
}
