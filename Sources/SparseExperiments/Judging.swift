import DictionaryMetrics
import RunRecords

extension Experiment.Expectation {
  /// What measured cells say of the claim.
  ///
  /// With d the cell's value minus the other's, or minus the published one: `below` is d < tolerance,
  /// `above` is d > -tolerance, `near` is |d| <= tolerance. It is reproduced where the whole interval of d
  /// satisfies that and not reproduced where none of it does. The interval of a difference takes the two
  /// cells for independent: half widths add up by squares.
  func judged(_ cells: [CellRecord]) -> JudgedExpectation {
    func measured(_ id: String) -> Measured? {
      cells.first { $0.id == id }?.measures[measure.rawValue]
    }
    func isRun(_ id: String) -> Bool { cells.contains { $0.id == id } }
    var judged = JudgedExpectation(
      id: id, statement: statement, source: source, published: published, measured: nil,
      interval: nil, tolerance: tolerance, verdict: .notRun)
    guard isRun(cell), than.map(isRun) ?? true else { return judged }
    judged.verdict = .inconclusive
    guard let own = measured(cell) else { return judged }
    judged.measured = own.value
    judged.interval = own.interval
    if let than {
      guard let other = measured(than) else {
        (judged.measured, judged.interval) = (nil, nil)
        return judged
      }
      judged.measured = own.value - other.value
      judged.interval = own.interval.flatMap { own in
        other.interval.map { other in
          let half = ((own[1] - own[0]) / 2, (other[1] - other[0]) / 2)
          let both = (half.0 * half.0 + half.1 * half.1).squareRoot()
          let center = (own[0] + own[1] - other[0] - other[1]) / 2
          return [center - both, center + both]
        }
      }
    }
    judged.verdict = verdict(of: judged.interval, from: than == nil ? published ?? 0 : 0)
    return judged
  }

  private func verdict(of interval: [Double]?, from origin: Double) -> ExperimentVerdict {
    guard let interval, interval.allSatisfy(\.isFinite) else { return .inconclusive }
    let (low, high) = (interval[0] - origin, interval[1] - origin)
    let (holds, fails) =
      switch relation {
      case .below: (high < tolerance, low >= tolerance)
      case .above: (low > -tolerance, high <= -tolerance)
      case .near:
        (
          low >= -tolerance && high <= tolerance, low > tolerance || high < -tolerance
        )
      }
    return holds ? .reproduced : fails ? .notReproduced : .inconclusive
  }
}

extension Experiment {
  /// What measured cells say of the expectations that a tier judges.
  ///
  /// Where one of the expectations in `given` is not reproduced the claim was not tested, and it is
  /// inconclusive.
  func judged(_ cells: [CellRecord], of tier: Tier) -> [JudgedExpectation] {
    guard tier.isJudged else { return [] }
    let asked = Set(self.cells(of: tier).map { "\($0.data)/\($0.variant.id)" })
    let judged = expectations.filter { asked.contains($0.cell) }.map { ($0, $0.judged(cells)) }
    let failed = Set(judged.filter { $0.1.verdict == .notReproduced }.map(\.1.id))
    return judged.map { expectation, result in
      var result = result
      let isTested = result.verdict == .reproduced || result.verdict == .notReproduced
      if isTested, !failed.isDisjoint(with: expectation.given) { result.verdict = .inconclusive }
      return result
    }
  }
}

extension Measured {
  /// The mean of the seeds' values with Student's interval.
  init(seeds values: [Double]) {
    let mean = values.reduce(0, +) / Double(values.count)
    self.init(
      value: mean, interval: meanInterval(of: values).map { [$0.low, $0.high] }, seeds: values)
  }

  /// The time of a step of each seed; seeds that train at once share a clock, so there is no interval.
  fileprivate init(times records: [RunRecord]) {
    let seeds = records.map { 1000 * $0.seconds / Double($0.settings.steps) }
    self.init(value: seeds.reduce(0, +) / Double(seeds.count), interval: nil, seeds: seeds)
  }
}

extension CellRecord {
  /// What the finished seeds of a run and their comparison say.
  init(id: String, records: [RunRecord], comparison: ComparisonRecord?) {
    var measures: [Measure: Measured] = [
      .fvu: Measured(seeds: records.map(\.evaluation.fvu)),
      .l0: Measured(seeds: records.map(\.evaluation.l0)),
      .deadFraction: Measured(seeds: records.map(\.evaluation.deadFraction)),
      .stepMilliseconds: Measured(times: records),
    ]
    if let comparison {
      measures[.mmcs] = Measured(value: comparison.mmcs, interval: comparison.mmcsInterval)
      measures[.kappa] = Measured(value: comparison.kappa, interval: comparison.kappaInterval)
    }
    self.init(
      id: id, eluteVersion: records[0].eluteVersion, settings: records[0].settings,
      data: records[0].data, host: records[0].host, seeds: records.map(\.seed),
      shared: comparison?.shared,
      measures: Dictionary(uniqueKeysWithValues: measures.map { ($0.key.rawValue, $0.value) }))
  }
}
