import SparseCoding
import Testing

@testable import DictionaryTraining

/// Dictionaries trained at once have the bits that each has alone.
struct TrainingPassTests {
  private static func configuration(seed: UInt64, dataSeed: UInt64?) -> TrainingConfiguration {
    var configuration = Planted.configuration(steps: 60, seed: seed)
    configuration.dataSeed = dataSeed ?? seed
    return configuration
  }

  private static func alone(_ configuration: TrainingConfiguration) throws -> TrainingState {
    try Planted.train(configuration, Compute(threads: 1)).state
  }

  /// With one thread all share it; with two, two step side by side and the third on both.
  @Test(arguments: [1, 2, 4], [nil, 9] as [UInt64?])
  func eachHasItsOwnBits(threads: Int, dataSeed: UInt64?) throws {
    let compute = Compute(threads: threads)
    let rows = Planted.rows(compute)
    let configurations = (0..<3).map { Self.configuration(seed: $0, dataSeed: dataSeed) }
    #expect(TrainingPass.isSmall(configurations[0]))
    var pass = TrainingPass(configurations[0], members: 3, compute: compute)
    let statistics = try RowStatistics(rows, for: configurations[0], compute: compute)
    for one in configurations { try pass.add(one, rows: rows, statistics: statistics, from: nil) }
    while !pass.isFinished { #expect(try pass.advance().map(\.member) == [0, 1, 2]) }
    for (trainer, one) in zip(pass.trainers, configurations) {
      #expect(try trainer.state() == Self.alone(one))
    }
  }

  /// Seeds that share an order share its windows, one of which is read while another is trained on.
  @Test(arguments: [1, 2], [nil, 9] as [UInt64?])
  func eachHasItsOwnBitsInAnOrderOfWindows(threads: Int, dataSeed: UInt64?) throws {
    let compute = Compute(threads: threads)
    let matrix = Planted.matrix(compute)
    func rows(_ source: any ActivationSource) -> TrainingRows {
      // 540 training rows in windows of at most 98: a batch of 150 spans two or three.
      TrainingRows(
        source, holdOut: .every(rows: 10),
        layout: OrderLayout(windowElements: 2000, windowRows: 100, blockElements: 280))
    }
    let configurations = (0..<3).map { Self.configuration(seed: $0, dataSeed: dataSeed) }
    let read = rows(ReadRows(matrix: matrix))
    var pass = TrainingPass(configurations[0], members: 3, compute: compute)
    let statistics = try RowStatistics(read, for: configurations[0], compute: compute)
    for one in configurations { try pass.add(one, rows: read, statistics: statistics, from: nil) }
    while !pass.isFinished { #expect(try pass.advance().map(\.member) == [0, 1, 2]) }
    for (trainer, one) in zip(pass.trainers, configurations) {
      var alone = try Trainer(one, rows: rows(matrix), compute: Compute(threads: 1))
      while !alone.isFinished { _ = try alone.advance() }
      #expect(trainer.state() == alone.state())
    }
  }

  /// Those that are behind step alone until they have caught up.
  @Test func theyMayGoOnFromDifferentSteps() throws {
    let compute = Compute(threads: 2)
    let source = ReadRows(matrix: Planted.matrix(compute))
    let rows = TrainingRows(source, holdOut: .every(rows: 10))
    let configurations = (0..<2).map { Self.configuration(seed: $0, dataSeed: 4) }
    let begun = try Planted.train(configurations[0], compute, upTo: 17).state
    var pass = TrainingPass(configurations[0], members: 2, compute: compute)
    try pass.add(configurations[0], rows: rows, statistics: nil, from: begun)
    try pass.add(configurations[1], rows: rows, statistics: nil, from: nil)
    var stepped: [[Int]] = []
    while !pass.isFinished { stepped.append(try pass.advance().map(\.member)) }
    #expect(stepped == Array(repeating: [1], count: 17) + Array(repeating: [0, 1], count: 43))
    for (trainer, one) in zip(pass.trainers, configurations) {
      #expect(try trainer.state() == Self.alone(one))
    }
  }
}
