import DictionaryMetrics
import DictionaryTraining
import RunRecords
import SparseCoding

/// The atoms of several dictionaries in clusters, which of those are kept, and what can be made of them.
struct ConsensusAtoms {
  let convention: CosineConvention
  /// The live atoms of each dictionary, and how they were found.
  let live: [UnitAtoms]
  let liveness: String
  let clusters: AtomClusters
  /// Clusters as places in the union: of enough members, and those of them that are kept.
  let qualified, kept: [[Int]]
  private let dictionaries: [NamedDictionary]
  private let groups: [[Int]]
  private let union: LatentUnion
  private let rows: Matrix
  private let compute: Compute

  /// - Parameter rows: Held-out rows, on which atoms are chosen.
  init(
    of sources: ConsensusSources, options: ConsensusOptions, choosingOn rows: Matrix,
    compute: Compute
  ) throws {
    dictionaries = sources.dictionaries
    self.rows = rows
    self.compute = compute
    let rule = sources.run.plan.configuration.activation
    convention = CosineConvention(for: rule)
    (live, liveness) = try liveAtoms(
      of: dictionaries, options: ComparisonOptions(), compute: compute)
    clusters = try AtomClusters(
      of: live, convention: convention, threshold: Float(options.tau), on: compute)
    let union = LatentUnion(dictionaries.map(\.coder), live: live, convention: convention)
    let groups = clusters.clusters.map { $0.map(union.place) }
    let qualified = groups.filter { $0.count >= options.atLeast }
    let most = min(options.dSae ?? sources.latents, qualified.count)
    try Self.check(most, rule, options)
    kept = union.centers(qualified).leastMissed(keeping: most, on: rows, compute: compute)
      .map { qualified[$0] }
    (self.union, self.groups, self.qualified) = (union, groups, qualified)
  }

  /// The consensus and what it is compared with, none of them larger.
  func candidates(beside baselines: [NamedDictionary]) -> [ConsensusEntry] {
    let most = kept.count
    let energies = dictionaries.map { $0.coder.energies(on: rows, compute: compute) }
    var ofUnion = [Double](repeating: 0, count: union.count)
    for (place, atoms) in live.enumerated() {
      for latent in atoms.liveLatents {
        ofUnion[union.place(of: .init(dictionary: place, latent: latent))] =
          energies[place][latent]
      }
    }
    let ofGroups = groups.map { $0.reduce(0) { $0 + ofUnion[$1] } }
    func strongest(_ coder: SparseCoder, _ energies: [Double]) -> SparseCoder {
      coder.keeping(largest(most, of: energies))
    }
    return [
      ConsensusEntry(.consensus, union.centers(kept)),
      ConsensusEntry(.members, union.centers(kept.map { [union.nearest($0)] })),
      ConsensusEntry(
        .distinctUnion, union.centers(largest(most, of: ofGroups).map { groups[$0] })),
      ConsensusEntry(.union, union.centers(largest(most, of: ofUnion).map { [$0] })),
    ]
      + zip(dictionaries, energies).map {
        ConsensusEntry(.seeds, strongest($0.coder, $1))
      }
      + baselines.map {
        ConsensusEntry(
          .baseline, strongest($0.coder, $0.coder.energies(on: rows, compute: compute)), $0.name)
      }
  }

  private static func check(
    _ atoms: Int, _ rule: Activation, _ options: ConsensusOptions
  ) throws(ConfigurationError) {
    let needed = rule.k ?? 1
    guard atoms < needed else { return }
    let isAsked = options.dSae.map { $0 < needed } ?? false
    throw ConfigurationError(
      key: isAsked ? "d_sae" : "at_least",
      found: isAsked
        ? "\(atoms)" : "\(atoms) atoms that recur in \(options.atLeast) dictionaries or more",
      expected: "at least \(needed), as many as are active in a row",
      hint: isAsked
        ? "raise --d-sae" : "lower --at-least or --tau; elute compare says how far seeds agree")
  }
}

/// A dictionary that is refit and measured.
struct ConsensusEntry {
  let kind: ConsensusRecord.Candidate.Kind
  let name: String
  let coder: SparseCoder
  var before: Evaluation?
  var after: Evaluation?
  var verdict = ConsensusJudges.Verdict()

  init(_ kind: ConsensusRecord.Candidate.Kind, _ coder: SparseCoder, _ name: String? = nil) {
    self.kind = kind
    self.name = name ?? kind.rawValue
    self.coder = coder
  }
}

extension ConsensusRecord.Candidate {
  /// The candidates in the order of the entries, the sources as their mean.
  static func all(
    _ entries: [ConsensusEntry], judges: ConsensusJudges
  ) -> [Self] {
    let sources = entries.indices.filter { entries[$0].kind == .seeds }
    let parts = entries.indices.compactMap { place in
      entries[place].kind != .seeds ? [place] : place == sources.first ? sources : nil
    }
    let own = judges.agreement(entries.prefix(1).map(\.verdict))
    return parts.map { part in
      let same = part.map { entries[$0] }
      func mean(_ value: (ConsensusEntry) -> Double?) -> Double {
        same.reduce(0) { $0 + (value($1) ?? .nan) } / Double(same.count)
      }
      var agreement = judges.agreement(same.map(\.verdict))
      if let own, same[0].kind != .consensus { agreement?.compare(with: own) }
      return Self(
        kind: same[0].kind, name: same[0].name, dictionaries: same.count,
        atoms: mean { Double($0.coder.latents) }, fvuBeforeRefit: mean { $0.before?.fvu },
        fvu: mean { $0.after?.fvu }, l0: mean { $0.after?.l0 },
        agreement: agreement)
    }
  }
}
