import SparseCoding
import Testing

@testable import DictionaryMetrics

@Suite struct ControlTests {
  static let compute = Compute(threads: 2)

  /// Rows of an anisotropic law around a mean, whose axes are those of the coordinates.
  static func rows(_ count: Int, width: Int = 12) -> Matrix {
    var stream = RandomStream(seed: 3, name: "rows")
    var rows = Matrix(rows: count, columns: width, values: stream.gaussians(count: count * width))
    for row in 0..<count {
      for column in 0..<width { rows[row, column] = 5 + rows[row, column] * Float(width - column) }
    }
    return rows
  }

  private func made(
    _ control: AgreementControl, atoms: (Int, Int), rows: Matrix = rows(4000),
    _ convention: CosineConvention = .absolute
  ) throws -> (first: UnitAtoms, second: UnitAtoms)? {
    try control.dictionaries(
      from: rows, atoms: atoms, convention: convention, seed: 1, on: Self.compute)
  }

  @Test func principalDirectionsAreTheAxes() throws {
    let found = try #require(try made(.principalDirections, atoms: (4, 4)))
    for atoms in [found.first, found.second] {
      #expect(atoms.all.rows == 4)
      for index in 0..<4 { #expect(abs(atoms.all[index, index]) > 0.9) }
    }
    let both = try #require(try made(.principalDirections, atoms: (4, 9), .signed))
    #expect(both.first.all.rows == 4)
    #expect(both.second.all.rows == 10)
    #expect(both.first.all[0, 0] == -both.first.all[1, 0])
    // As many as there are.
    #expect(try made(.principalDirections, atoms: (90, 90))?.first.all.rows == 12)
  }

  @Test func dataDrawsAreRowsOfDisjointHalves() throws {
    let rows = Self.rows(60)
    let found = try #require(try made(.dataDraw, atoms: (30, 30), rows: rows))
    let mean = (0..<12).map { column in
      (0..<60).reduce(0.0) { $0 + Double(rows[$1, column]) } / 60
    }
    // Every row is one atom of one of the two, so the best cosine of each is 1 and none is used twice.
    var used: [Int] = []
    for row in 0..<60 {
      let centered = rows.row(row).enumerated().map { Double($1) - mean[$0] }
      let length = centered.reduce(0) { $0 + $1 * $1 }.squareRoot()
      for (side, atoms) in [found.first.all, found.second.all].enumerated() {
        for atom in 0..<30 {
          let cosine = zip(centered, atoms.row(atom)).reduce(0.0) { $0 + $1.0 * Double($1.1) }
          if cosine / length > 0.999_99 { used.append(30 * side + atom) }
        }
      }
    }
    #expect(used.sorted() == Array(0..<60))
    #expect(try made(.dataDraw, atoms: (31, 20), rows: rows) == nil)
  }

  /// More rows than are looked at together, and some left over.
  @Test(arguments: KernelSet.available)
  func centroidsAreTheSameOnAnyThreads(set: KernelSet) {
    let rows = Self.rows(2500)
    let alone = AgreementControl.centroids(
      of: rows, 7, on: Compute(kernels: .plain, threads: 1))
    #expect(AgreementControl.centroids(of: rows, 7, on: Compute(kernels: set, threads: 3)) == alone)
    let obvious = Self.lloyd(rows, 7)
    for (centroid, expected) in obvious.enumerated() {
      for column in 0..<12 {
        #expect(abs(Double(alone[centroid, column]) - expected[column]) < 1e-3)
      }
    }
  }

  /// Ten rounds from the first rows, in doubles.
  private static func lloyd(_ rows: Matrix, _ count: Int) -> [[Double]] {
    let all = (0..<rows.rows).map { rows.row($0).map(Double.init) }
    var centroids = Array(all.prefix(count))
    for _ in 0..<10 {
      var heaps = [[[Double]]](repeating: [], count: count)
      for row in all {
        let distances = centroids.map {
          zip(row, $0).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        }
        heaps[distances.indices.min { distances[$0] < distances[$1] } ?? 0].append(row)
      }
      for (place, heap) in heaps.enumerated() where !heap.isEmpty {
        centroids[place] = centroids[place].indices.map { column in
          heap.reduce(0) { $0 + $1[column] } / Double(heap.count)
        }
      }
    }
    return centroids
  }

  /// Three heaps far apart: the centroids are their means, of every half.
  @Test func centroidsFindHeaps() throws {
    var stream = RandomStream(seed: 5, name: "heaps")
    let centers: [[Float]] = [[9, 0, 0], [0, 9, 0], [0, 0, 9]]
    var rows = Matrix(rows: 600, columns: 3)
    for row in 0..<600 {
      for column in 0..<3 {
        rows[row, column] = centers[row % 3][column] + 0.1 * Float(stream.gaussian())
      }
    }
    let found = AgreementControl.centroids(
      of: rows.selecting(rows: Array(0..<600)), 3, on: Self.compute)
    let order = (0..<3).map { heap in
      (0..<3).max { found[$0, heap] < found[$1, heap] } ?? 0
    }
    #expect(Set(order).count == 3)
    for (heap, centroid) in order.enumerated() {
      for column in 0..<3 { #expect(abs(found[centroid, column] - centers[heap][column]) < 0.05) }
    }
    let pair = try #require(try made(.kMeans, atoms: (20, 30), rows: rows, .signed))
    #expect(pair.first.all.rows == 20 && pair.second.all.rows == 30)
  }
}
