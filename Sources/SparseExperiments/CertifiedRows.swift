import DictionaryMetrics
import Identifiability
import RunRecords
import SparseCoding

/// What certificates of rows come to.
struct CertifiedRows {
  private(set) var rows = 0
  private(set) var unique = 0
  private(set) var dependent = 0
  /// Of each atom: the rows on which it fires, those of them that are certified, and the rows that pull at it most.
  private(set) var firing, certified, rivalries: [Int]
  /// Of each atom the sum of its squared codes.
  private(set) var energies: [Double]
  private var shares = 0.0
  /// The rows without a certificate.
  private var others: [Int] = []
  /// What became of those of them for which a smaller code was looked for.
  private var rivals: [(row: Int, rival: RivalCode)] = []
  /// The overlap of the supports of codes with those of smaller ones that were found.
  private var overlaps: [Double] = []
  /// The row with the smallest margin of those certified, and the one with the largest pull.
  private var closest: (row: Int, margin: Double)?
  private(set) var worst: Worst?

  /// A row on whose support of k atoms the pull on another atom is provably above 1, by a code of the
  /// dictionary's kind.
  struct Worst {
    var row: Int
    var pull: Double
    var rival: Int
  }

  /// Rows with more active atoms than dimensions: along a combination of them that is zero their size does not grow.
  private var crowded: [Int] = []
  private let k, width: Int
  private let convention: CosineConvention

  init(atoms: Int, k: Int, width: Int, convention: CosineConvention) {
    (self.k, self.width) = (k, width)
    self.convention = convention
    firing = [Int](repeating: 0, count: atoms)
    certified = firing
    rivalries = firing
    energies = firing.map(Double.init)
  }

  /// The share of rows whose code is proved to be the only one of its size.
  var share: Double { Double(unique) / Double(max(rows, 1)) }

  mutating func add(
    _ found: [CodeCertificate], _ codes: SparseCodes, rows numbers: ArraySlice<Int>
  ) {
    for (place, certificate) in found.enumerated() {
      let row = numbers[numbers.startIndex + place]
      rows += 1
      shares += certificate.shareOfOptimum
      if certificate.leastEigenvalue <= 0 { dependent += 1 }
      if let rival = certificate.rival, certificate.pull.lowerBound > 0 { rivalries[rival] += 1 }
      for entry in codes.entries(ofRow: place) {
        let atom = Int(codes.indices[entry])
        firing[atom] += 1
        energies[atom] += Double(codes.values[entry]) * Double(codes.values[entry])
        if certificate.isUnique { certified[atom] += 1 }
      }
      if certificate.isUnique {
        unique += 1
        if certificate.margin < closest?.margin ?? .infinity {
          closest = (row, certificate.margin)
        }
        continue
      }
      if codes.entries(ofRow: place).count > width { crowded.append(row) }
      others.append(row)
      if let rival = certificate.rival,
        certificate.pull.lowerBound > worst?.pull ?? 1,
        codes.entries(ofRow: place).count == k,
        convention == .absolute || certificate.hasPositiveWeights
      {
        worst = Worst(row: row, pull: certificate.pull.lowerBound, rival: rival)
      }
    }
  }

  /// Looks for smaller codes of some of the rows without a certificate, drawn at random.
  mutating func findRivals(
    _ count: Int, seed: UInt64, of coder: SparseCoder, on source: any ActivationSource,
    places: [Int32], by certificates: CodeCertificates, compute: Compute
  ) throws {
    var stream = RandomStream(seed: seed, name: "certificate/rivals")
    var pool = others
    let drawn = min(count, pool.count)
    for place in 0..<drawn {
      pool.swapAt(place, place + stream.index(below: pool.count - place))
    }
    let chosen = pool.prefix(drawn).sorted()
    let events = min(4 * firing.count, 8 * width)
    var done = 0
    try forEachBlock(of: chosen, in: source, with: coder, on: compute) { part, prepared in
      let codes = prepared.encode(part).renumbered(places, latents: firing.count)
      let found = certificates.rivals(of: codes, events: events, on: compute)
      for (row, rival) in found.enumerated() {
        rivals.append((chosen[done], rival))
        done += 1
        guard case .smaller(let atoms, _) = rival else { continue }
        let support = Set(codes.entries(ofRow: row).map { Int(codes.indices[$0]) })
        overlaps.append(
          Double(support.intersection(atoms).count) / Double(support.union(atoms).count))
      }
    }
  }

  /// The mean overlap, shared atoms over all, of codes with smaller ones of the same reconstruction; nil where there is
  /// none.
  var overlap: Double? {
    overlaps.isEmpty ? nil : overlaps.reduce(0, +) / Double(overlaps.count)
  }

  /// Of the rows that were searched those that are proved.
  private var provedOtherwise: Int {
    rivals.count { if case .none = $0.rival { true } else { false } }
  }

  /// The share of rows that would be proved if all without a certificate were searched.
  var searched: CertificateRecord.Estimate? {
    guard !rivals.isEmpty else { return nil }
    let part = Double(provedOtherwise) / Double(rivals.count)
    let interval =
      rivals.count == others.count
      ? (low: part, high: part)
      : ClopperPearson(successes: provedOtherwise, trials: rivals.count).interval()
    let whole = { (part: Double) in share + (1 - share) * part }
    return .init(
      value: whole(part), low: whole(interval.low), high: whole(interval.high),
      sample: rivals.count)
  }

  /// Every row's code is the only one of its size or less with its reconstruction.
  func claim(live: [Int]) -> CertificateRecord.Claim {
    let smaller = rivals.compactMap { row, rival in
      if case .smaller(let atoms, let share) = rival {
        (row: row, atoms: atoms, share: share)
      } else {
        nil
      }
    }
    let best = smaller.min { $0.share < $1.share }
    let proved = provedOtherwise
    let isProved = unique + proved == rows
    let margins = rivals.compactMap { if case .none(let margin) = $0.rival { margin } else { nil } }
    let sought =
      rivals.isEmpty
      ? ""
      : "; of \(rivals.count) of the others \(smaller.count) have a smaller code, \(proved) are proved by another certificate"
    let witness: CertificateRecord.Witness? =
      best.map {
        .init(
          "the row whose code is farthest from the smallest found, and the atoms of that",
          latents: $0.atoms.map { live[$0] }, rows: [$0.row], value: $0.share)
      }
      ?? crowded.first.map {
        .init("a row with more active atoms than dimensions", rows: [$0], value: Double(width))
      }
    return CertificateRecord.Claim(
      .codesUnique,
      "of all codes with the same reconstruction, each row's is the only one with so small a sum of |d_j| |z_j|",
      scope: .rows,
      finding: .deductive(isProved ? .proved : witness != nil ? .refuted : .inconclusive),
      margin: isProved
        ? (margins + [closest?.margin].compactMap { $0 }).min() : best.map { $0.share - 1 },
      witness: witness,
      reason: isProved ? nil : "proved at once for \(unique) of \(rows) rows\(sought)",
      source: "Fuchs 2004, theorem 4",
      figures: [
        "certified": share, "not_provably_independent": Double(dependent) / Double(max(rows, 1)),
        "more_than_dimensions": Double(crowded.count) / Double(max(rows, 1)),
        "mean_share_of_optimum": shares / Double(max(rows, 1)),
        "others_sought": Double(rivals.count), "others_smaller": Double(smaller.count),
        "others_proved": Double(proved),
      ])
  }
}
