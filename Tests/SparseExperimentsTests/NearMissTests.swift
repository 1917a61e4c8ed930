import DictionaryMetrics
import Elute
import Testing

@testable import SparseExperiments
@testable import SyntheticFeatures

/// Dictionaries a hair on either side of every bound: what fails is never called proved.
struct NearMissTests {
  private let compute = Compute(threads: 2)

  private func axes(_ count: Int, width: Int) -> Matrix {
    var atoms = Matrix(rows: count, columns: width)
    for row in 0..<count { atoms[row, row] = 1 }
    return atoms
  }

  /// The claims for a tied encoder, or another.
  private func claims(
    _ atoms: Matrix, _ rows: Matrix, _ activation: Activation, encoder: Matrix? = nil,
    bias: Float = 0, k: Int? = nil, lambda: Double? = nil
  ) throws -> [CertificateRecord.ID: CertificateRecord.Claim] {
    let coder = SparseCoder(
      site: Site(name: "rows", width: atoms.columns), activation: activation,
      encoder: encoder ?? atoms, decoder: atoms,
      encoderBias: [Float](repeating: bias, count: atoms.rows),
      decoderBias: [Float](repeating: 0, count: atoms.columns))
    var options = CertificationOptions()
    (options.k, options.lambda) = (k, lambda)
    let found = try Certification(
      of: NamedDictionary(name: "planted", coder: coder), on: rows, rows: 0..<rows.rows,
      path: "rows", options: options, compute: compute)
    return Dictionary(uniqueKeysWithValues: found.record.claims.map { ($0.id, $0) })
  }

  /// Rows of one atom each, all of them in turns.
  private func singles(_ atoms: Matrix, count: Int) -> Matrix {
    atoms.selecting(rows: (0..<count).map { $0 % atoms.rows })
  }

  private func deduced(_ claim: CertificateRecord.Claim?) -> CertificateRecord.Deduction? {
    if case .deductive(let deduction)? = claim?.finding { deduction } else { nil }
  }

  @Test(arguments: [0.001 - 3e-7, 0.001 + 3e-7]) func lengths(off: Double) throws {
    var atoms = axes(6, width: 8)
    atoms[3, 3] = Float(1 + off)
    let exact = abs(Double(atoms[3, 3]) - 1)
    let claim = try claims(atoms, singles(atoms, count: 60), .topK(k: 1))[.unitNorm]
    #expect(deduced(claim) == (exact <= 1e-3 ? .proved : .refuted))
    #expect(claim?.witness?.latents == [3])
  }

