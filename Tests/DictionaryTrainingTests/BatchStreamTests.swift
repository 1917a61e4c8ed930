import Foundation
import SparseCoding
import Testing

@testable import DictionaryTraining

/// Rows that are no `Matrix`, so that they are read in windows; reading can fail from a row on.
struct ReadRows: ActivationSource {
  struct Unreadable: Error, Hashable { let row: Int }

  let matrix: Matrix
  var unreadable = Int.max
  /// Seconds that a read takes.
  var pause = 0.0

  var rows: Int { matrix.rows }
  var width: Int { matrix.columns }

  func read(_ range: Range<Int>, into target: UnsafeMutablePointer<Float>) throws {
    if range.contains(unreadable) { throw Unreadable(row: unreadable) }
    if pause > 0 { Thread.sleep(forTimeInterval: pause) }
    matrix.read(range, into: target)
  }
}

/// The order of large sets, and the batches of it, at sizes that make many windows of few rows.
struct BatchStreamTests {
  /// Windows of at most 40 rows of width 3, blocks of 7.
  static let layout = OrderLayout(windowElements: 120, windowRows: 100, blockElements: 21)
  static let compute = Compute(threads: 2)

  /// Each row says which it is.
  static func numbered(_ rows: Int) -> Matrix {
    Matrix(rows: rows, columns: 3, values: (0..<3 * rows).map { Float($0 / 3) })
  }

  static func numbers(_ batch: Batch) -> [Int] {
    batch.withValues { values in
      batch.rows.map { row in values.map { Int($0[row * batch.width]) } ?? -1 }
    }
  }

