import Elute
import Testing

@testable import SparseExperiments

/// Directions planted in rows: which rows, how much, and the same bits however rows are read.
@Suite("spike-in") struct SpikeInTests {
  private static let width = 8

  /// Rows that are read and not at hand as a matrix.
  private struct Read: ActivationSource {
    let matrix: Matrix
    var rows: Int { matrix.rows }
    var width: Int { matrix.columns }
    func read(_ range: Range<Int>, into target: UnsafeMutablePointer<Float>) {
      matrix.read(range, into: target)
    }
  }

  private func spikes(_ features: [SpikeIn.Feature], deviation: Double = 2, seed: UInt64 = 0)
    -> SpikeIn
  {
    SpikeIn(features, width: Self.width, deviation: deviation, seed: seed)
  }

  /// Parents and children, common and rare.
  private static let mixed: [SpikeIn.Feature] = [
    .init(frequency: 0.3, strength: 1), .init(frequency: 0.1, strength: 0.5, parent: 0),
    .init(frequency: 0.02, strength: 0.25), .init(frequency: 0.3, strength: 2, parent: 0),
  ]

  @Test("a row has the same bits in whatever order, blocks and company it is read")
  func purity() throws {
    let rows = Matrix(rows: 5000, columns: Self.width, repeating: 0.125)
    let spikes = spikes(Self.mixed)
    let whole = try #require(spikes.planted(in: rows) as? Matrix)
    #expect(whole != rows)
    let read = spikes.planted(in: Read(matrix: rows))
    #expect(read is SpikedRows)
    #expect(try read.matrix(ofRows: Array(0..<5000)) == whole)
    // Backwards, in blocks that grow.
    var range = 5000..<5000
    while range.lowerBound > 0 {
      range = max(0, range.lowerBound - range.count - 1)..<range.lowerBound
      #expect(try read.matrix(ofRows: Array(range)) == whole.selecting(rows: range))
    }
    let some = stride(from: 3, to: 5000, by: 7).map { $0 }
    #expect(try read.matrix(ofRows: some) == whole.selecting(rows: some))
    let again = SpikeIn(Self.mixed, width: Self.width, deviation: 2, seed: 0).planted(in: rows)
    #expect(again as? Matrix == whole)
    let other = SpikeIn(Self.mixed, width: Self.width, deviation: 2, seed: 1).planted(in: rows)
    #expect(other as? Matrix != whole)
  }

  @Test("a row is what it was plus the stated lengths of the directions that fire on it")
  func sums() throws {
    let rows = planted
    let spikes = spikes(Self.mixed)
    let whole = try #require(spikes.planted(in: rows) as? Matrix)
    var expected = rows.values.map(Double.init)
    for index in spikes.features.indices {
      for row in spikes.firings(of: index, in: 0..<rows.rows) {
        let length = Double(spikes.value(of: index, at: row))
        for column in 0..<Self.width {
          expected[row * Self.width + column] += length * Double(spikes.directions[index, column])
        }
      }
    }
    #expect(zip(whole.values, expected).allSatisfy { abs(Double($0) - $1) < 1e-5 })
    for index in spikes.features.indices {
      let squares = spikes.directions.row(index).reduce(0.0) { $0 + Double($1) * Double($1) }
      #expect(abs(squares - 1) < 1e-6)
    }
    #expect(spikes.directions != spikes.neverPlanted)
  }

