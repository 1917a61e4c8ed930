import SparseCoding
import Testing

@testable import DictionaryTraining

/// Promise 1: configuration, seed and data determine the weights bit for bit.
struct SameBitsTests {
  private static let steps = 500

  /// Odd widths and counts leave ragged tiles, panels and blocks everywhere.
  private static func state(_ compute: Compute) throws -> TrainingState {
    let result = try Planted.train(Planted.configuration(width: 21, steps: steps), compute)
    #expect(result.dead > 0, "some latents must die, or AuxK was not tested")
    return result.state
  }

  @Test(arguments: [2, 3])
  func threadsDoNotShow(threads: Int) throws {
    #expect(
      try Self.state(Compute(threads: threads)) == Self.state(Compute(threads: 1)))
  }

  @Test(arguments: KernelSet.available)
  func kernelSetsDoNotShow(set: KernelSet) throws {
    #expect(
      try Self.state(Compute(kernels: set, threads: 2)) == Self.state(Compute(threads: 1)))
  }

  @Test func clippingDoesNotDependOnThreads() throws {
    var configuration = Planted.configuration(steps: 100)
    configuration.gradientClip = 0.05
    let one = try Planted.train(configuration, Compute(threads: 1))
    let three = try Planted.train(configuration, Compute(threads: 3))
    let free = try Planted.train(Planted.configuration(steps: 100), Compute(threads: 1))
    #expect(one.state == three.state)
    #expect(one.state != free.state, "the limit must act")
  }

  @Test(arguments: [1, 37, 250, 499])
  func interruptionsDoNotShow(at step: Int) throws {
    let compute = Compute(threads: 2)
    let configuration = Planted.configuration(width: 21, steps: Self.steps)
    let whole = try Planted.train(configuration, compute).state
    let half = try Planted.train(configuration, compute, upTo: step).state
    #expect(half.step == step)
    #expect(try Planted.train(configuration, compute, from: half).state == whole)
  }

  @Test func aSeedChangesTheBits() throws {
    let compute = Compute(threads: 1)
    let zero = try Planted.train(Planted.configuration(steps: 10, seed: 0), compute)
    let one = try Planted.train(Planted.configuration(steps: 10, seed: 1), compute)
    #expect(zero.state != one.state)
  }
}
