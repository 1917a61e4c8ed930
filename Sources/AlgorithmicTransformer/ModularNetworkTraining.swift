public import SparseCoding

/// The training of a ``ModularNetwork``: full-batch AdamW on a random share of all pairs.
public struct ModularNetworkTraining: Sendable {
  /// What determines the trained weights, bit for bit.
  public struct Configuration: Codable, Hashable, Sendable {
    /// The network's sizes.
    public var shape = ModularShape()
    /// Decides the initial weights and the split.
    public var seed: UInt64 = 0
    /// The number of steps, each over all training pairs.
    public var steps = 20_000
    /// The share of all pairs that is trained on.
    public var trainingFraction = 0.3
    /// AdamW's step size.
    public var learningRate = 1e-3
    /// AdamW's decay of every tensor, times the learning rate at each step.
    public var weightDecay = 1.0
    /// The decay of AdamW's first moment.
    public var beta1 = 0.9
    /// The decay of AdamW's second moment.
    public var beta2 = 0.98
    /// Keeps AdamW from dividing by zero.
    public var epsilon = 1e-8
    /// A factor of all initial weights.
    public var initialScale = 1.0

    /// The recipe of the bundled network, but for its seed and steps.
    public init(seed: UInt64 = 0, steps: Int = 20_000) {
      self.seed = seed
      self.steps = steps
    }
  }

  /// What one step found before it moved the weights.
  public struct Progress: Sendable, Hashable {
    /// The number of steps done, this one included.
    public let steps: Int
    /// The mean cross-entropy of the training pairs, in nats.
    public let loss: Double
  }

  /// What is being trained, and how.
  public let configuration: Configuration
  /// The pairs trained on and held out.
  public let split: ModularSplit
  /// The network after the steps done so far.
  public private(set) var network: ModularNetwork
  /// The optimizer after the steps done so far.
  private(set) var optimizer: AdamW

  /// The number of steps done so far.
  public var steps: Int { optimizer.steps }

  /// A training that has not begun.
  public init(_ configuration: Configuration) {
    self.init(
      configuration,
      network: ModularNetwork(
        shape: configuration.shape, seed: configuration.seed, scale: configuration.initialScale),
      optimizer: AdamW(configuration))
  }

  init(_ configuration: Configuration, network: ModularNetwork, optimizer: AdamW) {
    self.configuration = configuration
    self.network = network
    self.optimizer = optimizer
    split = ModularAddition(modulus: configuration.shape.modulus)
      .split(trainingFraction: configuration.trainingFraction, seed: configuration.seed)
  }

  /// Does one step.
  @discardableResult
  public mutating func step(on compute: Compute) -> Progress {
    let (loss, gradient) = network.lossAndGradient(split.training, on: compute)
    optimizer.apply(gradient, to: &network)
    return Progress(steps: steps, loss: loss)
  }
}

/// Trains a network from the beginning, or goes on from a state, until the configured number of
/// steps is done.
///
/// - Parameters:
///   - configuration: What to train; must be the state's own where there is one.
///   - state: A training to go on with.
///   - compute: Where the products run; changes no bit of the result.
///   - onProgress: Called after every step with the loss and the state; returning false stops.
/// - Returns: The state reached.
public func trainModularNetwork(
  configuration: ModularNetworkTraining.Configuration,
  from state: ModularNetworkTraining? = nil,
  on compute: Compute,
  onProgress: (ModularNetworkTraining.Progress, ModularNetworkTraining) throws -> Bool
) rethrows -> ModularNetworkTraining {
  var training = state ?? ModularNetworkTraining(configuration)
  while training.steps < configuration.steps {
    let progress = training.step(on: compute)
    guard try onProgress(progress, training) else { break }
  }
  return training
}