  @Test(arguments: [-1e-5, 1e-5, -1e-9, 1e-9]) func duplicates(off: Double) throws {
    var atoms = axes(6, width: 8)
    let cosine = 0.9 + off
    (atoms[1, 0], atoms[1, 1]) = (Float(cosine), Float((1 - cosine * cosine).squareRoot()))
    // The cosine that the floats have.
    let (first, second) = (Double(atoms[1, 0]), Double(atoms[1, 1]))
    let exact = first / (first * first + second * second).squareRoot()
    let claim = try claims(
      atoms, singles(axes(6, width: 8), count: 60), .topK(k: 1), encoder: axes(6, width: 8))[
        .distinctAtoms]
    if exact >= 0.9 {
      #expect(deduced(claim) != .proved)
    } else {
      #expect(deduced(claim) != .refuted)
    }
    if abs(off) > 1e-6 { #expect(deduced(claim) == (off > 0 ? .refuted : .proved)) }
    #expect(claim?.witness?.latents == [0, 1])
  }

  /// Two atoms at a cosine of -0.9, each on a fifth of the rows, and together on none, one or two of 200.
  @Test(arguments: [(-0.9001, 1), (-0.8999, 1), (-0.9001, 2)]) func densePairs(
    cosine: Double, together: Int
  ) throws {
    var atoms = axes(3, width: 4)
    (atoms[1, 0], atoms[1, 1]) = (Float(cosine), Float((1 - cosine * cosine).squareRoot()))
    var rows = Matrix(rows: 200, columns: 4)
    for row in 0..<200 {
      rows[row, 0] = row < 40 ? 1 : 0
      rows[row, 1] = row >= 40 - together && row < 80 ? 1 : 0
      rows[row, 2] = 1
    }
    let claim = try claims(atoms, rows, .relu, encoder: axes(3, width: 4))[.noDensePairs]
    #expect(deduced(claim) == (cosine < -0.9 && together == 1 ? .refuted : .proved))
  }

  /// One row among 200,000 whose atoms depend on each other.
  @Test func oneBadSupport() throws {
    var atoms = axes(11, width: 12)
    for index in 0..<12 { atoms[10, index] = index < 2 ? Float(0.5).squareRoot() : 0 }
    let count = 200_000
    var rows = Matrix(rows: count, columns: 12)
    for row in 0..<count { rows[row, row % 10] = 1 }
    for index in 0..<12 { rows[17, index] = atoms[10, index] }
    let good = try claims(atoms, rows, .relu, bias: -0.8)
    #expect(deduced(good[.codesUnique]) == .proved)
    for index in 0..<2 { rows[123_456, index] = 1.5 }
    // Two axes and what is between them: three codes in a plane.
    let bad = try claims(atoms, rows, .relu, bias: -0.8, k: 1)
    #expect(deduced(bad[.codesUnique]) != .proved)
    // A default of 100,000 rows looks at every other: that one is among them.
    #expect((bad[.codesUnique]?.figures["not_provably_independent"] ?? 0) > 0)
  }

  /// Rows of one of three axes, in turns, and of a fourth beside the first, every second time.
  private var nestedRows: Matrix {
    var rows = Matrix(rows: 300, columns: 5)
    for row in 0..<300 {
      rows[row, row % 3] = 1
      if row % 3 == 0, row % 2 == 0 { rows[row, 3] = 0.5 }
    }
    return rows
  }

  /// A latent that fires only where another does, and one that once does not.
  @Test func nestedLatents() throws {
    let atoms = axes(4, width: 5)
    var rows = nestedRows
    let nested = try claims(atoms, rows, .relu)
    #expect(deduced(nested[.noNestedDescent]) == .refuted)
    #expect(nested[.noNestedDescent]?.witness?.latents == [3, 0])
    #expect(deduced(nested[.noMultiplicity]) == .refuted)
    #expect(nested[.noMultiplicity]?.witness?.latents == [3, 0])
    #expect((nested[.noMultiplicity]?.figures["difference"] ?? 1) < 1e-6)
    #expect(abs((nested[.noMultiplicity]?.witness?.value ?? 0) - 0.2.squareRoot()) < 1e-9)
    // Merging: 50 rows with z = 0.5 and a reach of 2, of 325 in all.
    let saved = 50 * 0.5 * (3 - 5.0.squareRoot()) / 325
    #expect(abs((nested[.noNestedDescent]?.witness?.value ?? 0) - saved) < 1e-9)
    // Nearly the parent's atom, and codes could still be smaller; exactly its, and they could not.
    var near = atoms
    for (offset, verdict) in [
      (Float(1e-3), CertificateRecord.Deduction.refuted), (0, .inconclusive),
    ] {
      for index in 0..<5 { near[3, index] = index == 0 ? 1 : index == 3 ? offset : 0 }
      let found = try claims(near, rows, .relu, encoder: atoms)[.noNestedDescent]
      #expect(deduced(found) == verdict && found?.margin ?? 0 <= 0)
    }
    rows[1, 3] = 0.5
    let once = try claims(atoms, rows, .relu)
    #expect(deduced(once[.noNestedDescent]) == .proved)
    #expect(deduced(once[.noMultiplicity]) == .inconclusive, "there may be another way")
    // Codes with signs say nothing about a sum of magnitudes.
    let signed = try claims(atoms, rows, .absTopK(k: 2))
    #expect(deduced(signed[.noNestedDescent]) == .notApplicable)
  }

  /// Where not all codes are held what takes all of them is not decided, and what does not is as it was.
  @Test func heldCodes() throws {
    let atoms = axes(4, width: 5)
    let rows = nestedRows
    let coder = SparseCoder(
      site: Site(name: "rows", width: 5), activation: .relu, encoder: atoms, decoder: atoms,
      encoderBias: [0, 0, 0, 0], decoderBias: [0, 0, 0, 0, 0])
    var options = CertificationOptions()
    let found = try [1 << 26, 100].map { held in
      options.heldEntries = held
      return try Certification(
        of: NamedDictionary(name: "planted", coder: coder), on: rows, rows: 0..<300, path: "rows",
        options: options, compute: compute)
    }
    func verdict(_ certification: Certification, _ id: CertificateRecord.ID) -> String? {
      certification.record.claims.first { $0.id == id }?.finding.verdict
    }
    for id in [CertificateRecord.ID.noNestedDescent, .noMultiplicity] {
      #expect(verdict(found[0], id) == "refuted" && verdict(found[1], id) == "inconclusive")
    }
    #expect(verdict(found[0], .noDensePairs) == "proved")
    #expect(found.map { $0.atoms[3].alwaysWith } == [0, nil])
    #expect(found[0].atoms.map(\.energy) == found[1].atoms.map(\.energy))
    #expect(found[1].atoms.allSatisfy { $0.state == "live" })
  }

  /// Codes that are the best on their supports, and such that are a little short of it.
  @Test(arguments: [Float(0.99), 0.9]) func codesOnTheirSupports(scale: Float) throws {
    let atoms = axes(4, width: 6)
    var rows = singles(atoms, count: 400)
    // Half of the energy is outside of the span: 0.99 leaves 0.0001, 0.9 leaves 0.01 of 1.
    for row in 0..<400 { rows[row, 5] = Float(0.5).squareRoot() }
    var encoder = atoms
    for index in encoder.values.indices { encoder.values[index] *= scale }
    let found = try claims(atoms, rows, .topK(k: 1), encoder: encoder)
    #expect(deduced(found[.codesRefit]) == (scale > 0.95 ? .proved : .refuted))
    #expect(
      abs(
        (found[.codesRefit]?.figures["removable"] ?? 0) - Double((1 - scale) * (1 - scale))
          / Double(0.5 + (1 - scale) * (1 - scale))) < 1e-4)
    let shrunken = try claims(atoms, rows, .relu, encoder: encoder)
    #expect(deduced(shrunken[.codesRefit]) == .notApplicable)
    #expect(deduced(shrunken[.encoderStationary]) == .notApplicable)
    #expect(shrunken[.encoderStationary]?.reason?.contains("--lambda") == true)
  }

