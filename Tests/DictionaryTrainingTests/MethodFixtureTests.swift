import SparseCoding
import TensorFiles
import Testing

@testable import DictionaryTraining

/// Every method's codes, losses and gradients are those of an independent derivation in PyTorch.
struct MethodFixtureTests {
  /// An engine at a case's weights, and what it is to be compared with.
  struct Problem {
    let fixture: MethodFixtures.Case
    let engine: ReferenceEngine
    let batch: Batch
    let state: TrainingState
    let settings: EngineSettings
    let expected: SafetensorsFile

    init(_ name: String) throws {
      let fixtures = try MethodFixtures.load()
      fixture = try #require(fixtures.cases.first { $0.name == name })
      let inputs = try MethodFixtures.inputs()
      expected = try MethodFixtures.expected()
      let configuration = try fixture.configuration(fixtures.shared)
      try configuration.objective.validate(latents: configuration.latents, steps: 100)
      settings = EngineSettings(configuration, trainingRows: 1000)
      state = try fixture.state(configuration, fixtures.shared, inputs)
      engine = ReferenceEngine(state, settings: settings)
      engine.isometrySamples = try inputs.matrix(named: "noise")
      batch = try fixture.batch(inputs)
    }
  }

  /// Dead latents of a multistep encoder act by their first scores here, and by their last there.
  static let names = MethodFixtures.names.filter { $0 != "abstopk_multistep_auxk_arip_exact" }

  @Test func thereIsACaseOfEveryRuleAndArchitecture() throws {
    let cases = try MethodFixtures.load().cases
    #expect(cases.count > 50)
    #expect(Set(cases.map(\.activation)).count == 6)
    #expect(Set(cases.map(\.architecture)).count == 4)
  }

  @Test(arguments: names)
  func codesAndLossesAreThoseOfPyTorch(name: String) throws {
    let problem = try Problem(name)
    let pass = problem.engine.forward(problem.batch, problem.fixture.constants)
    let seen = problem.engine.statistics(of: pass, problem.fixture.constants)
    let expected = problem.fixture.expected
    #expect(abs(seen.loss / expected.loss - 1) < 1e-12)
    #expect(abs(seen.objective / expected.objective - 1) < 1e-12)
    #expect(abs(seen.l0 - expected.l0) < 1e-12)
    let codes = try problem.expected.doubles(named: name + ".z")
    let found = pass.rows.flatMap(\.code)
    #expect(found.count == codes.count)
    #expect(zip(found, codes).allSatisfy { abs($0 - $1) < 1e-12 * max(1, abs($1)) })
  }

  @Test(arguments: names)
  func gradientsAreThoseOfAutograd(name: String) throws {
    let problem = try Problem(name)
    let pass = problem.engine.forward(problem.batch, problem.fixture.constants)
    let gradient = problem.engine.gradient(of: pass, problem.fixture.constants)
    for weight in gradient.names {
      var expected = try problem.expected.doubles(
        named: "\(name).grad.\(problem.fixture.fixtureName(of: weight))")
      if weight == .feedback { expected = transposed(expected) }
      let largest = expected.map(abs).max() ?? 0
      let worst = zip(gradient[weight], expected).map { abs($0 - $1) }.max() ?? 0
      #expect(gradient[weight].count == expected.count)
      #expect(worst <= 1e-12 * max(largest, 1), "\(weight.rawValue) of size \(largest)")
    }
  }

  /// The fast engine reports the same figures, in `Float`.
  @Test(arguments: names.filter { !$0.contains("arip_sample") })
  func theFastEngineSeesTheSameLosses(name: String) throws {
    let problem = try Problem(name)
    let engine = CPUEngine(
      problem.state, settings: problem.settings, compute: Compute(threads: 2))
    let seen = engine.step(on: problem.batch, problem.fixture.constants)
    let expected = problem.fixture.expected
    #expect(abs(seen.loss / expected.loss - 1) < 2e-6)
    #expect(abs(seen.objective / expected.objective - 1) < 2e-6)
    #expect(abs(seen.l0 - expected.l0) < 1e-12)
  }

  private func transposed(_ square: [Double]) -> [Double] {
    let order = Int(Double(square.count).squareRoot())
    return (0..<square.count).map { square[$0 % order * order + $0 / order] }
  }
}
