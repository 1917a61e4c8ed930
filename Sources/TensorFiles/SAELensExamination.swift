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
    let expected: [(name: String, shape: [Int?])] = [
      ("W_enc", [configuration?.width, configuration?.latents]),
      ("b_enc", [configuration?.latents]),
      ("W_dec", [configuration?.latents, configuration?.width]),
      ("b_dec", [configuration?.width]),
    ]
    for (name, shape) in expected {
      guard let entry = weights.entry(named: name) else {
        refuse(name, found: "no such tensor", expected: Self.words(shape))
        continue
      }
      let fits =
        entry.shape.count == shape.count
        && zip(entry.shape, shape).allSatisfy { $1 == nil || $0 == $1 }
      if !fits { refuse(name, found: "the shape \(entry.shape)", expected: Self.words(shape)) }
      if entry.type.element?.isFloating != true {
        refuse(name, found: "elements of type \(entry.type.rawValue)", expected: "floats")
      }
    }
    for entry in weights.entries where !expected.contains(where: { $0.name == entry.name }) {
      refuse(
        entry.name, found: "a tensor that a topk dictionary does not have",
        expected: "only " + expected.map(\.name).joined(separator: ", "))
    }
  }

  private mutating func refuse(_ tensor: String, found: String, expected: String) {
    problems.append(
      TensorFileError(
        path: weightsPath, location: .tensor(tensor), found: found, expected: expected))
  }

  private static func words(_ shape: [Int?]) -> String {
    "the shape [\(shape.map { $0.map(String.init) ?? "?" }.joined(separator: ", "))]"
  }
}
