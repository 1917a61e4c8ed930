import DictionaryMetrics
import RunRecords
import SparseCoding

extension CellRecord {
  /// What the finished seeds of a run, their comparison and their snapshots say.
  init(
    id: String, records: [RunRecord], comparison: ComparisonRecord?,
    agreement: [AgreementPoint] = [], recovery: CellRecovery? = nil,
    conditioning: [SupportSpread] = []
  ) {
    var measures: [Measure: Measured] = [
      .fvu: Measured(seeds: records.map(\.evaluation.fvu)),
      .l0: Measured(seeds: records.map(\.evaluation.l0)),
      .deadFraction: Measured(seeds: records.map(\.evaluation.deadFraction)),
      .stepMilliseconds: Measured(times: records),
    ]
    let rows = records[0].trainingRows
    let saturations = records.compactMap { Milestones.saturation(of: $0.curve) }
    if saturations.count == records.count {
      measures[.saturationEpoch] = Measured(
        seeds: saturations.map { Double($0 * records[0].settings.batch) / rows })
    }
    if let comparison { measures.merge(comparison.measures) { $1 } }
    if let recovery { measures.merge(recovery.measures) { $1 } }
    for (spread, random, part) in [
      (Measure.largestSpread, Measure.largestRandom, \SupportSpread.largest),
      (.pairSpread, .pairRandom, \.pairs),
    ] {
      let found = conditioning.compactMap { $0[keyPath: part] }
      guard !found.isEmpty, found.count == conditioning.count else { continue }
      measures[spread] = Measured(seeds: found.map(\.value))
      measures[random] = Measured(seeds: found.map(\.random))
    }
    self.init(
      id: id, eluteVersion: records[0].eluteVersion, settings: records[0].settings,
      data: records[0].data, host: records[0].host, seeds: records.map(\.seed),
      shared: comparison?.shared, measures: measures.byName)
    if !agreement.isEmpty {
      snapshots = agreement.map { point in
        var measures = point.measures
        let errors = records.compactMap { $0.fvu(near: point.step) }
        if errors.count == records.count { measures[.fvu] = Measured(seeds: errors) }
        return MeasuredStep(
          step: point.step, epoch: Double(point.step * records[0].settings.batch) / rows,
          measures: measures.byName)
      }
    }
  }
}

extension [RunRecord] {
  /// What was logged of the steps that all of them have logged.
  var trainingSteps: [MeasuredStep] {
    let points = map { record in
      Dictionary(record.curve.map { ($0.step, $0) }, uniquingKeysWith: { $1 })
    }
    let steps = points.dropFirst().reduce(Set((points.first ?? [:]).keys)) {
      $0.intersection($1.keys)
    }
    return steps.sorted().map { step in
      let logged = points.compactMap { $0[step] }
      var measures: [Measure: Measured] = [
        .trainLoss: Measured(seeds: logged.map(\.loss)), .l0: Measured(seeds: logged.map(\.l0)),
        .deadFraction: Measured(seeds: logged.map(\.deadFraction)),
      ]
      let errors = logged.compactMap(\.fvu)
      if errors.count == logged.count { measures[.fvu] = Measured(seeds: errors) }
      return MeasuredStep(
        step: step, epoch: Double(step * self[0].settings.batch) / self[0].trainingRows,
        measures: measures.byName)
    }
  }
}

extension RunRecord {
  /// The rows that trained it.
  fileprivate var trainingRows: Double {
    Double((data.rows - data.heldOutRows) / Int(part.of))
  }

  /// The fvu of the logged step that is nearest to a step by ratio, among those at which it was measured.
  fileprivate func fvu(near step: Int) -> Double? {
    func distance(_ point: CurvePoint) -> Double {
      let (a, b) = (Double(max(point.step, 1)), Double(max(step, 1)))
      return max(a / b, b / a)
    }
    guard step > 0 else { return nil }
    return curve.filter { $0.fvu != nil }.min { distance($0) < distance($1) }?.fvu
  }
}

extension Dictionary where Key == Measure, Value == Measured {
  var byName: [String: Measured] {
    Dictionary<String, Measured>(uniqueKeysWithValues: map { ($0.key.rawValue, $0.value) })
  }
}

