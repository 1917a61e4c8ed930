import DictionaryMetrics
import RunRecords
import SparseCoding

/// The claim that atoms come back in other dictionaries of the same making.
struct ReplicationClaim {
  let claim: CertificateRecord.Claim
  /// Of each latent that fires, in how many of the others its atom comes back.
  let replications: [Int: Int]
  /// The dictionaries in which they could.
  let others: Int

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
      (replications, others) = ([:], 0)
      claim = CertificateRecord.Claim(
        .replicates, statement, scope: .distribution, finding: .deductive(.notApplicable),
        reason: "no other seed was given", source: origin)
      return
    }
    let others = try siblings.compactMap { sibling -> UnitAtoms? in
      let live = try evaluate(
        sibling.coder, on: source, rows: rows, path: path, compute: compute
      ).live
      return live.isEmpty
        ? nil : try UnitAtoms(sibling.coder.decoder, live: live, name: sibling.name)
    }
    self.others = others.count
    guard !others.isEmpty else {
      replications = [:]
      claim = CertificateRecord.Claim(
        .replicates, statement, scope: .distribution, finding: .deductive(.notApplicable),
        reason: "no latent of the other seeds fires on these rows", source: origin)
      return
    }
    let found = try AtomReplication(
      of: try UnitAtoms(named.coder.decoder, live: live, name: named.name), in: others,
      convention: CosineConvention(for: named.coder.activation), settings: settings, on: compute)
    replications = Dictionary(
      uniqueKeysWithValues: found.atoms.map { ($0.latent, $0.replications) })
    let mean = found.shares.reduce(0, +) / Double(found.shares.count)
    // Two that agree by chance say nothing of how others vary.
    let isSpread = found.shares.count > 2 || Set(found.shares).count > 1
    let interval = isSpread ? meanInterval(of: found.shares) : nil
    let verdict: CertificateRecord.Inference =
      switch interval {
      case let interval? where interval.low > 0.5: .supported
      case let interval? where interval.high < 0.5: .contradicted
      default: .inconclusive
      }
    let percent = { (value: Double) in "\((max(0, min(1, value)) * 1e4).rounded() / 100)" }
    let atoms = Double(max(1, found.atoms.count))
    var figures = [
      "share": mean, "dictionaries": Double(others.count),
      "beyond_chance": Double(found.atoms.count { $0.qValue <= 0.05 }) / atoms,
      "share_by_chance": found.chance.enumerated().reduce(0) { $0 + Double($1.offset) * $1.element }
        / Double(others.count),
    ]
    if let interval { (figures["low"], figures["high"]) = (interval.low, interval.high) }
    claim = CertificateRecord.Claim(
      .replicates, statement, scope: .distribution, finding: .statistical(verdict, level: 0.95),
      margin: mean - 0.5,
      reason: "\(percent(mean)) %"
        + (interval.map { " (\(percent($0.low)) to \(percent($0.high)))" }
          ?? ", in \(others.count) other: no interval")
        + " of \(found.atoms.count) atoms",
      assumptions: [
        "\(others.count) other dictionaries were made alike and independently; elute compare says what they share"
      ],
      source: origin, figures: figures)
  }
}
