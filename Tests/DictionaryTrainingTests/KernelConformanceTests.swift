import CSparseKernels
import DictionaryTraining
import SparseCoding
import Testing

/// The engine against the same five hundred steps written in C over the kernels alone.
///
/// `make test-neon` prints the expected digests (its lines `training`) from
/// `Tests/KernelConformance/training.c`, which it also runs on emulated ARM: so what is checked here
/// holds there.
@Suite struct KernelConformanceTests {
  static let width = 24
  static let latents = 72
  static let batchRows = 136
  static let dataRows = 1000

  /// Digests of the state after a number of steps, and of the losses of all.
  static let expectedStates: [Int: UInt64] = [
    1: 0x5217_b0bc_e5ff_44e2, 50: 0x4dc1_0dab_a98b_f35b, 500: 0x48a6_7d6a_d8a5_77ae,
  ]
  static let expectedLosses: UInt64 = 0xec84_1f97_cbdb_36cc

  @Test(arguments: KernelSet.available, [1, 3])
  func theEngineTakesTheStepsOfTheConformanceProgram(set: KernelSet, threads: Int) {
    let engine = CPUEngine(
      Self.start(), settings: Self.settings, compute: Compute(kernels: set, threads: threads))
    let data = Matrix(
      rows: Self.dataRows, columns: Self.width,
      values: Self.gaussians(key: 3, count: Self.dataRows * Self.width))
    var losses = Digest()
    for step in 0..<500 {
      let rows = (0..<Self.batchRows).map { (step * Self.batchRows + $0) % Self.dataRows }
      let batch = Batch(source: data, rows: rows[...])
      losses.fold(
        engine.step(
          on: batch, StepConstants(learningRate: 0.003, k: 4)
        ).loss.bitPattern)
      if let expected = Self.expectedStates[step + 1] {
        var digest = Digest()
        digest.fold(engine.state())
        #expect(digest.value == expected, "after \(step + 1) steps")
      }
    }
    #expect(losses.value == Self.expectedLosses)
  }

  static var settings: EngineSettings {
    EngineSettings(
      TrainingConfiguration(
        architecture: .autoencoder(Site(name: "test", width: width)), latents: latents,
        activation: .topK(k: 4),
        batchRows: batchRows, steps: 500, decoderRate: 1,
        optimizer: .adam(Adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8)), deadLatents: .none),
      trainingRows: dataRows)
  }

  static func gaussians(key: UInt64, count: Int) -> [Float] {
    var numbers = [Float](repeating: 0, count: count)
    KernelSet.plain.functions.pointee.gaussians(key, 0, count, &numbers)
    return numbers
  }

  /// Unit atoms of Gaussian directions, the encoder tied to them, no latent biases.
  static func start() -> TrainingState {
    var atoms = gaussians(key: 1, count: latents * width)
    atoms.withUnsafeMutableBufferPointer { buffer in
      guard let first = buffer.baseAddress else { return }
      for latent in 0..<latents {
        KernelSet.plain.functions.pointee.normalize(first + latent * width, width)
      }
    }
    let matrix = Matrix(rows: latents, columns: width, values: atoms)
    let parameters = Parameters(
      encoder: matrix, decoder: matrix, encoderBias: [Float](repeating: 0, count: latents),
      decoderBias: gaussians(key: 2, count: width))
    return TrainingState(parameters: parameters, k: 4, scale: 0.5)
  }
}

/// FNV-1a over the little-endian bytes of numbers.
private struct Digest {
  var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func fold(_ bits: some FixedWidthInteger) {
    for byte in 0..<bits.bitWidth / 8 {
      let octet = UInt64(truncatingIfNeeded: bits >> (8 * byte)) & 0xff
      value = (value ^ octet) &* 0x0000_0100_0000_01b3
    }
  }

  mutating func fold(_ values: [Float]) {
    for value in values { fold(value.bitPattern) }
  }

  mutating func fold(_ state: TrainingState) {
    for part in [state.parameters, state.firstMoments, state.secondMoments] {
      fold(part.encoder.values)
      fold(part.decoder.values)
      fold(part.encoderBias)
      fold(part.decoderBias)
    }
  }
}
