import SparseCoding
import TensorFiles
import Testing

@testable import AlgorithmicTransformer

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

struct FileTests {
  let compute = Compute(threads: 1)

  /// Calls the closure with the path of a file that does not exist yet and is removed afterwards.
  private func withTemporaryPath(_ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory
      .appending(path: "elute-network-\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  @Test
  func `an interrupted training ends with the bits of an uninterrupted one`() throws {
    let configuration = TrainingTests.configuration(steps: 12)
    let whole = TrainingTests.trained(steps: 12, on: compute)
    let part = trainModularNetwork(configuration: configuration, on: compute) { progress, _ in
      progress.steps < 5
    }
    try withTemporaryPath { path in
      try part.save(to: path)
      let resumed = try ModularNetworkTraining(resuming: path)
      #expect(resumed.steps == 5 && resumed.configuration == configuration)
      let rest = trainModularNetwork(configuration: configuration, from: resumed, on: compute) {
        _, _ in true
      }
      #expect(rest.steps == 12)
      #expect(rest.network == whole.network)
    }
  }

  @Test
  func `a trained network comes back as it was written`() throws {
    let training = TrainingTests.trained(steps: 3, on: compute)
    let trained = TrainedModularNetwork(training, eluteVersion: "1.2.3", on: compute)
    try withTemporaryPath { path in
      try trained.write(to: path)
      #expect(try TrainedModularNetwork.read(from: path) == trained)
      let metadata = try SafetensorsFile.open(path).metadata
      #expect(
        metadata["command"]
          == "elute train-network --seed 1 --steps 3 --modulus 11 --width 16 --heads 2 --hidden 40")
      #expect(metadata["elute_version"] == "1.2.3")
    }
  }

  @Test(arguments: [
    ("configuration", "{}"), ("configuration", "no JSON"), ("held_out_accuracy", "good"),
  ])
  func `damaged metadata is refused by its key`(key: String, text: String) throws {
    let trained = TrainedModularNetwork(
      TrainingTests.trained(steps: 0, on: compute), eluteVersion: "1", on: compute)
    try withTemporaryPath { path in
      try trained.write(to: path)
      var metadata = try SafetensorsFile.open(path).metadata
      metadata[key] = text
      try SafetensorsFile.write(trained.network.namedTensors(), metadata: metadata, to: path)
      let error = try #require(throws: TensorFileError.self) {
        try TrainedModularNetwork.read(from: path)
      }
      #expect(error.location == .key("__metadata__.\(key)") && error.found == text)
    }
  }

  @Test
  func `sizes that no network has are refused before memory is asked for`() throws {
    let trained = TrainedModularNetwork(
      TrainingTests.trained(steps: 0, on: compute), eluteVersion: "1", on: compute)
    try withTemporaryPath { path in
      try trained.write(to: path)
      var metadata = try SafetensorsFile.open(path).metadata
      for damage in ["\"width\":17", "\"width\":-16", "\"width\":1600000000"] {
        metadata["configuration"] = trained.configuration.text
          .replacing("\"width\":16", with: damage)
        try SafetensorsFile.write(trained.network.namedTensors(), metadata: metadata, to: path)
        #expect(throws: TensorFileError.self) { try TrainedModularNetwork.read(from: path) }
      }
    }
  }

  @Test
  func `a tensor of another shape is refused by its name`() throws {
    let trained = TrainedModularNetwork(
      TrainingTests.trained(steps: 0, on: compute), eluteVersion: "1", on: compute)
    try withTemporaryPath { path in
      try trained.write(to: path)
      let metadata = try SafetensorsFile.open(path).metadata
      var network = trained.network
      network.mlpIn = network.mlpOut
      try SafetensorsFile.write(network.namedTensors(), metadata: metadata, to: path)
      let error = try #require(throws: TensorFileError.self) {
        try TrainedModularNetwork.read(from: path)
      }
      #expect(error.location == .tensor("mlp.in"))
      #expect(error.found == "the shape [16, 40]" && error.expected == "[40, 16]")
    }
  }
}
