public import DictionaryTraining
public import RunRecords
public import SparseCoding
public import TensorFiles

/// A dictionary refined on some rows of its data and measured on others.
public struct RefinedDictionary: Sendable {
  /// The dictionary.
  public let coder: SparseCoder
  /// How it was made, and what it is worth.
  public let record: RefinementRecord

  /// Refines a dictionary.
  ///
  /// - Parameters:
  ///   - rows: Rows as the dictionary reads them, then those of the target, if there is one; those that train
  ///     are coded, evenly spread where there are more than the settings say.
  ///   - target: What a transcoder is to rebuild.
  ///   - path: Where the rows come from, for the record and messages.
  ///   - progress: See `Refinement`.
  /// - Throws: As `Refinement`, and if rows have other widths or cannot be read.
  public init(
    of named: NamedDictionary, on rows: TrainingRows, target: Site? = nil, path: String,
    settings: RefinementSettings = RefinementSettings(), compute: Compute,
    progress: (_ atoms: Int) throws -> Void = { _ in }
  ) throws {
    let own = named.coder.architecture.rowWidth
    let expected = own + (target?.width ?? 0)
    guard rows.width == expected else {
      throw TensorFileError(
        path: path, found: "rows of width \(rows.width)",
        expected: "width \(expected), as the dictionary has",
        hint: "give the activations that it was trained on")
    }
    let most = min(settings.rows, max(rows.training.count, 1))
    let step = max(1, (rows.training.count + most - 1) / most)
    let chosen = stride(from: 0, to: rows.training.count, by: step).map { rows.training[$0] }
    let matrix = try rows.source.matrix(ofRows: chosen)
    let refinement = try Refinement(
      of: named.coder, on: target == nil ? matrix : matrix.selecting(columns: 0..<own),
      target: target.map { ($0, matrix.selecting(columns: own..<expected)) }, settings: settings,
      compute: compute, progress: progress)
    coder = refinement.coder
    let after = try evaluate(
      coder, on: rows.source, rows: rows.evaluated, path: path, compute: compute
    ).measures
    record = RefinementRecord(
      eluteVersion: eluteVersion, source: named.name, data: path, rows: chosen.count,
      measuredRows: rows.evaluated.count, settings: settings.byName, before: refinement.before,
      after: .init(latents: coder.latents, l0: after.l0, fvu: after.fvu),
      rounds: refinement.rounds, host: .init(compute))
  }

  /// Writes the folder: the dictionary as every other one, and `refinement.json`; whole or not at all.
  public func write(to folder: String) throws(TensorFileError) {
    try makeFolder(folder)
    try AtomicFolder.write(to: folder) { (temporary) throws(TensorFileError) in
      try SAELensDictionary.write(
        coder,
        metadata: [
          "elute_version": .string(eluteVersion),
          "elute_refinement_of": .string(record.source), "l0": .number(record.after.l0),
        ], to: temporary)
      try JSONFile.writeSealed(record, to: temporary + "/" + Self.recordName)
    }
  }

  /// Reads the record of a refinement.
  public static func readRecord(_ folder: String) throws(TensorFileError) -> RefinementRecord {
    try JSONFile.readSealed(
      RefinementRecord.self, schema: RefinementRecord.currentSchema,
      from: folder + "/" + recordName)
  }

  /// The file beside the dictionary that says how it was made.
  public static let recordName = "refinement.json"
}

extension RefinementSettings {
  /// The values that are set, by their names.
  var byName: [String: Double] {
    var values = [
      "version": Double(Refinement.version), "least_residual": leastResidual, "rows": Double(rows),
      "merge": merge,
      "tolerance": tolerance, "growth": growth,
    ]
    values["residual"] = residual
    values["k"] = k.map(Double.init)
    return values
  }
}
