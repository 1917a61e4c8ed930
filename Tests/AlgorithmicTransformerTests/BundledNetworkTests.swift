import SparseCoding
import Testing

@testable import AlgorithmicTransformer

struct BundledNetworkTests {
  let compute = Compute(threads: 2)

  @Test
  func `the bundled network has the accuracy that it states`() throws {
    let bundled = try TrainedModularNetwork.bundled()
    let split = ModularNetworkTraining(bundled.configuration).split
    #expect(split.training.count == 3_830 && split.heldOut.count == 8_939)
    let heldOut = bundled.network.accuracy(over: split.heldOut, on: compute)
    #expect(heldOut == bundled.heldOutAccuracy)
    #expect(heldOut >= 0.999)
    #expect(bundled.network.accuracy(over: split.training, on: compute) == 1)
    #expect(try ModularNetwork.bundled() == bundled.network)
  }

  @Test
  func `the bundled network was made by the recorded command`() throws {
    let bundled = try TrainedModularNetwork.bundled()
    #expect(bundled.command == "elute train-network --seed 0 --steps 10000")
    #expect(bundled.network.shape == ModularShape())
    // Its first losses: whatever changes a bit of a step changes the weights that the command makes.
    var training = ModularNetworkTraining(bundled.configuration)
    #expect(training.step(on: compute).loss == 4.727606758447749)
    #expect(training.step(on: compute).loss == 4.724069263966349)
    #expect(training.step(on: compute).loss == 4.7214857561272305)
  }

  /// exp of the entropy of `s_i / sum s` over the singular values of the centred activations, as the
  /// square roots of the eigenvalues of their scatter matrix.
  @Test(arguments: [(ModularSite.residual, 16.87), (.mlpHidden, 58.14)])
  func `the sites have the stated effective ranks`(site: ModularSite, expected: Double) throws {
    let network = try ModularNetwork.bundled()
    let activations = network.activations(at: site, pairs: ModularAddition().pairs, on: compute)
    let width = activations.columns
    #expect(activations.rows == 12_769 && width == site.site(of: network.shape).width)
    var means = activations.columnSums()
    for column in 0..<width { means[0, column] /= -Float(activations.rows) }
    var centered = activations
    centered.addToEveryRow(means)
    let scatter = compute.transposedTimes(centered, centered)
    let singular = SymmetricEigen.values(of: scatter.values.map { Double($0) }, order: width)
      .map { max($0, 0).squareRoot() }
    let sum = singular.reduce(0, +)
    let entropy = singular.filter { $0 > 0 }.reduce(0) { $0 - $1 / sum * Elementary.log($1 / sum) }
    // The scatter matrix is a product in `Float`, which blurs the smallest singular values.
    #expect(abs(Elementary.exp(entropy) / expected - 1) < 0.01)
  }
}
