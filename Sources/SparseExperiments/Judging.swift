import DictionaryMetrics
import RunRecords
import SparseCoding

/// What the cells of an experiment measured.
struct MeasuredCells {
  let cells: [CellRecord]
  var nulls: [NullRecord] = []
  var theory: [TheoryRecord] = []

  func isRun(_ id: String) -> Bool {
    cells.contains { $0.id == id } || nulls.contains { $0.id == id }
      || theory.contains { $0.id == id }
  }

  /// The value of a cell at its end, or at the snapshot that is nearest to an epoch by ratio; none where that is
  /// further than half of it away.
  func value(_ measure: Measure, of id: String, at epoch: Double?) -> Measured? {
    if let null = nulls.first(where: { $0.id == id }) { return null.measures[measure.rawValue] }
    if let found = theory.first(where: { $0.id == id }) { return found.measures[measure.rawValue] }
    guard let cell = cells.first(where: { $0.id == id }) else { return nil }
    guard let epoch else { return cell.measures[measure.rawValue] }
    func distance(_ step: MeasuredStep) -> Double {
      max(step.epoch, 1e-9) > epoch ? step.epoch / epoch : epoch / max(step.epoch, 1e-9)
    }
    let nearest = cell.snapshots?.min { distance($0) < distance($1) }
    guard let nearest, distance(nearest) <= 1.5 else { return nil }
    return nearest.measures[measure.rawValue]
  }

  /// The least-squares slope of a measure over the natural logarithm of `d_sae`.
  ///
  /// The interval takes the cells for independent: half widths add up by squares, each with its weight.
  func slope(_ measure: Measure, over ids: [String]) -> Measured? {
    let points = ids.compactMap { id -> (x: Double, value: Measured)? in
      guard let cell = cells.first(where: { $0.id == id }),
        let value = cell.measures[measure.rawValue]
      else { return nil }
      return (Elementary.log(Double(cell.settings.dSae)), value)
    }
    guard points.count == ids.count, points.count > 1 else { return nil }
    let center = points.reduce(0) { $0 + $1.x } / Double(points.count)
    let spread = points.reduce(0) { $0 + ($1.x - center) * ($1.x - center) }
    guard spread > 0 else { return nil }
    let weights = points.map { ($0.x - center) / spread }
    let slope = zip(weights, points).reduce(0) { $0 + $1.0 * $1.1.value.value }
    let intervals = points.compactMap(\.value.interval)
    guard intervals.count == points.count else { return Measured(value: slope, interval: nil) }
    let half = zip(weights, intervals).reduce(0) { sum, pair in
      let part = pair.0 * (pair.1[1] - pair.1[0]) / 2
      return sum + part * part
    }.squareRoot()
    return Measured(value: slope, interval: [slope - half, slope + half])
  }
}

extension Experiment.Expectation {
  /// What measured cells say of the claim.
  ///
  /// With d the cell's value minus the other's, or minus the published one: `below` is d < tolerance,
  /// `above` is d > -tolerance, `near` is |d| <= tolerance. It is reproduced where the whole interval of d
  /// satisfies that and not reproduced where none of it does. `compatible` is reproduced where the interval,
  /// widened by the tolerance, has 0 in it, and not reproduced elsewhere. The interval of a difference takes
  /// the two cells for independent: half widths add up by squares.
  func judged(_ cells: MeasuredCells) -> JudgedExpectation {
    var judged = JudgedExpectation(
      id: id, statement: statement, source: source, measure: measure.rawValue,
      relation: relation.rawValue, published: published,
      measured: nil,
      interval: nil, tolerance: tolerance, verdict: .notRun)
    guard ([cell] + slopeOver + [than].compactMap { $0 }).allSatisfy(cells.isRun) else {
      return judged
    }
    judged.verdict = .inconclusive
    let own =
      slopeOver.isEmpty
      ? cells.value(measure, of: cell, at: epoch) : cells.slope(measure, over: [cell] + slopeOver)
    guard let own else { return judged }
    judged.measured = own.value
    judged.interval = own.interval
    if let than {
      guard let other = cells.value(measure, of: than, at: thanEpoch) else {
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
      case .compatible:
        (low <= tolerance && high >= -tolerance, low > tolerance || high < -tolerance)
      }
    return holds ? .reproduced : fails ? .notReproduced : .inconclusive
  }
}

extension Experiment {
  /// What measured cells say of the expectations that a tier judges.
  ///
  /// Where one of the expectations in `given` is not reproduced the claim was not tested, and it is
  /// inconclusive.
  func judged(_ measured: MeasuredCells, of tier: Tier) -> [JudgedExpectation] {
    guard tier.isJudged else { return [] }
    let asked = Set(
      self.cells(of: tier).map { "\($0.data)/\($0.variant.id)" } + nulls.map { "null/\($0.id)" }
        + theory.map { "theory/\($0.id)" })
    let judged = expectations.filter { asked.contains($0.cell) }.map { ($0, $0.judged(measured)) }
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
    self.init(
      value: mean(of: values), interval: meanInterval(of: values).map { [$0.low, $0.high] },
      seeds: values)
  }

  /// The time of a step of each seed; seeds that train at once share a clock, so there is no interval.
  init(times records: [RunRecord]) {
    let seeds = records.map { 1000 * $0.seconds / Double($0.settings.steps) }
    self.init(value: seeds.reduce(0, +) / Double(seeds.count), interval: nil, seeds: seeds)
  }
}
