import SparseCoding
import SyntheticFeatures
import Testing

@testable import DictionaryTraining

/// Directions in the units of training, and what they do to the first latents.
@Suite("anchors") struct AnchorTests {
  private static let input = Site(name: "x", width: 2)
  private static let output = Site(name: "y", width: 2)
  private static let one = Compute(threads: 1)

  private func configuration(
    _ architecture: Architecture, _ change: (inout TrainingConfiguration) -> Void = { _ in }
  ) -> TrainingConfiguration {
    var configuration = TrainingConfiguration(
      architecture: architecture, latents: 45, activation: .topK(k: 4), batchRows: 160, steps: 200,
      learningRate: LearningRate(peak: 3e-3), deadLatents: .none)
    configuration.objective.anchorWeight = 0.1
    change(&configuration)
    return configuration
  }

  private func matrix(_ rows: [[Float]]) -> Matrix {
    Matrix(rows: rows.count, columns: rows[0].count, values: rows.flatMap(\.self))
  }

  private func isNear(_ a: Matrix, _ b: [[Float]]) -> Bool {
    a.rows == b.count && zip(a.values, b.flatMap(\.self)).allSatisfy { abs($0 - $1) < 1e-6 }
  }

  @Test("by hand: factors of columns, a whitening, sites, a tied encoder")
  func byHand() {
    let own = Architecture.autoencoder(Self.input)
    let root = Float(5).squareRoot()
    let scaled = Anchors(
      along: matrix([[1, 1], [0, -3]]), of: configuration(own),
      in: RowNormalizer(scales: [1, 2]))
    #expect(isNear(scaled.encoder, [[1 / root, 2 / root], [0, -1]]))
    #expect(scaled.decoder == scaled.encoder)

    let whitening = RowNormalizer.Whitening(
      matrix: matrix([[2, 1], [1, 2]]),
      inverse: matrix([[2.0 / 3, -1.0 / 3], [-1.0 / 3, 2.0 / 3]]))
    let whitened = Anchors(
      along: matrix([[7, 0]]), of: configuration(own),
      in: RowNormalizer(scales: [1, 1], whitening: [whitening]))
    #expect(isNear(whitened.decoder, [[2 / root, 1 / root]]))

    let transcoder = Anchors(
      along: matrix([[3, 4, 0, 5]]),
      of: configuration(.transcoder(input: Self.input, output: Self.output, skip: false)),
      in: RowNormalizer(scales: [2, 2, 3, 3]))
    #expect(isNear(transcoder.encoder, [[0.6, 0.8]]))
    #expect(isNear(transcoder.decoder, [[0, 1]]))

    let crosscoder = Anchors(
      along: matrix([[1, 0, 1, 0]]), of: configuration(.crosscoder([Self.input, Self.output])),
      in: RowNormalizer(scales: [3, 3, 4, 4]))
    #expect(isNear(crosscoder.encoder, [[0.6, 0, 0.8, 0]]))
    #expect(crosscoder.decoder == crosscoder.encoder)

    let tied = Anchors(
      along: matrix([[0, 2]]), of: configuration(own) { $0.encoder = .tied },
      in: RowNormalizer(scales: [1, 1]))
    #expect(tied.encoder.rows == 0)
    #expect(isNear(tied.decoder, [[0, 1]]))
  }

  /// How far anchors are from what training makes of rows that lie along the directions.
  private func error(
    _ anchors: Anchors, _ directions: Matrix, _ configuration: TrainingConfiguration,
    _ normalizer: RowNormalizer
  ) -> Float {
    let architecture = configuration.architecture
    let prepared = RowNormalization(normalizer, sites: architecture.siteColumns)
    var worst: Float = 0
    for row in 0..<directions.rows {
      let values = AlignedBuffer(Array(directions.row(row)))
      let moved = AlignedBuffer<Float>(count: values.count)
      prepared.normalize(values.start, into: moved.start, with: Self.one.kernels.functions)
      for (columns, part) in [
        (architecture.inputs, anchors.encoder), (architecture.outputs, anchors.decoder),
      ] where part.rows > 0 {
        let expected = columns.map { moved.start[$0] }
        let length = expected.reduce(0) { $0 + $1 * $1 }.squareRoot()
        for (a, b) in zip(part.row(row), expected) { worst = max(worst, abs(a - b / length)) }
      }
    }
    return worst
  }

