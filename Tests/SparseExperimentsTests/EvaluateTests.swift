import Elute
import Testing

@testable import SparseExperiments

@Suite("evaluating a dictionary") struct EvaluateTests {
  /// The definition, row by row in `Double`.
  static func naive(_ coder: SparseCoder, on rows: Matrix, k: Int) -> (Evaluation, [Double]) {
    let width = coder.outputWidth
    var mean = [Double](repeating: 0, count: width)
    for row in 0..<rows.rows {
      for (index, value) in rows.row(row).enumerated() {
        mean[index] += Double(value) / Double(rows.rows)
      }
    }
    var error = 0.0
    var deviation = 0.0
    var fired = [Double](repeating: 0, count: coder.latents)
    for row in 0..<rows.rows {
      let x = rows.row(row).map(Double.init)
      var scores: [(latent: Int, value: Double)] = (0..<coder.latents).map { latent in
        var sum = Double(coder.encoderBias[latent])
        for (index, weight) in coder.encoder.row(latent).enumerated() {
          sum += Double(weight) * (x[index] - Double(coder.decoderBias[index]))
        }
        return (latent, sum)
      }
      scores.sort { ($0.value, -Double($0.latent)) > ($1.value, -Double($1.latent)) }
      var y = coder.decoderBias.map(Double.init)
      for (latent, value) in scores.prefix(k) where value > 0 {
        fired[latent] += 1
        for (index, weight) in coder.decoder.row(latent).enumerated() {
          y[index] += value * Double(weight)
        }
      }
      for index in 0..<width {
        error += (x[index] - y[index]) * (x[index] - y[index])
        deviation += (x[index] - mean[index]) * (x[index] - mean[index])
      }
    }
    let count = Double(rows.rows)
    return (
      Evaluation(
        rows: rows.rows, fvu: error / deviation, explainedVariance: 1 - error / deviation,
        mse: error / count / Double(width), l0: fired.reduce(0, +) / count,
        deadFraction: Double(fired.count { $0 == 0 }) / Double(coder.latents)),
      fired.map { $0 / count }
    )
  }

  @Test("the measures are those of the definition, over several blocks of rows")
  func naiveComparison() throws {
    var stream = RandomStream(seed: 3, name: "evaluation")
    let (width, latents, k) = (5, 40, 4)
    var coder = SparseCoder(
      site: Site(name: "here", width: width), activation: .topK(k: k),
      encoder: Matrix(rows: latents, columns: width, values: stream.gaussians(count: 200)),
      decoder: Matrix(rows: latents, columns: width, values: stream.gaussians(count: 200)),
      encoderBias: stream.gaussians(count: latents), decoderBias: stream.gaussians(count: width))
    for index in coder.decoder.values.indices { coder.decoder.values[index] *= 0.2 }
    coder.encoderBias[7] = -100
    let rows = Matrix(rows: 4100, columns: width, values: stream.gaussians(count: 4100 * width))
    let found = try evaluate(coder, on: rows, path: "rows", compute: oneThread)
    let (expected, densities) = Self.naive(coder, on: rows, k: k)
    #expect(found.measures.rows == 4100)
    #expect(abs(found.measures.fvu - expected.fvu) < 1e-6 * expected.fvu)
    #expect(abs(found.measures.mse - expected.mse) < 1e-6 * expected.mse)
    #expect(found.measures.explainedVariance == 1 - found.measures.fvu)
    #expect(found.measures.l0 == expected.l0)
    #expect(found.measures.deadFraction == expected.deadFraction)
    #expect(found.measures.deadFraction > 0)
    #expect(found.firingDensities == densities.map(Float.init))
    #expect(found.live == densities.indices.filter { densities[$0] > 0 })
  }

  @Test("a perfect dictionary leaves nothing, an empty one everything, and constant rows no fvu")
  func closedForms() throws {
    let axes = coder(CompareTests.axes, k: 4)
    let rows = matrix([[1, 0, 2, 0], [0, 3, 0, 0], [1, 1, 1, 0]])
    let perfect = try evaluate(axes, on: rows, path: "rows", compute: oneThread)
    #expect(perfect.measures.fvu == 0)
    #expect(perfect.measures.l0 == 2)
    #expect(perfect.measures.deadFraction == 0.25)
    var silent = axes
    silent.encoderBias = [-9, -9, -9, -9]
    silent.decoderBias = [1, 0, 0, 0]
    let constant = matrix([[1, 1, 0, 0], [1, 1, 0, 0]])
    let nothing = try evaluate(silent, on: constant, path: "rows", compute: oneThread)
    #expect(nothing.measures.mse == 0.25)
    #expect(nothing.measures.l0 == 0)
    #expect(nothing.measures.fvu == .infinity)
    #expect(nothing.live.isEmpty)
  }