  @Test("frequencies and strengths are those stated, within five standard errors")
  func frequencies() {
    let count = 200_000
    let features = [0.5, 0.1, 0.01, 0.001].map { SpikeIn.Feature(frequency: $0, strength: 3 * $0) }
    let spikes = spikes(features)
    for (index, feature) in features.enumerated() {
      let firings = spikes.firings(of: index, in: 0..<count)
      let expected = Double(count) * feature.frequency
      #expect(
        abs(Double(firings.count) - expected)
          < 5 * (expected * (1 - feature.frequency)).squareRoot())
      let values = firings.map { Double(spikes.value(of: index, at: $0)) }
      let mean = values.reduce(0, +) / Double(values.count)
      let length = 2 * feature.strength
      #expect(abs(mean / length - 1) < 5 * 0.25 / Double(values.count).squareRoot())
      #expect(values.allSatisfy { $0 >= 0 } && Set(values).count > values.count / 2)
    }
    // Features fire independently: on both of the first two as often as the product says.
    let both = Set(spikes.firings(of: 0, in: 0..<count))
      .intersection(spikes.firings(of: 1, in: 0..<count)).count
    #expect(abs(Double(both) - 0.05 * Double(count)) < 5 * (0.05 * Double(count)).squareRoot())
  }

  @Test("a child fires on no row without its parent, and on the stated share of those with it")
  func children() {
    let spikes = spikes(Self.mixed)
    let count = 100_000
    let parent = Set(spikes.firings(of: 0, in: 0..<count))
    let child = spikes.firings(of: 1, in: 0..<count)
    #expect(parent.isSuperset(of: child))
    let expected = Double(parent.count) / 3
    #expect(abs(Double(child.count) - expected) < 5 * (expected * 2 / 3).squareRoot())
    // Of equal frequency, they are one.
    #expect(Set(spikes.firings(of: 3, in: 0..<count)) == parent)
  }

  @Test("the variance that is added is the one stated")
  func variance() throws {
    let features = (0..<20).map { SpikeIn.Feature(frequency: 0.02, strength: 0.1 * Double($0)) }
    let spikes = spikes(features)
    let rows = Matrix(rows: 60_000, columns: Self.width, repeating: 0)
    let training = TrainingRows(spikes.planted(in: rows), holdOut: .none)
    var deviation = RowDeviation(training)
    try training.source.forEachPiece { deviation.add($0, $1) }
    let found = deviation.value * deviation.value / 4
    #expect(abs(found / spikes.addedVariance - 1) < 0.1)
  }

  @Test("the deviation is that of the rows that train, however they come")
  func deviation() {
    let data = matrix([[900, 900], [1, 5], [3, 5], [5, 5], [7, 9]])
    let rows = TrainingRows(data, holdOut: .every(rows: 10))
    var whole = RowDeviation(rows)
    data.values.withUnsafeBufferPointer { whole.add(0, $0) }
    // The columns' variances are 5 and 3.
    #expect(abs(whole.value - 8.0.squareRoot()) < 1e-12)
    var parts = RowDeviation(rows)
    for row in 0..<5 { Array(data.row(row)).withUnsafeBufferPointer { parts.add(row, $0) } }
    #expect(parts.value == whole.value)
    #expect(RowDeviation(rows).value == 0)
  }

  @Test(
    "every cell of the grid is as full as the next; pairs keep their rung",
    arguments: [12, 96, 333])
  func grid(_ count: Int) throws {
    let grid = SpikeGrid(directions: count, trainingRows: 13_500)
    #expect(grid.strengths == [1, 0.5, 0.25, 0.125])
    #expect(grid.frequencies.count == min(max(count / 12, 3), 12))
    #expect(abs(grid.frequencies[0] - 0.01) < 1e-12)
    #expect(abs((grid.frequencies.last ?? 0) * 13_500 - 1) < 1e-9)
    let ratios = zip(grid.frequencies.dropFirst(), grid.frequencies).map { $0 / $1 }
    #expect(ratios.allSatisfy { abs($0 / ratios[0] - 1) < 1e-9 })
    let features = SpikeIn(grid, count: count, width: 4, deviation: 1, seed: 0).features
    #expect(features.count == count)
    let cells = Dictionary(grouping: features) { [$0.frequency, $0.strength] }
    #expect(cells.count == grid.frequencies.count * 4)
    let sizes = cells.values.map(\.count)
    #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
    let children = features.filter { $0.parent != nil }
    #expect(children.isEmpty == (count == 12))
    for child in children {
      let parent = features[try #require(child.parent)]
      #expect(parent.parent == nil && parent.strength == child.strength)
      #expect(abs(child.frequency / parent.frequency / ratios[0] - 1) < 1e-9)
    }
    #expect(SpikeGrid(directions: 12, trainingRows: 500).frequencies[0] == 0.1)
    #expect(abs(SpikeGrid(directions: 12, trainingRows: 2000).frequencies[0] - 0.05) < 1e-12)
  }
}
