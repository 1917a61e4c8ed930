import SparseCoding
import TensorFiles

/// A decoder at one step of training, and how often each latent fired then.
struct Snapshot {
  var step: Int
  var decoder: Matrix
  var densities: [Float]

  var live: [Int] { liveLatents(of: densities) }

  init(step: Int, decoder: Matrix, densities: [Float]) {
    self.step = step
    self.decoder = decoder
    self.densities = densities
  }

  /// Reads the snapshot of a step.
  init(step: Int, in folder: String) throws(TensorFileError) {
    let file = try Self.places(in: folder).open(
      step: step, remedy: "the snapshot is damaged; remove its folder to do without that step")
    self.init(
      step: step, decoder: try file.matrix(named: "W_dec"),
      densities: try file.floats(named: "firing_density"))
    guard densities.count == decoder.rows else {
      throw TensorFileError(
        path: file.path, location: .tensor("firing_density"), found: "\(densities.count) values",
        expected: "\(decoder.rows), one for each row of W_dec")
    }
  }

  func write(to folder: String) throws(TensorFileError) {
    try Self.places(in: folder).write(
      [NamedTensor("W_dec", decoder), NamedTensor("firing_density", .floats(densities))],
      step: step)
  }

  /// The steps of which there is a snapshot, ascending.
  static func steps(in folder: String) -> [Int] { places(in: folder).steps() }

  /// Removes the snapshots beyond a step.
  static func remove(after step: Int, in folder: String) {
    places(in: folder).remove(after: step)
  }

  private static func places(in folder: String) -> StepFolders {
    StepFolders(folder: folder, name: "snapshot")
  }
}
