import SparseCoding
import Testing

@testable import DictionaryTraining

/// Screens save time and show in nothing else.
struct ScreenTests {
  /// A kernel set with one of its screens.
  struct Choice: Sendable, CustomTestStringConvertible {
    var kernels: KernelSet
    var screen: Screen
    var testDescription: String { "\(kernels) \(screen.instructions)" }

    static let all = KernelSet.available.flatMap { kernels in
      kernels.screens.map { Choice(kernels: kernels, screen: $0) }
    }
  }

  /// 300 rows of Gaussian numbers of width 64, some made outliers by the caller.
  static func rows(_ spoil: (_ row: Int, _ values: inout [Float]) -> Void) -> Matrix {
    var stream = RandomStream(seed: 3, name: "rows")
    var values: [Float] = []
    for row in 0..<300 {
      var one = stream.gaussians(count: 64)
      spoil(row, &one)
      values += one
    }
    return Matrix(rows: 300, columns: 64, values: values)
  }

  static func engine(
    _ rows: Matrix, _ compute: Compute, steps: Int, alike: Bool = false
  ) throws -> CPUEngine {
    let configuration = TrainingConfiguration(
      site: Site(name: "rows", width: 64), latents: 500, activation: .topK(k: 4), batchRows: 100,
      steps: steps)
    let statistics = try RowStatistics(
      TrainingRows(rows, holdOut: .none), for: configuration, compute: compute)
    var state = TrainingState(configuration, statistics: statistics, compute: compute)
    for latent in 1..<500 where alike {
      for column in 0..<64 {
        state.parameters.encoder[latent, column] =
          state.parameters.encoder[0, column] + 1e-4 * state.parameters.encoder[latent, column]
      }
    }
    let engine = CPUEngine(
      state, settings: EngineSettings(configuration, trainingRows: 300), compute: compute)
    for step in 0..<steps {
      let first = step % 3 * 100
      let batch = Batch(source: rows, rows: Array(0..<300)[first..<first + 100])
      _ = engine.step(
        on: batch, StepConstants(learningRate: alike ? 1e-7 : 1e-3, k: 4))
    }
    return engine
  }

  @Test(arguments: Choice.all)
  func screensDoNotShow(choice: Choice) throws {
    let rows = Self.rows { _, values in
      values[7] += 100
      values[33] *= 60
    }
    let compute = Compute(kernels: choice.kernels, threads: 2, screen: choice.screen)
    let plain = try Self.engine(rows, Compute(kernels: .plain, threads: 1), steps: 20)
    #expect(try Self.engine(rows, compute, steps: 20).state() == plain.state())
  }

  /// The common scale of bytes would be that of one dimension; left to float, it costs nothing.
  @Test func outlierDimensionsAreLeftToFloat() throws {
    let compute = try #require(Self.bytes)
    let spoiled = try Self.engine(Self.rows { $1[33] *= 1000 }, compute, steps: 5)
    let even = try Self.engine(Self.rows { _, _ in }, compute, steps: 5)
    #expect(spoiled.screened.screen.kind == .int8)
    #expect(spoiled.phases.survivors < 2 * even.phases.survivors)
  }

  /// Latents so alike that bytes cannot tell them apart: after a few steps a finer screen takes over.
  @Test func aScreenThatLetsTooMuchThroughIsLeft() throws {
    let compute = try #require(Self.bytes)
    let rows = Self.rows { _, _ in }
    let engine = try Self.engine(rows, compute, steps: 6, alike: true)
    #expect(engine.screened.screen.kind != .int8)
    let exact = Compute(threads: 1, screen: KernelSet.best.exactestScreen)
    let same = try Self.engine(rows, exact, steps: 6, alike: true)
    #expect(engine.state() == same.state())
  }

  /// Half of the latents of an untrained encoder are active, and few of a penalized one: the screen is left for the
  /// product and taken up again.
  @Test func theScreenOfLimitsIsLeftAndTakenUpAgain() throws {
    let compute = try #require(Self.bytes)
    let rows = Self.rows { _, _ in }
    let configuration = TrainingConfiguration(
      architecture: .autoencoder(Site(name: "rows", width: 64)), latents: 500, activation: .relu,
      objective: Objective(sparsity: .l1(weight: 30)), batchRows: 100, steps: 60,
      deadLatents: .none)
    func trained(_ compute: Compute) throws -> (screened: [Bool], CPUEngine) {
      let statistics = try RowStatistics(
        TrainingRows(rows, holdOut: .none), for: configuration, compute: compute)
      let engine = CPUEngine(
        TrainingState(configuration, statistics: statistics, compute: compute),
        settings: EngineSettings(configuration, trainingRows: 300), compute: compute)
      var screened: [Bool] = []
      for step in 0..<60 {
        let first = step % 3 * 100
        let batch = Batch(source: rows, rows: Array(0..<300)[first..<first + 100])
        _ = engine.step(on: batch, StepConstants(learningRate: 3e-3, k: 0))
        screened.append(engine.screensLimits)
      }
      return (screened, engine)
    }
    let (screened, engine) = try trained(compute)
    #expect(screened.first == false)
    // Some steps before the end, so that what follows is compared too.
    #expect(screened.suffix(10).allSatisfy { $0 })
    let (_, plain) = try trained(Compute(kernels: .plain, threads: 1))
    #expect(engine.state() == plain.state())
  }

  private static var bytes: Compute? {
    let sets = KernelSet.available.filter { $0 != .plain }
    guard let set = sets.last(where: { $0.screen(.int8) != nil }) else { return nil }
    return Compute(kernels: set, threads: 2, screen: set.screen(.int8))
  }
}
