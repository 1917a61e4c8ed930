import SparseCoding
public import TensorFiles

extension ModularNetworkTraining {
  /// Writes all that is needed to go on: the network, both moments, the configuration and the steps.
  public func save(to path: String) throws(TensorFileError) {
    try SafetensorsFile.write(
      network.namedTensors(prefix: "network.")
        + optimizer.first.namedTensors(prefix: "first.")
        + optimizer.second.namedTensors(prefix: "second."),
      metadata: ["configuration": configuration.text, "steps": "\(steps)"], to: path)
  }

  /// A training as it was when it was saved; it goes on to the same bits as one never interrupted.
  public init(resuming path: String) throws(TensorFileError) {
    let file = try SafetensorsFile.open(path)
    let configuration = try Configuration(metadata: file.metadata, path: path)
    let steps = try file.metadata.required("steps", path: path) { Int($0) }
    func network(_ prefix: String) throws(TensorFileError) -> ModularNetwork {
      try ModularNetwork(
        shape: configuration.shape, path: path, prefix: prefix, matrix: file.matrix(named:))
    }
    try self.init(
      configuration, network: network("network."),
      optimizer: AdamW(
        configuration, steps: steps, first: network("first."), second: network("second.")))
  }
}
