import SparseCoding
import TensorFiles

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A decoder at one step of training, and how often each latent fired then.
struct Snapshot {
  var step: Int
  var decoder: Matrix
  var densities: [Float]

  var live: [Int] { densities.indices.filter { densities[$0] > 0 } }

  init(step: Int, decoder: Matrix, densities: [Float]) {
    self.step = step
    self.decoder = decoder
    self.densities = densities
  }

  /// Reads the snapshot of a step.
  init(step: Int, in folder: String) throws(TensorFileError) {
    let file = try SafetensorsFile.open(Self.path(of: step, in: folder))
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
    try makeFolder(folder)
    try SafetensorsFile.write(
      [NamedTensor("W_dec", decoder), NamedTensor("firing_density", .floats(densities))],
      to: Self.path(of: step, in: folder))
  }

  /// The steps of which there is a snapshot, ascending.
  static func steps(in folder: String) -> [Int] {
    names(in: folder).compactMap { name in
      name.hasSuffix(".safetensors") ? Int(name.dropLast(12)) : nil
    }.sorted()
  }

  /// Removes the snapshots beyond a step.
  static func remove(after step: Int, in folder: String) {
    for beyond in steps(in: folder) where beyond > step {
      try? FileManager.default.removeItem(atPath: path(of: beyond, in: folder))
    }
  }

  private static func path(of step: Int, in folder: String) -> String {
    let digits = String(step)
    return folder + "/" + String(repeating: "0", count: max(8 - digits.count, 0)) + digits
      + ".safetensors"
  }
}
