public import SparseCoding

/// Gradient descent on the loss of single features: plain steps, all features or some of them at a time, latents
/// that nothing switches on left alone or begun anew.
///
/// No momentum, no adaptive rate: what stays and what leaves is then said of the loss and not of an optimizer.
public struct GradientDescent: Sendable {
  /// The length of a step over the gradient's.
  public var rate: Double
  /// Steps.
  public var steps: Int
  /// Features drawn for a step, each of them alike; nil for all.
  public var batch: Int?
  /// What latents without a feature begin anew as, and after how many steps, again and again; nil where they are left
  /// alone.
  public var revival: (as: Beginning, every: Int)?

  /// What a latent begins anew as.
  public enum Beginning: Hashable, Sendable {
    /// A feature that is badly rebuilt, drawn by the square of its loss.
    case missing
    /// A random direction of the same length: the control of a kick that knows nothing.
    case random
  }

  /// A descent of the settings given.
  ///
  /// - Precondition: A positive number of steps, of features and of steps between revivals.
  public init(
    rate: Double, steps: Int, batch: Int? = nil, revival: (as: Beginning, every: Int)? = nil
  ) {
    precondition(steps > 0 && batch ?? 1 > 0, "\(steps) steps of \(batch ?? 1) features")
    precondition(revival?.every ?? 1 > 0, "every \(revival?.every ?? 1) steps")
    self.rate = rate
    self.steps = steps
    self.batch = batch
    self.revival = revival
  }

  /// Where a descent went.
  public struct Path: Hashable, Sendable {
    /// The model at its end.
    public var model: PlainModel
    /// The loss of all features before the first step, after each hundredth of them and after the last.
    public var losses: [Double]
    /// The steps after which each of them is.
    public var steps: [Int]
    /// The first of these steps at which the loss is below half of what it was; nil for none.
    public var escape: Int?
  }

  /// Descends from a model.
  ///
  /// - Complexity: O(steps × features × latents × width).
  public func path(
    from first: PlainModel, on loss: FeatureLoss, stream: inout RandomStream
  ) -> Path {
    var model = first
    let every = max(1, steps / 100)
    var path = Path(model: model, losses: [loss.value(of: model)], steps: [0])
    for step in 1...steps {
      let part = batch.map { loss.drawn($0, stream: &stream) } ?? loss
      model.descend(part.gradients(of: model), rate: rate)
      if let revival, step % revival.every == 0 {
        model.revive(as: revival.as, on: loss, stream: &stream)
      }
      guard step % every == 0 || step == steps else { continue }
      path.steps.append(step)
      path.losses.append(loss.value(of: model))
      if path.escape == nil, path.losses[path.losses.count - 1] < path.losses[0] / 2 {
        path.escape = step
      }
    }
    path.model = model
    return path
  }
}

extension FeatureLoss {
  /// Some of the features, whose mean loss is that of all.
  fileprivate func drawn(_ count: Int, stream: inout RandomStream) -> FeatureLoss {
    let chosen = (0..<count).map { _ in stream.index(below: inputs.count) }
    let factor = Double(inputs.count) / Double(count)
    return FeatureLoss(
      inputs: chosen.map { inputs[$0] }, outputs: chosen.map { outputs[$0] },
      weights: chosen.map { factor * weights[$0] })
  }
}

extension PlainModel {
  fileprivate mutating func descend(
    _ gradients: (encoder: [[Double]], atoms: [[Double]]), rate: Double
  ) {
    for latent in encoder.indices {
      for index in encoder[latent].indices {
        encoder[latent][index] -= rate * gradients.encoder[latent][index]
      }
      for index in atoms[latent].indices {
        atoms[latent][index] -= rate * gradients.atoms[latent][index]
      }
    }
  }

  /// Lets each latent without a feature begin as a feature that is badly rebuilt, or at random: its atom at length one,
  /// its row at a fifth of the mean length of the others.
  ///
  /// - Source: Bricken et al. 2023, neuron resampling, as `elute train --resample-every` does it.
  fileprivate mutating func revive(
    as beginning: GradientDescent.Beginning, on loss: FeatureLoss, stream: inout RandomStream
  ) {
    let pattern = loss.pattern(of: self)
    let dead = pattern.active.indices.filter { pattern.active[$0].isEmpty }
    let live = encoder.indices.filter { !pattern.active[$0].isEmpty }
    let squares = loss.parts(of: self).map { $0 * $0 }
    let total = squares.reduce(0, +)
    guard !dead.isEmpty, total > 0 else { return }
    let length =
      live.isEmpty
      ? 1
      : 0.2 * live.reduce(0) { $0 + dot(encoder[$1], encoder[$1]).squareRoot() }
        / Double(live.count)
    for latent in dead {
      switch beginning {
      case .random:
        encoder[latent] = Self.direction(encoder[latent].count, &stream).map { length * $0 }
        atoms[latent] = Self.direction(atoms[latent].count, &stream)
      case .missing:
        let feature = Self.place(of: stream.uniform() * total, in: squares)
        encoder[latent] = unit(loss.inputs[feature]).map { length * $0 }
        atoms[latent] = unit(loss.outputs[feature])
      }
    }
  }

  private static func direction(_ width: Int, _ stream: inout RandomStream) -> [Double] {
    unit(stream.gaussians(count: width).map(Double.init))
  }

  private static func place(of point: Double, in weights: [Double]) -> Int {
    var sum = 0.0
    for (place, weight) in weights.enumerated() {
      sum += weight
      if point < sum { return place }
    }
    return weights.lastIndex { $0 > 0 } ?? 0
  }
}
