import DictionaryMetrics
public import DictionaryTraining
import Identifiability
public import RunRecords
public import SparseCoding
public import TensorFiles

/// What is looked at for a certificate.
public struct CertificationOptions: Hashable, Sendable {
  /// Rows at most whose codes are certified, evenly spread.
  public var rows = 100_000
  /// Pairs of rows whose joint supports are looked at, drawn at random.
  public var pairs = 500
  /// Rows without a certificate at most for which a smaller code is looked for, drawn at random.
  public var rivals = 32
  /// The active latents that claims "at k" are about; nil for the dictionary's k, else its rounded l0.
  public var k: Int?
  /// The weight of an L1 penalty, with half the squared error, for which codes and atoms may be an optimum; nil for none.
  public var lambda: Double?
  /// The seed of what is drawn.
  public var seed: UInt64 = 0
  /// The entries of codes that are held at once; some 0.5 GB.
  var heldEntries = 1 << 26

  /// The defaults.
  public init() {}

  /// Refuses numbers that say nothing.
  public func validate() throws(ConfigurationError) {
    guard pairs <= 1_000_000 else {
      throw ConfigurationError(
        key: "pairs", found: "\(pairs)", expected: "1,000,000 at most",
        hint: "some hundreds tell the distribution")
    }
    if let lambda, !(lambda > 0 && lambda < .infinity) {
      throw ConfigurationError(
        key: "lambda", found: "\(lambda)", expected: "a positive number",
        hint: "with a loss of |r|^2 + c |z| it is half of c")
    }
    for (key, value) in [("rows", rows), ("pairs", pairs), ("rivals", rivals), ("k", k ?? 1)]
    where value < 1 {
      throw ConfigurationError(
        key: key, found: "\(value)", expected: "a positive number",
        hint: "leave it out for the default")
    }
  }
}

/// Proofs about a dictionary on rows: its atoms, the supports of its codes, and every code.
///
/// The dictionary is that of the latents that fire on these rows: what never fires neither codes nor competes.
public struct Certification: Sendable {
  /// The claims and what became of them.
  public let record: CertificateRecord
  /// What is known of each latent that fires, ascending.
  public let atoms: [CertifiedAtom]
  /// The latents that do not, and those without an atom.
  let silent: [CertifiedAtom]
  /// The pairs of latents that often fire together, by their places in `live`.
  let table: [CoFiring.Pair]
  let live: [Int]
  /// The number of other dictionaries in which atoms could come back.
  public let others: Int
  /// The rows that it was certified on.
  public let rows: [Int]

