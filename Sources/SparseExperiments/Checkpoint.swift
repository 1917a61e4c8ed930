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

  /// Writes a checkpoint, straight from where the state lies.
  ///
  /// - Parameter copied: Is called when the system has taken the state's bytes: the view is not read
  ///   from then on, and what is left is to bring them to the disk and to seal them.
  func write(
    _ state: StateView, keeping kept: Int?, copied: () -> Void = {}
  ) throws(TensorFileError) {
    try places.write(state.tensors, step: state.step, copied: copied)
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
