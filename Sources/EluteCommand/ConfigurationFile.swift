import Elute
import Yams

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A YAML file of settings, whose keys are the flags' names with `_` for `-`.
enum ConfigurationFile {
  static func read(_ path: String) throws -> TrainSettings {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw TensorFileError(
        path: path, found: "nothing that can be read", expected: "a YAML file of settings",
        hint: "check the path")
    }
    let text = String(decoding: data, as: UTF8.self)
    try checkKeys(of: text, path: path)
    do {
      return try YAMLDecoder().decode(TrainSettings.self, from: text)
    } catch DecodingError.typeMismatch(_, let context), DecodingError.dataCorrupted(let context),
      DecodingError.valueNotFound(_, let context)
    {
      let key = context.codingPath.first?.stringValue ?? ""
      throw TensorFileError(
        path: path, location: .key(key), found: "a value of another kind",
        expected: "what --\(key.replacing("_", with: "-")) takes",
        hint: "elute train --help lists what each setting takes")
    }
  }

  private static func checkKeys(of text: String, path: String) throws {
    let known = TrainSettings.CodingKeys.allCases.map(\.rawValue)
    let node: Node?
    do { node = try Yams.compose(yaml: text) } catch {
      throw TensorFileError(
        path: path, found: "no valid YAML (\(error))", expected: "lines such as `k: 32`")
    }
    guard let node else { return }
    guard let mapping = node.mapping else {
      throw TensorFileError(
        path: path, found: "no settings", expected: "lines such as `k: 32`")
    }
    for key in mapping.keys.compactMap(\.string) where !known.contains(key) {
      let nearest = known.min { editDistance($0, key) < editDistance($1, key) } ?? "k"
      throw TensorFileError(
        path: path, location: .key(key), found: "an unknown setting",
        expected: "a setting of elute train", hint: "did you mean '\(nearest)'?")
    }
  }
}

/// The fewest insertions, deletions and replacements of a letter that turn one word into another.
func editDistance(_ a: String, _ b: String) -> Int {
  let (a, b) = (Array(a), Array(b))
  var row = Array(0...b.count)
  for i in 0..<a.count {
    var diagonal = row[0]
    row[0] = i + 1
    for j in 0..<b.count {
      let replaced = diagonal + (a[i] == b[j] ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
    }
  }
  return row[b.count]
}
