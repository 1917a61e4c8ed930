import DictionaryTraining
public import RunRecords
public import TensorFiles

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

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

  /// The seeds of which there is a dictionary with all steps of the run, ascending.
  public func finishedSeeds() throws(TensorFileError) -> [UInt64] {
    let steps = try description().plan.configuration.steps
    var finished: [UInt64] = []
    for number in startedSeeds() where seed(number).isFinished {
      if try seed(number).readRecord().settings.steps == steps { finished.append(number) }
    }
    return finished
  }

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
