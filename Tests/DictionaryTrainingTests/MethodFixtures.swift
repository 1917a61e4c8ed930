import Foundation
import SparseCoding
import TensorFiles

@testable import DictionaryTraining

/// What `Tests/Fixtures/Methods/make_methods.py` derived in PyTorch's float64: for each method the codes,
/// reconstructions, losses and gradients on one small input.
struct MethodFixtures: Decodable {
  struct Shared: Decodable {
    var d_in, d_out, d_sae, k, rows, dead_after_rows: Int
    var bandwidth: Double
    var rows_since_fired: [UInt64]
  }

  struct Case: Decodable {
    struct Penalty: Decodable {
      var kind: String
      var coefficient: Double
      var target, p: Double?
    }
    struct AuxK: Decodable {
      var coefficient: Double
      var k: Int
    }
    struct Isometry: Decodable {
      var coefficient: Double
      var exact: Bool
    }
    struct AnchorPenalty: Decodable {
      var coefficient: Double
      var count: Int
    }
    struct Expected: Decodable {
      var loss, objective, l0: Double
      var terms: [String: Double?]
    }

    var name, architecture, decoder, activation: String
    var tied: Bool
    var k: Int?
    var bandwidth: Double?
    var prefixes: [Int]
    var multistep: Int?
    var sites: [Int]?
    var penalty: Penalty?
    var auxk: AuxK?
    var arip: Isometry?
    var anchors: AnchorPenalty?
    var tensors: [String: String]
    var expected: Expected
  }

  var shared: Shared
  var cases: [Case]

  static var folder: String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/Methods").path
  }

  static func load() throws -> MethodFixtures {
    let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/methods.json"))
    return try JSONDecoder().decode(MethodFixtures.self, from: data)
  }

  static func inputs() throws -> SafetensorsFile { try .open(folder + "/inputs.safetensors") }
  static func expected() throws -> SafetensorsFile { try .open(folder + "/expected.safetensors") }

  /// The names of all cases, for the arguments of tests.
  static var names: [String] { (try? load().cases.map(\.name)) ?? [] }
}

extension MethodFixtures.Case {
  func configuration(_ shared: MethodFixtures.Shared) throws -> TrainingConfiguration {
    let input = Site(name: "x", width: shared.d_in)
    let output = Site(name: "y", width: shared.d_out)
    let architecture: Architecture =
      switch self.architecture {
      case "transcoder": .transcoder(input: input, output: output, skip: false)
      case "skip_transcoder": .transcoder(input: input, output: output, skip: true)
      case "crosscoder":
        .crosscoder((sites ?? []).enumerated().map { Site(name: "\($0)", width: $1) })
      default: .autoencoder(input)
      }
    guard let rule = Activation(named: activation, k: k ?? shared.k) else {
      throw CocoaError(.fileReadCorruptFile)
    }
    var configuration = TrainingConfiguration(
      architecture: architecture, latents: shared.d_sae, activation: rule,
      encoder: tied ? .tied : multistep.map { .multistep(steps: $0) } ?? .free,
      decoder: decoder == "free" ? .free : .unit, batchRows: shared.rows, steps: 100,
      deadLatents: auxk.map {
        .auxK(coefficient: $0.coefficient, k: $0.k, afterRows: shared.dead_after_rows)
      } ?? .none, normalization: .none)
    configuration.objective = Objective(
      sparsity: try sparsity(), prefixes: prefixes,
      isometry: arip.map { .init(weight: $0.coefficient, isExact: $0.exact) },
      anchorWeight: anchors?.coefficient ?? 0, bandwidth: bandwidth ?? shared.bandwidth)
    return configuration
  }

  private func sparsity() throws -> Objective.Sparsity {
    guard let penalty else { return .none }
    switch penalty.kind {
    case "l1": return .l1(weight: penalty.coefficient)
    case "l0": return .l0(weight: penalty.coefficient)
    case "target_l0":
      return .targetL0(l0: penalty.target ?? .nan, weight: penalty.coefficient)
    case "p_anneal":
      return .annealedPower(weight: penalty.coefficient, end: penalty.p ?? .nan, start: 0)
    default: throw CocoaError(.fileReadCorruptFile)
    }
  }

  var constants: StepConstants {
    StepConstants(learningRate: 1e-3, k: k ?? 1, power: penalty?.p ?? 1)
  }

  /// The name that the fixture gives a weight's tensor.
  func fixtureName(of weight: WeightName) -> String {
    switch weight {
    case .encoder: tensors["W_enc"] ?? ""
    case .decoder: tensors["W_dec"] ?? ""
    case .encoderBias: tensors["b_enc"] ?? tensors["b_gate"] ?? ""
    case .decoderBias: tensors["b_out"] ?? ""
    case .thresholds: "threshold"
    case .magnitudeScale: "r_mag"
    case .magnitudeBias: "b_mag"
    case .skip: "W_skip"
    case .feedback: "S"
    }
  }

  func state(
    _ configuration: TrainingConfiguration, _ shared: MethodFixtures.Shared,
    _ inputs: SafetensorsFile
  ) throws -> TrainingState {
    let model = configuration.model
    var parameters = Parameters(model)
    for name in model.weights {
      let values = try inputs.floats(named: fixtureName(of: name))
      parameters[name].values = values
      // There a row is what all latents add to one; here it is what one adds to all.
      if name == .feedback { parameters[name] = parameters[name].transposed() }
    }
    var state = TrainingState(
      model, parameters: parameters,
      normalizer: RowNormalizer(scale: 1, width: configuration.architecture.rowWidth),
      inputBias: model.architecture.readsItsTarget
        ? [] : try inputs.floats(named: tensors["b_in"] ?? ""))
    if auxk != nil { state.rowsSinceFired = shared.rows_since_fired }
    if let anchors {
      func first(_ name: String) throws -> Matrix {
        try inputs.matrix(named: name).selecting(rows: 0..<anchors.count)
      }
      state.anchors = Anchors(
        encoder: model.isTied
          ? Matrix(rows: 0, columns: 0) : try first("A_in"), decoder: try first("A_out"))
    }
    return state
  }

  /// The rows of data: x, with y beside it where that is reconstructed.
  func batch(_ inputs: SafetensorsFile) throws -> Batch {
    let x = try inputs.matrix(named: "x")
    guard tensors["target"] == "y" else { return Batch(source: x, rows: Array(0..<x.rows)[...]) }
    let y = try inputs.matrix(named: "y")
    let values = (0..<x.rows).flatMap { Array(x.row($0)) + Array(y.row($0)) }
    let joined = Matrix(rows: x.rows, columns: x.columns + y.columns, values: values)
    return Batch(source: joined, rows: Array(0..<x.rows)[...])
  }
}
