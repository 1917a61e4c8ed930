import Elute
import Testing

@testable import EluteCommand

@Suite("words and numbers on the console") struct WordsTests {
  @Test(
    "the edit distance counts insertions, deletions and replacements",
    arguments: [
      ("", "", 0), ("steps", "steps", 0), ("steps", "", 5), ("", "k", 1), ("stepz", "steps", 1),
      ("stps", "steps", 1), ("sstep", "steps", 2), ("kitten", "sitting", 3), ("ab", "ba", 2),
    ])
  func editDistances(_ a: String, _ b: String, _ distance: Int) {
    #expect(editDistance(a, b) == distance)
    #expect(editDistance(b, a) == distance)
  }

  @Test("a suggestion is near, or there is none")
  func suggestions() {
    let known = TrainSettings.CodingKeys.allCases.map(\.rawValue)
    #expect(nearest(to: "dsae", among: known) == "d_sae")
    #expect(nearest(to: "learning_rate", among: known) == nil)
    #expect(nearest(to: "hold_out", among: known) == "holdout")
    #expect(nearest(to: "K", among: known) == "k")
  }

  @Test("numbers of fixed decimals are rounded, signed and never end the process")
  func fixedNumbers() {
    #expect(fixed(0, 2) == "0.00")
    #expect(fixed(1.005, 0) == "1")
    #expect(fixed(-1.25, 1) == "-1.3")
    #expect(fixed(-0.001, 2) == "0.00")
    #expect(fixed(0.999, 2) == "1.00")
    #expect(fixed(12.05, 3) == "12.050")
    #expect(fixed(.nan, 2) == "not defined")
    #expect(fixed(-.infinity, 2) == "not defined")
    #expect(fixed(1e300, 4) == "1e+300")
    #expect(fixed(-123_456_789_012, 4) == "-123456789012.0000")
    #expect(fixed(1e12, 4) == "1000000000000.0")
  }

  @Test("times and sizes are in words")
  func timesAndSizes() {
    #expect(duration(0.4) == "0 s")
    #expect(duration(99.4) == "99 s")
    #expect(duration(100) == "1 min 40 s")
    #expect(duration(3599) == "59 min 59 s")
    #expect(duration(7325) == "2 h 2 min")
    #expect(size(0) == "0 B")
    #expect(size(999) == "999 B")
    #expect(size(1000) == "1.0 kB")
    #expect(size(1_250_000) == "1.3 MB")
    #expect(size(5_000_000_000_000_000) == "5000.0 TB")
  }

  @Test("errors of every kind have words, and what to do on a line of its own")
  func wording() {
    let file = TensorFileError(
      path: "a\nb", location: .row(3), found: "x", expected: "y", hint: "do z")
    #expect(Wording(file)?.text == "error: a\\u{a}b: row 3: found x, expected y\nhint: do z")
    let setting = ConfigurationError(key: "k", found: "x", expected: "y", hint: "")
    #expect(Wording(setting)?.text == "error: k: found x, expected y")
    let metric = MetricError(place: "a and b", found: "x", expected: "y", hint: "do z")
    #expect(Wording(metric)?.text == "error: a and b: found x, expected y\nhint: do z")
  }

  @Test("seeds are whole numbers between commas")
  func seedLists() {
    #expect(SeedList(argument: "0,1, 2")?.seeds == [0, 1, 2])
    #expect(SeedList(argument: "18446744073709551615")?.seeds == [.max])
    for wrong in ["", ",", "1,", "a", "-1", "1.5", "18446744073709551616"] {
      #expect(SeedList(argument: wrong) == nil)
    }
  }
}