  /// Certifies a dictionary on rows of a source.
  ///
  /// - Parameters:
  ///   - siblings: Dictionaries made in the same way with other seeds, in which atoms may come back.
  ///   - truth: What is true of the rows, where that is known.
  ///   - rows: The rows to choose from, ascending.
  /// - Throws: If the rows have another width or cannot be read, or no latent fires on them.
  /// - Complexity: Two codings of the rows, of 100,000 a third; O(rows × live × width + live² × width) in floats; see
  ///   `CodeCertificates` and `BoundedAtoms.worstSupport`. For each sibling some 40 comparisons of random dictionaries,
  ///   O(live² × width) each. 8 × live × d_out and 9 × live × d_in floats stay in memory.
  public init(
    of named: NamedDictionary, siblings: [NamedDictionary] = [], truth: Truth? = nil,
    on source: any ActivationSource, rows: some RandomAccessCollection<Int>, path: String,
    options: CertificationOptions,
    compute: Compute, progress: (_ done: Int, _ of: Int) throws -> Void = { _, _ in }
  ) throws {
    try options.validate()
    let coder = named.coder
    try checkWidth(of: source, path: path, for: coder)
    let most = max(1, min(options.rows, rows.count))
    let step = max(1, (rows.count + most - 1) / most)
    let chosen = stride(from: 0, to: rows.count, by: step).map {
      rows[rows.index(rows.startIndex, offsetBy: $0)]
    }
    let seen = try evaluate(coder, on: source, rows: chosen, path: path, compute: compute)
    let live = seen.live.filter { coder.decoder.row($0).contains { $0 != 0 } }
    guard !live.isEmpty else {
      throw MetricError(
        place: named.name, found: "no latent with an atom that fires on \(chosen.count) rows",
        expected: "codes to certify",
        hint: "give activations of the site that the dictionary was trained on")
    }
    let convention = CosineConvention(for: coder.activation)
    let bounded = BoundedAtoms(coder.decoder.selecting(rows: live))
    var places = [Int32](repeating: -1, count: coder.latents)
    for (place, latent) in live.enumerated() { places[latent] = Int32(place) }
    let certificates = CodeCertificates(bounded, convention: convention)

    let k = min(
      options.k ?? coder.activation.k ?? max(1, Int(seen.measures.l0.rounded())), live.count)
    var totals = CertifiedRows(
      atoms: live.count, k: k, width: bounded.width, convention: convention)
    // Of codes that are not sparse not all are held.
    let entries = Int(seen.measures.l0 * Double(chosen.count))
    let thin = max(1, (entries + options.heldEntries - 1) / options.heldEntries)
    var held = SparseCodes(latents: live.count, offsets: [0], indices: [], values: [])
    var optimality = OptimalityClaims(
      bounded, of: coder, rows: chosen.count, lambda: options.lambda)
    var near = NearIdentifiabilityClaim(coder, on: bounded)
    var done = 0
    try forEachBlock(of: chosen, in: source, with: coder, on: compute) { part, prepared in
      let all = prepared.encode(part)
      let codes = all.renumbered(places, latents: live.count)
      totals.add(
        certificates.certificates(of: codes, on: compute), codes, rows: chosen[done...])
      let (targets, reconstruction) = (coder.targets(of: part), prepared.decode(all, of: part))
      near.add(targets, reconstruction: reconstruction, codes)
      optimality.add(
        part, targets, reconstruction: reconstruction, codes,
        rows: chosen[done..<done + codes.rows], on: compute)
      for row in 0..<codes.rows where (done + row) % thin == 0 { held.append(codes, row) }
      done += codes.rows
      try progress(done, chosen.count)
    }
    try optimality.lookAgain(at: chosen, in: source, places: places, on: compute)
    try totals.findRivals(
      options.rivals, seed: options.seed, of: coder, on: source, places: places, by: certificates,
      compute: compute)
    let observed = try ObservedSupports(
      pairs: options.pairs, among: chosen, seed: options.seed, of: coder, k: k, on: source,
      places: places, bounded: bounded, compute: compute)
    let weights = WeightClaims(
      bounded, k: k, convention: convention, on: compute)
    let columns = CodeColumns(held)
    let hierarchy = HierarchyClaims(
      held, columns: columns, densities: totals.firing.map { Double($0) / Double(chosen.count) },
      isWhole: thin == 1, on: bounded, nearest: weights.coherence.nearest, compute: compute)
    let nested = NestedClaims(
      held, columns: columns, isWhole: thin == 1, isSigned: convention == .absolute,
      on: bounded, compute: compute)
    let optimum = optimality.found(live: live, on: compute)
    let replication = try ReplicationClaim(
      of: named, live: live, in: siblings, on: source, rows: chosen, path: path, compute: compute)
    let absorption = try AbsorptionClaim(
      of: named, truth: truth, live: live, on: source, rows: chosen, compute: compute)
    var claims =
      weights.claims(totals, live: live) + observed.claims()
      + hierarchy.claims(live: live, isOptimum: optimum.isOptimum) + optimum.claims
      + nested.claims(live: live, overlap: totals.overlap)
      + [
        totals.claim(live: live), replication.claim,
        near.claim(
          held, isWhole: thin == 1, delta: observed.greatestDelta, on: bounded),
        absorption.claim,
      ]
    if live.count < coder.latents {
      // A silent latent may have any atom.
      for place in claims.indices {
        claims[place].assumptions.append(
          "the dictionary is that of the \(live.count) of \(coder.latents) latents that fire on these rows"
        )
        if claims[place].scope == .weights { claims[place].scope = .rows }
      }
    }
    record = CertificateRecord(
      eluteVersion: eluteVersion, source: named.name, data: path, latents: coder.latents,
      live: live.count, k: k, isSigned: convention == .absolute, rows: chosen.count,
      pairs: observed.pairs.count, fvu: seen.measures.fvu, l0: seen.measures.l0,
      certifiedRows: totals.share, searchedRows: totals.searched,
      claims: CertificateRecord.ID.allCases.compactMap { id in claims.first { $0.id == id } },
      host: .init(compute))
    others = replication.others
    self.rows = chosen
    table = hierarchy.coFiring.pairs
    self.live = live
    // Most dictionaries have none, and then no clusters are looked for.
    let duplicates =
      weights.coherence.coherence < 0.9
      ? [:] : try duplicates(of: named, live: live, compute: compute)
    let energies = zip(totals.energies, bounded.lengths).map { $0 * $1 * $1 }
    let energy = energies.reduce(0, +)
    let children = Set(hierarchy.coFiring.hierarchy.map(\.child))
    let antipodes = hierarchy.antipodes
    let parents = nested.parents
    atoms = live.enumerated().map { place, latent in
      var atom = CertifiedAtom(latent: latent, length: bounded.lengths[place])
      let firing = Double(totals.firing[place])
      atom.density = firing / Double(chosen.count)
      atom.energy = energy > 0 ? energies[place] / energy : 0
      atom.certified = firing > 0 ? Double(totals.certified[place]) / firing : 0
      atom.rivalries = totals.rivalries[place]
      let nearest = weights.coherence.neighbour(of: place, convention: convention)
      (atom.nearest, atom.cosine) = (nearest.map { live[$0.atom] }, nearest?.cosine)
      atom.duplicateOf = duplicates[latent]
      let parent = hierarchy.coFiring.parents[place]
      (atom.parent, atom.parentShare) = (parent.map { live[$0.latent] }, parent?.share)
      atom.isChild = children.contains(place)
      atom.alwaysWith = parents[place].map { live[$0] }
      atom.scar = hierarchy.scars[place].map { live[$0] }
      atom.antipode = antipodes[place].map { live[$0] }
      atom.absorbed = absorption.shares[latent]
      (atom.turn, atom.penalty) = (optimum.turns?[place], optimum.penalties?[place])
      atom.replications = replication.replications[latent]
      return atom
    }
    silent = Set(0..<coder.latents).subtracting(live).sorted().map { latent in
      let square = coder.decoder.row(latent).reduce(0) { $0 + Double($1) * Double($1) }
      var atom = CertifiedAtom(latent: latent, length: square.squareRoot())
      atom.density = Double(seen.firingDensities[latent])
      return atom
    }
  }
}

/// Of latents whose atoms have duplicates the first of these.
private func duplicates(
  of named: NamedDictionary, live: [Int], compute: Compute
) throws -> [Int: Int] {
  let atoms = try UnitAtoms(named.coder.decoder, live: live, name: named.name)
  let clusters = DuplicateAtoms(
    among: atoms, convention: CosineConvention(for: named.coder.activation), on: compute
  ).clusters
  return clusters.filter { $0.count > 1 }.reduce(into: [:]) { first, cluster in
    for latent in cluster { first[latent] = cluster[0] }
  }
}
