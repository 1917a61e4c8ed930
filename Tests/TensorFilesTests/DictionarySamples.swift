import SparseCoding
import Testing

@testable import TensorFiles

/// One small dictionary of every kind: the product of what is read, the activation rule, the scaling of
/// rows, the encoder and the bias of the input.
struct DictionarySample: Sendable, CustomTestStringConvertible {
  enum Shape: String, CaseIterable, Sendable { case autoencoder, transcoder, skip, crosscoder }
  enum InputBias: String, CaseIterable, Sendable { case tied, own, none }

  let shape: Shape
  let rule: Activation
  let scaling: RowScaling
  let steps: Int?
  let bias: InputBias
  let coder: SparseCoder

  static let inputWidth = 5
  static let outputWidth = 4
  static let latents = 12

  static let all: [DictionarySample] = Shape.allCases.flatMap { shape in
    [.relu, .jumpReLU, .topK(k: 3), .absTopK(k: 4), .gated].flatMap { (rule: Activation) in
      RowScaling.allCases.flatMap { scaling in
        (rule.k == nil ? [nil] : [nil, 3]).flatMap { steps in
          InputBias.allCases.filter { shape.reconstructsItsInput || $0 != .tied }.map { bias in
            DictionarySample(shape, rule, scaling, steps: steps, bias)
          }
        }
      }
    }
  }

  private init(
    _ shape: Shape, _ rule: Activation, _ scaling: RowScaling, steps: Int?, _ bias: InputBias
  ) {
    self.shape = shape
    self.rule = rule
    self.scaling = scaling
    self.steps = steps
    self.bias = bias
    var random = RandomStream(seed: 3, name: "sample")
    let architecture = shape.architecture
    let (inputs, outputs, n) = (
      architecture.inputs.count, architecture.outputs.count, Self.latents
    )
    func matrix(_ rows: Int, _ columns: Int) -> Matrix {
      Matrix(rows: rows, columns: columns, values: random.gaussians(count: rows * columns))
    }
    let (encoder, decoder) = (matrix(n, inputs), matrix(n, outputs))
    let (encoderBias, decoderBias) = (
      random.gaussians(count: n), random.gaussians(count: outputs)
    )
    let own = random.gaussians(count: inputs)
    let inputBias =
      switch bias {
      case .tied: decoderBias
      case .own: own
      case .none: [Float](repeating: 0, count: inputs)
      }
    var coder = SparseCoder(
      architecture: architecture, activation: rule, encoder: encoder, decoder: decoder,
      encoderBias: encoderBias, decoderBias: decoderBias, inputBias: inputBias)
    if rule == .jumpReLU { coder.thresholds = random.gaussians(count: n).map(abs) }
    if rule == .gated {
      coder.magnitude = SparseCoder.Magnitude(
        logScale: random.gaussians(count: n), bias: random.gaussians(count: n))
    }
    if shape == .skip { coder.skip = matrix(outputs, inputs) }
    if let steps { coder.multistep = .init(steps: steps, feedback: matrix(n, n)) }
    coder.rowScaling = scaling
    self.coder = coder
  }

  var testDescription: String {
    [
      shape.rawValue, rule.name, scaling.rawValue, steps.map { "steps\($0)" } ?? "plain",
      bias.rawValue,
    ].joined(separator: ".")
  }

  /// The architecture that has to stand in the file, said once more and in other words than in the writer.
  var expectedArchitecture: String {
    let own = ["elute_autoencoder", "elute_transcoder", "elute_transcoder", "elute_crosscoder"]
    let saeLens: [String: [String]] = [
      "relu": ["standard", "transcoder", "skip_transcoder"],
      "jumprelu": ["jumprelu", "jumprelu_transcoder", "jumprelu_skip_transcoder"],
      "topk": ["topk"], "abstopk": ["abstopk"], "gated": ["gated"],
    ]
    let index = Shape.allCases.firstIndex(of: shape) ?? 0
    let names = scaling == .none && steps == nil ? saeLens[rule.name] ?? [] : []
    return index < names.count ? names[index] : own[index]
  }

  /// Whether the input's bias is folded into that of the latents, which rounds.
  var isFolded: Bool { bias == .own && !expectedArchitecture.hasPrefix("elute_") }

  /// Rows for the dictionary, with all its sites.
  static func rows(for coder: SparseCoder, count: Int = 16) -> Matrix {
    var random = RandomStream(seed: 4, name: "rows")
    let width = coder.architecture.rowWidth
    return Matrix(
      rows: count, columns: width, values: random.gaussians(count: count * width))
  }

  /// The first sample of each architecture that a file may name.
  static let ofEachArchitecture: [DictionarySample] = DictionaryLayout.allCases.compactMap {
    layout in
    let fitting = all.filter { $0.expectedArchitecture == layout.rawValue }
    // Of Elute's own one with all that it may have.
    return layout.isOwn
      ? fitting.last { $0.steps != nil && $0.bias == .own && $0.scaling != .none } : fitting.first
  }
}

extension DictionarySample.Shape {
  var reconstructsItsInput: Bool { self == .autoencoder || self == .crosscoder }

  var architecture: Architecture {
    let site = Site(name: "blocks.0.hook_resid_pre", width: DictionarySample.inputWidth)
    let output = Site(name: "blocks.0.hook_mlp_out", width: DictionarySample.outputWidth)
    return switch self {
    case .autoencoder: .autoencoder(site)
    case .transcoder: .transcoder(input: site, output: output, skip: false)
    case .skip: .transcoder(input: site, output: output, skip: true)
    case .crosscoder: .crosscoder([site, output, Site(name: "other.0", width: 2)])
    }
  }
}

extension SparseCodes {
  /// The codes with their zeros, `[rows, d_sae]`.
  var dense: Matrix {
    var matrix = Matrix(rows: rows, columns: latents)
    for row in 0..<rows {
      for entry in entries(ofRow: row) { matrix[row, Int(indices[entry])] = values[entry] }
    }
    return matrix
  }
}

/// The greatest difference of two lists of numbers, relative to the larger of 1 and the number.
func greatestDifference(_ a: [Float], _ b: [Double]) -> Double {
  guard a.count == b.count else { return .infinity }
  return zip(a, b).reduce(0) { worst, pair in
    let difference = abs(Double(pair.0) - pair.1) / max(1, abs(pair.1))
    return difference.isNaN ? .infinity : max(worst, difference)
  }
}
