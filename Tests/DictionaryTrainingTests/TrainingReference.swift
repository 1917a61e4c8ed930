import DictionaryTraining
import Foundation
import SparseCoding
import TensorFiles

/// The runs that `Tests/Fixtures/TrainingReference/make_reference.py` recorded in PyTorch's float64.
struct TrainingReference: Decodable {
  var d_in, d_sae, k, batch_rows, steps: Int
  var learning_rate, beta1, beta2, epsilon: Double
  var cases: [String: Case]

  struct Case: Decodable {
    var warmup_steps: Int
    var auxk_coefficient: Double
    var k_aux, dead_after_rows: Int
    var loss, aux_loss: [Double]
    var dead: [Int]
  }

  static var folder: String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/TrainingReference").path
  }

  static func load() throws -> TrainingReference {
    let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/reference.json"))
    return try JSONDecoder().decode(TrainingReference.self, from: data)
  }

  /// The initial state and all batches, one after the other.
  static func inputs() throws -> (state: TrainingState, batches: Matrix) {
    let file = try SafetensorsFile.open(folder + "/inputs.safetensors")
    let parameters = Parameters(
      encoder: try file.matrix(named: "W_enc"), decoder: try file.matrix(named: "W_dec"),
      encoderBias: try file.floats(named: "b_enc"), decoderBias: try file.floats(named: "b_dec"))
    return (
      TrainingState(parameters: parameters, k: 4, scale: 1), try file.matrix(named: "batches")
    )
  }

  func configuration(of name: String) throws -> TrainingConfiguration {
    guard let reference = cases[name] else { throw CocoaError(.fileReadCorruptFile) }
    return TrainingConfiguration(
      architecture: .autoencoder(Site(name: "reference", width: d_in)), latents: d_sae,
      activation: .topK(k: k),
      batchRows: batch_rows, steps: steps,
      learningRate: LearningRate(peak: learning_rate, warmup: reference.warmup_steps),
      decoderRate: 1,
      optimizer: .adam(Adam(beta1: beta1, beta2: beta2, epsilon: epsilon)),
      deadLatents: .auxK(
        coefficient: reference.auxk_coefficient, k: max(reference.k_aux, 1),
        afterRows: reference.dead_after_rows),
      normalization: .none)
  }
}
