import SparseCoding
import Testing

@testable import AlgorithmicTransformer

struct InitializationTests {
  let network = ModularNetwork(shape: ModularShape(), seed: 7)

  @Test(arguments: ModularNetwork.tensors.map(\.name))
  func `initial weights have the stated spread`(name: String) throws {
    let tensor = try #require(ModularNetwork.tensors.first { $0.name == name })
    let values = network[keyPath: tensor.path].values.map { Double($0) }
    let square = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
    let expected: Double
    switch tensor.kind {
    case .embedding: expected = 1 / 128.0
    case .weight(let fanIn):
      let bound = 1 / Double(network.shape[keyPath: fanIn])
      expected = bound / 3
      #expect(values.allSatisfy { $0 * $0 <= bound * (1 + 1e-6) })
    }
    // Four standard errors of a mean of squares, whose relative variance is at most 2.
    #expect(abs(square / expected - 1) < 4 * (2 / Double(values.count)).squareRoot())
  }

  @Test
  func `the network has the published sizes`() {
    let count = ModularNetwork.tensors.reduce(0) { $0 + network[keyPath: $1.path].values.count }
    #expect(count == 226_688)
    #expect(network.shape.headWidth == 32)
  }

  @Test
  func `a seed fixes the network, and the scale multiplies it`() {
    #expect(network == ModularNetwork(shape: ModularShape(), seed: 7))
    #expect(network != ModularNetwork(shape: ModularShape(), seed: 8))
    let doubled = ModularNetwork(shape: ModularShape(), seed: 7, scale: 2)
    #expect(doubled.query.values == network.query.values.map { 2 * $0 })
    #expect(doubled.tokens.values == network.tokens.values.map { 2 * $0 })
  }
}
