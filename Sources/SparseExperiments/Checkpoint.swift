import DictionaryTraining
import SparseCoding
import TensorFiles

/// Checkpoints of one seed, each complete or absent: the newest two are kept, and the one at which the
/// learning rate begins to fall.
struct Checkpoints {
  private let places: StepFolders

  init(folder: String) { places = StepFolders(folder: folder, name: "training") }

  /// The steps of which there is a checkpoint, newest first.
  func steps() -> [Int] { places.steps().reversed() }

  func write(_ state: TrainingState, keeping kept: Int?) throws(TensorFileError) {
    try places.write(state.tensors, step: state.step)
    removeOld(keeping: kept)
  }

  /// Removes all but the newest two and `kept`; a killed process may have left more.
  func removeOld(keeping kept: Int?) {
    for old in steps().filter({ $0 != kept }).dropFirst(2) { places.remove(step: old) }
  }

  func remove(after step: Int) { places.remove(after: step) }

  func read(step: Int) throws(TensorFileError) -> TrainingState {
    let file = try places.open(
      step: step,
      remedy: "the checkpoint is damaged; remove its folder to resume from the one before it")
    return try TrainingState(file, step: step)
  }

  func path(of step: Int) -> String { places.path(of: step) }
}

extension TrainingState {
  /// The state as named tensors; all but the step.
  var tensors: [NamedTensor] {
    func named(_ prefix: String, _ part: Parameters) -> [NamedTensor] {
      [
        NamedTensor(prefix + "W_enc", part.encoder), NamedTensor(prefix + "W_dec", part.decoder),
        NamedTensor(prefix + "b_enc", .floats(part.encoderBias)),
        NamedTensor(prefix + "b_dec", .floats(part.decoderBias)),
      ]
    }
    return named("", parameters) + named("first.", firstMoments)
      + named("second.", secondMoments)
      + [
        NamedTensor("rows_since_fired", .unsignedIntegers(rowsSinceFired)),
        NamedTensor("beta_powers", .doubles([beta1Power, beta2Power])),
        NamedTensor("scale", .floats([scale])),
      ]
  }

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
