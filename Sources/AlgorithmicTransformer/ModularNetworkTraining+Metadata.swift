import TensorFiles

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension ModularNetworkTraining.Configuration {
  /// The command line that trains with these settings; what is as usual is left out.
  public var command: String {
    let usual = Self()
    var words = ["elute train-network --seed \(seed) --steps \(steps)"]
    func add(_ flag: String, _ value: Double, unless usual: Double) {
      if value != usual { words.append("--\(flag) \(value)") }
    }
    func add(_ flag: String, _ value: Int, unless usual: Int) {
      if value != usual { words.append("--\(flag) \(value)") }
    }
    add("modulus", shape.modulus, unless: usual.shape.modulus)
    add("width", shape.width, unless: usual.shape.width)
    add("heads", shape.heads, unless: usual.shape.heads)
    add("hidden", shape.hidden, unless: usual.shape.hidden)
    add("training-fraction", trainingFraction, unless: usual.trainingFraction)
    add("learning-rate", learningRate, unless: usual.learningRate)
    add("weight-decay", weightDecay, unless: usual.weightDecay)
    add("beta1", beta1, unless: usual.beta1)
    add("beta2", beta2, unless: usual.beta2)
    add("epsilon", epsilon, unless: usual.epsilon)
    add("initial-scale", initialScale, unless: usual.initialScale)
    return words.joined(separator: " ")
  }
}

extension ModularNetworkTraining.Configuration {
  /// The settings as JSON, keys in order.
  var text: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    // Finite numbers and nothing else: this cannot fail.
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// The settings in a file's metadata.
  init(metadata: [String: String], path: String) throws(TensorFileError) {
    self = try metadata.required("configuration", path: path) {
      let found = try? JSONDecoder().decode(Self.self, from: Data($0.utf8))
      return found.flatMap { $0.isPossible ? $0 : nil }
    }
  }

  /// Whether a network of these sizes can be made; a damaged file may ask for anything.
  private var isPossible: Bool {
    let sizes = [shape.modulus, shape.width, shape.heads, shape.hidden]
    return sizes.allSatisfy { (1...4096).contains($0) } && shape.modulus >= 2
      && shape.width % shape.heads == 0 && (0...1).contains(trainingFraction) && steps >= 0
  }
}

extension [String: String] {
  /// The value of a key that a file must have in its metadata.
  func required<Parsed>(
    _ key: String, path: String, as value: (String) -> Parsed?
  ) throws(TensorFileError) -> Parsed {
    guard let text = self[key], let value = value(text) else {
      throw TensorFileError(
        path: path, location: .key("__metadata__.\(key)"), found: self[key] ?? "no such key",
        expected: "the metadata of a file that `elute train-network` wrote")
    }
    return value
  }
}
