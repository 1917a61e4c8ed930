import Elute
import Foundation

/// A folder of its own for a test, removed with the value.
final class Place: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "/elute-experiments-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  func names(in folder: String = "") -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: file(folder))) ?? []).sorted()
  }

  func bytes(_ name: String) -> [UInt8] {
    FileManager.default.contents(atPath: file(name)).map { Array($0) } ?? []
  }

  func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
  }

  func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }

  func move(_ name: String, to other: String) throws {
    try FileManager.default.moveItem(atPath: file(name), toPath: file(other))
  }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: file(name)) }

  func copy(_ name: String, to other: String) throws {
    try FileManager.default.copyItem(atPath: file(name), toPath: file(other))
  }

  func makeFolder(_ name: String) throws {
    try FileManager.default.createDirectory(
      atPath: file(name), withIntermediateDirectories: true)
  }
}

let oneThread = Compute(threads: 1)

/// A matrix of the rows given.
func matrix(_ rows: [[Float]]) -> Matrix {
  Matrix(rows: rows.count, columns: rows[0].count, values: rows.flatMap(\.self))
}

/// A dictionary whose encoder and decoder have the same rows.
func coder(_ atoms: [[Float]], k: Int = 1) -> SparseCoder {
  let decoder = matrix(atoms)
  return SparseCoder(
    site: Site(name: "here", width: decoder.columns), activation: .topK(k: k), encoder: decoder,
    decoder: decoder, encoderBias: [Float](repeating: 0, count: decoder.rows),
    decoderBias: [Float](repeating: 0, count: decoder.columns))
}

/// The record of a run whose latents fire as given.
func record(
  seed: UInt64 = 0, dataSeed: UInt64? = nil, fingerprint: String = "f",
  holdout: String = "every:10", encoderScale: Double = 0.1, batch: Int = 64,
  architecture: String = "autoencoder", densities: [Float]
) -> RunRecord {
  RunRecord(
    run: "r", seed: seed, dataSeed: dataSeed ?? seed, eluteVersion: eluteVersion,
    settings: .init(
      architecture: architecture, dIn: 4, dOut: 4, dSae: densities.count, activation: "topk", k: 1,
      batch: batch, steps: 10, lr: 1e-3,
      schedule: "constant", holdout: holdout, method: ["encoder_scale": "\(encoderScale)"]),
    data: .init(
      path: "acts.npy", site: "here", rows: 100, heldOutRows: 10,
      fingerprint: fingerprint),
    host: .init(description: "", kernels: "plain", threads: 1), seconds: 0, curve: [],
    evaluation: .init(
      rows: 10, fvu: 0.5, explainedVariance: 0.5, mse: 1, l0: 1, deadFraction: 0),
    firingDensities: densities)
}

/// Activations that a dictionary can learn something of.
let planted = PlantedDictionary(width: 8, features: 16, active: 2, noise: 0.1)
  .rows(count: 300, on: oneThread)

/// The settings of a small run, with changes.
func settings(_ change: (inout TrainSettings) -> Void = { _ in }) -> TrainSettings {
  var settings = TrainSettings()
  settings.dSae = 24
  settings.k = 3
  settings.batch = 32
  settings.steps = 60
  settings.lr = 3e-3
  settings.checkpointEvery = 10
  change(&settings)
  return settings
}

/// The plan of that run.
func plan(_ change: (inout TrainSettings) -> Void = { _ in }) throws -> RunPlan {
  try settings(change).resolved(
    site: Site(name: "here", width: planted.columns), rows: planted.rows)
}
