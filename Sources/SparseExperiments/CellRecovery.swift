import DictionaryTraining
import RunRecords
import SparseCoding

/// What the seeds of a cell recover of the truth of synthetic rows.
struct CellRecovery {
  /// Each seed's recovery of all features.
  private let all: [RecoveryMeasures]
  /// The same of the features that were not given as anchors.
  private let others: [RecoveryMeasures]

  /// - Parameter anchors: How many of the features, from the first on, were given.
  init(
    of truth: Truth, by named: [NamedDictionary], anchors: Int, on rows: TrainingRows,
    compute: Compute
  ) throws {
    func recovery(of truth: Truth) throws -> [RecoveryMeasures] {
      try named.map { dictionary in
        try RecoveryMeasures(
          of: truth, by: dictionary,
          live: liveLatents(of: dictionary.record?.firingDensities ?? []), on: rows.source,
          rows: rows.evaluated, compute: compute)
      }
    }
    all = try recovery(of: truth)
    let features = truth.features.rows
    others =
      (1..<features).contains(anchors)
      ? try recovery(of: truth.selecting(features: anchors..<features)) : all
  }

  /// The measures of a cell.
  var measures: [Measure: Measured] {
    func seeds(_ value: (RecoveryMeasures) -> Double) -> Measured {
      Measured(seeds: all.map(value))
    }
    return [
      .recovery: seeds(\.decoderCosine.gtRecovery),
      .recovery90: seeds(\.decoderCosine.gtRecovery90),
      .recoveryMean: seeds(\.decoderCosine.meanMaxInnerProduct),
      .recoveryEncoder: seeds(\.encoderCosine.gtRecovery),
      .recoveryEncoderMean: seeds(\.encoderCosine.meanMaxInnerProduct),
      .recoveryReadout: seeds(\.encoderReadout.gtRecovery),
      .recoveryReadoutMean: seeds(\.encoderReadout.meanMaxInnerProduct),
      .pathGain: seeds(\.pathGain.meanMaxInnerProduct),
      .recoveryRaw: seeds(\.paperRaw.gtRecovery),
      .recoveryRawMean: seeds(\.paperRaw.meanMaxInnerProduct),
      .recoveryOthers: Measured(seeds: others.map(\.decoderCosine.gtRecovery)),
      .recoveryRawOthers: Measured(seeds: others.map(\.paperRaw.gtRecovery)),
      .precision: seeds(\.precision), .recoveryF1: seeds(\.f1),
      .duplicateAtoms: seeds { Double($0.duplicates) },
      .splitFeatures: seeds { Double($0.split) },
    ]
  }
}
