import SparseCoding
import TensorFiles

/// A decoder at one step of training, and how often each latent fired then.
struct Snapshot {
  var step: Int
  var decoder: Matrix
  var densities: [Float]
  /// The latents that had begun anew by then.
  var resampled: [Int] = []

  var live: [Int] { liveLatents(of: densities) }

  init(step: Int, decoder: Matrix, densities: [Float], resampled: [Int] = []) {
    self.step = step
    self.decoder = decoder
    self.densities = densities
    self.resampled = resampled
  }

  /// Reads the snapshot of a step.
  init(step: Int, in folder: String) throws(TensorFileError) {
    let file = try Self.places(in: folder).open(
      step: step, remedy: "the snapshot is damaged; remove its folder to do without that step")
    self.init(
      step: step, decoder: try file.matrix(named: "W_dec"),
      densities: try file.floats(named: "firing_density"))
    resampled = try file.latents(named: "resampled", below: decoder.rows)
    guard densities.count == decoder.rows else {
      throw TensorFileError(
        path: file.path, location: .tensor("firing_density"), found: "\(densities.count) values",
        expected: "\(decoder.rows), one for each row of W_dec")
    }
  }

  func write(to folder: String) throws(TensorFileError) {
    var tensors = [
      NamedTensor("W_dec", decoder), NamedTensor("firing_density", .floats(densities)),
    ]
    if !resampled.isEmpty {
      tensors.append(NamedTensor("resampled", .unsignedIntegers(resampled.map { UInt64($0) })))
    }
    try Self.places(in: folder).write(tensors, step: step)
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

extension SafetensorsFile {
  /// A list of latents; empty where the file has none of that name.
  func latents(named name: String, below count: Int) throws(TensorFileError) -> [Int] {
    guard entry(named: name) != nil else { return [] }
    let found = try unsignedIntegers(named: name)
    guard found.allSatisfy({ $0 < UInt64(count) }) else {
      throw TensorFileError(
        path: path, location: .tensor(name), found: "latents up to \(found.max() ?? 0)",
        expected: "latents below \(count)")
    }
    return found.map { Int($0) }
  }
}
