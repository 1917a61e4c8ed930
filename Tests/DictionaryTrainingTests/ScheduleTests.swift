import SparseCoding
import Testing

@testable import DictionaryTraining

/// Schedules, splits, orders and refusals: all that is decided before arithmetic begins.
struct ScheduleTests {
  @Test func warmupAndDecayHaveTheirClosedForms() {
    let linear = LearningRate(peak: 2, warmup: 4, decay: .linear(steps: 5))
    #expect((0..<20).map { linear.rate(at: $0, of: 20) }.prefix(5) == [0.5, 1, 1.5, 2, 2])
    #expect(abs(linear.rate(at: 19, of: 20) - 0.4) < 1e-12)
    #expect(linear.rate(at: 15, of: 20) == 2)
    let cosine = LearningRate(peak: 1, decay: .cosine(steps: 10))
    #expect(abs(cosine.rate(at: 15, of: 20) - 0.5) < 1e-12)
    #expect(cosine.rate(at: 5, of: 20) == 1)
    #expect(LearningRate(peak: 3).rate(at: 7, of: 9) == 3)
  }

  @Test func everyEpochSeesEveryRowOnceInAnotherOrder() {
    let order = RowOrder(dataSeed: 4, rows: 30, width: 1)
    let first = order.rows(0..<30)
    let second = order.rows(30..<60)
    #expect(first.sorted() == Array(0..<30))
    #expect(second.sorted() == Array(0..<30))
    #expect(first != second)
    #expect(order.rows(20..<40) == Array(first[20...] + second[..<10]))
  }

  @Test func heldOutRowsAreDisjointAndTheSameForAll() {
    let matrix = Matrix(rows: 25, columns: 1)
    let every = TrainingRows(matrix, holdOut: .every(rows: 10))
    #expect(Array(every.heldOut) == [0, 10, 20])
    #expect(every.training.count == 22)
    let fraction = TrainingRows(matrix, holdOut: .fraction(0.2))
    #expect(fraction.heldOut.count == 5)
    #expect(Set(fraction.heldOut).isDisjoint(with: fraction.training))
    #expect(Array(TrainingRows(matrix, holdOut: .none).evaluated) == Array(0..<25))
  }

  @Test(arguments: [HoldOut.none, .every(rows: 10), .fraction(0.2)], [1, 2, 3, 7])
  func partsDivideTheTrainingRows(rule: HoldOut, parts: Int) {
    let rows = TrainingRows(Matrix(rows: 1000, columns: 1), holdOut: rule)
    let divided = (0..<parts).map { rows.part($0, of: parts) }
    let each = rows.training.count / parts
    #expect(divided.allSatisfy { $0.training.count == each })
    #expect(divided.allSatisfy { Array($0.heldOut) == Array(rows.heldOut) })
    #expect(divided.allSatisfy { Array($0.training) == $0.training.sorted() })
    let union = divided.flatMap { Array($0.training) }
    #expect(union.sorted() == Array(rows.training.prefix(each * parts)))
    // By chance, not by turns.
    if parts > 1 {
      let first = Set(divided[0].training.map { $0 - rows.training[0] })
      #expect(first != Set(stride(from: 0, to: 1000, by: parts)))
    }
  }

  struct Refusal: Sendable {
    let key: String
    let change: @Sendable (inout TrainingConfiguration) -> Void

    init(_ key: String, _ change: @escaping @Sendable (inout TrainingConfiguration) -> Void) {
      self.key = key
      self.change = change
    }
  }

  @Test(arguments: [
    Refusal("k") { $0.activation = .topK(k: 71) }, Refusal("k") { $0.activation = .topK(k: 0) },
    Refusal("d_sae") { $0.latents = 0 }, Refusal("batch") { $0.batchRows = 0 },
    Refusal("lr") { $0.learningRate.peak = -1 }, Refusal("lr") { $0.learningRate.peak = .nan },
    Refusal("warmup") { $0.learningRate.warmup = 1000 },
    Refusal("beta2") { $0.optimizer = .adam(Adam(beta2: 1)) },
    Refusal("warmup") { $0.learningRate = LearningRate(warmup: .max, decay: .linear(steps: 9)) },
    Refusal("decay") {
      $0.learningRate.decay = .cosine(steps: 101); $0.learningRate.warmup = 0
    },
    Refusal("clip") { $0.gradientClip = 0 },
    Refusal("auxk_coefficient") { $0.deadLatents = .auxK(coefficient: -1) },
  ])
  func whatCannotBeTrainedIsRefusedByName(refusal: Refusal) throws {
    var configuration = Planted.configuration(steps: 100)
    try configuration.validate()
    refusal.change(&configuration)
    let error = #expect(throws: ConfigurationError.self) { try configuration.validate() }
    #expect(error?.key == refusal.key)
  }

  @Test func theGeometricMedianOfACrossIsItsCentre() {
    let points = Matrix(rows: 4, columns: 2, values: [3, 1, -1, 1, 1, 3, 1, -2])
    let median = geometricMedian(
      of: Batch(source: points, rows: [0, 1, 2, 3]), compute: Compute(threads: 2))
    #expect(abs(median[0] - 1) < 1e-3)
    #expect(abs(median[1] - 1) < 1e-3)
  }

  @Test func theMedianIgnoresAFarPoint() {
    var values: [Float] = []
    for i in 0..<99 { values += [Float(i % 10) / 10, 0] }
    values += [1e6, 1e6]
    let median = geometricMedian(
      of: Batch(
        source: Matrix(rows: 100, columns: 2, values: values), rows: Array(0..<100)[...]),
      compute: Compute(threads: 1))
    #expect(median[0] < 1 && median[1] < 0.1)
  }

  @Test func unitMeanSquareIsWhatItSays() throws {
    let matrix = Matrix(rows: 2, columns: 2, values: [1, 2, 3, 4])
    let configuration = TrainingConfiguration(
      site: Site(name: "two", width: 2), latents: 2, activation: .topK(k: 1), steps: 1)
    let statistics = try RowStatistics(
      TrainingRows(matrix, holdOut: .none), for: configuration, compute: Compute(threads: 1))
    let scale = try #require(statistics.normalizer.uniformScale)
    #expect(abs(Double(scale) - (4.0 / 30).squareRoot()) < 1e-7)
  }
}