  @Test(arguments: [1, 39, 40, 41, 80, 203, 1000])
  func everyEpochOfWindowsSeesEveryRowOnce(rows: Int) {
    let order = RowOrder(dataSeed: 3, rows: rows, width: 3, layout: Self.layout)
    let epochs = (0..<3).map { order.rows($0 * rows..<($0 + 1) * rows) }
    for epoch in epochs { #expect(epoch.sorted() == Array(0..<rows)) }
    if rows > 1 { #expect(epochs[0] != epochs[1] && epochs[1] != epochs[2]) }
    var position = 0
    while position < 3 * rows {
      let window = order.window(at: position)
      #expect(window.positions.contains(position))
      #expect(window.slots.count <= max(order.largestWindow, 1) && order.largestWindow <= 42)
      #expect(window.positions.upperBound <= (position / rows + 1) * rows)
      position = window.positions.upperBound
    }
  }

  @Test func anotherSeedIsAnotherOrder() {
    let one = RowOrder(dataSeed: 1, rows: 203, width: 3, layout: Self.layout)
    let two = RowOrder(dataSeed: 2, rows: 203, width: 3, layout: Self.layout)
    #expect(one.rows(0..<203) != two.rows(0..<203))
  }

  /// A window's rows come from all over the set, and mix within it.
  @Test func windowsMix() {
    let order = RowOrder(dataSeed: 1, rows: 1000, width: 3, layout: Self.layout)
    let window = order.rows(0..<35)
    #expect(Set(window.map { $0 / 100 }).count >= 3)
    #expect(zip(window, window.dropFirst()).count { $0 + 1 == $1 } < 12)
  }

  @Test(arguments: [HoldOut.none, .every(rows: 10), .fraction(0.3)])
  func rowsThatAreReadAreThoseInMemory(holdOut: HoldOut) throws {
    let matrix = Self.numbered(203)
    let inMemory = TrainingRows(matrix, holdOut: holdOut, layout: Self.layout)
    let read = TrainingRows(ReadRows(matrix: matrix), holdOut: holdOut, layout: Self.layout)
    let a = BatchStream(inMemory, dataSeed: 5, until: 600, compute: Self.compute)
    let b = BatchStream(read, dataSeed: 5, until: 600, compute: Self.compute)
    // Within a window, over several windows, over epochs, again, back and beyond the end.
    for (position, count) in [
      (0, 16), (16, 16), (32, 16), (48, 100), (148, 300), (148, 300), (3, 5), (590, 30), (620, 16),
    ] {
      let one = Self.numbers(try a.batch(at: position, count: count))
      #expect(one == Self.numbers(try b.batch(at: position, count: count)))
      #expect(one.count == count)
      #expect(Set(one).isDisjoint(with: inMemory.heldOut))
    }
  }

  /// No window is used before it is read, and none is filled anew while it is used.
  @Test(arguments: [(reading: 0.001, training: 0.0), (reading: 0.0, training: 0.003)])
  func rowsAreThoseOfTheOrderHoweverLongReadingOrTrainingTakes(
    reading: Double, training: Double
  ) throws {
    let source = ReadRows(matrix: Self.numbered(203), pause: reading)
    let rows = TrainingRows(source, holdOut: .none, layout: Self.layout)
    let batches = BatchStream(rows, dataSeed: 5, until: 406, compute: Self.compute)
    let order = rows.order(dataSeed: 5)
    for position in stride(from: 0, to: 400, by: 8) {
      let batch = try batches.batch(at: position, count: 8)
      if training > 0 { Thread.sleep(forTimeInterval: training) }
      #expect(Self.numbers(batch) == order.rows(position..<position + 8))
    }
  }

  @Test func anUnreadableRowIsAnErrorWhenItsWindowIsReached() throws {
    let matrix = Self.numbered(203)
    var source = ReadRows(matrix: matrix)
    source.unreadable = 100
    let rows = TrainingRows(source, holdOut: .none, layout: Self.layout)
    let batches = BatchStream(rows, dataSeed: 5, until: 203, compute: Self.compute)
    let order = rows.order(dataSeed: 5).rows(0..<203)
    let place = try #require(order.firstIndex(of: 100))
    var reached = 0
    let error = #expect(throws: ReadRows.Unreadable.self) {
      while reached < 203 {
        _ = try batches.batch(at: reached, count: 1)
        reached += 1
      }
    }
    #expect(error == ReadRows.Unreadable(row: 100))
    #expect(reached <= place)
    // Asked again it fails again, and a place before it can still be read.
    #expect(throws: ReadRows.Unreadable.self) { _ = try batches.batch(at: place, count: 1) }
    if reached > 0 { #expect(Self.numbers(try batches.batch(at: 0, count: 1)) == [order[0]]) }
  }

  @Test func trainingOnRowsThatAreReadGivesTheSameBits() throws {
    let matrix = Planted.matrix(Self.compute)
    let configuration = Planted.configuration(steps: 60)
    func state(_ source: any ActivationSource) throws -> TrainingState {
      let rows = TrainingRows(
        source, holdOut: .every(rows: 10),
        layout: OrderLayout(windowElements: 2000, windowRows: 100, blockElements: 300))
      var trainer = try Trainer(configuration, rows: rows, compute: Self.compute)
      while !trainer.isFinished { _ = try trainer.advance() }
      return trainer.state()
    }
    #expect(try state(matrix) == state(ReadRows(matrix: matrix)))
  }
}

struct HoldOutTests {
  /// Sets beyond one window are divided without a permutation of all rows.
  @Test func aFractionOfALargeSetIsDrawnExactly() {
    let (heldOut, training) = HoldOut.fraction(0.3).divided(1000, width: 1 << 20)
    #expect(heldOut.count == 300 && training.count == 700)
    #expect(Array(heldOut) == heldOut.sorted() && Set(heldOut).count == 300)
    #expect(Set(heldOut).union(training) == Set(0..<1000))
    #expect(heldOut.contains { $0 < 100 } && heldOut.contains { $0 >= 900 })
  }

  @Test func stepsBeyondAllRowsHoldOutTheFirst() {
    let (heldOut, training) = HoldOut.every(rows: .max).divided(5, width: 1)
    #expect(Array(heldOut) == [0] && Array(training) == [1, 2, 3, 4])
  }
}
