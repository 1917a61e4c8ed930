import DictionaryMetrics
import SparseCoding
import Testing

@Suite struct JackknifeTests {
  /// How often an interval holds the true value of a statistic of pairs whose dictionaries each bring an effect
  /// of their own and whose pairs bring another.
  @Test(arguments: [3, 5, 8]) func coversTheTruthAsOftenAsItSays(dictionaries: Int) {
    var stream = RandomStream(seed: UInt64(dictionaries), name: "effects")
    let repetitions = 4000
    var covered = 0
    for _ in 0..<repetitions {
      let own = stream.gaussians(count: dictionaries).map(Double.init)
      var pairs: [(first: Int, second: Int, value: Double)] = []
      for first in 0..<dictionaries {
        for second in first + 1..<dictionaries {
          let noise = Double(stream.gaussians(count: 1)[0])
          pairs.append((first, second, 0.4 + own[first] + own[second] + 0.3 * noise))
        }
      }
      guard let interval = jackknifeInterval(overPairs: pairs, dictionaries: dictionaries) else {
        Issue.record("no interval of \(dictionaries) dictionaries")
        return
      }
      if interval.low <= 0.4 && 0.4 <= interval.high { covered += 1 }
    }
    // Nominal 95 %, with a standard error of 0.35 %.
    #expect((0.935...0.975).contains(Double(covered) / Double(repetitions)))
  }

  @Test func twoDictionariesHaveNoInterval() {
    #expect(jackknifeInterval(overPairs: [(0, 1, 0.5)], dictionaries: 2) == nil)
    #expect(meanInterval(of: [1]) == nil)
  }

  @Test func ofAMeanTheIntervalIsStudents() throws {
    // Three times 0.1 is no 0.3 in doubles.
    let equal = try #require(meanInterval(of: [0.1, 0.1, 0.1]))
    #expect(equal.low == 0.1 && equal.high == 0.1 && mean(of: [0.1, 0.1, 0.1]) == 0.1)
    // Mean 2, standard error 1 / sqrt 3, t on two degrees 4.3027.
    let interval = try #require(meanInterval(of: [1, 2, 3]))
    #expect(abs(interval.low - (2 - 4.3027 / 3.0.squareRoot())) < 1e-9)
    #expect(abs(interval.high - (2 + 4.3027 / 3.0.squareRoot())) < 1e-9)
  }
}
