import Elute
import Testing

@testable import SparseExperiments

@Suite("an encoder against an oracle") struct OracleTests {
  static let axes = CompareTests.axes

  /// Codes of the axes are the entries themselves; this encoder sees only the first of them.
  static func blind() -> SparseCoder {
    var blind = coder(axes, k: 2)
    for index in 4..<blind.encoder.values.count { blind.encoder.values[index] = 0 }
    return blind
  }

  static let rows = matrix([[1, 0, 2, 0], [0, 3, 0, 1], [4, 0, 0, 0], [2, 2, 0, 0]])

  @Test("an oracle finds what the encoder misses", arguments: [Oracle.Method.omp, .ols])
  func closedForm(_ method: Oracle.Method) throws {
    let encoded = try evaluate(Self.blind(), on: Self.rows, path: "rows", compute: oneThread)
    let found = try evaluate(
      Oracle(method, k: 2), against: Self.blind(), l0: encoded.measures.l0, on: Self.rows,
      rows: 0..<4, path: "rows", compute: oneThread)
    #expect(found.solver == method && found.k == 2 && found.l1 == nil && found.nonnegative)
    #expect(found.fvu < 1e-12 && encoded.measures.fvu > 0.1)
    #expect(found.l0 == 1.75)
    #expect(found.codeIoU == 0.5)
  }

  /// Rows of any length are one row to a dictionary that scales each by itself.
  @Test("an oracle codes rows as the dictionary scales them")
  func scaledRows() throws {
    var scaled = Self.blind()
    scaled.rowScaling = .unitNorm
    scaled.decoderBias = [0, 0, 0, 0.25]
    let rows = matrix([[3, 0, 4, 0], [300, 0, 400, 0], [0, 0, 0, 2]])
    let found = try evaluate(
      Oracle(.omp, k: 3), against: scaled, l0: 1, on: rows, rows: 0..<3, path: "rows",
      compute: oneThread)
    // 0.6 and 0.8; the bias is off by a quarter, which a nonnegative code cannot take away; 0.75 on the last.
    #expect(found.l0 == 5.0 / 3)
    let decoded = matrix([[3, 0, 4, 1.25], [300, 0, 400, 125], [0, 0, 0, 2]])
    var totals = ReconstructionTotals(width: 4)
    totals.add(decoded, target: rows)
    #expect(abs(found.fvu - totals.fvu) < 1e-9)
  }

  @Test("the sparsity is the encoder's, unless another is asked for")
  func sparsity() throws {
    func k(_ l0: Double, _ k: Int? = nil) throws -> Int? {
      try evaluate(
        Oracle(.omp, k: k), against: Self.blind(), l0: l0, on: Self.rows, rows: 0..<4,
        path: "rows", compute: oneThread
      ).k
    }
    #expect(try k(0.75) == 1)
    #expect(try k(2.6) == 3)
    #expect(try k(0) == 1)
    #expect(try k(2.6, 7) == 7)
  }

  @Test("codes are nonnegative as the dictionary's are, unless they may be signed")
  func signs() throws {
    let rows = matrix([[1, -2, 0, 0], [-3, 0, 0, 1]])
    func measures(_ isNonnegative: Bool?) throws -> OracleMeasures {
      try evaluate(
        Oracle(.omp, k: 2, isNonnegative: isNonnegative), against: Self.blind(), l0: 1, on: rows,
        rows: 0..<2, path: "rows", compute: oneThread)
    }
    #expect(try measures(nil) == measures(true))
    #expect(try measures(nil).l0 == 1)
    #expect(try measures(false).l0 == 2)
    #expect(try measures(false).nonnegative == false)
  }

  @Test("the penalty of fista is the one of the encoder's l0")
  func penalty() throws {
    let planted = PlantedDictionary(width: 16, features: 32, active: 4, noise: 0.05, seed: 3)
    let rows = planted.rows(count: 500, on: oneThread)
    let atoms = planted.features
    let dictionary = SparseCoder(
      site: Site(name: "here", width: 16), activation: .topK(k: 4), encoder: atoms,
      decoder: atoms, encoderBias: [Float](repeating: 0, count: 32),
      decoderBias: [Float](repeating: 0, count: 16))
    let found = try evaluate(
      Oracle(.fista), against: dictionary, l0: 5, on: rows, rows: 0..<500, path: "rows",
      compute: oneThread)
    #expect(found.k == nil && (found.l1 ?? 0) > 0)
    #expect(abs(found.l0 - 5) < 0.5, "\(found)")
    let given = try evaluate(
      Oracle(.fista, l1: 0.01), against: dictionary, l0: 5, on: rows, rows: 0..<500,
      path: "rows", compute: oneThread)
    #expect(given.l1 == 0.01 && given.l0 > found.l0 && given.fvu < found.fvu)
  }

  @Test("the measures are those of the codes, over several blocks of rows")
  func blocks() throws {
    var stream = RandomStream(seed: 5, name: "oracle")
    let rows = Matrix(rows: 4200, columns: 4, values: stream.gaussians(count: 4 * 4200))
    var dictionary = coder(Self.axes, k: 2)
    dictionary.decoderBias = [0.5, 0, -0.5, 0]
    let found = try evaluate(
      Oracle(.omp, k: 2), against: dictionary, l0: 2, on: rows, rows: 0..<4200, path: "rows",
      compute: oneThread)
    let codes = SparseSolver.orthogonalMatchingPursuit(k: 2, isNonnegative: true).codes(
      of: rows, on: dictionary.decoder, bias: dictionary.decoderBias, compute: oneThread)
    var totals = ReconstructionTotals(width: 4)
    totals.add(dictionary.decode(codes, on: oneThread), target: rows)
    #expect(abs(found.fvu - totals.fvu) < 1e-9)
    #expect(found.l0 == Double(codes.indices.count) / 4200)
    // The two largest positive entries are the best, and what the encoder takes.
    #expect(found.codeIoU == 1)
  }

  @Test("values that fit no solver are refused")
  func refusals() {
    func refused(_ method: Oracle.Method, k: Int? = nil, l1: Double? = nil) -> String? {
      let error = #expect(throws: ConfigurationError.self) { try Oracle(method, k: k, l1: l1) }
      return error.map { "\($0.key): \($0.found), \($0.expected), \($0.hint)" }
    }
    #expect(
      refused(.omp, k: 0)
        == "oracle-k: 0, a positive number of atoms a row, leave it out for as many as the encoder uses"
    )
    #expect(
      refused(.fista, k: 3)
        == "oracle-k: 3 for fista, a penalty instead, give --oracle-l1, or leave it out to match the "
        + "encoder's l0")
    #expect(
      refused(.fista, l1: -1)
        == "oracle-l1: -1.0, a positive number, leave it out to match the encoder's l0")
    #expect(refused(.fista, l1: .infinity) != nil)
    #expect(
      refused(.ols, l1: 0.1)
        == "oracle-l1: 0.1 for ols, a number of atoms instead, give --oracle-k, or leave it out to match "
        + "the encoder's l0")
  }
}
