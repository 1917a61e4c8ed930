import Identifiability
import RunRecords
import SparseCoding

/// The joint supports of pairs of rows, and how well-conditioned they are.
///
/// - Source: "Toward Identifiable Sparse Autoencoders", definition 3.3.
struct ObservedSupports {
  var pairs: [(rows: [Int], conditioning: SupportConditioning)] = []
  /// Of the latents with the 2k largest scores of rows, as far as they fire: how many, R and delta on average, and the
  /// largest delta.
  private var largest: (atoms: Double, spread: Double, delta: Double, most: Double, rows: Int)?
  /// The pairs with larger joint supports, which are not among them.
  private var leftOut = 0
  private let width: Int
  /// The largest joint support that is looked at: the cost is that of its cube.
  private static let greatest = 1024
  private static let source = "Toward Identifiable Sparse Autoencoders, definition 3.3"

  /// Pairs of different rows, drawn at random.
  init(
    pairs count: Int, among chosen: [Int], seed: UInt64, of coder: SparseCoder, k: Int,
    on source: any ActivationSource, places: [Int32], bounded: BoundedAtoms, compute: Compute
  ) throws {
    width = bounded.width
    guard chosen.count > 1 else { return }
    var stream = RandomStream(seed: seed, name: "certificate/pairs")
    let drawn = (0..<count).map { _ in
      let first = stream.index(below: chosen.count)
      let second = stream.index(below: chosen.count - 1)
      return [chosen[first], chosen[second >= first ? second + 1 : second]]
    }
    let rows = Array(Set(drawn.joined())).sorted()
    var supports: [Int: [Int]] = [:]
    var done = 0
    try forEachBlock(of: rows, in: source, with: coder, on: compute) { part, prepared in
      let codes = prepared.encode(part).renumbered(places, latents: bounded.count)
      for row in 0..<codes.rows {
        supports[rows[done + row]] = codes.entries(ofRow: row).map { Int(codes.indices[$0]) }
      }
      done += codes.rows
    }
    let all = drawn.map { pair in (pair, Set(pair.flatMap { supports[$0] ?? [] }).sorted()) }
    let joint = all.filter { !$0.1.isEmpty && $0.1.count <= Self.greatest }
    leftOut = all.count { $0.1.count > Self.greatest }
    let found = Self.conditioning(of: joint.map(\.1), bounded, compute)
    pairs = zip(joint, found).map { joint, found in (joint.0, found) }
    try measureLargest(k: k, rows: rows, of: coder, on: source, places, bounded, compute)
  }

  /// Looks at the latents whose scores are largest, which an encoder might have chosen too.
  private mutating func measureLargest(
    k: Int, rows: [Int], of coder: SparseCoder, on source: any ActivationSource,
    _ places: [Int32], _ bounded: BoundedAtoms, _ compute: Compute
  ) throws {
    let step = max(1, (rows.count + 511) / 512)
    let some = stride(from: 0, to: rows.count, by: step).map { rows[$0] }
    guard 2 * k <= Self.greatest, !some.isEmpty else { return }
    let scores = coder.largestScores(2 * k, of: try source.matrix(ofRows: some), on: compute)
      .renumbered(places, latents: bounded.count)
    let supports = (0..<scores.rows).map { row in
      scores.entries(ofRow: row).map { Int(scores.indices[$0]) }
    }.filter { !$0.isEmpty }
    let found = Self.conditioning(of: supports, bounded, compute)
    guard !found.isEmpty else { return }
    let mean = { (value: (SupportConditioning) -> Double) in
      found.reduce(0) { $0 + value($1) } / Double(found.count)
    }
    largest = (
      mean { Double($0.size) }, mean(\.spread), mean(\.deltaAtMost),
      found.map(\.deltaAtMost).max() ?? 0, found.count
    )
  }

  private static func conditioning(
    of supports: [[Int]], _ bounded: BoundedAtoms, _ compute: Compute
  ) -> [SupportConditioning] {
    var found = [SupportConditioning?](repeating: nil, count: supports.count)
    found.withUnsafeMutableBufferPointer { found in
      nonisolated(unsafe) let found = found
      compute.pool.run(units: supports.count) { place, _ in
        found[place] = bounded.conditioning(of: supports[place])
      }
    }
    return found.compactMap { $0 }
  }