  @Test(
    "anchors point where training moves rows along the directions; others are noticed",
    arguments: [.unitMeanSquare, .meanNorm, .centered, .whitened, .none]
      as [TrainingConfiguration.Normalization])
  func unitsOfTraining(_ normalization: TrainingConfiguration.Normalization) throws {
    let (x, y) = (Site(name: "x", width: 18), Site(name: "y", width: 13))
    for architecture in [
      .autoencoder(x), .transcoder(input: x, output: y, skip: true), .crosscoder([x, y]),
    ] as [Architecture] {
      let configuration = configuration(architecture) { $0.normalization = normalization }
      var matrix = Member.matrix(Self.one, architecture)
      // Sites of unlike size, so that no one factor would do.
      for row in 0..<matrix.rows { for i in 0..<18 { matrix[row, i] *= 3 } }
      let statistics = try RowStatistics(
        TrainingRows(matrix, holdOut: .none), for: configuration, compute: Self.one)
      var stream = RandomStream(seed: 1, name: "directions")
      let width = architecture.rowWidth
      let directions = Matrix(rows: 5, columns: width, values: stream.gaussians(count: 5 * width))
      let normalizer = statistics.normalizer
      let anchors = statistics.anchors(along: directions, of: configuration)
      #expect(error(anchors, directions, configuration, normalizer) < 1e-5)

      let plain = Anchors(
        along: directions, of: configuration, in: RowNormalizer(scale: 1, width: width))
      let isMoved =
        normalization == .whitened || (architecture.sources.count > 1 && normalization != .none)
      #expect((error(plain, directions, configuration, normalizer) > 0.01) == isMoved)
      var shifted = anchors
      shifted.decoder = anchors.decoder.selecting(rows: [1, 2, 3, 4, 0])
      #expect(error(shifted, directions, configuration, normalizer) > 0.01)
      var long = anchors
      for i in long.decoder.values.indices { long.decoder.values[i] *= 1.1 }
      #expect(error(long, directions, configuration, normalizer) > 0.01)
    }
  }

  /// The latents whose gradients differ between two states one step after the same start.
  private func touched(_ a: TrainingState, _ b: TrainingState) -> [WeightName: Set<Int>] {
    var found: [WeightName: Set<Int>] = [:]
    for name in a.model.weights {
      let (x, y) = (a.firstMoments[name], b.firstMoments[name])
      let rows = (0..<x.rows).filter { x.row($0) != y.row($0) }
      if !rows.isEmpty { found[name] = Set(rows) }
    }
    return found
  }

  @Test("only the first latents feel them, in atoms and encoder; one more is noticed")
  func firstLatents() throws {
    let architecture = Architecture.autoencoder(Site(name: "x", width: 18))
    for isTied in [false, true] {
      let configuration = configuration(architecture) { $0.encoder = isTied ? .tied : .free }
      let rows = TrainingRows(Member.matrix(Self.one, architecture), holdOut: .none)
      let statistics = try RowStatistics(rows, for: configuration, compute: Self.one)
      let planted = PlantedDictionary(width: 18, features: 30, active: 3, noise: 0.05, seed: 5)
      func stepped(_ count: Int) throws -> TrainingState {
        let directions = planted.features.selecting(rows: 0..<count)
        var trainer = try Trainer(
          configuration, rows: rows, statistics: statistics,
          anchors: statistics.anchors(along: directions, of: configuration), compute: Self.one)
        _ = try trainer.advance()
        return trainer.state()
      }
      let (none, some) = (try stepped(0), try stepped(6))
      let six = Set(0..<6)
      let expected: [WeightName: Set<Int>] =
        isTied ? [.decoder: six] : [.decoder: six, .encoder: six]
      #expect(touched(none, some) == expected)
      #expect(touched(none, try stepped(7)) != expected)
      #expect(none.anchors?.count == 0 && some.anchors?.count == 6)
    }
  }

