import DictionaryTraining
public import RunRecords
public import TensorFiles

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The folder of a run, and where its parts lie.
public struct RunFolder: Hashable, Sendable {
  /// The folder's path.
  public let path: String

  /// The folder of a path; nothing is read or written yet.
  public init(_ path: String) { self.path = path }

  /// The folder's name.
  public var name: String { URL(fileURLWithPath: path).lastPathComponent }
  var descriptionPath: String { path + "/run.json" }
  private static let lockName = ".lock"

  /// Whether something that looks like a run is there.
  public var exists: Bool { FileManager.default.fileExists(atPath: descriptionPath) }

  /// The folder of one seed.
  public func seed(_ seed: UInt64) -> SeedFolder { SeedFolder(path: "\(path)/seed-\(seed)") }

  /// Reads `run.json`.
  public func description() throws(TensorFileError) -> RunDescription {
    try JSONFile.readSealed(
      RunDescription.self, schema: RunDescription.currentSchema, from: descriptionPath)
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
    // Killed while it wrote its description, a run has left nothing but that and its lock.
    let foreign = names(in: path).filter {
      $0 != Self.lockName && !isLeftover($0, of: ["run.json"])
    }
    if !foreign.isEmpty {
      throw TensorFileError(
        path: path, found: exists ? "another run" : "a folder with other files",
        expected: "a new or empty folder",
        hint: exists
          ? "add --resume to go on with that run, or choose another --out"
          : "choose another --out; nothing is overwritten")
    }
    try makeFolder(path)
  }

  /// Runs a closure while no other process trains in the folder.
  func locked<Value>(_ body: () throws -> Value) throws -> Value {
    try FileLock.holding(
      path + "/" + Self.lockName,
      else: TensorFileError(
        path: path, found: "a run that another process is training", expected: "nobody at work",
        hint: "wait until that one has ended, or stop it, and go on with --resume"), body)
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
    try JSONFile.readSealed(RunRecord.self, schema: RunRecord.currentSchema, from: record)
  }
}
