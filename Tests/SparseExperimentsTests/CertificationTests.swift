import DictionaryMetrics
import Elute
import Testing

@testable import SparseExperiments
@testable import SyntheticFeatures

/// Verdicts about planted dictionaries whose answers are known.
struct CertificationTests {
  private let compute = Compute(threads: 1)

  /// A tied encoder of atoms on rows that are sums of some of them.
  private func certification(
    _ atoms: Matrix, rows: Matrix, _ activation: Activation, encoder: Matrix? = nil,
    options: CertificationOptions = .init()
  ) throws -> Certification {
    let coder = SparseCoder(
      site: Site(name: "rows", width: atoms.columns), activation: activation,
      encoder: encoder ?? atoms,
      decoder: atoms, encoderBias: [Float](repeating: 0, count: atoms.rows),
      decoderBias: [Float](repeating: 0, count: atoms.columns))
    return try Certification(
      of: NamedDictionary(name: "planted", coder: coder), on: rows, rows: 0..<rows.rows,
      path: "rows", options: options, compute: compute)
  }

  private func verdicts(_ found: Certification) -> [CertificateRecord.ID: String] {
    Dictionary(uniqueKeysWithValues: found.record.claims.map { ($0.id, $0.finding.verdict) })
  }

  private func axes(_ count: Int, width: Int) -> Matrix {
    var atoms = Matrix(rows: count, columns: width)
    for row in 0..<count { atoms[row, row] = 1 }
    return atoms
  }

  private func sums(of atoms: Matrix, count: Int, active: Int) -> Matrix {
    var stream = RandomStream(seed: 1, name: "sums")
    var rows = Matrix(rows: count, columns: atoms.columns)
    for row in 0..<count {
      for _ in 0..<active {
        let atom = stream.index(below: atoms.rows)
        let value = Float(1 + stream.uniform())
        for index in 0..<atoms.columns { rows[row, index] += value * atoms[atom, index] }
      }
    }
    return rows
  }

  @Test func ofOrthogonalAtomsEverythingIsProved() throws {
    let atoms = axes(12, width: 16)
    let found = try certification(
      atoms, rows: sums(of: atoms, count: 80, active: 3), .topK(k: 3))
    var verdicts = verdicts(found)
    for claim in [
      CertificateRecord.ID.noHierarchy, .firstOrder, .wideOptimal, .replicates, .noAbsorption,
    ] {
      #expect(verdicts.removeValue(forKey: claim) == "not-applicable")
    }
    for claim in [CertificateRecord.ID.decoderStationary, .encoderStationary, .noPairTurn] {
      #expect(verdicts.removeValue(forKey: claim) == "supported")
    }
    // One more way to a second dictionary, or an input like no other, and these would not hold.
    for claim in [CertificateRecord.ID.noMultiplicity, .nearIdentifiable] {
      #expect(verdicts.removeValue(forKey: claim) == "inconclusive")
    }
    #expect(Set(verdicts.values) == ["proved"])
    #expect(found.record.claims.map(\.id) == CertificateRecord.ID.allCases)
    #expect(found.record.certifiedRows == 1 && found.record.live == 12 && found.record.k == 3)
    #expect(found.atoms.allSatisfy { $0.certified == 1 && abs($0.length - 1) < 1e-9 })
    #expect(found.record.claims.allSatisfy { $0.margin ?? 1 > 0 })
  }

