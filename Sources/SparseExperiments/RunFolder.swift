#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
public import DictionaryTraining
public import RunRecords
public import TensorFiles

/// The description of a run, `run.json`: what was asked, what was decided, and on which data.
public struct RunDescription: Codable, Hashable, Sendable {
  /// The version of this layout; a reader refuses what is newer than it knows.
  public static let currentSchema = 1

  /// The version of this layout.
  public var schema = RunDescription.currentSchema
  /// Elute's version that began it.
  public var eluteVersion: String
  /// The run with all defaults filled in.
  public var plan: RunPlan
  /// The data.
  public var data: RunRecord.Data

  enum CodingKeys: String, CodingKey {
    case schema, plan, data
    case eluteVersion = "elute_version"
  }
}

/// The folder of a run, and where its parts lie.
public struct RunFolder: Hashable, Sendable {
  /// The folder's path.
  public let path: String

  /// The folder of a path; nothing is read or written yet.
  public init(_ path: String) { self.path = path }

  /// The folder's name.
  public var name: String { URL(fileURLWithPath: path).lastPathComponent }
  var descriptionPath: String { path + "/run.json" }

  /// Whether something that looks like a run is there.
  public var exists: Bool { FileManager.default.fileExists(atPath: descriptionPath) }

  /// The folder of one seed.
  public func seed(_ seed: UInt64) -> SeedFolder { SeedFolder(path: "\(path)/seed-\(seed)") }

  /// Reads `run.json`.
  public func description() throws(TensorFileError) -> RunDescription {
    let found = try JSONFile.read(RunDescription.self, from: descriptionPath)
    try checkSchema(found.schema, upTo: RunDescription.currentSchema, of: descriptionPath)
    return found
  }

  /// The seeds of which there is a finished dictionary, ascending.
  public func finishedSeeds() -> [UInt64] { startedSeeds().filter { seed($0).isFinished } }

  /// The seeds of which there is a folder, ascending.
  func startedSeeds() -> [UInt64] {
    names(in: path).compactMap { name in
      name.hasPrefix("seed-") ? UInt64(name.dropFirst(5)) : nil
    }.sorted()
  }

  /// Creates the folder, or refuses one that holds something else.
  func create() throws(TensorFileError) {
    // Killed while it wrote its description, a run has left nothing but that.
    removeLeftovers(in: path, of: ["run.json"])
    if !names(in: path).isEmpty {
      throw TensorFileError(
        path: path, found: exists ? "another run" : "a folder with other files",
        expected: "a new or empty folder",
        hint: exists
          ? "add --resume to go on with that run, or choose another --out"
          : "choose another --out; nothing is overwritten")
    }
    try makeFolder(path)
  }
}

/// The folder of one seed of a run.
public struct SeedFolder: Hashable, Sendable {
  /// The folder's path.
  public let path: String

  /// The finished dictionary.
  public var dictionary: String { path + "/dictionary" }
  /// The finished run's record.
  public var record: String { path + "/record.json" }
  var metrics: String { path + "/metrics.jsonl" }
  var checkpoints: String { path + "/checkpoints" }
  var snapshots: String { path + "/snapshots" }

  /// Whether the run of this seed has ended; the record is written last.
  public var isFinished: Bool { FileManager.default.fileExists(atPath: record) }

  /// Reads the finished run's record.
  public func readRecord() throws(TensorFileError) -> RunRecord {
    let found = try JSONFile.read(RunRecord.self, from: record)
    try checkSchema(found.schema, upTo: RunRecord.currentSchema, of: record)
    return found
  }
}

func checkSchema(_ found: Int, upTo known: Int, of path: String) throws(TensorFileError) {
  if found > known {
    throw TensorFileError(
      path: path, location: .key("schema"), found: "\(found)", expected: "at most \(known)",
      hint: "a newer Elute wrote it; use that one")
  }
}

/// The names in a folder; none where there is no folder.
func names(in folder: String) -> [String] {
  (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
}

/// Removes what a killed process left unfinished beside the files and folders of given names:
/// `NAME.tmp-PID` and `NAME.old-PID`, as `AtomicFile` and `AtomicFolder` call them.
///
/// - Parameter originals: The names; `nil` for those of every file.
func removeLeftovers(in folder: String, of originals: [String]? = nil) {
  for name in names(in: folder) {
    let isLeftover = [".tmp-", ".old-"].contains { mark in
      guard let range = name.range(of: mark, options: .backwards) else { return false }
      return name[range.upperBound...].allSatisfy { $0.isNumber || $0 == "-" }
        && originals?.contains(String(name[..<range.lowerBound])) ?? true
    }
    if isLeftover { try? FileManager.default.removeItem(atPath: folder + "/" + name) }
  }
}

func makeFolder(_ path: String) throws(TensorFileError) {
  do {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  } catch {
    throw TensorFileError(
      path: path, found: "a folder that cannot be made", expected: "a place to write",
      hint: "check the path and its permissions")
  }
}

/// JSON files of Codable values, sorted by key so that equal values are equal bytes.
enum JSONFile {
  static func read<Value: Decodable>(
    _ type: Value.Type, from path: String
  ) throws(TensorFileError) -> Value {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw TensorFileError(
        path: path, found: "nothing that can be read", expected: "a JSON file",
        hint: "is this the folder of a run?")
    }
    do {
      return try decoder.decode(type, from: data)
    } catch {
      throw TensorFileError(
        path: path, found: JSONFile.problem(error), expected: "what Elute writes there",
        hint: "the file was changed or cut short; restore it, or start the run anew")
    }
  }

  /// A decoder for what `text` writes: numbers that are not finite stand there as text.
  static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return decoder
  }

  static func write(_ value: some Encodable, to path: String) throws(TensorFileError) {
    try AtomicFile.write(try text(of: value, path: path) + "\n", to: path)
  }

  static func text(
    of value: some Encodable, path: String, pretty: Bool = true
  ) throws(TensorFileError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = pretty
      ? [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
      : [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let data = try? encoder.encode(value) else {
      throw TensorFileError(path: path, found: "a value without JSON", expected: "numbers and text")
    }
    return String(decoding: data, as: UTF8.self)
  }

  private static func problem(_ error: any Error) -> String {
    func place(_ context: DecodingError.Context) -> String {
      context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
        .joined(separator: ".")
    }
    switch error {
    case DecodingError.keyNotFound(let key, let context):
      let path = place(context)
      return "no key '\(path.isEmpty ? "" : path + ".")\(key.stringValue)'"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      return "a value of another type at '\(place(context))'"
    case DecodingError.dataCorrupted(let context):
      return place(context).isEmpty ? "no valid JSON" : "a wrong value at '\(place(context))'"
    default: return "something else"
    }
  }
}
