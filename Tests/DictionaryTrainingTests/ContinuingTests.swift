import SparseCoding
import Testing

@testable import DictionaryTraining

@Suite("training that begins with a dictionary") struct ContinuingTests {
  /// What each row of data reconstructs to, and how many latents are active.
  private func coded(_ coder: SparseCoder, _ rows: Matrix) -> (values: [Float], active: Int) {
    let compute = Compute(threads: 1)
    let codes = coder.encode(rows, on: compute)
    return (coder.decode(codes, of: rows, on: compute).values, codes.indices.count)
  }

  @Test(
    "before the first step it is the dictionary, in every rule and unit",
    arguments: [Activation.topK(k: 4), .absTopK(k: 4), .relu, .jumpReLU, .batchTopK(k: 4)],
    [TrainingConfiguration.Normalization.unitMeanSquare, .none])
  func roundTrip(
    _ rule: Activation, _ normalization: TrainingConfiguration.Normalization
  ) throws {
    let compute = Compute(threads: 1)
    let rows = Planted.rows(compute)
    var configuration = Planted.configuration(steps: 12)
    configuration.activation = rule
    configuration.normalization = normalization
    if rule == .relu { configuration.objective.sparsity = .l1(weight: 0.1) }
    if rule == .jumpReLU { configuration.objective.sparsity = .l0(weight: 0.1) }
    var trainer = try Trainer(configuration, rows: rows, compute: compute)
    while !trainer.isFinished { _ = try trainer.advance() }
    let dictionary = trainer.dictionary()
    let state = TrainingState(
      continuing: dictionary, by: configuration,
      statistics: try RowStatistics(rows, for: configuration, compute: compute))
    #expect(state.step == 0)
    let data = Planted.matrix(compute)
    let (a, b) = (coded(dictionary, data), coded(state.dictionary(), data))
    #expect(a.active > 0 && abs(a.active - b.active) <= a.active / 500)
    let errors = zip(a.values, b.values).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
    let size = a.values.reduce(0.0) { $0 + Double($1 * $1) }
    #expect(errors < 1e-4 * size)
  }

  @Test("a bias of the input's own goes into that of the latents")
  func inputBias() throws {
    let compute = Compute(threads: 1)
    let rows = Planted.rows(compute)
    let configuration = Planted.configuration(steps: 5)
    var trainer = try Trainer(configuration, rows: rows, compute: compute)
    while !trainer.isFinished { _ = try trainer.advance() }
    var dictionary = trainer.dictionary()
    dictionary.inputBias = dictionary.inputBias.enumerated().map { $1 + Float($0 % 3) * 0.2 }
    let state = TrainingState(
      continuing: dictionary, by: configuration,
      statistics: try RowStatistics(rows, for: configuration, compute: compute))
    let data = Planted.matrix(compute)
    let (a, b) = (coded(dictionary, data).values, coded(state.dictionary(), data).values)
    #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-3 })
    #expect(state.parameters.encoderBias != trainer.state().parameters.encoderBias)
  }
}
