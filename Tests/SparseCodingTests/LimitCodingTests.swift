import SparseCoding
import Testing

/// Encoding by rules that keep all scores above limits, against the formulas, row by row.
@Suite struct LimitCodingTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var activation: Activation
    var rows: Int
    /// What is taken from every bias: at 0 so many scores are above that the screen is left.
    var depth: Float
    var testDescription: String { "\(activation.name), \(rows) rows, biases less \(depth)" }

    static let all = [Activation.relu, .jumpReLU, .gated].flatMap { activation in
      [0, 1, 63, 65, 300].flatMap { rows in
        [0, 4].map { Case(activation: activation, rows: rows, depth: $0) }
      }
    }
  }

  static let (width, latents) = (20, 130)

  static func coder(_ one: Case) -> SparseCoder {
    var coder = SparseCoderTests.coder(width: width, latents: latents, k: 1)
    var draw = Draw(96)
    coder.activation = one.activation
    coder.encoderBias = coder.encoderBias.map { $0 - one.depth }
    switch one.activation {
    case .jumpReLU: coder.thresholds = draw.floats(latents).map(abs)
    case .gated:
      coder.magnitude = .init(
        logScale: draw.floats(latents).map { $0 / 4 }, bias: draw.floats(latents))
    default: break
    }
    return coder
  }

  /// The codes of one row by the formula.
  static func expected(_ coder: SparseCoder, _ row: [Float]) -> [(latent: Int, value: Float)] {
    let centered = zip(row, coder.decoderBias).map { $0 - $1 }
    return (0..<latents).compactMap { latent in
      let bias = coder.encoderBias[latent]
      let score = canonicalDot(centered, coder.encoder.row(latent)) + bias
      guard score > (coder.thresholds.isEmpty ? 0 : coder.thresholds[latent]) else { return nil }
      guard let magnitude = coder.magnitude else { return (latent, score) }
      let scale = Float(Elementary.exp(Double(magnitude.logScale[latent])))
      let value = scale * (score - bias) + magnitude.bias[latent]
      return value > 0 ? (latent, value) : nil
    }
  }

  @Test(arguments: KernelSet.available, Case.all)
  func encodeKeepsAllScoresAboveTheirLimits(set: KernelSet, one: Case) {
    let coder = Self.coder(one)
    var draw = Draw(97)
    let x = Matrix(
      rows: one.rows, columns: Self.width, values: draw.floats(one.rows * Self.width))
    let expected = (0..<one.rows).map { Self.expected(coder, Array(x.row($0))) }
    #expect(one.rows < 2 || expected.contains { !$0.isEmpty })
    for screen in set.screens {
      let codes = coder.encode(x, on: Compute(kernels: set, threads: 2, screen: screen))
      #expect(codes.rows == one.rows)
      for row in 0..<one.rows {
        let entries = codes.entries(ofRow: row)
        #expect(codes.indices[entries].map(Int.init) == expected[row].map(\.latent))
        #expect(bits(codes.values[entries]) == bits(expected[row].map(\.value)))
      }
    }
  }
}
