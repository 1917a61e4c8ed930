import SparseCoding
import SyntheticFeatures
import Testing

@testable import DictionaryTraining

/// One member of the family: a method that is defined, small enough to be trained in every test.
struct Member: Sendable, CustomTestStringConvertible {
  let name: String
  let configuration: TrainingConfiguration

  var testDescription: String { name }
  var settings: EngineSettings { EngineSettings(configuration, trainingRows: Self.rowCount) }

  static let rowCount = 640
  static let widths = (input: 18, output: 13)

  /// All members: every rule in every architecture with every penalty that is defined for it, and beside
  /// that each other setting with every rule.
  static let all: [Member] = crossed + variants

  private static let activations: [Activation] = [
    .relu, .jumpReLU, .topK(k: 4), .absTopK(k: 4), .batchTopK(k: 4), .gated,
  ]

  private static let architectures: [Architecture] = {
    let input = Site(name: "x", width: widths.input)
    let output = Site(name: "y", width: widths.output)
    return [
      .autoencoder(input), .transcoder(input: input, output: output, skip: false),
      .transcoder(input: input, output: output, skip: true), .crosscoder([input, output]),
    ]
  }()

  private static let penalties: [Objective.Sparsity] = [
    .none, .l1(weight: 0.3), .l0(weight: 0.05), .targetL0(l0: 4, weight: 1),
    .annealedPower(weight: 0.3, end: 0.5, start: 2),
  ]

  private static func member(
    _ name: String, _ architecture: Architecture, _ activation: Activation,
    _ sparsity: Objective.Sparsity, _ change: (inout TrainingConfiguration) -> Void = { _ in }
  ) -> Member? {
    var configuration = TrainingConfiguration(
      architecture: architecture, latents: 45, activation: activation, batchRows: 160, steps: 200,
      learningRate: LearningRate(peak: 3e-3), encoderScale: 0.6, decoderRate: 2,
      deadLatents: .none)
    configuration.objective.sparsity = sparsity
    configuration.objective.bandwidth = 0.4
    change(&configuration)
    guard (try? configuration.validate()) != nil else { return nil }
    return Member(name: name, configuration: configuration)
  }

  private static var crossed: [Member] {
    var members: [Member] = []
    for architecture in architectures {
      for activation in activations {
        for penalty in penalties {
          let name = "\(activation.name) \(architecture.name) \(penalty.name)"
          if let member = member(name, architecture, activation, penalty) {
            members.append(member)
          }
        }
      }
    }
    return members
  }

  private static let changes: [(String, @Sendable (inout TrainingConfiguration) -> Void)] = [
    ("prefixes", { $0.objective.prefixes = [7, 20, 45] }),
    ("free atoms", { $0.decoder = .free }),
    ("tied", { $0.encoder = .tied }),
    ("multistep", { $0.encoder = .multistep(steps: 3) }),
    ("auxk", { $0.deadLatents = .auxK(coefficient: 0.7, k: 5, afterRows: 300) }),
    ("resample", { $0.deadLatents = .resample(every: 5, count: 2, afterRows: 300) }),
    ("isometry", { $0.objective.isometry = .init(weight: 0.5) }),
    ("exact isometry", { $0.objective.isometry = .init(weight: 0.5, isExact: true) }),
    ("anchors", { $0.objective.anchorWeight = 0.2 }),
    (
      "everything",
      {
        $0.objective.prefixes = [20, 45]
        $0.objective.isometry = .init(weight: 0.5)
        $0.objective.anchorWeight = 0.2
        $0.decoder = .free
        $0.gradientClip = 0.7
        $0.averaging = 0.9
        if $0.activation != .gated {
          $0.deadLatents = .auxK(coefficient: 0.7, k: 5, afterRows: 300)
        }
        if $0.activation.k == nil { $0.objective.isometry = nil }
      }
    ),
    (
      "multistep with all",
      {
        $0.encoder = .multistep(steps: 3)
        $0.objective.isometry = .init(weight: 0.5)
        $0.deadLatents = .auxK(coefficient: 0.7, k: 5, afterRows: 300)
        $0.gradientClip = 0.7
      }
    ),
    ("adamw", { $0.optimizer = .adamW(Adam(), weightDecay: 0.3) }),
    (
      "signum",
      {
        $0.optimizer = .signum(momentum: 0.8)
        $0.learningRate.peak = 1e-3
      }
    ),
    ("falling k", { $0.annealedK = .init(start: 9, steps: 6) }),
    (
      "falling k with isometry",
      {
        $0.annealedK = .init(start: 9, steps: 6)
        $0.objective.isometry = .init(weight: 0.5)
      }
    ),
    ("mean norm", { $0.normalization = .meanNorm }),
    ("centered", { $0.normalization = .centered }),
    ("unit norm", { $0.normalization = .unitNorm }),
    ("layer norm", { $0.normalization = .layerNorm }),
    ("whitened", { $0.normalization = .whitened }),
  ]