  /// A dictionary of random atoms: what no search and no bound decides stays open, and what they do is right.
  @Test func ofRandomAtomsManyStayOpen() throws {
    var stream = RandomStream(seed: 2, name: "random")
    var atoms = Matrix(rows: 60, columns: 24, values: stream.gaussians(count: 1440))
    normalizeRows(of: &atoms)
    let found = try certification(
      atoms, rows: sums(of: atoms, count: 300, active: 10), .topK(k: 10),
      encoder: Matrix(rows: 60, columns: 24, values: stream.gaussians(count: 1440)))
    let verdicts = verdicts(found)
    #expect(verdicts[.uniquenessAtK] == "inconclusive" && verdicts[.isometryAt2K] == "refuted")
    #expect(verdicts[.codesUnique] == "refuted" && verdicts[.unitNorm] == "proved")
    #expect(found.record.certifiedRows > 0 && found.record.certifiedRows < 1)
    // The row with a smaller code has one on as many atoms as there are dimensions.
    let unique = try #require(found.record.claims.first { $0.id == .codesUnique })
    #expect(unique.witness?.latents.count == 24 && (unique.witness?.value ?? 1) < 1)
    let (sought, smaller, proved) = (
      unique.figures["others_sought"], unique.figures["others_smaller"],
      unique.figures["others_proved"]
    )
    let searched = try #require(found.record.searchedRows)
    #expect(searched.sample > 20 && searched.sample <= 32 && searched.low <= searched.value)
    #expect(
      abs(
        searched.value - found.record.certifiedRows - (1 - found.record.certifiedRows)
          * (proved ?? 0) / Double(searched.sample))
        < 1e-12)
    #expect(sought == Double(searched.sample) && (smaller ?? 0) + (proved ?? 0) == sought)
    // The witness of a refuted pursuit is one: by its own formula the first atom taken is not of the support.
    let pursuit = try #require(found.record.claims.first { $0.id == .pursuitAtK })
    #expect(pursuit.finding == .deductive(.refuted) && (pursuit.witness?.value ?? 0) > 1)
    // An atom's share is that of the rows it fires on.
    let fires = found.atoms.reduce(0) { $0 + $1.density * 300 }
    let certified = found.atoms.reduce(0) { $0 + $1.density * 300 * $1.certified }
    #expect(abs(fires - 3000) < 1 && abs(certified / fires - found.record.certifiedRows) < 1e-6)
  }

  /// The witness of a refuted pursuit, run.
  @Test func theWitnessOfPursuitFailsIndeed() throws {
    // Three axes and a direction between them: from the sum of the axes pursuit takes that.
    var atoms = axes(4, width: 5)
    (atoms[3, 0], atoms[3, 1], atoms[3, 2], atoms[3, 3]) = (0.55, 0.55, 0.55, 0.3)
    var rows = Matrix(rows: 2, columns: 5)
    for index in 0..<3 { rows[0, index] = 1 }
    for index in 0..<5 { rows[1, index] = 5 * atoms[3, index] }
    // Its encoder leaves the direction out of the first row.
    let coder = SparseCoder(
      site: Site(name: "rows", width: 5), activation: .relu, encoder: atoms, decoder: atoms,
      encoderBias: [0, 0, 0, -2], decoderBias: [Float](repeating: 0, count: 5))
    var options = CertificationOptions()
    options.k = 3
    let found = try Certification(
      of: NamedDictionary(name: "planted", coder: coder), on: rows, rows: 0..<2, path: "rows",
      options: options, compute: compute)
    let pursuit = try #require(found.record.claims.first { $0.id == .pursuitAtK })
    #expect(pursuit.finding == .deductive(.refuted))
    let witness = try #require(pursuit.witness)
    #expect(witness.latents == [3] && witness.rows == [0])
    // With one step more pursuit may still end at the code.
    options.k = 4
    let more = try Certification(
      of: NamedDictionary(name: "planted", coder: coder), on: rows, rows: 0..<2, path: "rows",
      options: options, compute: compute)
    #expect(
      more.record.claims.first { $0.id == .pursuitAtK }?.finding == .deductive(.inconclusive))
    let codes = SparseSolver.orthogonalMatchingPursuit(k: 3, isNonnegative: true).codes(
      of: rows.selecting(rows: [0]), on: atoms, bias: coder.decoderBias, compute: compute)
    #expect(codes.indices.contains(3), "pursuit takes it")
  }

  @Test func copiesAndLengthsAreRefutedWithTheirWitness() throws {
    var atoms = axes(8, width: 10)
    for index in 0..<10 { atoms[7, index] = 0.95 * atoms[0, index] }
    atoms[7, 1] = 0.1
    let found = try certification(
      atoms, rows: sums(of: atoms, count: 60, active: 2), .topK(k: 2))
    let claims = Dictionary(uniqueKeysWithValues: found.record.claims.map { ($0.id, $0) })
    #expect(claims[.distinctAtoms]?.finding == .deductive(.refuted))
    #expect(claims[.distinctAtoms]?.witness?.latents == [0, 7])
    #expect(claims[.unitNorm]?.finding == .deductive(.refuted))
    #expect(claims[.unitNorm]?.witness?.latents == [7])
    #expect(found.atoms[7].nearest == 0 && (found.atoms[7].cosine ?? 0) > 0.99)
  }

  /// More than d atoms are dependent: with signs two codes have one reconstruction, and without that is not said.
  @Test func moreAtomsThanDimensionsAreDependent() throws {
    var stream = RandomStream(seed: 2, name: "random")
    var atoms = Matrix(rows: 30, columns: 8, values: stream.gaussians(count: 240))
    normalizeRows(of: &atoms)
    let rows = sums(of: atoms, count: 100, active: 5)
    let signed = verdicts(try certification(atoms, rows: rows, .absTopK(k: 5)))
    #expect(signed[.uniquenessAtK] == "refuted" && signed[.uniquenessObserved] == "refuted")
    let nonnegative = verdicts(try certification(atoms, rows: rows, .topK(k: 5)))
    #expect(nonnegative[.uniquenessAtK] == "inconclusive")
  }

  /// A child that fires only with its parent, half as often; two halves of one direction; and neither where they fire
  /// apart.
  @Test func childrenAndHalvesAreFound() throws {
    var atoms = axes(8, width: 8)
    for index in 0..<8 { atoms[6, index] = -atoms[5, index] }
    var rows = Matrix(rows: 400, columns: 8)
    for row in 0..<400 {
      // Latent 1 with latent 0, on every fourth row; 5 and 6 in turns.
      if row % 4 < 2 { rows[row, 0] = 2 }
      if row % 4 == 0 { rows[row, 1] = 1 }
      if row % 4 == 3 { rows[row, 2] = 1 }
      rows[row, 5] = row % 5 == 0 ? 1 : row % 5 == 1 ? -1 : 0
    }
    let found = try certification(atoms, rows: rows, .relu)
    let claims = Dictionary(uniqueKeysWithValues: found.record.claims.map { ($0.id, $0) })
    let hierarchy = try #require(claims[.noHierarchy])
    #expect(hierarchy.witness?.latents == [1, 0] && hierarchy.witness?.value == 1)
    #expect(hierarchy.figures["pairs"] == 1 && hierarchy.figures["dense_latents"] == 0)
    #expect(claims[.noDensePairs]?.finding == .deductive(.refuted))
    #expect(claims[.noDensePairs]?.witness?.latents == [5, 6])
    let atom = try #require(found.atoms.first { $0.latent == 1 })
    #expect(atom.parent == 0 && atom.parentShare == 1)
    #expect(found.atoms.first { $0.latent == 0 }?.parentShare == 0.5)
  }

  /// Atoms that never fire may be anything, a copy too: what is proved is then no claim about all of the weights.
  @Test func silentLatentsAreNamed() throws {
    var atoms = axes(7, width: 8)
    (atoms[6, 6], atoms[6, 0]) = (0, 1)
    var encoder = atoms
    encoder[6, 0] = -1
    let found = try certification(
      atoms, rows: sums(of: axes(6, width: 8), count: 60, active: 2), .topK(k: 2),
      encoder: encoder)
    #expect(found.record.live == 6 && found.record.latents == 7)
    #expect(
      found.record.claims.allSatisfy { claim in
        claim.scope != .weights
          && claim.assumptions.contains { $0.contains("latents that fire on these rows") }
      })
    let whole = try certification(
      axes(6, width: 8), rows: sums(of: axes(6, width: 8), count: 60, active: 2), .topK(k: 2))
    #expect(whole.record.claims.contains { $0.scope == .weights && $0.assumptions.isEmpty })
  }

  /// A nearly opposite pair is found behind one that is more opposite and hardly fires.
  @Test func everyDensePairIsLookedAt() throws {
    var atoms = axes(4, width: 6)
    (atoms[1, 0], atoms[1, 1]) = (-0.95, (1 - 0.95 * 0.95 as Float).squareRoot())
    (atoms[2, 2], atoms[2, 0]) = (0, -1)
    var rows = Matrix(rows: 200, columns: 6)
    for row in 0..<200 {
      rows[row, 0] = row % 2 == 0 ? 1 : -0.95
      rows[row, 1] = row % 2 == 0 ? 0 : atoms[1, 1]
      rows[row, 3] = 0.1
    }
    // Its encoder tells the second from the third but for one row.
    var encoder = atoms
    (encoder[2, 0], encoder[2, 4]) = (0, 1)
    rows[7, 4] = 1
    let found = try certification(atoms, rows: rows, .relu, encoder: encoder)
    let claim = try #require(found.record.claims.first { $0.id == .noDensePairs })
    #expect(claim.finding == .deductive(.refuted) && claim.witness?.latents == [0, 1])
  }

  /// More active atoms than dimensions: the code cannot be the only one.
  @Test func crowdedRowsAreRefuted() throws {
    var stream = RandomStream(seed: 2, name: "random")
    var atoms = Matrix(rows: 30, columns: 4, values: stream.gaussians(count: 120))
    normalizeRows(of: &atoms)
    let found = try certification(atoms, rows: sums(of: atoms, count: 40, active: 3), .relu)
    let claim = try #require(found.record.claims.first { $0.id == .codesUnique })
    #expect(claim.finding == .deductive(.refuted))
    #expect((claim.figures["more_than_dimensions"] ?? 0) > 0.5)
  }

  /// What is known of a latent beside its proofs: who is its copy, its half, its scar, its company, and whether it counts.
  @Test func everyLatentIsDescribed() throws {
    // Latent i reads coordinate i, whatever its atom is.
    let encoder = axes(9, width: 10)
    var atoms = encoder
    (atoms[1, 0], atoms[1, 1]) = (0.6, 0.8)
    (atoms[3, 2], atoms[3, 3]) = (0.95, Float(1 - 0.95 * 0.95).squareRoot())
    (atoms[5, 4], atoms[5, 5]) = (-1, 0)
    atoms[8, 8] = 0
    var rows = Matrix(rows: 400, columns: 10)
    for row in 0..<400 {
      rows[row, row % 2] = 1
      rows[row, row % 3 == 0 ? 2 : 3] = 1
      rows[row, row % 5 < 3 ? 4 : 5] = 1
      if row % 8 == 0 { rows[row, 6] = 1e-4 }
      if row % 7 == 0 { rows[row, 8] = 1 }
    }
    let found = try certification(atoms, rows: rows, .relu, encoder: encoder)
    let latents = found.atoms
    #expect(latents.map(\.latent) == Array(0...6))
    // Two that never fire together at a cosine of 0.95 are copies, and a scar as well.
    #expect(latents.map(\.scar) == [1, 0, 3, 2, nil, nil, nil])
    #expect(latents[2].duplicateOf == 2 && latents[3].duplicateOf == 2)
    #expect(latents.count { $0.duplicateOf != nil } == 2)
    #expect(latents.map(\.antipode) == [nil, nil, nil, nil, 5, 4, nil])
    #expect(latents.map(\.alwaysWith) == [nil, nil, nil, nil, nil, nil, 0])
    #expect(latents.map(\.state) == [String](repeating: "live", count: 6) + ["inert"])
    #expect(abs(latents.reduce(0) { $0 + $1.energy } - 1) < 1e-9)
    #expect(latents.allSatisfy { $0.absorbed == nil && $0.penalty != nil })
    #expect(found.silent.map(\.state) == ["silent", "zero"])
    #expect(found.silent.map(\.latent) == [7, 8] && found.silent[1].density > 0.1)
  }

  @Test func rowsAndPairsAreAsManyAsAsked() throws {
    let atoms = axes(6, width: 6)
    var options = CertificationOptions()
    (options.rows, options.pairs, options.k) = (10, 7, 2)
    let found = try certification(
      atoms, rows: sums(of: atoms, count: 95, active: 3), .topK(k: 3), options: options)
    #expect(found.record.rows == 10 && found.record.pairs == 7 && found.record.k == 2)
    options.pairs = 0
    #expect(throws: ConfigurationError.self) { try options.validate() }
    // Whatever the number.
    (options.pairs, options.rows, options.rivals) = (5, .max, .max)
    #expect(
      try certification(
        atoms, rows: sums(of: atoms, count: 95, active: 3), .topK(k: 3), options: options
      ).record.rows == 95)
    #expect(throws: MetricError.self) {
      try certification(atoms, rows: Matrix(rows: 3, columns: 6), .topK(k: 3))
    }
  }

  @Test func aRecordSurvivesAFile() throws {
    let place = try Place()
    let atoms = axes(6, width: 6)
    let found = try certification(
      atoms, rows: sums(of: atoms, count: 20, active: 2), .topK(k: 2))
    try found.write(to: place.file("c"), page: "<!DOCTYPE html>")
    let read = try JSONFile.read(
      CertificateRecord.self, schema: CertificateRecord.currentSchema,
      from: place.file("c/certificate.json"))
    #expect(read == found.record)
    let lines = String(decoding: try place.bytes("c/atoms.csv"), as: UTF8.self)
      .split(separator: "\n")
    #expect(lines.count == 7 && lines[0].hasPrefix("latent,state,length,density"))
    #expect(lines[1...].allSatisfy { $0.split(separator: ",")[1] == "live" })
    let columns = lines[0].split(separator: ",").count
    #expect(
      lines.allSatisfy {
        $0.split(separator: ",", omittingEmptySubsequences: false).count == columns
      })
    let pairs = String(decoding: try place.bytes("c/pairs.csv"), as: UTF8.self)
    #expect(pairs.hasPrefix("child,parent,share,cosine,child_rows\n"))
  }
}
