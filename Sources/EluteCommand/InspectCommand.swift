import ArgumentParser
import Elute

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "What is in this file or folder: names, shapes, types, problems.",
    discussion: """
      Example:
        elute inspect runs/a/seed-0/dictionary

      Reads .npy, .safetensors, activation stores and dictionaries of SAELens and Elute, and says what a reader \
      would refuse. A problem is a finding, not a failure: the exit status stays 0 unless there is \
      nothing to look at.
      """)

  @Argument(help: ArgumentHelp("A file or a folder.", valueName: "path"))
  var path: String

  @OptionGroup var output: OutputOptions

  func run() throws {
    guard FileManager.default.fileExists(atPath: path) else {
      throw TensorFileError(
        path: path, found: "no such file or folder", expected: "something to inspect",
        hint: "check the path")
    }
    let inspection = FileInspection.inspect(path)
    if output.json { return try Console.json(inspection) }
    print("\(inspection.path): \(inspection.format.rawValue)")
    if let description = inspection.description { print("  \(description)") }
    let widest = inspection.tensors.map(\.name.count).max() ?? 0
    for tensor in inspection.tensors {
      let padding = String(repeating: " ", count: widest - tensor.name.count)
      let shape = tensor.shape.map(String.init).joined(separator: ", ")
      print("  \(tensor.name)\(padding)  \(tensor.dtype)  [\(shape)]")
    }
    for problem in inspection.problems { print("  problem: \(problem)") }
    if inspection.problems.isEmpty { print("  no problems found") }
  }
}
