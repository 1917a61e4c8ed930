import Testing

@testable import ExperimentReports

@Suite struct ChartTests {
  private let unit = Axis.linear(from: 0, to: 1, title: "")

  @Test func linesRunFromLowerLeftToUpperRight() {
    let series = [Series(ink: .measured, points: [Point(x: 0, y: 0), Point(x: 1, y: 1)])]
    let marks = Canvas.lines(series, x: unit, y: unit).source
    #expect(marks == #"<path class="line measured" d="M0 1000L1000 0"/>"#)
  }

  @Test func aValueThatIsNotDefinedInterruptsItsLine() {
    let points = [
      Point(x: 0, y: 0.5), Point(x: 0.25, y: 0.5), Point(x: 0.5, y: .nan), Point(x: 0.75, y: 0.5),
      Point(x: 1, y: 0.5),
    ]
    let marks = Canvas.lines([Series(ink: .run(1), points: points)], x: unit, y: unit).source
    #expect(marks == #"<path class="line run-1" d="M0 500L250 500M750 500L1000 500"/>"#)
  }

  @Test func runsPastTheEighthRepeatColorsDashed() {
    #expect(Ink.run(7).style == "run-7")
    #expect(Ink.run(8).style == "run-0 again")
  }

  @Test func aThinnedLineKeepsItsExtremes() {
    let points = (0..<10_000).map { index in
      Point(x: Double(index) / 10, y: index == 4321 ? 999 : index == 6543 ? -5 : 500)
    }
    let thinned = Canvas.thinned(points)
    #expect(thinned.count <= 804)
    #expect(thinned.contains { $0.y == 999 } && thinned.contains { $0.y == -5 })
    #expect(thinned.first == points.first && thinned.last == points.last)
    #expect(zip(thinned, thinned.dropFirst()).allSatisfy { $0.x <= $1.x })
  }

  @Test func histogramsCountEveryFiniteValueOnce() {
    let histogram = Histogram(
      [-1, 0, 0.25, 0.26, 0.5, 0.99, 1, 7, .nan, .infinity], from: 0, width: 0.25, bins: 4)
    #expect(histogram.counts == [2, 2, 1, 3])
    #expect(histogram.undefined == 2)
    #expect(histogram.shares == [0.25, 0.25, 0.125, 0.375])
    #expect(histogram.edges == [0, 0.25, 0.5, 0.75, 1])
    #expect(Histogram([], from: 0, width: 1, bins: 2).shares == [0, 0])
  }

  @Test func aHistogramIsDrawnAsSteps() {
    let marks = Canvas.steps(
      heights: [0.5, 1], edges: [0, 0.5, 1], ink: .chance, isFilled: false, x: unit, y: unit)
    #expect(marks.source == #"<path class="line chance" d="M0 1000V500H500V0H1000V1000"/>"#)
  }

  @Test func aRulerHasADotForEveryValueThatIsDefined() {
    let marks = ruler([0.5, .nan, 2], chance: [0.25], description: "x").source
    #expect(marks.ranges(of: "<circle").count == 2)
    #expect(marks.contains(#"cx="50%""#) && marks.contains(#"cx="100%""#))
    #expect(marks.contains(#"x1="25%" x2="25%""#))
  }
}
