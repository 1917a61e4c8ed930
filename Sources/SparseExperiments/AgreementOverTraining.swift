import DictionaryMetrics
import RunRecords
import SparseCoding
import TensorFiles

/// The agreement of a run's seeds at every step of which all of them kept a snapshot.
///
/// Each point has the version over all atoms with its isotropic null and the version over live atoms
/// with the default null; the band is the null's mean ± 3.29 standard deviations over draws of one
/// pair (99.9 % of a normal).
func agreementOverTraining(
  _ run: RunFolder, seeds: [UInt64], compute: Compute
) throws -> [AgreementPoint] {
  guard seeds.count > 1 else { return [] }
  let folders = seeds.map { run.seed($0).snapshots }
  var steps = Set(Snapshot.steps(in: folders[0]))
  for folder in folders.dropFirst() { steps.formIntersection(Snapshot.steps(in: folder)) }
  return try steps.sorted().map { step in
    var snapshots: [Snapshot] = []
    for folder in folders { snapshots.append(try Snapshot(step: step, in: folder)) }
    return try agreement(of: snapshots, step: step, compute: compute)
  }
}

private func agreement(
  of snapshots: [Snapshot], step: Int, compute: Compute
) throws -> AgreementPoint {
  let atoms = try snapshots.map {
    try UnitAtoms($0.decoder, live: $0.live, name: "snapshot of step \(step)")
  }
  let nullDraws = NullDraws(bestMatch: 4, oneToOne: 0)
  var all = 0.0
  var live = 0.0
  var nulls: [Double] = []
  var deviations: [Double] = []
  var pairs = 0.0
  for first in atoms.indices {
    for second in atoms.indices where second > first {
      let pair = try DictionaryPair(atoms[first], atoms[second], convention: .signed)
      all += pair.mmcsAll(on: compute)
      live += pair.bestMatches(on: compute).mmcs
      let null = AgreementNull(
        for: pair, seed: UInt64(first) << 32 + UInt64(second), draws: nullDraws, on: compute)
      nulls.append(null.mmcs.mean)
      deviations.append(null.mmcs.standardDeviation)
      pairs += 1
    }
  }
  let null = nulls.reduce(0, +) / pairs
  let deviation = (deviations.reduce(0) { $0 + $1 * $1 } / pairs).squareRoot()
  return AgreementPoint(
    step: step, mmcsAll: all / pairs,
    isotropic: IsotropicNull(
      width: atoms[0].width, atoms: atoms[0].latents, convention: .absolute
    ).expectedMMCS,
    mmcsLive: live / pairs, nullMmcsLive: null, nullLow: null - 3.29 * deviation,
    nullHigh: null + 3.29 * deviation,
    live: atoms.reduce(0) { $0 + Double($1.live.rows) } / Double(atoms.count))
}
