import SparseCoding
import Testing

@testable import AlgorithmicTransformer

struct GradientTests {
  static let shape = ModularShape(modulus: 5, width: 8, heads: 2, hidden: 12)
  let compute = Compute(threads: 1)
  /// Weights three times the usual, so that attention is far from uniform.
  let network = ModularNetwork(shape: shape, seed: 3, scale: 3)
  /// Not all pairs and not the same number of each digit, so that no term cancels.
  let pairs = Array(ModularAddition(modulus: shape.modulus).pairs.prefix(17))

  @Test(arguments: ModularNetwork.tensors.map(\.name))
  func `the gradient of every weight agrees with central differences`(name: String) throws {
    let (loss, gradient) = network.lossAndGradient(pairs, on: compute)
    let textbook = TextbookNetwork(network)
    #expect(abs(loss - textbook.loss(pairs)) < 1e-6 * loss)

    let tensor = try #require(ModularNetwork.tensors.first { $0.name == name })
    let derived = gradient[keyPath: tensor.path]
    let largest = derived.values.map { abs(Double($0)) }.max() ?? 0
    #expect(largest > 1e-3)
    let step = 1e-6
    for row in 0..<derived.rows {
      for column in 0..<derived.columns {
        var (above, below) = (textbook, textbook)
        above.weights[name]?[row][column] += step
        below.weights[name]?[row][column] -= step
        let slope = (above.loss(pairs) - below.loss(pairs)) / (2 * step)
        #expect(
          abs(slope - Double(derived[row, column])) < 3e-6 * largest,
          "\(name)[\(row), \(column)]: derived \(derived[row, column]), measured \(slope)")
      }
    }
  }

  @Test
  func `both sites and the logits are those of the textbook's network`() {
    let textbook = TextbookNetwork(network)
    let residual = network.activations(at: .residual, pairs: pairs, on: compute)
    let hidden = network.activations(at: .mlpHidden, pairs: pairs, on: compute)
    let logits = network.forward(pairs, on: compute)
    #expect(residual.columns == ModularSite.residual.site(of: Self.shape).width)
    #expect(hidden.columns == ModularSite.mlpHidden.site(of: Self.shape).width)
    for (row, pair) in pairs.enumerated() {
      let expected = textbook.logits(pair)
      expectClose(residual.row(row), expected.residual)
      expectClose(hidden.row(row), expected.hidden)
      expectClose(logits.row(row), expected.logits)
    }
  }

  private func expectClose(_ found: ArraySlice<Float>, _ expected: [Double]) {
    let largest = expected.map(abs).max() ?? 0
    #expect(found.count == expected.count)
    for (a, b) in zip(found, expected) { #expect(abs(Double(a) - b) < 3e-6 * largest) }
  }
}
