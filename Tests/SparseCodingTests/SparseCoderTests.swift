import SparseCoding
import Testing

/// Encoding and decoding against the formulas, row by row.
@Suite struct SparseCoderTests {
  static func coder(width: Int, latents: Int, k: Int, seed: UInt64 = 90) -> SparseCoder {
    var draw = Draw(seed)
    return SparseCoder(
      site: Site(name: "test", width: width), activation: .topK(k: k),
      encoder: Matrix(rows: latents, columns: width, values: draw.floats(latents * width)),
      decoder: Matrix(rows: latents, columns: width, values: draw.floats(latents * width)),
      encoderBias: draw.floats(latents), decoderBias: draw.floats(width))
  }

  static let shapes = [
    (rows: 0, width: 5, latents: 9, k: 2), (1, 1, 1, 1), (130, 20, 50, 4), (257, 17, 33, 40),
    (3, 64, 200, 1),
  ]

  @Test(arguments: KernelSet.available, shapes)
  func encodeKeepsTheLargestPositiveScores(
    set: KernelSet, shape: (rows: Int, width: Int, latents: Int, k: Int)
  ) {
    let coder = Self.coder(width: shape.width, latents: shape.latents, k: shape.k)
    var draw = Draw(91)
    let x = Matrix(
      rows: shape.rows, columns: shape.width, values: draw.floats(shape.rows * shape.width))
    var offsets = [0]
    var indices: [Int32] = []
    var values: [Float] = []
    for row in 0..<shape.rows {
      let centered = zip(x.row(row), coder.decoderBias).map { $0 - $1 }
      let scores = (0..<shape.latents).map {
        canonicalDot(centered, coder.encoder.row($0)) + coder.encoderBias[$0]
      }
      let kept = scores.indices.filter { scores[$0] > 0 }
        .sorted { (scores[$1], $0) < (scores[$0], $1) }
        .prefix(shape.k).sorted()
      indices += kept.map(Int32.init)
      values += kept.map { scores[$0] }
      offsets.append(indices.count)
    }
    for threads in 1...3 {
      let codes = coder.encode(x, on: Compute(kernels: set, threads: threads))
      #expect(codes.latents == shape.latents && codes.rows == shape.rows)
      #expect(codes.offsets == offsets && codes.indices == indices, "\(threads) threads")
      #expect(bits(codes.values) == bits(values), "\(threads) threads")
    }
  }

  /// By the formula in doubles: steps keep what the rule says, the last as many as are asked for, by magnitude.
  @Test(arguments: [Activation.topK(k: 3), .absTopK(k: 3)], [1, 2, 4])
  func theLargestScoresAreThoseOfTheLastStep(_ rule: Activation, steps: Int) {
    let (width, latents, rows) = (12, 30, 40)
    var coder = Self.coder(width: width, latents: latents, k: 3)
    coder.activation = rule
    var draw = Draw(95)
    let feedback = Matrix(
      rows: latents, columns: latents, values: draw.floats(latents * latents).map { $0 / 8 })
    if steps > 1 { coder.multistep = .init(steps: steps, feedback: feedback) }
    let x = Matrix(rows: rows, columns: width, values: draw.floats(rows * width))
    let found = coder.largestScores(7, of: x, on: Compute(threads: 2))
    for row in 0..<rows {
      let first = (0..<latents).map { latent in
        (0..<width).reduce(Double(coder.encoderBias[latent])) {
          $0 + Double(x[row, $1] - coder.decoderBias[$1]) * Double(coder.encoder[latent, $1])
        }
      }
      var scores = first
      for _ in 1..<steps {
        let size = scores.map { rule.isSigned ? abs($0) : max($0, 0) }
        let kept = size.indices.sorted { size[$0] > size[$1] }.prefix(3).filter { size[$0] > 0 }
        let code = scores
        scores = first.indices.map { latent in
          kept.reduce(first[latent]) { $0 + code[$1] * Double(feedback[$1, latent]) }
        }
      }
      let largest = scores.indices.sorted { abs(scores[$0]) > abs(scores[$1]) }.prefix(7).sorted()
      let entries = found.entries(ofRow: row)
      #expect(found.indices[entries].map(Int.init) == largest)
      #expect(
        zip(entries, largest).allSatisfy { abs(Double(found.values[$0]) - scores[$1]) < 1e-4 })
    }
  }

  @Test(arguments: KernelSet.available, shapes)
  func decodeAddsAtomsToTheBias(
    set: KernelSet, shape: (rows: Int, width: Int, latents: Int, k: Int)
  ) {
    let coder = Self.coder(width: shape.width, latents: shape.latents, k: shape.k)
    var draw = Draw(92)
    var codes = SparseCodes(latents: shape.latents, offsets: [0], indices: [], values: [])
    for row in 0..<shape.rows {
      for latent in 0..<shape.latents where draw.index(below: 5) == 0 && row % 7 != 0 {
        codes.indices.append(Int32(latent))
        codes.values.append(draw.float())
      }
      codes.offsets.append(codes.indices.count)
    }
    let expected = (0..<shape.rows).flatMap { row in
      (0..<shape.width).map { column in
        codes.entries(ofRow: row).reduce(coder.decoderBias[column]) { sum, entry in
          sum.addingProduct(codes.values[entry], coder.decoder[Int(codes.indices[entry]), column])
        }
      }
    }
    for threads in 1...3 {
      let decoded = coder.decode(codes, on: Compute(kernels: set, threads: threads))
      #expect(decoded.rows == shape.rows && decoded.columns == shape.width)
      #expect(bits(decoded.values) == bits(expected), "\(threads) threads")
    }
  }

  /// Orthonormal atoms, a tied encoder and no biases: a row made of two atoms comes back.
  @Test func aDictionaryOfOrthonormalAtomsReconstructs() {
    var identity = Matrix(rows: 6, columns: 6)
    for i in 0..<6 { identity[i, i] = 1 }
    let coder = SparseCoder(
      site: Site(name: "test", width: 6), activation: .topK(k: 2), encoder: identity,
      decoder: identity, encoderBias: [Float](repeating: 0, count: 6),
      decoderBias: [1, 1, 1, 1, 1, 1])
    let x = Matrix(rows: 2, columns: 6, values: [1, 3, 1, 1, 1.5, 1, 1, 1, 1, 1, 1, 1])
    let compute = Compute(threads: 1)
    let codes = coder.encode(x, on: compute)
    #expect(codes.indices == [1, 4] && codes.values == [2, 0.5] && codes.offsets == [0, 2, 2])
    #expect(coder.decode(codes, on: compute) == x)
  }

  @Test func aPreparedCoderGivesTheSameBitsInParts() {
    let coder = Self.coder(width: 20, latents: 50, k: 4)
    var draw = Draw(93)
    let rows = Matrix(rows: 300, columns: 20, values: draw.floats(300 * 20))
    let compute = Compute(threads: 2)
    let prepared = PreparedCoder(coder, on: compute)
    for part in [0..<130, 130..<131, 131..<300] {
      let some = rows.selecting(rows: part)
      let codes = coder.encode(some, on: compute)
      #expect(prepared.encode(some) == codes)
      #expect(bits(prepared.decode(codes).values) == bits(coder.decode(codes, on: compute).values))
    }
  }
}
