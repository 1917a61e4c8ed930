import SparseCoding
import Testing

@testable import DictionaryTraining

/// Signed codes under a penalty on supports are taken from these; they are those of a search of their own.
struct SupportSearchTests {
  /// A row's code: its latents and the bits of its values.
  private struct Code: Equatable {
    let latents: [Int32]
    let values: [UInt32]
  }

  private static func member(k: Int, isometry: Double?) throws -> Member {
    let found = Member.all.first { $0.name == "abstopk autoencoder none" }
    var configuration = try #require(found).configuration
    configuration.activation = .absTopK(k: k)
    configuration.objective.isometry = isometry.map { .init(weight: $0) }
    // So little that the weights stay as they are.
    configuration.learningRate.peak = 1e-30
    return Member(name: "k \(k)", configuration: configuration)
  }

  /// A state in which latents have equal scores, or opposite ones, and a row of zeros has none.
  private static func state(_ member: Member, _ compute: Compute) throws -> TrainingState {
    var state = try member.state(compute)
    let width = Member.widths.input
    for name in [WeightName.encoderBias, .decoderBias] {
      state.parameters[name].values = state.parameters[name].values.map { _ in 0 }
    }
    for latent in 0..<10 {
      for column in 0..<width {
        let weight = state.parameters[.encoder][latent, column]
        state.parameters[.encoder][latent + 10, column] = weight
        state.parameters[.encoder][latent + 25, column] = -weight
      }
    }
    return state
  }

  /// The codes of two steps, the second on fewer rows, with a guess of the threshold before each.
  private static func codes(
    _ member: Member, guess: Float, _ compute: Compute
  ) throws -> [[Code]] {
    let engine = CPUEngine(
      try state(member, compute), settings: member.settings, compute: compute)
    var rows = Member.matrix(compute, member.configuration.architecture)
    for column in 0..<rows.columns { rows[3, column] = 0 }
    return [160, 70].map { count in
      engine.thresholdGuess = guess
      _ = engine.step(
        on: Batch(source: rows, rows: Array(0..<count)[...]),
        member.configuration.constants(at: 0))
      let view = CodesView(engine.codes)
      return (0..<count).map { row in
        let entries = view.entries(ofRow: row)
        return Code(
          latents: entries.map { view.indices[$0] },
          values: entries.map { view.values[$0].bitPattern })
      }
    }
  }

  @Test(arguments: KernelSet.available)
  func codesAreThoseOfTheirOwnSearch(set: KernelSet) throws {
    for screen in set.screens {
      let compute = Compute(kernels: set, threads: 2, screen: screen)
      // The last has supports of all latents.
      for k in [1, 4, 9, 30] {
        for guess: Float in [0, 1e-9, 1e9] {
          let plain = try Self.codes(Self.member(k: k, isometry: nil), guess: guess, compute)
          let penalized = try Self.codes(
            Self.member(k: k, isometry: 0.5), guess: guess, compute)
          #expect(plain[0][3].latents.isEmpty)
          #expect(plain[0][4].latents.count == k)
          #expect(penalized == plain, "k \(k), guess \(guess)")
        }
      }
    }
  }
}
