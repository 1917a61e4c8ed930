import SparseCoding
import Testing

@testable import AlgorithmicTransformer

struct TrainingTests {
  static func configuration(steps: Int) -> ModularNetworkTraining.Configuration {
    var configuration = ModularNetworkTraining.Configuration(seed: 1, steps: steps)
    configuration.shape = ModularShape(modulus: 11, width: 16, heads: 2, hidden: 40)
    return configuration
  }

  static func trained(steps: Int, on compute: Compute) -> ModularNetworkTraining {
    trainModularNetwork(configuration: configuration(steps: steps), on: compute) { _, _ in true }
  }

  @Test
  func `the loss falls until every training pair is answered`() {
    let compute = Compute(threads: 1)
    var losses: [Double] = []
    let training = trainModularNetwork(
      configuration: Self.configuration(steps: 400), on: compute
    ) { progress, state in
      losses.append(progress.loss)
      #expect(progress.steps == losses.count && state.steps == losses.count)
      return true
    }
    #expect(abs(losses[0] - Elementary.log(11)) < 0.2)
    #expect(losses[399] < 0.05)
    #expect(training.network.accuracy(over: training.split.training, on: compute) == 1)
  }

  @Test
  func `the callback stops the training`() {
    let training = trainModularNetwork(
      configuration: Self.configuration(steps: 400), on: Compute(threads: 1)
    ) { progress, _ in progress.steps < 3 }
    #expect(training.steps == 3)
  }

  @Test
  func `the weights are the same bits for every kernel set and number of threads`() {
    let expected = Self.trained(steps: 12, on: Compute(kernels: .plain, threads: 1)).network
    #expect(expected != ModularNetworkTraining(Self.configuration(steps: 12)).network)
    for kernels in KernelSet.available {
      for threads in 1...3 {
        let found = Self.trained(steps: 12, on: Compute(kernels: kernels, threads: threads))
        #expect(found.network == expected, "\(kernels) on \(threads) threads")
      }
    }
  }

  @Test
  func `AdamW follows its formula`() {
    var configuration = Self.configuration(steps: 5)
    configuration.learningRate = 0.01
    configuration.weightDecay = 0.5
    let shape = configuration.shape
    var network = ModularNetwork(shape: shape, seed: 1)
    var optimizer = AdamW(configuration)
    var weights = network.query.values.map { Double($0) }
    var first = [Double](repeating: 0, count: weights.count)
    var second = first
    for step in 1...5 {
      let gradient = ModularNetwork(shape: shape, seed: UInt64(10 + step))
      optimizer.apply(gradient, to: &network)
      var (power1, power2) = (1.0, 1.0)
      for _ in 1...step { (power1, power2) = (power1 * 0.9, power2 * 0.98) }
      for index in weights.indices {
        let slope = Double(gradient.query.values[index])
        first[index] = 0.9 * first[index] + 0.1 * slope
        second[index] = 0.98 * second[index] + 0.02 * slope * slope
        let scale = (second[index] / (1 - power2)).squareRoot() + 1e-8
        weights[index] -= 0.01 * 0.5 * weights[index]
        weights[index] -= 0.01 * first[index] / (1 - power1) / scale
      }
    }
    for (found, expected) in zip(network.query.values, weights) {
      #expect(abs(Double(found) - expected) < 1e-6)
    }
  }

  @Test
  func `every tensor decays, also biases and embeddings`() {
    let configuration = Self.configuration(steps: 1)
    let start = ModularNetwork(shape: configuration.shape, seed: 1)
    var network = start
    var optimizer = AdamW(configuration)
    optimizer.apply(ModularNetwork(zeros: configuration.shape), to: &network)
    for tensor in ModularNetwork.tensors {
      let expected = start[keyPath: tensor.path].values.map { $0 * Float(1 - 1e-3) }
      #expect(network[keyPath: tensor.path].values == expected, "\(tensor.name)")
    }
  }
}
