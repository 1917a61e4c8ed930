import DictionaryTraining
import RunRecords
import SparseCoding

/// What the seeds of a cell recover of the truth of synthetic rows.
struct CellRecovery {
  /// Each seed's recovery of all features.
  private let all: [RecoveryMeasures]
  /// The same of the features that are given to no run.
  private let others: [RecoveryMeasures]?

  /// - Parameter given: How many of the features, from the first on, are left out of the others; `nil` where that is not known.
  init(
    of truth: Truth, by named: [(dictionary: NamedDictionary, live: [Int])], given: Int?,
    on rows: TrainingRows, compute: Compute
  ) throws {
    func recovery(of truth: Truth) throws -> [RecoveryMeasures] {
      try named.map { dictionary, live in
        try RecoveryMeasures(
          of: truth, by: dictionary, live: live, on: rows.source, rows: rows.evaluated,
          compute: compute)
      }
    }
    all = try recovery(of: truth)
    let features = truth.features.rows
    switch given {
    case 0?: others = all
    case let given? where given < features:
      others = try recovery(of: truth.selecting(features: given..<features))
    default: others = nil
    }
  }

  /// The measures of a cell.
  var measures: [Measure: Measured] {
    func seeds(_ value: (RecoveryMeasures) -> Double) -> Measured {
      Measured(seeds: all.map(value))
    }
    var found: [Measure: Measured] = [
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
      .precision: seeds(\.precision), .recoveryF1: seeds(\.f1),
      .duplicateAtoms: seeds { Double($0.duplicates) },
      .splitFeatures: seeds { Double($0.split) },
      .polysemantic: seeds(\.pattern.polysemantic), .empty: seeds(\.pattern.empty),
      .latentsPerFeature: seeds(\.pattern.latentsPerFeature),
      .loss: seeds(\.pattern.loss), .atomSlope: seeds(\.pattern.atomSlope),
    ]
    let blocks = all.compactMap { $0.sites?.map(\.gtRecovery).min() }
    if blocks.count == all.count { found[.recoverySite] = Measured(seeds: blocks) }
    for (measure, values) in [
      (Measure.realizable, all.compactMap(\.pattern.realizable)),
      (.encoderSlope, all.compactMap(\.pattern.encoderSlope)),
    ] where values.count == all.count {
      found[measure] = Measured(seeds: values)
    }
    if let others {
      found[.recoveryOthers] = Measured(seeds: others.map(\.decoderCosine.gtRecovery))
      found[.recoveryRawOthers] = Measured(seeds: others.map(\.paperRaw.gtRecovery))
    }
    return found
  }
}
