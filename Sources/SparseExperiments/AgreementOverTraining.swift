import DictionaryMetrics
import DictionaryTraining
import RunRecords
import SparseCoding
import TensorFiles

/// The agreement of a run's seeds at every step of which all of them kept a snapshot.
///
/// Each point has the version over all atoms with its isotropic null and the version over live atoms
/// with the default null. The band is what chance gives when one dictionary is as it is and the other drawn:
/// mean ± 3.29 standard deviations of one pair (99.9 % of a normal).
func agreementOverTraining(
  _ run: RunFolder, records: [RunRecord], compute: Compute
) throws -> [AgreementPoint] {
  guard records.count > 1 else { return [] }
  let folders = records.map { run.seed($0.seed).snapshots }
  var steps = Set(Snapshot.steps(in: folders[0]))
  for folder in folders.dropFirst() { steps.formIntersection(Snapshot.steps(in: folder)) }
  return try steps.sorted().map { step in
    var snapshots: [Snapshot] = []
    for folder in folders { snapshots.append(try Snapshot(step: step, in: folder)) }
    let measured = try SnapshotAgreement(
      of: snapshots, convention: CosineConvention(for: records[0]), compute: compute)
    return measured.point(step: step)
  }
}

extension CosineConvention {
  /// That of the codes of a run.
  init(for record: RunRecord) {
    let rule = Activation(named: record.settings.activation, k: record.settings.k ?? 1)
    self = rule.map { CosineConvention(for: $0) } ?? .signed
  }
}

/// Snapshots of one step, compared pair by pair.
private struct SnapshotAgreement {
  private let atoms: [UnitAtoms]
  private var pairs: [Pair] = []
  private let convention: CosineConvention
  private let compute: Compute

  /// What is measured of a pair; what is never resampled only where something was.
  private struct Pair {
    var first, second: Int
    var all, live, null, matched: Double
    var band: NullStatistic
    var untouched: (mmcs: Double, null: Double, atoms: Double)?
  }

  init(of snapshots: [Snapshot], convention: CosineConvention, compute: Compute) throws {
    atoms = try snapshots.map {
      try UnitAtoms($0.decoder, live: $0.live, name: "snapshot of step \($0.step)")
    }
    self.convention = convention
    self.compute = compute
    for first in atoms.indices {
      for second in atoms.indices where second > first {
        pairs.append(try pair(first, second, snapshots))
      }
    }
  }

  private func pair(_ first: Int, _ second: Int, _ snapshots: [Snapshot]) throws -> Pair {
    let pair = try DictionaryPair(atoms[first], atoms[second], convention: convention)
    let seed = UInt64(first) << 32 + UInt64(second)
    func null(_ pair: DictionaryPair, _ law: AtomLaw) -> Double {
      AgreementNull(
        for: pair, law: law, seed: seed, draws: NullDraws(bestMatch: 3, oneToOne: 0), on: compute
      ).mmcs.mean
    }
    var measured = Pair(
      first: first, second: second, all: pair.mmcsAll(on: compute),
      live: pair.bestMatches(on: compute).mmcs, null: null(pair, .decoderSecondMoment),
      // Its law costs more than all else, and is nearly the same for seeds of one run.
      matched: pairs.first?.matched ?? null(pair, .matchedSecondMoment),
      band: pair.mmcsWithDrawnSecond(seed: seed, draws: 6, on: compute))
    if snapshots.contains(where: { !$0.resampled.isEmpty }) {
      func untouched(_ side: Int) throws(MetricError) -> UnitAtoms? {
        let isTouched = Set(snapshots[side].resampled)
        let live = atoms[side].liveLatents.filter { !isTouched.contains($0) }
        return live.isEmpty
          ? nil : try UnitAtoms(atoms[side].all, live: live, name: atoms[side].name)
      }
      if let a = try untouched(first), let b = try untouched(second) {
        let rest = try DictionaryPair(a, b, convention: convention)
        measured.untouched = (
          rest.bestMatches(on: compute).mmcs, null(rest, .decoderSecondMoment),
          Double(a.live.rows + b.live.rows) / 2
        )
      }
    }
    return measured
  }

  private func mean(_ value: (Pair) -> Double) -> Double {
    pairs.reduce(0) { $0 + value($1) } / Double(pairs.count)
  }

  private func interval(_ value: (Pair) -> Double) -> [Double]? {
    jackknifeInterval(
      overPairs: pairs.map { ($0.first, $0.second, value($0)) }, dictionaries: atoms.count
    ).map { [$0.low, $0.high] }
  }

  func point(step: Int) -> AgreementPoint {
    let center = mean(\.band.mean)
    let reach = 3.29 * mean { $0.band.standardDeviation * $0.band.standardDeviation }.squareRoot()
    var point = AgreementPoint(
      step: step, mmcsAll: mean(\.all),
      isotropic: IsotropicNull(
        width: atoms[0].width, atoms: atoms[0].latents, convention: .absolute
      ).expectedMMCS,
      mmcsLive: mean(\.live), nullMmcsLive: mean(\.null), nullLow: center - reach,
      nullHigh: center + reach,
      live: atoms.reduce(0) { $0 + Double($1.live.rows) } / Double(atoms.count))
    point.matchedNull = mean(\.matched)
    point.mmcsAllInterval = interval(\.all)
    point.kappaInterval = interval { kappa(of: $0.live, null: $0.null) }
    point.matchedKappaInterval = interval { kappa(of: $0.live, null: $0.matched) }
    let untouched = pairs.compactMap(\.untouched)
    if untouched.count == pairs.count {
      point.untouched = AgreementPoint.Untouched(
        mmcs: mean { $0.untouched?.mmcs ?? .nan }, nullMmcs: mean { $0.untouched?.null ?? .nan },
        kappaInterval: interval {
          $0.untouched.map { kappa(of: $0.mmcs, null: $0.null) } ?? .nan
        },
        atoms: mean { $0.untouched?.atoms ?? .nan })
    }
    return point
  }
}
