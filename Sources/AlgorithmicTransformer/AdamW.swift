import SparseCoding

/// Adam with decoupled weight decay, as the paper has it, and its state.
///
///     m = b1 m + (1 - b1) g,   v = b2 v + (1 - b2) g²
///     w = (1 - rate decay) w - rate (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon)
///
/// Every tensor decays, biases and embeddings too. A moment below 2^-100 is set to zero, so that
/// none becomes denormal.
struct AdamW: Sendable {
  let configuration: ModularNetworkTraining.Configuration
  private(set) var steps = 0
  /// `b1^t` and `b2^t` as running products.
  private var powers = (first: 1.0, second: 1.0)
  private(set) var first: ModularNetwork
  private(set) var second: ModularNetwork

  init(_ configuration: ModularNetworkTraining.Configuration) {
    self.configuration = configuration
    first = ModularNetwork(zeros: configuration.shape)
    second = ModularNetwork(zeros: configuration.shape)
  }

  /// The state after some steps that left these moments.
  init(
    _ configuration: ModularNetworkTraining.Configuration, steps: Int, first: ModularNetwork,
    second: ModularNetwork
  ) {
    self.configuration = configuration
    self.first = first
    self.second = second
    for _ in 0..<steps { countStep() }
  }

  private mutating func countStep() {
    steps += 1
    powers.first *= configuration.beta1
    powers.second *= configuration.beta2
  }

  /// Moves the network by one step along a gradient.
  mutating func apply(_ gradient: ModularNetwork, to network: inout ModularNetwork) {
    countStep()
    let constants = Constants(
      beta1: Float(configuration.beta1), rest1: Float(1 - configuration.beta1),
      beta2: Float(configuration.beta2), rest2: Float(1 - configuration.beta2),
      shrink: Float(1 - configuration.learningRate * configuration.weightDecay),
      rate: Float(configuration.learningRate / (1 - powers.first)),
      inverse: Float(1 / (1 - powers.second).squareRoot()), epsilon: Float(configuration.epsilon))
    for tensor in ModularNetwork.tensors {
      constants.update(
        &network[keyPath: tensor.path].values, &first[keyPath: tensor.path].values,
        &second[keyPath: tensor.path].values, by: gradient[keyPath: tensor.path].values)
    }
  }

  /// The numbers of one step that all weights share.
  private struct Constants {
    let beta1, rest1, beta2, rest2, shrink, rate, inverse, epsilon: Float

    func update(
      _ weights: inout [Float], _ first: inout [Float], _ second: inout [Float],
      by gradient: [Float]
    ) {
      weights.withUnsafeMutableBufferPointer { weights in
        first.withUnsafeMutableBufferPointer { first in
          second.withUnsafeMutableBufferPointer { second in
            gradient.withUnsafeBufferPointer { gradient in
              for index in weights.indices {
                let slope = gradient[index]
                let m = flushed(beta1 * first[index] + rest1 * slope)
                let v = flushed(beta2 * second[index] + rest2 * (slope * slope))
                first[index] = m
                second[index] = v
                let scale = v.squareRoot() * inverse + epsilon
                weights[index] = shrink * weights[index] - rate * (m / scale)
              }
            }
          }
        }
      }
    }

    private func flushed(_ value: Float) -> Float { abs(value) < 0x1p-100 ? 0 : value }
  }
}