  private static var variants: [Member] {
    var members: [Member] = []
    for activation in activations {
      let penalty: Objective.Sparsity =
        switch activation {
        case .relu, .gated: .l1(weight: 0.3)
        case .jumpReLU: .l0(weight: 0.05)
        case .topK, .absTopK, .batchTopK: .none
        }
      for (name, change) in changes {
        for architecture in [architectures[0], architectures[2], architectures[3]] {
          if let member = member(
            "\(activation.name) \(architecture.name) \(name)", architecture, activation, penalty,
            change)
          {
            members.append(member)
          }
        }
      }
    }
    return members
  }
}

extension Member {
  /// Rows of planted features in both sites: the second is another image of the same codes.
  static func matrix(_ compute: Compute, _ architecture: Architecture) -> Matrix {
    let planted = PlantedDictionary(
      width: architecture.rowWidth, features: 30, active: 3, noise: 0.05, seed: 5)
    return planted.rows(count: rowCount, on: compute)
  }

  func rows(_ compute: Compute) -> TrainingRows {
    TrainingRows(Self.matrix(compute, configuration.architecture), holdOut: .none)
  }

  /// A state from which every part of the method acts: weights away from where training begins, some
  /// latents dead.
  func state(_ compute: Compute) throws -> TrainingState {
    let rows = rows(compute)
    let statistics = try RowStatistics(rows, for: configuration, compute: compute)
    var state = TrainingState(configuration, statistics: statistics, compute: compute)
    var stream = RandomStream(seed: 3, name: "test weights")
    for name in state.model.weights where name != .decoder {
      let size: Float = name == .feedback ? 0.02 : name == .decoderBias ? 0.05 : 0.1
      for i in state.parameters[name].values.indices {
        state.parameters[name].values[i] += size * Float(stream.gaussian())
      }
    }
    if state.model.activation == .jumpReLU {
      state.parameters[.thresholds].values = (0..<state.model.latents).map { _ in
        0.3 + 0.5 * Float(stream.uniform())
      }
    }
    for latent in stride(from: 2, to: state.model.latents, by: 3) {
      state.parameters[.encoderBias].values[latent] -= 1.5
      state.rowsSinceFired[latent] = 300
    }
    if configuration.objective.anchorWeight > 0 { state.anchors = anchors(&stream) }
    return state
  }

  private func anchors(_ stream: inout RandomStream) -> Anchors {
    let model = configuration.model
    func directions(_ width: Int) -> Matrix {
      Matrix(rows: 6, columns: width, values: stream.gaussians(count: 6 * width))
    }
    return Anchors(
      encoder: model.isTied ? Matrix(rows: 0, columns: 0) : directions(model.inputWidth),
      decoder: directions(model.outputWidth))
  }

  /// The batch of a step.
  func batch(_ compute: Compute, step: Int, rows count: Int? = nil) -> Batch {
    let matrix = Self.matrix(compute, configuration.architecture)
    let count = count ?? configuration.batchRows
    let first = step * count % (Self.rowCount - count + 1)
    return Batch(source: matrix, rows: Array(first..<first + count)[...])
  }
}
