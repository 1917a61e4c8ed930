public import SparseCoding

/// A state where it lies, to be written without a copy: it is true until the engine's next step.
public struct StateView: Sendable {
  /// One value for each weight, as in `Parameters`, in the engine's buffers.
  public struct Weights: Sendable {
    /// For each weight its rows, padded to `AlignedBuffer.stride(ofWidth:)`; there may be more after them.
    public let buffers: [WeightName: AlignedBuffer<Float>]

    /// The values as matrices, a copy.
    func copied(_ model: ModelShape) -> Parameters {
      var parameters = Parameters(model)
      for name in model.weights {
        guard let buffer = buffers[name], let shape = model.shape(of: name) else { continue }
        parameters[name] = buffer.matrix(rows: shape.rows, columns: shape.columns)
      }
      return parameters
    }
  }

  /// The shapes of what is trained.
  public let model: ModelShape
  /// The weights and the optimizer's moments.
  public let parameters, firstMoments, secondMoments: Weights
  /// The running mean of the weights, where one is kept.
  public let average: Weights?
  /// For each latent the rows seen since it last fired, `[d_sae]`.
  public let rowsSinceFired: AlignedBuffer<UInt64>
  /// All else that is in a state; its weights, moments and counts are empty.
  public let rest: TrainingState

  /// Steps done.
  public var step: Int { rest.step }

  /// A copy of it all.
  public func copied() -> TrainingState {
    var state = rest
    state.parameters = parameters.copied(model)
    state.firstMoments = firstMoments.copied(model)
    state.secondMoments = secondMoments.copied(model)
    state.average = average?.copied(model)
    state.rowsSinceFired = rowsSinceFired.elements
    return state
  }

  /// The dictionary in the data's own units.
  func dictionary() -> SparseCoder {
    var state = rest
    state.parameters = (average ?? parameters).copied(model)
    state.average = nil
    return state.dictionary()
  }
}

extension TrainingState {
  /// A view of a copy of this state.
  public var view: StateView {
    func weights(_ part: Parameters) -> StateView.Weights {
      StateView.Weights(
        buffers: Dictionary(
          uniqueKeysWithValues: part.names.map { ($0, AlignedBuffer(padding: part[$0])) }))
    }
    return StateView(
      model: model, parameters: weights(parameters), firstMoments: weights(firstMoments),
      secondMoments: weights(secondMoments), average: average.map(weights),
      rowsSinceFired: AlignedBuffer(rowsSinceFired), rest: withoutWeights())
  }

  /// The state without what has one value for each weight or latent.
  func withoutWeights() -> TrainingState {
    var rest = self
    let none = Parameters(
      encoder: Matrix(rows: 0, columns: 0), decoder: Matrix(rows: 0, columns: 0), encoderBias: [],
      decoderBias: [])
    (rest.parameters, rest.firstMoments, rest.secondMoments) = (none, none, none)
    rest.average = nil
    rest.rowsSinceFired = []
    return rest
  }
}

extension TrainingEngine {
  /// A view of a copy, for engines whose state lies otherwise.
  public var view: StateView { state().view }
}
