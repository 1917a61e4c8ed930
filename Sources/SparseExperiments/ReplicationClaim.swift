import DictionaryMetrics
import RunRecords
import SparseCoding

/// The claim that atoms come back in other dictionaries of the same making.
struct ReplicationClaim {
  let claim: CertificateRecord.Claim
  /// Of each latent that fires, in how many of the others its atom comes back.
  let replications: [Int: Int]

  /// The rows at most on which it is found which latents of the others fire.
  private static let looked = 20_000

  /// - Parameters:
  ///   - live: The latents of the dictionary that fire.
  ///   - rows: The rows on which to look which latents of the others fire.
  init(
    of named: NamedDictionary, live: [Int], in siblings: [NamedDictionary],
    on source: any ActivationSource, rows: [Int], path: String, compute: Compute
  ) throws {
    let settings = ReplicationSettings()
    let statement =
      "half of the atoms at least come back in another dictionary of the same making (mutual best matches, a cosine of \(settings.threshold) or more)"
    let origin = "Paulo and Belrose 2025, with an interval over dictionaries"
    guard !siblings.isEmpty else {
      replications = [:]
      claim = CertificateRecord.Claim(
        .replicates, statement, scope: .distribution, finding: .deductive(.notApplicable),
        reason: "no other seed was given", source: origin)
      return
    }
    let every = max(1, (rows.count + Self.looked - 1) / Self.looked)
    let looked = stride(from: 0, to: rows.count, by: every).map { rows[$0] }
    let others = try siblings.map { sibling in
      let found = try evaluate(
        sibling.coder, on: source, rows: looked, path: path, compute: compute)
      return try UnitAtoms(sibling.coder.decoder, live: found.live, name: sibling.name)
    }
    let found = try AtomReplication(
      of: try UnitAtoms(named.coder.decoder, live: live, name: named.name), in: others,
      convention: CosineConvention(for: named.coder.activation), settings: settings, on: compute)
    replications = Dictionary(
      uniqueKeysWithValues: found.atoms.map { ($0.latent, $0.replications) })
    let mean = found.shares.reduce(0, +) / Double(found.shares.count)
    let interval = meanInterval(of: found.shares)
    let verdict: CertificateRecord.Inference =
      switch interval {
      case let interval? where interval.low > 0.5: .supported
      case let interval? where interval.high < 0.5: .contradicted
      default: .inconclusive
      }
    let percent = { (value: Double) in "\((max(0, min(1, value)) * 1e4).rounded() / 100)" }
    let atoms = Double(max(1, found.atoms.count))
    var figures = [
      "share": mean, "dictionaries": Double(siblings.count),
      "beyond_chance": Double(found.atoms.count { $0.qValue <= 0.05 }) / atoms,
      "share_by_chance": found.chance.enumerated().reduce(0) { $0 + Double($1.offset) * $1.element }
        / Double(siblings.count),
    ]
    if let interval { (figures["low"], figures["high"]) = (interval.low, interval.high) }
    claim = CertificateRecord.Claim(
      .replicates, statement, scope: .distribution, finding: .statistical(verdict, level: 0.95),
      margin: mean - 0.5,
      reason: "\(percent(mean)) %"
        + (interval.map { " (\(percent($0.low)) to \(percent($0.high)))" }
          ?? ", in one other: no interval")
        + " of \(found.atoms.count) atoms",
      assumptions: [
        "the other dictionaries are \(siblings.count) independent ones of the same data and settings"
      ],
      source: origin, figures: figures)
  }
}
