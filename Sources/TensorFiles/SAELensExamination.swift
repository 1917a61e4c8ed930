/// A dictionary folder of SAELens, looked at without reading its weights: what is there and everything
/// that stands in the way of reading it.
struct SAELensExamination: Sendable, Hashable {
  let weightsPath: String
  private(set) var configuration: SAELensConfiguration?
  private(set) var weights: SafetensorsFile?
  /// What makes the dictionary unreadable, the most telling first.
  private(set) var problems: [TensorFileError] = []

  init(_ folder: String) {
    weightsPath = FilePath.join(folder, SAELensDictionary.weightsName)
    do throws(TensorFileError) {
      let configuration = try SAELensConfiguration(
        FilePath.join(folder, SAELensConfiguration.fileName))
      problems += configuration.problems
      self.configuration = configuration
      try checkDigest(configuration)
    } catch {
      problems.append(error)
    }
    do throws(TensorFileError) {
      let weights = try SafetensorsFile.open(weightsPath)
      self.weights = weights
      checkTensors(weights)
    } catch {
      problems.append(error)
    }
  }

  private func checkDigest(_ configuration: SAELensConfiguration) throws(TensorFileError) {
    let key = SAELensConfiguration.weightsDigestKey
    guard let declared = configuration.metadata[key] else { return }
    let found = try SHA256.digest(ofFile: weightsPath)
    guard declared == .string(found) else {
      throw TensorFileError(
        path: weightsPath, found: "bytes of SHA-256 \(found)",
        expected: "\(declared.kindInWords), as \(SAELensConfiguration.fileName) says",
        hint: "the weights were damaged or replaced since Elute wrote them; copy the folder again")
    }
  }

  private mutating func checkTensors(_ weights: SafetensorsFile) {
    guard let settings = configuration?.settings else {
      // What else there should be, and in what shape, only settings that are in order tell.
      for name in ["W_enc", "W_dec", "b_dec"] where weights.entry(named: name) == nil {
        refuse(name, found: "no such tensor", expected: "one, as in every dictionary")
      }
      return
    }
    let expected = settings.tensors
    for (name, shape) in expected.map({ ($0.name, $0.shape) }) {
      guard let entry = weights.entry(named: name) else {
        refuse(name, found: "no such tensor", expected: "the shape \(shape)")
        continue
      }
      if entry.shape != shape {
        refuse(name, found: "the shape \(entry.shape)", expected: "the shape \(shape)")
      }
      if entry.type.element?.isFloating != true {
        refuse(name, found: "elements of type \(entry.type.rawValue)", expected: "floats")
      }
    }
    for entry in weights.entries where !expected.contains(where: { $0.name == entry.name }) {
      refuse(
        entry.name, found: "a tensor that such a \(settings.layout.rawValue) does not have",
        expected: "only " + expected.map(\.name).joined(separator: ", "))
    }
  }

  private mutating func refuse(_ tensor: String, found: String, expected: String) {
    problems.append(
      TensorFileError(
        path: weightsPath, location: .tensor(tensor), found: found, expected: expected))
  }
}