  @Test("a large weight makes the first latents the anchors, and those alone")
  func largeWeight() throws {
    let architecture = Architecture.autoencoder(Site(name: "x", width: 18))
    let configuration = configuration(architecture) {
      $0.objective.anchorWeight = 1000
      $0.steps = 600
      $0.learningRate = LearningRate(peak: 3e-3, warmup: 0, decay: .linear(steps: 300))
    }
    let rows = TrainingRows(Member.matrix(Self.one, architecture), holdOut: .none)
    let statistics = try RowStatistics(rows, for: configuration, compute: Self.one)
    let planted = PlantedDictionary(width: 18, features: 30, active: 3, noise: 0.05, seed: 5)
    let anchors = statistics.anchors(
      along: planted.features.selecting(rows: 0..<4), of: configuration)
    var trainer = try Trainer(
      configuration, rows: rows, statistics: statistics, anchors: anchors, compute: Self.one)
    while !trainer.isFinished { _ = try trainer.advance() }
    let state = trainer.state()
    func distance(_ a: Matrix, _ b: Matrix, _ row: Int, _ other: Int) -> Float {
      zip(a.row(row), b.row(other)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    }
    for row in 0..<4 {
      #expect(distance(state.parameters.decoder, anchors.decoder, row, row) < 0.02)
      #expect(distance(state.parameters.encoder, anchors.encoder, row, row) < 0.02)
      // The latents after them have other atoms than the anchors in their order.
      #expect(distance(state.parameters.decoder, anchors.decoder, row + 4, row) > 0.1)
    }
  }

  @Test("features that are not anchored count by themselves: what is given back is no recovery")
  func recovery() throws {
    let compute = Compute(threads: 2)
    let planted = PlantedDictionary(width: 20, features: 24, active: 2, noise: 0.05, seed: 9)
    let rows = TrainingRows(planted.rows(count: 4000, on: compute), holdOut: .none)
    func found(anchored count: Int) throws -> (all: Int, anchored: Int, others: Int) {
      var configuration = TrainingConfiguration(
        site: Site(name: "planted", width: 20), latents: 48, activation: .topK(k: 2),
        batchRows: 512, steps: 100, learningRate: LearningRate(peak: 2e-3))
      configuration.objective.anchorWeight = count > 0 ? 1 : 0
      let statistics = try RowStatistics(rows, for: configuration, compute: compute)
      let anchors = statistics.anchors(
        along: planted.features.selecting(rows: 0..<count), of: configuration)
      var trainer = try Trainer(
        configuration, rows: rows, statistics: statistics, anchors: count > 0 ? anchors : nil,
        compute: compute)
      while !trainer.isFinished { _ = try trainer.advance() }
      let best = compute.bestMatches(
        of: planted.features, in: trainer.dictionary().decoder, absolute: false
      ).values.map { $0 > 0.95 }
      let anchored = best.prefix(8).count { $0 }
      return (best.count { $0 }, anchored, best.count { $0 } - anchored)
    }
    let (plain, with) = (try found(anchored: 0), try found(anchored: 8))
    // Among all features the anchored run looks better, because it was given eight of them.
    #expect(with.anchored == 8 && plain.anchored < 8, "\(with), without anchors \(plain)")
    #expect(with.all > plain.all, "\(with), without anchors \(plain)")
    // Among those that it was not given the two are alike.
    #expect(plain.others > 10, "\(plain)")
    #expect(abs(with.others - plain.others) <= 2, "\(with), without anchors \(plain)")
  }
}
