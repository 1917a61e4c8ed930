import Elute
import Foundation
import Synchronization
import Testing

/// A folder of its own for a test, removed with the value; what commands print is kept beside it.
final class Workspace: Sendable {
  private let root: String
  private let captures = Atomic<Int>(0)

  /// The folder in which commands run.
  var path: String { root + "/work" }

  init() throws {
    root = NSTemporaryDirectory() + "/elute-command-" + UUID().uuidString
    try FileManager.default.createDirectory(
      atPath: root + "/work", withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  func captureName() -> String {
    "\(root)/\(captures.add(1, ordering: .relaxed).newValue)"
  }

  func file(_ name: String) -> String { path + "/" + name }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }

  func bytes(_ name: String) throws -> [UInt8] {
    Array(try #require(FileManager.default.contents(atPath: file(name)), "no \(name)"))
  }

  /// The size of a file; 0 where there is none.
  func size(_ name: String) -> Int {
    FileManager.default.contents(atPath: file(name))?.count ?? 0
  }

  func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

  func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
  }

  func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }

  func names(in folder: String = "") -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: file(folder))) ?? []).sorted()
  }

  /// Every file below a folder with the digest of its bytes, and every folder with none.
  func contents(of folder: String = "") -> [String: String] {
    var found: [String: String] = [:]
    let start = folder.isEmpty ? path : file(folder)
    for name in FileManager.default.enumerator(atPath: start)?.compactMap({ $0 as? String }) ?? [] {
      let bytes = FileManager.default.contents(atPath: start + "/" + name)
      found[name] = bytes.map { String(SHA256.digest(of: Array($0)).prefix(12)) } ?? ""
    }
    return found
  }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: file(name)) }

  func copy(_ name: String, to other: String) throws {
    try FileManager.default.copyItem(atPath: file(name), toPath: file(other))
  }

  /// Inverts one bit of a file.
  func flip(bit: Int, of name: String) throws {
    var all = try bytes(name)
    all[bit / 8] ^= 1 << (bit % 8)
    try write(all, to: name)
  }

  /// The record of a seed, such as `r/seed-0`.
  func record(_ seed: String) throws -> RunRecord {
    let parts = seed.components(separatedBy: "/seed-")
    return try RunFolder(file(parts[0])).seed(try #require(UInt64(parts[1]))).readRecord()
  }
}

/// Activations that a dictionary can learn something of: sparse sums of planted atoms.
func planted(rows: Int = 600, width: Int = 12, seed: UInt64 = 0) -> Matrix {
  PlantedDictionary(width: width, features: 2 * width, active: 3, noise: 0.1, seed: seed)
    .rows(count: rows, on: Compute(threads: 1))
}

extension Workspace {
  /// A workspace with `acts.npy` in it.
  static func withActivations(_ rows: Matrix = planted()) throws -> Workspace {
    let place = try Workspace()
    try NpyFile.write(rows, to: place.file("acts.npy"))
    return place
  }
}

/// A small run on `acts.npy`; later flags override.
let small = "train --data acts.npy --d-sae 48 --k 4 --batch 64 --lr 0.003 --steps 40 --threads 1"

/// What decides a run's results, as digests: its dictionaries, checkpoints and snapshots.
///
/// The log and the record hold the time that was taken; `results(of:)` has the rest of them.
func trained(_ run: String, in place: Workspace) -> [String: String] {
  place.contents(of: run).filter { name, _ in
    !["run.json", "record.json", "metrics.jsonl"].contains(name.split(separator: "/").last ?? "")
  }
}

/// A seed's record without the machine and the run's name.
func results(of seed: String, in place: Workspace) throws -> RunRecord {
  var record = try place.record(seed)
  record.host = .init(description: "", kernels: "", threads: 0)
  record.seconds = 0
  record.run = ""
  return record
}
