import TensorFiles

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Tensors kept at steps of training, each complete or absent: `00012000/{state.json, NAME.safetensors}`.
struct StepFolders {
  let folder: String
  /// The name of the tensor file.
  let name: String

  /// What `state.json` holds beside the tensors: the step and the digest that guards them.
  private struct Seal: Codable {
    static let currentSchema = 1

    var schema = Seal.currentSchema
    var step: Int
    var sha256: String
  }

  /// The steps of which there is something, ascending.
  func steps() -> [Int] {
    names(in: folder).compactMap { $0.allSatisfy(\.isNumber) ? Int($0) : nil }.sorted()
  }

  /// Writes the tensors of a step.
  ///
  /// - Parameter copied: Is called when the system has taken their bytes: they are not read from then
  ///   on, and what is left is to bring them to the disk and to seal them.
  func write(
    _ tensors: [NamedTensor], step: Int, copied: () -> Void = {}
  ) throws(TensorFileError) {
    try makeFolder(folder)
    try AtomicFolder.write(to: path(of: step), replacing: true) {
      (temporary) throws(TensorFileError) in
      let file = "\(temporary)/\(name).safetensors"
      try AtomicFile.write(to: file) { (writer) throws(TensorFileError) in
        try SafetensorsFile.write(tensors, to: &writer)
        copied()
      }
      let seal = Seal(step: step, sha256: try SHA256.digest(ofFile: file))
      try JSONFile.write(seal, to: temporary + "/state.json")
    }
  }

  /// Opens the tensors of a step.
  ///
  /// - Parameter remedy: What to do if they are damaged.
  func open(step: Int, remedy: String) throws(TensorFileError) -> SafetensorsFile {
    let tensors = "\(path(of: step))/\(name).safetensors"
    let seal = try JSONFile.read(
      Seal.self, schema: Seal.currentSchema, from: path(of: step) + "/state.json")
    let digest = try SHA256.digest(ofFile: tensors)
    guard digest == seal.sha256, seal.step == step else {
      throw TensorFileError(
        path: tensors, found: "SHA-256 \(digest.prefix(12))… of step \(step)",
        expected: "\(seal.sha256.prefix(12))… of step \(seal.step), as state.json has it",
        hint: remedy)
    }
    return try .open(tensors)
  }

  func remove(step: Int) { try? FileManager.default.removeItem(atPath: path(of: step)) }

  func remove(after step: Int) {
    for beyond in steps() where beyond > step { remove(step: beyond) }
  }

  func path(of step: Int) -> String {
    let digits = String(step)
    return folder + "/" + String(repeating: "0", count: max(8 - digits.count, 0)) + digits
  }
}
