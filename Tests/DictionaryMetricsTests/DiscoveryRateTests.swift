import DictionaryMetrics
import SparseCoding
import Testing

/// How often atoms of independent dictionaries of one anisotropic law are called discoveries.
@Suite struct DiscoveryRateTests {
  /// Means over pairs of dictionaries.
  struct Rates {
    /// The share of atoms with a p-value of at most 0.05.
    var uncorrected = 0.0
    /// The share of atoms with a q-value of at most 0.05, and the share of pairs with any such atom.
    var hochberg = (share: 0.0, any: 0.0)
    var yekutieli = (share: 0.0, any: 0.0)
  }

  static func rates(
    atoms: Int, width: Int, decay: Int, others: Int = 1, law: AtomLaw, repetitions: Int
  ) throws -> Rates {
    var rates = Rates()
    for repetition in 0..<repetitions {
      let seed = UInt64(repetition * (others + 1) + 1)
      let made = try (0...others).map {
        try dictionary(gaussianRows(atoms, width, decay: decay, seed: seed + UInt64($0)))
      }
      let found = try AtomReplication(
        of: made[0], in: Array(made.dropFirst()), convention: .signed,
        settings: .init(law: law, seed: seed), on: compute
      ).atoms
      let all = Double(atoms * repetitions)
      let hochberg = benjaminiHochberg(found.map(\.pValue)).count { $0 <= 0.05 }
      let yekutieli = found.count { $0.qValue <= 0.05 }
      rates.uncorrected += Double(found.count { $0.pValue <= 0.05 }) / all
      rates.hochberg.share += Double(hochberg) / all
      rates.hochberg.any += hochberg > 0 ? 1 / Double(repetitions) : 0
      rates.yekutieli.share += Double(yekutieli) / all
      rates.yekutieli.any += yekutieli > 0 ? 1 / Double(repetitions) : 0
    }
    return rates
  }

  @Test(arguments: [3, 6, 9], [1, 3])
  func independentDictionariesYieldHardlyADiscovery(decay: Int, others: Int) throws {
    let repetitions = others == 1 ? 60 : 30
    let rates = try Self.rates(
      atoms: 128, width: 32, decay: decay, others: others, law: .matchedSecondMoment,
      repetitions: repetitions)
    let error = (0.05 * 0.95 / Double(repetitions)).squareRoot()
    // All nulls are true, so the rate of false discoveries is the share of pairs with any.
    #expect(rates.yekutieli.any <= 0.05 + 2 * error)
    #expect(rates.yekutieli.share <= 0.05)
    #expect(rates.hochberg.share <= 0.05)
    if others == 1 { #expect((0.035...0.065).contains(rates.uncorrected)) }
  }

  @Test func theLawOfTheDecoderItselfWouldDiscoverWhatIsNotThere() throws {
    let rates = try Self.rates(
      atoms: 128, width: 32, decay: 9, law: .decoderSecondMoment, repetitions: 20)
    #expect(rates.uncorrected > 0.1)
    #expect(rates.hochberg.any > 0.2)
  }
}
