import DictionaryTraining
import RunRecords
import SparseCoding
import TensorFiles

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A seed of an experiment after its refinement, which is kept beside the seed.
struct RefinedSeed {
  let named: NamedDictionary
  let evaluation: DictionaryEvaluation

  /// Refines a seed unless that was done.
  init(
    _ trained: NamedDictionary, on rows: TrainingRows, path: String, target: Site?,
    settings: RefinementSettings, compute: Compute
  ) throws {
    let folder = trained.name + "-refined"
    if !FileManager.default.fileExists(atPath: folder + "/" + RefinedDictionary.recordName) {
      try RefinedDictionary(
        of: trained, on: rows, target: target, path: path, settings: settings,
        compute: compute
      ).write(to: folder)
    }
    named = try NamedDictionary(folder)
    evaluation = try evaluate(
      named.coder, on: rows.source, rows: rows.evaluated, path: folder, compute: compute)
  }
}

extension CellRecord {
  /// Replaces what was measured of the seeds as they were trained.
  mutating func refine(_ seeds: [RefinedSeed], settings: [String: Double]?) {
    let found: [(Measure, (DictionaryEvaluation) -> Double)] = [
      (.fvu, \.measures.fvu), (.l0, \.measures.l0), (.deadFraction, \.measures.deadFraction),
      (.live, { Double($0.live.count) }),
    ]
    for (measure, value) in found {
      measures[measure.rawValue] = Measured(seeds: seeds.map { value($0.evaluation) })
    }
    refinement = settings
  }
}