  /// What `delta` of the worst pair is at least and at most; nil without pairs.
  var greatestDelta: ClosedRange<Double>? {
    guard let low = pairs.map(\.conditioning.deltaAtLeast).max(),
      let high = pairs.map(\.conditioning.deltaAtMost).max()
    else { return nil }
    return low...high
  }

  func claims() -> [CertificateRecord.Claim] {
    guard
      let narrow = pairs.min(by: {
        $0.conditioning.least.lowerBound < $1.conditioning.least.lowerBound
      }),
      let wide = pairs.max(by: { $0.conditioning.deltaAtLeast < $1.conditioning.deltaAtLeast })
    else {
      return [CertificateRecord.ID.uniquenessObserved, .isometryObserved].map {
        CertificateRecord.Claim(
          $0, "the atoms active on either of two rows are well-conditioned", scope: .rows,
          finding: .deductive(.notApplicable),
          reason: "there are no two rows with active latents, \(Self.greatest) at most",
          source: Self.source)
      }
    }
    let deltas = pairs.map { $0.conditioning.deltaAtMost }.sorted()
    let sizes = pairs.map { Double($0.conditioning.size) }
    let mean = { (values: [Double]) in values.reduce(0, +) / Double(values.count) }
    let threshold = 0.5.squareRoot()
    let which =
      "for \(pairs.count) random pairs"
      + (leftOut > 0
        ? " of \(Self.greatest) such atoms at most, which \(leftOut) others have not" : "")
    let crowded = pairs.first { $0.conditioning.size > width }
    var figures = [
      "atoms": mean(sizes), "delta_mean": mean(deltas),
      "delta_95": deltas[deltas.count * 95 / 100], "delta_max": deltas[deltas.count - 1],
      "scale_free_delta_mean": mean(pairs.map { $0.conditioning.scaleFreeDelta }),
      "r_mean": mean(pairs.map { $0.conditioning.spread }),
      "r_random": mean(sizes.map { ($0 - 1) / Double(width) }),
    ]
    if let largest {
      figures["r_mean_2k"] = largest.spread
      figures["r_random_2k"] = (largest.atoms - 1) / Double(width)
      figures["atoms_2k"] = largest.atoms
      figures["rows_2k"] = Double(largest.rows)
      figures["delta_mean_2k"] = largest.delta
      figures["delta_max_2k"] = largest.most
    }
    let isIndependent = narrow.conditioning.least.lowerBound > 0
    let isWithin = deltas[deltas.count - 1] < threshold
    let isBeyond = wide.conditioning.deltaAtLeast >= threshold
    return [
      CertificateRecord.Claim(
        .uniquenessObserved,
        "the atoms active on either of two rows are independent, \(which): no two codes on them have one reconstruction",
        scope: .rows,
        finding: .deductive(isIndependent ? .proved : crowded != nil ? .refuted : .inconclusive),
        margin: narrow.conditioning.least.lowerBound,
        witness: .init(
          crowded == nil
            ? "the pair with the smallest eigenvalue" : "a pair with more atoms than dimensions",
          rows: (crowded ?? narrow).rows,
          value: (crowded ?? narrow).conditioning.least.upperBound),
        reason: isIndependent
          ? nil
          : crowded.map { "\($0.conditioning.size) atoms in \(width) dimensions are dependent" }
            ?? "the smallest eigenvalue is not above rounding",
        source: Self.source,
        figures: ["atoms": mean(sizes)]),
      CertificateRecord.Claim(
        .isometryObserved,
        "delta_S is below 1/sqrt(2) for the atoms active on either of two rows, \(which)",
        scope: .rows,
        finding: .deductive(isWithin ? .proved : isBeyond ? .refuted : .inconclusive),
        margin: threshold - deltas[deltas.count - 1],
        witness: .init(
          "the pair with the largest delta", rows: wide.rows, value: wide.conditioning.deltaAtLeast),
        source:
          "Toward Identifiable Sparse Autoencoders, definition 3.3; the threshold: Cai and Zhang 2014",
        figures: figures),
    ]
  }
}