  /// An encoder that is off in what it reads is contradicted, one that is not supported.
  @Test func encoders() throws {
    let atoms = axes(4, width: 8)
    var stream = RandomStream(seed: 3, name: "rows")
    var rows = Matrix(rows: 2000, columns: 8)
    for row in 0..<2000 {
      rows[row, stream.index(below: 4)] = Float(1 + stream.uniform())
      rows[row, 6] = stream.uniform() < 0.5 ? 1 : -1
      rows[row, 7] = 0.1 * stream.gaussians(count: 1)[0]
    }
    var off = atoms
    for latent in 0..<4 { off[latent, 6] = 0.4 }
    let found = try claims(atoms, rows, .topK(k: 1), encoder: off)
    #expect(found[.encoderStationary]?.finding == .statistical(.contradicted, level: 0.95))
    let right = try claims(atoms, rows, .topK(k: 1))
    #expect(right[.encoderStationary]?.finding == .statistical(.supported, level: 0.95))
    let few = try claims(atoms, rows.selecting(rows: 0..<40), .topK(k: 1))
    #expect(few[.encoderStationary]?.finding == .statistical(.inconclusive, level: 0.95))
  }

  /// Fewer atoms than dimensions that lean to one direction: cosines prove nothing of five, the spectrum all.
  @Test func leaningAtomsAreIndependent() throws {
    var atoms = axes(30, width: 31)
    for atom in 0..<30 {
      (atoms[atom, atom], atoms[atom, 30]) = (Float(0.6).squareRoot(), Float(0.4).squareRoot())
    }
    let found = try claims(
      atoms, singles(axes(30, width: 31), count: 300), .topK(k: 3),
      encoder: axes(30, width: 31))
    #expect((found[.uniquenessAtK]?.figures["babel"] ?? 0) > 1)
    #expect(deduced(found[.uniquenessAtK]) == .proved)
    // With one that is the sum of two of them they are not.
    for index in 0..<31 { atoms[29, index] = atoms[0, index] + atoms[1, index] }
    let dependent = try claims(
      atoms, singles(axes(30, width: 31), count: 300), .topK(k: 3),
      encoder: axes(30, width: 31))
    #expect(deduced(dependent[.uniquenessAtK]) == .inconclusive)
  }

  /// Cosines prove what is about k only below what Welch's bound allows, and the claim says so.
  @Test func welchIsNamed() throws {
    var stream = RandomStream(seed: 2, name: "random")
    var atoms = Matrix(rows: 64, columns: 8, values: stream.gaussians(count: 512))
    normalizeRows(of: &atoms)
    let found = try claims(atoms, singles(atoms, count: 128), .topK(k: 3))
    #expect(found[.uniquenessAtK]?.reason?.contains("Welch") == true)
    #expect(deduced(found[.uniquenessAtK]) == .inconclusive)
    // Of one atom its delta is zero, which says nothing of two: no theorem is read that way.
    let one = try claims(atoms, singles(atoms, count: 128), .topK(k: 1))
    #expect(deduced(one[.isometryAt2K]) != .proved)
  }

  /// What follows for every other dictionary is never proved by rows, and said to be vacuous where it is.
  @Test func nearIdentifiability() throws {
    let atoms = axes(5, width: 6)
    var stream = RandomStream(seed: 9, name: "rows")
    var rows = Matrix(rows: 3000, columns: 6)
    for row in 0..<3000 {
      for _ in 0..<2 { rows[row, stream.index(below: 5)] = Float(0.2 + stream.uniform()) }
    }
    for row in 0..<3000 where rows.row(row).count(where: { $0 > 0 }) == 1 { rows[row, 0] += 0.5 }
    let exact = try #require(try claims(atoms, rows, .relu)[.nearIdentifiable])
    #expect(deduced(exact) == .inconclusive && exact.figures["atoms_within"] == 0)
    #expect(exact.reason?.contains("would be within") == true && exact.assumptions.count == 4)
    for row in 0..<3000 { rows[row, 5] = 0.5 }
    let noisy = try #require(try claims(atoms, rows, .relu)[.nearIdentifiable])
    #expect(deduced(noisy) == .notApplicable && noisy.reason?.contains("vacuous") == true)
    #expect(noisy.figures["atoms_within"] == nil && noisy.figures["error"] == 0.5)
  }
}
