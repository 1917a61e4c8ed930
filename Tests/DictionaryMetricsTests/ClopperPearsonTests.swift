import Testing

@testable import DictionaryMetrics

@Suite struct ClopperPearsonTests {
  /// The probability of each number of successes, by Pascal's recursion.
  private func law(of trials: Int, chance: Double) -> [Double] {
    (0..<trials).reduce([1.0]) { law, _ in
      (0...law.count).map { count in
        (count < law.count ? law[count] * (1 - chance) : 0)
          + (count > 0 ? law[count - 1] * chance : 0)
      }
    }
  }

  @Test(arguments: [1, 2, 7, 29, 200]) func tailsAreSumsOfTheLaw(trials: Int) {
    for chance in [1e-6, 0.03, 0.4, 0.5, 0.93, 1 - 1e-9] {
      let law = law(of: trials, chance: chance)
      for count in Set([1, trials / 3, trials / 2, trials]) where count > 0 {
        let sum = law[count...].reduce(0, +)
        let tail = IncompleteBeta.binomialTail(atLeast: count, of: trials, chance: chance)
        #expect(abs(tail - sum) <= 1e-10 * sum, "\(count) of \(trials) at \(chance)")
      }
    }
    #expect(IncompleteBeta.binomialTail(atLeast: 1, of: trials, chance: 0) == 0)
    #expect(IncompleteBeta.binomialTail(atLeast: trials, of: trials, chance: 1) == 1)
  }

  @Test func manyTrialsAreNoTrouble() {
    // As many above as below the middle, and the middle itself counts once.
    let tail = IncompleteBeta.binomialTail(atLeast: 2001, of: 4001, chance: 0.5)
    #expect(abs(tail - 0.5) < 1e-10)
  }

  @Test func boundsAreTheKnownOnes() {
    func lower(_ successes: Int, _ trials: Int) -> Double {
      ClopperPearson(successes: successes, trials: trials).lowerBound(confidence: 0.95)
    }
    // All of n: the n-th root of 0.05.
    #expect(abs(lower(7, 7) - 0.651836) < 1e-6)
    #expect(abs(lower(29, 29) - 0.901855) < 1e-6 && lower(28, 28) < 0.9)
    #expect(abs(lower(1, 1) - 0.05) < 1e-12)
    for (successes, trials, low, high) in [
      (0, 10, 0, 0.308497), (5, 10, 0.187086, 0.812914), (10, 10, 0.691503, 1),
      (2, 3, 0.094299, 0.991596), (1, 1, 0.025, 1),
    ] {
      let interval = ClopperPearson(successes: successes, trials: trials).interval()
      #expect(abs(interval.low - low) < 1e-6 && abs(interval.high - high) < 1e-6)
    }
  }

  @Test(arguments: [1, 2, 3, 7, 15, 29]) func coverageIsAtLeastTheConfidence(trials: Int) {
    let all = (0...trials).map { ClopperPearson(successes: $0, trials: trials) }
    let intervals = all.map { $0.interval() }
    let (lows, highs) = (
      all.map { $0.lowerBound(confidence: 0.95) }, all.map { $0.upperBound(confidence: 0.95) }
    )
    // Just beside each end as well as on a grid: coverage jumps there.
    let chances =
      (1..<200).map { Double($0) / 200 }
      + (intervals.map(\.low) + intervals.map(\.high)).flatMap { [$0 - 1e-9, $0 + 1e-9] }
    var least = 1.0
    for chance in chances where chance > 0 && chance < 1 {
      let law = law(of: trials, chance: chance)
      func coverage(_ covers: (Int) -> Bool) -> Double {
        law.indices.filter(covers).reduce(0) { $0 + law[$1] }
      }
      let covered = coverage { intervals[$0].low <= chance && chance <= intervals[$0].high }
      #expect(covered >= 0.95 - 1e-6)
      #expect(coverage { lows[$0] <= chance } >= 0.95 - 1e-6)
      #expect(coverage { chance <= highs[$0] } >= 0.95 - 1e-6)
      least = min(least, covered)
    }
    // Exact: some chance is covered hardly more often than has to be.
    #expect(least < 0.98)
  }
}
