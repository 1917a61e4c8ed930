import Elute
import Testing

@testable import SparseExperiments

@Suite("the log of a run") struct MetricsLogTests {
  static func point(_ step: Int, fvu: Double? = 0.5) -> CurvePoint {
    CurvePoint(
      step: step, loss: 0.1 + Double(step), objective: 0.2, fvu: fvu, l0: 3, deadFraction: 0,
      lr: 1e-3)
  }

  private func log(_ place: Place, steps: [Int]) throws -> MetricsLog {
    var log = try MetricsLog(place.file("metrics.jsonl"), keepingUpTo: 0)
    for step in steps { try log.append(Self.point(step), seconds: Double(step) / 10) }
    return log
  }

  @Test("a line a step, which can be read again")
  func roundTrip() throws {
    let place = try Place()
    let written = try log(place, steps: [1, 2, 4])
    #expect(place.bytes("metrics.jsonl").count { $0 == UInt8(ascii: "\n") } == 3)
    let read = try MetricsLog(place.file("metrics.jsonl"), keepingUpTo: 4)
    #expect(read.points == written.points)
    #expect(read.points.map(\.step) == [1, 2, 4])
    #expect(read.seconds == 0.4)
  }

  @Test("lines beyond the checkpoint are dropped, from the file too")
  func truncation() throws {
    let place = try Place()
    _ = try log(place, steps: [1, 2, 4, 8])
    var cut = try MetricsLog(place.file("metrics.jsonl"), keepingUpTo: 3)
    #expect(cut.points.map(\.step) == [1, 2])
    #expect(cut.seconds == 0.2)
    try cut.append(Self.point(3), seconds: 7)
    let read = try MetricsLog(place.file("metrics.jsonl"), keepingUpTo: 100)
    #expect(read.points.map(\.step) == [1, 2, 3])
    #expect(read.seconds == 7)
  }

  @Test("a line that a kill cut short at any byte is dropped, and those before it stay")
  func cutLines() throws {
    let place = try Place()
    let points = try log(place, steps: [1, 2]).points
    let whole = place.bytes("metrics.jsonl")
    let first = try #require(whole.firstIndex(of: UInt8(ascii: "\n"))) + 1
    for length in first..<whole.count - 1 {
      try place.write(Array(whole.prefix(length)), to: "metrics.jsonl")
      let read = try MetricsLog(place.file("metrics.jsonl"), keepingUpTo: 9)
      #expect(read.points == [points[0]])
      #expect(place.bytes("metrics.jsonl") == Array(whole.prefix(first)))
    }
  }

  @Test("numbers that are not finite, and those that were not measured, can be read again")
  func notFinite() throws {
    let place = try Place()
    var log = try MetricsLog(place.file("metrics.jsonl"), keepingUpTo: 0)
    try log.append(Self.point(1, fvu: .infinity), seconds: 1)
    try log.append(Self.point(2, fvu: nil), seconds: 2)
    try log.append(Self.point(3, fvu: .nan), seconds: 3)
    let read = try MetricsLog(place.file("metrics.jsonl"), keepingUpTo: 3)
    #expect(read.points.map(\.step) == [1, 2, 3])
    #expect(read.points[0].fvu == .infinity)
    #expect(read.points[1].fvu == nil)
    #expect(read.points[2].fvu?.isNaN == true)
  }

  @Test("a log that cannot grow is an error that names it")
  func noRoom() throws {
    let place = try Place()
    var log = try MetricsLog(place.file("metrics.jsonl"), keepingUpTo: 0)
    try place.remove("metrics.jsonl")
    let error = #expect(throws: TensorFileError.self) {
      try log.append(Self.point(5), seconds: 0)
    }
    #expect(error?.path == place.file("metrics.jsonl"))
    #expect(error?.expected == "a line for step 5")
  }
}
