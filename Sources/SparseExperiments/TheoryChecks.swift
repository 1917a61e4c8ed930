import DictionaryMetrics
import Identifiability
import RunRecords
import SparseCoding

extension TheoryRecord {
  /// Checks a statement on its instances, each with a random stream of its own.
  init(_ theory: Experiment.TheoryCase, compute: Compute) {
    var findings = [TheoryFinding](repeating: TheoryFinding(), count: theory.instances)
    findings.withUnsafeMutableBufferPointer { findings in
      nonisolated(unsafe) let findings = findings
      compute.pool.run(units: theory.instances) { number, _ in
        var instance = TheoryInstance(theory, number: number)
        findings[number] = instance.finding()
      }
    }
    var measures: [Measure: Measured] = [:]
    for measure in Set(findings.flatMap { Array($0.values.keys) }) {
      measures[measure] = Measured(seeds: findings.compactMap { $0.values[measure] })
    }
    for measure in Set(findings.flatMap { Array($0.greatest.keys) }) {
      let values = findings.compactMap { $0.greatest[measure] }
      let most = values.max() ?? 0
      measures[measure] = Measured(value: most, interval: [most, most], seeds: values)
    }
    for measure in Set(findings.flatMap { Array($0.counts.keys) }) {
      let counts = findings.compactMap { $0.counts[measure] }
      let (hits, trials) = counts.reduce((0, 0)) { ($0.0 + $1.hits, $0.1 + $1.trials) }
      // What is a matter of chance has an interval; of what should never or always be one case is enough.
      measures[measure] =
        measure == .escaped
        ? Measured(hits: hits, trials: trials)
        : Measured(exactly: Double(hits) / Double(trials))
    }
    self.init(
      eluteVersion: SparseExperiments.eluteVersion, id: "theory/\(theory.id)",
      statement: theory.statement.rawValue, about: theory.about, features: theory.features,
      width: theory.width, latents: theory.latents, instances: theory.instances,
      measures: measures.byName,
      curves: Curve(meanOf: findings.compactMap(\.curve)).map { [$0] } ?? [])
    (steps, rate, batch, resampleEvery) = (
      theory.steps, theory.rate, theory.batch, theory.resampleEvery
    )
  }

  /// Whether it is what a case asks for.
  func isResult(of theory: Experiment.TheoryCase) -> Bool {
    statement == theory.statement.rawValue && features == theory.features
      && width == theory.width && latents == theory.latents && instances == theory.instances
      && steps == theory.steps && rate == theory.rate && batch == theory.batch
      && resampleEvery == theory.resampleEvery
  }
}

extension TheoryRecord.Curve {
  /// The mean of curves of the same places; nil of none.
  fileprivate init?(meanOf curves: [Self]) {
    guard var mean = curves.first else { return nil }
    for line in mean.lines.indices {
      for place in mean.lines[line].y.indices {
        mean.lines[line].y[place] =
          curves.reduce(0) { $0 + $1.lines[line].y[place] } / Double(curves.count)
      }
    }
    self = mean
  }
}

extension Measured {
  /// A value about which nothing is uncertain.
  init(exactly value: Double) { self.init(value: value, interval: [value, value]) }

  /// The share of trials that were hits, with the exact interval of a chance behind it.
  init(hits: Int, trials: Int) {
    let exact = ClopperPearson(successes: hits, trials: trials)
    self.init(
      value: Double(hits) / Double(trials),
      interval: [exact.lowerBound(confidence: 0.975), exact.upperBound(confidence: 0.975)])
  }
}

extension TheoryInstance {
  /// What the case asks for.
  mutating func finding() -> TheoryFinding {
    switch theory.statement {
    case .lossApproximation: lossApproximation()
    case .biconvexity: biconvexity()
    case .nearZeroLoss: nearZeroLoss()
    case .zeroLoss: zeroLoss()
    case .trainedZeroLoss: trainedZeroLoss()
    case .partialMinima: partialMinima(of: cone(theory.features))
    case .partialMinimaAnywhere: partialMinima(of: directions(theory.features))
    case .printedProof: printedProof()
    case .minimaStay: minimaStay()
    case .saddlesLeave: saddlesLeave()
    case .escape: escape(reviving: nil, name: "left alone")
    case .escapeResampled: escape(reviving: .missing, name: "begun anew as what is missing")
    case .escapeKicked: escape(reviving: .random, name: "begun anew at random")
    case .absorption: absorption()
    case .firstOrder: firstOrder()
    case .hierarchy: hierarchy()
    case .splittingOnRays: splitting(isOnRays: true)
    case .splittingEverywhere: splitting(isOnRays: false)
    case .densePair: densePair()
    }
  }
}
