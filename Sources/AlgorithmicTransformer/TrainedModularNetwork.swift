public import SparseCoding
public import TensorFiles

/// A trained network and what made it.
public struct TrainedModularNetwork: Sendable, Hashable {
  /// The network.
  public let network: ModularNetwork
  /// What it was trained on, and how.
  public let configuration: ModularNetworkTraining.Configuration
  /// The share of the held-out pairs that it answers.
  public let heldOutAccuracy: Double
  /// The version of Elute that trained it.
  public let eluteVersion: String

  /// The command that makes the same bits again.
  public var command: String { configuration.command }

  /// The outcome of a training, with its accuracy measured.
  public init(_ training: ModularNetworkTraining, eluteVersion: String, on compute: Compute) {
    network = training.network
    configuration = training.configuration
    heldOutAccuracy = training.network.accuracy(over: training.split.heldOut, on: compute)
    self.eluteVersion = eluteVersion
  }

  /// The network that is part of the binary.
  public static func bundled() throws(TensorFileError) -> TrainedModularNetwork {
    try TrainedModularNetwork(EmbeddedTensors.open())
  }

  /// Reads a file that ``write(to:)`` wrote.
  public static func read(from path: String) throws(TensorFileError) -> TrainedModularNetwork {
    try TrainedModularNetwork(SafetensorsFile.open(path))
  }

  /// Writes the weights, with what made them as metadata, as a safetensors file.
  public func write(to path: String) throws(TensorFileError) {
    try SafetensorsFile.write(
      network.namedTensors(),
      metadata: [
        "command": command, "configuration": configuration.text,
        "held_out_accuracy": "\(heldOutAccuracy)", "elute_version": eluteVersion,
      ], to: path)
  }

  private init(_ file: SafetensorsFile) throws(TensorFileError) {
    let (metadata, path) = (file.metadata, file.path)
    configuration = try .init(metadata: metadata, path: path)
    heldOutAccuracy = try metadata.required("held_out_accuracy", path: path) { Double($0) }
    eluteVersion = try metadata.required("elute_version", path: path) { $0 }
    network = try ModularNetwork(
      shape: configuration.shape, path: path, matrix: file.matrix(named:))
  }
}

extension ModularNetwork {
  /// The trained network that is part of the binary; see ``TrainedModularNetwork/bundled()``.
  public static func bundled() throws(TensorFileError) -> ModularNetwork {
    try TrainedModularNetwork.bundled().network
  }
}
