import DictionaryMetrics
import DictionaryTraining
import RunRecords
import SparseCoding
import SyntheticFeatures

extension SpikeRecord {
  /// What a dictionary found of directions that were planted in its rows.
  ///
  /// Every atom is searched, also those whose latents are active on no evaluated row: what is rare may not
  /// occur there. A direction's latent is that of the nearest atom; two directions may share one.
  ///
  /// - Parameter rows: The rows as they were trained on.
  /// - Complexity: O(directions × d_sae × d_in), a counter hash for each direction and row, and the codes of
  ///   the evaluated rows.
  /// - Throws: `MetricError` if a weight is not finite, and what reading the rows meets.
  init(
    of coder: SparseCoder, _ spikes: SpikeIn, in rows: TrainingRows, compute: Compute
  ) throws {
    let convention = CosineConvention(for: coder.activation)
    let atoms = try UnitAtoms(coder.decoder, name: "the dictionary").all
    func bestMatches(_ directions: Matrix) -> (cosines: [Float], latents: [Int]) {
      let found = compute.bestMatches(of: directions, in: atoms, absolute: convention == .absolute)
      // Rounding may leave a cosine a few units in the last place above 1.
      return (found.values.map { max(-1, min(1, $0)) }, found.indices.map(Int.init))
    }
    let best = bestMatches(spikes.directions)
    var firings = JointFirings(spikes, latents: best.latents, of: coder.latents)
    var start = 0
    try forEachBlock(of: rows.evaluated, in: rows.source, with: coder, on: compute) {
      part, prepared in
      firings.add(prepared.encode(part), ofRows: rows.evaluated[start..<start + part.rows])
      start += part.rows
    }
    let all = spikes.firingCounts(in: 0..<rows.count)
    let parents = Set(spikes.features.compactMap(\.parent))
    let directions = spikes.features.enumerated().map { index, feature in
      let evaluated = firings.planted[index]
      let latent = best.latents[index]
      return Direction(
        frequency: feature.frequency, strength: feature.strength,
        role: feature.parent != nil ? .child : parents.contains(index) ? .parent : .alone,
        parent: feature.parent,
        trainingFirings: rows.heldOut.isEmpty ? all[index] : all[index] - evaluated,
        evaluatedFirings: evaluated, cosine: best.cosines[index], latent: latent,
        latentFirings: firings.all.counts[latent], jointFirings: firings.joint[index],
        firingCorrelation: correlation(
          evaluated, firings.all.counts[latent], joint: firings.joint[index],
          of: firings.all.rows))
    }
    self.init(
      seed: spikes.seed, deviation: spikes.deviation, addedVariance: spikes.addedVariance,
      convention: convention.rawValue, directions: directions,
      nullCosines: bestMatches(spikes.neverPlanted).cosines)
    visibility = spikeVisibility(of: [self])
  }
}

/// From which frequency on planted directions that fire alone are found, a strength each, by at least half
/// of some dictionaries of the same run.
///
/// - Precondition: The same directions were planted for all.
func spikeVisibility(of records: [SpikeRecord]) -> [SpikeVisibility] {
  guard let first = records.first else { return [] }
  precondition(
    records.allSatisfy { $0.seed == first.seed && $0.planted == first.planted },
    "other directions were planted")
  let alone = first.directions.indices.filter { first.directions[$0].role == .alone }
  func falling(_ values: some Sequence<Double>) -> [Double] { Set(values).sorted(by: >) }
  return falling(alone.map { first.directions[$0].strength }).map { strength in
    let strong = alone.filter { first.directions[$0].strength == strength }
    let frequencies = falling(strong.map { first.directions[$0].frequency })
    return SpikeVisibility(
      strength: strength,
      cells: frequencies.map { frequency in
        let cell = strong.filter { first.directions[$0].frequency == frequency }
        let found = cell.count { index in
          2 * records.count { $0.directions[index].isFound } >= records.count
        }
        let interval = ClopperPearson(successes: found, trials: cell.count).interval()
        return SpikeVisibility.Cell(
          frequency: frequency, planted: cell.count, found: found,
          interval: [interval.low, interval.high])
      })
  }
}

extension SpikeIn {
  /// On how many rows of a range each feature fires.
  fileprivate func firingCounts(in rows: Range<Int>) -> [Int] {
    features.indices.map { index in
      stride(from: rows.lowerBound, to: rows.upperBound, by: 1 << 14).reduce(0) { sum, first in
        sum + firings(of: index, in: first..<min(first + 1 << 14, rows.upperBound)).count
      }
    }
  }
}

/// On how many rows planted directions fire, latents are active, and a direction and its latent both.
private struct JointFirings {
  let spikes: SpikeIn
  /// The latent of each direction.
  let latents: [Int]
  private(set) var planted, joint: [Int]
  private(set) var all: FiringCounts

  init(_ spikes: SpikeIn, latents: [Int], of count: Int) {
    self.spikes = spikes
    self.latents = latents
    planted = [Int](repeating: 0, count: latents.count)
    joint = planted
    all = FiringCounts(latents: count)
  }

  /// Adds the codes of rows that ascend.
  mutating func add(_ codes: SparseCodes, ofRows rows: some RandomAccessCollection<Int>) {
    all.add(codes)
    guard let first = rows.first, let last = rows.last else { return }
    let places = Dictionary(uniqueKeysWithValues: zip(rows, 0...))
    for index in latents.indices {
      let latent = Int32(latents[index])
      for row in spikes.firings(of: index, in: first..<last + 1) {
        guard let place = places[row] else { continue }
        planted[index] += 1
        let isActive = codes.entries(ofRow: place).contains {
          codes.indices[$0] == latent && codes.values[$0] != 0
        }
        if isActive { joint[index] += 1 }
      }
    }
  }
}

/// The correlation of two events that occur on `a` and `b` rows of `count`, on `joint` of them both.
///
///     (n n_ab - n_a n_b) / sqrt(n_a n_b (n - n_a) (n - n_b))
private func correlation(_ a: Int, _ b: Int, joint: Int, of count: Int) -> Double? {
  let (n, first, second) = (Double(count), Double(a), Double(b))
  let scale = (first * (n - first)).squareRoot() * (second * (n - second)).squareRoot()
  return scale > 0 ? (n * Double(joint) - first * second) / scale : nil
}
