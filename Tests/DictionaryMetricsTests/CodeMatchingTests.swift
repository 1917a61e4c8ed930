import DictionaryMetrics
import SparseCoding
import Testing

/// Codes of two dictionaries as codes of common latents.
@Suite struct CodeMatchingTests {
  static let compute = Compute(threads: 1)

  /// Random atoms, and a dictionary of the same ones in another order, with other lengths and signs.
  struct Twins {
    var first, second: Matrix
    /// For each latent of the second the one of the first, and what its atom was multiplied with.
    var origin: [Int]
    var factors: [Float]

    init(atoms: Int, width: Int, isSigned: Bool) {
      var stream = RandomStream(seed: 7, name: "twins")
      first = Matrix(rows: atoms, columns: width, values: stream.gaussians(count: atoms * width))
      origin = Array((0..<atoms).reversed())
      factors = (0..<atoms).map { (isSigned && $0 % 2 == 0 ? -1 : 1) * Float($0 % 3 + 1) }
      second = first.selecting(rows: origin)
      for row in 0..<atoms { for i in 0..<width { second[row, i] *= factors[row] } }
    }

    /// The code of the second dictionary that reconstructs what one of the first does.
    func translated(_ codes: SparseCodes) -> SparseCodes {
      var (indices, values, offsets): ([Int32], [Float], [Int]) = ([], [], [0])
      for row in 0..<codes.rows {
        let entries = codes.entries(ofRow: row).map { entry in
          let latent = origin.firstIndex(of: Int(codes.indices[entry])) ?? 0
          return (Int32(latent), codes.values[entry] / factors[latent])
        }.sorted { $0.0 < $1.0 }
        indices += entries.map(\.0)
        values += entries.map(\.1)
        offsets.append(indices.count)
      }
      return SparseCodes(
        latents: codes.latents, offsets: offsets, indices: indices, values: values)
    }

    func pair(_ convention: CosineConvention) throws -> DictionaryPair {
      try DictionaryPair(
        UnitAtoms(first, name: "a"), UnitAtoms(second, name: "b"), convention: convention)
    }
  }

  static func codes(rows: Int, latents: Int, k: Int, seed: UInt64 = 1) -> SparseCodes {
    var stream = RandomStream(seed: seed, name: "codes")
    var (indices, values, offsets): ([Int32], [Float], [Int]) = ([], [], [0])
    for _ in 0..<rows {
      var support = Set<Int32>()
      while support.count < k { support.insert(Int32(stream.index(below: latents))) }
      indices += support.sorted()
      values += (0..<k).map { _ in Float(stream.uniform()) + 0.1 }
      offsets.append(indices.count)
    }
    return SparseCodes(latents: latents, offsets: offsets, indices: indices, values: values)
  }

  @Test(arguments: [false, true])
  func orderLengthAndSignDoNotMatter(isSigned: Bool) throws {
    let twins = Twins(atoms: 40, width: 24, isSigned: isSigned)
    let pair = try twins.pair(isSigned ? .absolute : .signed)
    let matching = CodeMatching(pair, pair.matching(on: Self.compute))
    let codes = Self.codes(rows: 50, latents: 40, k: 5)
    var agreement = CodeAgreement()
    var stream = RandomStream(seed: 0, name: "rows")
    agreement.add(codes, twins.translated(codes), matching: matching, by: &stream)
    #expect(agreement.codes.codeIoU == 1)
    #expect(agreement.codes.codeDistance < 1e-6)
    // Random supports of 5 of 40: 5 * 5 / 40 in common of about 9.4.
    #expect(agreement.null.rows == 50)
    #expect(abs(agreement.null.codeIoU - 5.0 / 75) < 0.02)
    #expect(agreement.null.codeDistance > 1)
  }

  @Test func latentsWithoutAPartnerStayInTheUnion() throws {
    let twins = Twins(atoms: 10, width: 24, isSigned: false)
    // Half of the second dictionary is dead, so half of the first has no partner.
    let pair = try DictionaryPair(
      UnitAtoms(twins.first, name: "a"),
      UnitAtoms(twins.second, live: [0, 1, 2, 3, 4], name: "b"), convention: .signed)
    let matching = CodeMatching(pair, pair.matching(on: Self.compute))
    #expect(matching.latents == 15)
    let whole = CodeOverlapTests.codes([[8, 9], [0, 1]], latents: 10)
    var agreement = CodeAgreement()
    var stream = RandomStream(seed: 0, name: "rows")
    agreement.add(whole, twins.translated(whole), matching: matching, by: &stream)
    // The first row's latents are matched, the second's are not: overlaps 1 and 0.
    #expect(agreement.codes.codeIoU == 0.5)
  }

  /// Theorem 3.2 of the iSAE paper: equal dictionaries and equal reconstructions, other supports.
  @Test func equalDictionariesMayHaveOtherCodes() throws {
    let (k, width) = (3, 6)
    let eps: Float = 0.3
    let norm = (1 + eps * eps).squareRoot()
    var atoms = Matrix(rows: 5, columns: width)
    for i in 0..<k { atoms[i, i] = 1 }
    (atoms[3, 1], atoms[3, 2]) = (1 / norm, eps / norm)
    (atoms[4, 1], atoms[4, 2]) = (eps / norm, 1 / norm)
    let unit = try UnitAtoms(atoms, name: "d")
    let pair = try DictionaryPair(unit, unit, convention: .signed)
    let matching = pair.matching(on: Self.compute)
    #expect(abs(matching.dcs - 1) < 1e-6)
    // x = e_0 + a e_1 + b e_2 by {0, 1, 2} or by {0, 3, 4}.
    let (a, b): (Float, Float) = (1, 0.9)
    let determinant = (1 - eps * eps) / norm
    let (u, v) = ((a - eps * b) / determinant, (b - eps * a) / determinant)
    let first = SparseCodes(latents: 5, offsets: [0, 3], indices: [0, 1, 2], values: [1, a, b])
    let second = SparseCodes(latents: 5, offsets: [0, 3], indices: [0, 3, 4], values: [1, u, v])
    for i in 0..<width {
      let x = first.indices.indices.reduce(Float(0)) {
        $0 + first.values[$1] * atoms[Int(first.indices[$1]), i]
      }
      let y = second.indices.indices.reduce(Float(0)) {
        $0 + second.values[$1] * atoms[Int(second.indices[$1]), i]
      }
      #expect(abs(x - y) < 1e-6)
    }
    var agreement = CodeAgreement()
    var stream = RandomStream(seed: 0, name: "rows")
    agreement.add(first, second, matching: CodeMatching(pair, matching), by: &stream)
    #expect(agreement.codes.codeIoU == 0.2)
  }
}