  @Test("rows of another width are refused")
  func otherWidth() throws {
    let error = #expect(throws: TensorFileError.self) {
      try evaluate(coder(CompareTests.axes), on: matrix([[1]]), path: "rows", compute: oneThread)
    }
    #expect(
      error?.description == "rows: found rows of width 1, expected width 4, the dictionary's d_in")
  }
}

@Suite("replicated latents") struct ReplicatedLatentsTests {
  @Test("latents are ranked by their mean best cosine, with the inputs that activate them most")
  func ranking() throws {
    let axes = CompareTests.axes
    // The first, second and third axis find 1, 0.6 and 0.8; the fourth is dead.
    let other: [[Float]] = [axes[0], [0, 0.6, 0, 0.8], [0, 0, 0.8, 0.6]]
    let rows = matrix([
      [1, 0, 0, 0], [3, 0, 0, 0], [0, 2, 0, 0], [0, 0, 5, 0], [2, 0, 0, 0], [3, 0, 0, 0],
    ])
    let first = NamedDictionary(
      name: "a", coder: coder(axes), record: record(densities: [1, 1, 1, 0]))
    let second = NamedDictionary(
      name: "b", coder: coder(other), record: record(densities: [1, 1, 1]))
    let found = try ReplicatedLatents(
      of: [first, second, first], rows: rows, count: 2, inputs: 3, name: { "row \($0)" },
      compute: oneThread)
    #expect(found.most.map(\.latent) == [0, 2])
    #expect(found.least.map(\.latent) == [1])
    #expect(found.most[0].bestCosines == [1, 1])
    #expect(found.most[0].replication == 1)
    #expect(abs(found.least[0].replication - 0.8) < 1e-7)
    #expect(abs(found.most[1].replication - 0.9) < 1e-7)
    #expect(found.most[0].density == 4.0 / 6)
    #expect(found.most[0].topInputs.map(\.name) == ["row 1", "row 5", "row 4"])
    #expect(found.most[0].topInputs.map(\.value) == [3, 3, 2])
    #expect(found.least[0].topInputs.map(\.name) == ["row 2"])
  }

  @Test("of few latents none is both the most and the least replicated")
  func few() throws {
    let first = NamedDictionary(name: "a", coder: coder(CompareTests.axes))
    let found = try ReplicatedLatents(
      of: [first, first], rows: matrix([[1, 0, 0, 0], [0, 1, 0, 0]]), name: { "\($0)" },
      compute: oneThread)
    #expect(found.most.count == 4)
    #expect(found.least.isEmpty)
  }

  @Test("live are the latents that a comparison calls so, whatever fires on the rows shown")
  func sameLiveness() throws {
    let axes = CompareTests.axes
    let named = [[1, 1, 0, 1], [1, 0, 1, 1]].map { densities in
      NamedDictionary(
        name: "x", coder: coder(axes), record: record(densities: densities.map { Float($0) }))
    }
    // The third latent of the first fires here, and on no row that its record is about.
    let rows = matrix([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]])
    let found = try ReplicatedLatents(
      of: named, rows: rows, name: { "\($0)" }, compute: oneThread)
    #expect(found.most.map(\.latent) == [0, 3, 1])
    #expect(found.most.map(\.replication) == [1, 1, 0])
    let pair = try compare(named, options: .init(), compute: oneThread).pairs[0]
    #expect(pair.bestCosines.sorted() == found.most.map { Float($0.replication) }.sorted())
  }
}

@Suite("the measures of atoms") struct AtomMeasuresTests {
  @Test("duplicates count once, dead atoms not at all")
  func duplicates() throws {
    let axes = CompareTests.axes
    let near: [Float] = [0.95, 0.31, 0, 0]
    let dictionary = NamedDictionary(
      name: "a", coder: coder([axes[0], near, axes[1], axes[2], [0, 0, 0, 0]]))
    let measures = try AtomMeasures(dictionary, live: [0, 1, 2, 4], on: oneThread)
    #expect(measures.liveAtoms == 3)
    #expect(measures.distinctAtoms == 2)
    #expect(measures.effectiveRank >= measures.effectiveRankOfSquares)
    #expect(measures.effectiveRankOfSquares >= measures.participationRatio)
  }

  @Test("equal directions are counted: four axes and their opposites have rank 4")
  func rank() throws {
    let axes = CompareTests.axes
    let both = axes + axes.map { $0.map { -$0 } }
    let dictionary = NamedDictionary(name: "a", coder: coder(both))
    let measures = try AtomMeasures(dictionary, live: Array(0..<8), on: oneThread)
    #expect(measures.distinctAtoms == 8)
    for rank in [
      measures.effectiveRank, measures.effectiveRankOfSquares, measures.participationRatio,
    ] { #expect(abs(rank - 4) < 1e-9) }
    let none = try AtomMeasures(dictionary, live: [], on: oneThread)
    #expect(none.liveAtoms == 0 && none.distinctAtoms == 0 && none.effectiveRank == 0)
  }
}
