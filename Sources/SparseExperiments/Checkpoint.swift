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

  /// Reads what a configuration had trained at a step.
  func read(
    _ configuration: TrainingConfiguration, step: Int
  ) throws(TensorFileError) -> TrainingState {
    let file = try places.open(
      step: step,
      remedy: "the checkpoint is damaged; remove its folder to resume from the one before it")
    return try TrainingState(file, configuration, step: step)
  }

  func path(of step: Int) -> String { places.path(of: step) }
}
