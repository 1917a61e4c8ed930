import SparseCoding
import Testing

@testable import DictionaryTraining

/// On the same data, weights and batches the losses are PyTorch's, with and without AuxK and warm-up.
struct ReferenceLossTests {
  enum Engine: String, CaseIterable { case reference, cpu }

  @Test(arguments: Engine.allCases, ["A", "B"])
  func firstFiftyLossesAreThoseOfAutograd(engine kind: Engine, name: String) throws {
    let reference = try TrainingReference.load()
    let expected = try #require(reference.cases[name])
    let inputs = try TrainingReference.inputs()
    let configuration = try reference.configuration(of: name)
    let settings = EngineSettings(configuration, trainingRows: inputs.batches.rows)
    let engine: any TrainingEngine =
      switch kind {
      case .reference: ReferenceEngine(inputs.state, settings: settings)
      case .cpu: CPUEngine(inputs.state, settings: settings, compute: Compute(threads: 2))
      }
    let tolerance = kind == .reference ? 1e-12 : 1e-6
    let rows = Array(0..<inputs.batches.rows)
    for step in 0..<reference.steps {
      let range = step * reference.batch_rows..<(step + 1) * reference.batch_rows
      let seen = engine.step(
        on: Batch(source: inputs.batches, rows: rows[range]),
        configuration.constants(at: step))
      #expect(abs(seen.loss / expected.loss[step] - 1) <= tolerance, "loss of step \(step)")
      #expect(
        abs(seen.auxiliaryLoss - expected.aux_loss[step])
          <= tolerance * max(expected.aux_loss[step], 1e-3), "auxiliary loss of step \(step)")
      #expect(seen.dead == expected.dead[step], "dead latents before step \(step)")
    }
  }
}
