import DictionaryTraining
import SparseCoding
import TensorFiles

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Checkpoints of one seed, each complete or absent.
///
/// They are folders such as `checkpoints/00012000/{state.json, training.safetensors}`. The newest two
/// are kept, and the one at which the learning rate begins to fall.
struct Checkpoints {
  let folder: String

  /// What `state.json` holds beside the tensors: the step and the digest that guards them.
  private struct Seal: Codable {
    static let currentSchema = 1

    var schema = Seal.currentSchema
    var step: Int
    var sha256: String
  }

  /// The steps of which there is a checkpoint, newest first.
  func steps() -> [Int] {
    names(in: folder).compactMap { $0.allSatisfy(\.isNumber) ? Int($0) : nil }.sorted(by: >)
  }

  /// Writes a checkpoint, straight from where the state lies.
  ///
  /// - Parameter copied: Is called when the system has taken the state's bytes: the view is not read
  ///   from then on, and what is left is to bring them to the disk and to seal them.
  func write(
    _ state: StateView, keeping kept: Int?, copied: () -> Void = {}
  ) throws(TensorFileError) {
    try makeFolder(folder)
    try AtomicFolder.write(to: path(of: state.step), replacing: true) {
      (temporary) throws(TensorFileError) in
      let tensors = temporary + "/training.safetensors"
      try AtomicFile.write(to: tensors) { (writer) throws(TensorFileError) in
        try SafetensorsFile.write(state.tensors, to: &writer)
        copied()
      }
      let seal = Seal(step: state.step, sha256: try SHA256.digest(ofFile: tensors))
      try JSONFile.write(seal, to: temporary + "/state.json")
    }
    removeOld(keeping: kept)
  }

  /// Removes all but the newest two and `kept`; a killed process may have left more.
  func removeOld(keeping kept: Int?) {
    for old in steps().filter({ $0 != kept }).dropFirst(2) {
      try? FileManager.default.removeItem(atPath: path(of: old))
    }
  }

  func remove(after step: Int) {
    for beyond in steps() where beyond > step {
      try? FileManager.default.removeItem(atPath: path(of: beyond))
    }
  }

  func read(step: Int) throws(TensorFileError) -> TrainingState {
    let folder = path(of: step)
    let tensors = folder + "/training.safetensors"
    let seal = try JSONFile.read(Seal.self, from: folder + "/state.json")
    try checkSchema(seal.schema, upTo: Seal.currentSchema, of: folder + "/state.json")
    let digest = try SHA256.digest(ofFile: tensors)
    guard digest == seal.sha256, seal.step == step else {
      throw TensorFileError(
        path: tensors, found: "SHA-256 \(digest.prefix(12))… of step \(step)",
        expected: "\(seal.sha256.prefix(12))… of step \(seal.step), as state.json has it",
        hint: "the checkpoint is damaged; remove its folder to resume from the one before it")
    }
    return try TrainingState(SafetensorsFile.open(tensors), step: step)
  }

  func path(of step: Int) -> String {
    let digits = String(step)
    return folder + "/" + String(repeating: "0", count: max(8 - digits.count, 0)) + digits
  }
}

extension StateView {
  /// The state as named tensors; all but the step.
  var tensors: [NamedTensor] {
    func named(_ prefix: String, _ part: Weights) -> [NamedTensor] {
      [
        NamedTensor(prefix + "W_enc", part.encoder, rows: latents, columns: width),
        NamedTensor(prefix + "W_dec", part.decoder, rows: latents, columns: width),
        NamedTensor(prefix + "b_enc", .padded(part.encoderBias, rows: 1, columns: latents)),
        NamedTensor(prefix + "b_dec", .padded(part.decoderBias, rows: 1, columns: width)),
      ]
    }
    return named("", parameters) + named("first.", firstMoments)
      + named("second.", secondMoments)
      + [
        NamedTensor("rows_since_fired", .unsignedIntegers(rowsSinceFired.elements)),
        NamedTensor("beta_powers", .doubles([beta1Power, beta2Power])),
        NamedTensor("scale", .floats([scale])),
      ]
  }
}

extension TrainingState {
  init(_ file: SafetensorsFile, step: Int) throws(TensorFileError) {
    func part(_ prefix: String) throws(TensorFileError) -> Parameters {
      let encoder = try file.matrix(named: prefix + "W_enc")
      let decoder = try file.matrix(named: prefix + "W_dec")
      let encoderBias = try file.floats(named: prefix + "b_enc")
      let decoderBias = try file.floats(named: prefix + "b_dec")
      guard encoder.rows == decoder.rows, encoder.columns == decoder.columns,
        encoderBias.count == encoder.rows, decoderBias.count == encoder.columns
      else {
        throw TensorFileError(
          path: file.path, location: .tensor(prefix + "W_enc"), found: "shapes that disagree",
          expected: "one d_sae and one d_in")
      }
      return Parameters(
        encoder: encoder, decoder: decoder, encoderBias: encoderBias, decoderBias: decoderBias)
    }
    let powers = try file.doubles(named: "beta_powers")
    let scales = try file.floats(named: "scale")
    self.init(parameters: try part(""), scale: scales.first ?? 1)
    firstMoments = try part("first.")
    secondMoments = try part("second.")
    rowsSinceFired = try file.unsignedIntegers(named: "rows_since_fired")
    guard powers.count == 2, scales.count == 1, rowsSinceFired.count == parameters.encoder.rows
    else {
      throw TensorFileError(
        path: file.path, location: .tensor("beta_powers"), found: "\(powers.count) values",
        expected: "2, one scale and a count for each latent")
    }
    beta1Power = powers[0]
    beta2Power = powers[1]
    self.step = step
  }
}
