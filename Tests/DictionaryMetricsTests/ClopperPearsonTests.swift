import DictionaryMetrics
import Testing

@Suite("the exact interval of a share") struct ClopperPearsonTests {
  /// Closed forms at the ends, and values of tables between.
  @Test(arguments: [
    (3, 3, 0.292402, 1.0), (0, 3, 0.0, 0.707598), (5, 10, 0.187086, 0.812914),
    (1, 10, 0.002529, 0.445016), (0, 1, 0, 0.975), (17, 20, 0.621073, 0.967929), (0, 0, 0, 1),
  ]) func tables(_ successes: Int, _ trials: Int, _ low: Double, _ high: Double) {
    let found = clopperPearson(successes: successes, of: trials)
    #expect(abs(found.low - low) < 1e-6 && abs(found.high - high) < 1e-6, "\(found)")
  }

  @Test("an interval of a lower level lies within one of a higher")
  func levels() {
    let (wide, narrow) = (
      clopperPearson(successes: 300, of: 1000, level: 0.99),
      clopperPearson(successes: 300, of: 1000, level: 0.5)
    )
    #expect(wide.low < narrow.low && narrow.low < 0.3 && narrow.high < wide.high)
  }
}