extension ComparisonRecord {
  /// What a comparison says of a cell.
  fileprivate var measures: [Measure: Measured] {
    var found: [Measure: Measured] = [
      .mmcs: Measured(value: mmcs, interval: mmcsInterval),
      .kappa: Measured(value: kappa, interval: kappaInterval),
      .dcs: Measured(value: dcs, interval: dcsInterval),
      .dcsKappa: Measured(value: dcsKappa, interval: dcsKappaInterval),
      .mmcsAll: Measured(value: mmcsAll, interval: mmcsAllInterval),
    ]
    let optional: [(Measure, Double?, [Double]?)] = [
      (.matchedKappa, matchedKappa, matchedKappaInterval),
      (.sharedFraction, sharedFraction, sharedFractionInterval),
      (.codeIoU, codeIoU, codeIoUInterval), (.codeDistance, codeDistance, codeDistanceInterval),
      (.codeIoUByChance, nullCodeIoU, nil),
      (.oracleCodeIoU, oracleCodeIoU, oracleCodeIoUInterval),
      (.oracleCodeIoUByChance, nullOracleCodeIoU, nil),
      (.oracleCodeDistance, oracleCodeDistance, oracleCodeDistanceInterval),
      (.stepZeroKappa, controls["step_0"]?.kappa, nil),
      (.dataDrawMmcs, controls[AgreementControl.dataDraw.rawValue]?.mmcs, nil),
      (.dataDrawKappa, controls[AgreementControl.dataDraw.rawValue]?.kappa, nil),
      (.principalKappa, controls[AgreementControl.principalDirections.rawValue]?.kappa, nil),
      (.kMeansKappa, controls[AgreementControl.kMeans.rawValue]?.kappa, nil),
    ]
    for (measure, value, interval) in optional {
      if let value { found[measure] = Measured(value: value, interval: interval) }
    }
    // What chance and the controls give is taken for known: their draws move it by less than seeds do.
    if let best = controls.values.map(\.dcsKappa).max() {
      found[.dcsAboveControls] = Measured(
        value: dcsKappa - best, interval: dcsKappaInterval?.map { $0 - best })
    }
    return found
  }
}

extension AgreementPoint {
  /// What the snapshots of a step say.
  fileprivate var measures: [Measure: Measured] {
    var found: [Measure: Measured] = [
      .mmcsAll: Measured(value: mmcsAll, interval: mmcsAllInterval),
      .ratioToIsotropic: Measured(
        value: mmcsAll / isotropic, interval: mmcsAllInterval?.map { $0 / isotropic }),
      .mmcs: Measured(value: mmcsLive, interval: nil),
      .kappa: Measured(value: kappa, interval: kappaInterval),
      .live: Measured(value: live, interval: nil),
    ]
    if let matchedKappa {
      found[.matchedKappa] = Measured(value: matchedKappa, interval: matchedKappaInterval)
    }
    if let untouched {
      found[.untouched] = Measured(value: untouched.atoms, interval: nil)
      found[.untouchedMmcs] = Measured(value: untouched.mmcs, interval: nil)
      found[.untouchedKappa] = Measured(
        value: DictionaryMetrics.kappa(of: untouched.mmcs, null: untouched.nullMmcs),
        interval: untouched.kappaInterval)
    }
    return found
  }
}

extension NullRecord {
  /// Simulates pairs of random dictionaries and compares with the exact null.
  init(_ null: Experiment.NullCase, compute: Compute) {
    let exact = IsotropicNull(width: null.width, atoms: null.atoms, convention: .absolute)
      .expectedMMCS
    let drawn = AgreementNull(
      isotropicOfWidth: null.width, first: null.atoms, second: null.atoms, convention: .absolute,
      seed: 0, draws: NullDraws(bestMatch: null.pairs, oneToOne: 0), on: compute
    ).mmcs
    // Pairs are independent and many: the mean is normal.
    let reach = 1.959964 * drawn.standardError
    func relative(_ value: Double) -> Double { value / exact - 1 }
    func known(_ form: ExtremeValueForm) -> Measured {
      let error = relative(form.expectedMMCS(width: null.width, atoms: null.atoms))
      return Measured(value: error, interval: [error, error])
    }
    let measures: [Measure: Measured] = [
      .nullError: Measured(
        value: relative(drawn.mean),
        interval: [relative(drawn.mean - reach), relative(drawn.mean + reach)]),
      .leadingError: known(.leading), .gaussianGumbelError: known(.gaussianGumbel),
      .sphericalGumbelError: known(.sphericalGumbel),
      .sphericalQuantileError: known(.sphericalQuantile),
    ]
    self.init(
      id: "null/\(null.id)", width: null.width, atoms: null.atoms, pairs: null.pairs, exact: exact,
      simulated: drawn.mean, standardError: drawn.standardError, measures: measures.byName)
  }
}
