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
    guard let settings = try mapping(of: text, path: path) else { return TrainSettings() }
    try checkKeys(of: settings, path: path)
    do {
      return try YAMLDecoder().decode(TrainSettings.self, from: text)
    } catch DecodingError.typeMismatch(_, let context),
      DecodingError.valueNotFound(_, let context), DecodingError.dataCorrupted(let context)
    {
      let key = context.codingPath.first?.stringValue ?? ""
      let value = settings[Node(key)]?.scalar.map { "'\($0.string)'" }
      throw TensorFileError(
        path: path, location: .key(key), found: value ?? "something of another kind",
        expected: TrainSettings.CodingKeys(rawValue: key)?.kind ?? "another value",
        hint: "elute train --help says what each setting takes")
    }
  }

  /// The settings of a file; `nil` if there is nothing in it but comments.
  private static func mapping(of text: String, path: String) throws -> Node.Mapping? {
    let node: Node?
    do {
      node = try Yams.compose(yaml: text)
    } catch YamlError.duplicatedKeysInMapping(let keys, _) {
      throw TensorFileError(
        path: path, location: .key(keys.first ?? ""), found: "the setting twice",
        expected: "each setting once", hint: "remove all but one")
    } catch {
      throw TensorFileError(
        path: path, found: "no valid YAML (\(inOneLine(error)))", expected: "lines such as `k: 32`",
        hint: "a colon and a space stand between a setting and its value")
    }
    guard let node else { return nil }
    guard let mapping = node.mapping else {
      throw TensorFileError(
        path: path, found: "no settings", expected: "lines such as `k: 32`",
        hint: "a colon and a space stand between a setting and its value")
    }
    return mapping
  }

  private static func inOneLine(_ error: any Error) -> String {
    switch error {
    case let YamlError.scanner(_, problem, mark, _), let YamlError.parser(_, problem, mark, _),
      let YamlError.composer(_, problem, mark, _):
      "line \(mark.line): \(problem)"
    default: "\(error)".split(separator: "\n").joined(separator: " ")
    }
  }

  private static func checkKeys(of settings: Node.Mapping, path: String) throws {
    let known = TrainSettings.CodingKeys.allCases.map(\.rawValue)
    for node in settings.keys {
      let key = node.string ?? "that is no word"
      if known.contains(key) { continue }
      var hint = "elute train --help lists the settings"
      if let near = nearest(to: key, among: known) { hint = "did you mean '\(near)'?" }
      throw TensorFileError(
        path: path, location: .key(key), found: "an unknown setting",
        expected: "a setting of elute train", hint: hint)
    }
  }
}

extension TrainSettings.CodingKeys {
  /// What a setting takes, in words.
  fileprivate var kind: String {
    switch self {
    case .data, .target, .anchors, .out: "a path"
    case .sources: "a list of paths, such as [a.npy, b.npy]"
    case .recipe, .activation, .schedule, .normalize, .dead, .holdout, .decoder, .optimizer:
      "a word"
    case .skip, .tied, .aripExact, .anchorCentered: "true or false"
    case .lr, .encoderScale, .decoderRate, .beta1, .beta2, .epsilon, .clip, .auxkCoefficient,
      .l1, .pEnd, .l0, .targetL0, .targetL0Weight, .bandwidth, .arip, .anchorWeight,
      .weightDecay, .momentum, .averaging:
      "a number"
    case .k, .dSae, .batch, .steps, .warmup, .decay, .auxkK, .deadAfterRows, .dataSeed, .initSeed,
      .parts,
      .checkpointEvery, .logEvery, .snapshots, .threads, .kStart, .kAnneal, .multistep, .pStart,
      .sparsityWarmup, .aripWarmup, .anchorWarmup, .anchorCount, .resampleEvery, .resampleCount,
      .spikeIn, .spikeSeed:
      "a whole number"
    case .matryoshka: "a list of whole numbers, such as [64, 256, 1024]"
    case .seeds: "a list of whole numbers, such as [0, 1, 2, 3]"
    }
  }
}

/// The word that a misspelled one was probably meant to be; none if all are far from it.
func nearest(to word: String, among known: [String]) -> String? {
  let closest = known.map { (word: $0, distance: editDistance($0, word)) }
    .min { $0.distance < $1.distance }
  guard let closest, closest.distance <= max(2, word.count / 2) else { return nil }
  return closest.word
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
