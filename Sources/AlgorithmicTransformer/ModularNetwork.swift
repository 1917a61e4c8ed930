public import SparseCoding

/// The sizes of a ``ModularNetwork``.
public struct ModularShape: Codable, Hashable, Sendable {
  /// The number of different numbers, and of answers.
  public var modulus = 113
  /// The width of the residual stream.
  public var width = 128
  /// The number of attention heads; divides the width.
  public var heads = 4
  /// The width of the hidden layer of the multilayer perceptron.
  public var hidden = 512

  /// The sizes of the papers unless changed.
  public init(modulus: Int = 113, width: Int = 128, heads: Int = 4, hidden: Int = 512) {
    precondition(
      modulus >= 2 && heads >= 1 && width >= heads && width % heads == 0 && hidden >= 1,
      "no network has modulus \(modulus), width \(width), \(heads) heads and hidden \(hidden)")
    self.modulus = modulus
    self.width = width
    self.heads = heads
    self.hidden = hidden
  }

  /// The number of components of one head.
  public var headWidth: Int { width / heads }
}

/// A one-layer transformer that reads `a b =` and answers `a + b mod m` at the `=`.
///
/// No layer normalization; causal attention without biases; a ReLU perceptron with biases; an
/// unembedding of its own. A weight has one row per output, so a layer is `x Wᵀ`.
/// A gradient is a value of the same type.
public struct ModularNetwork: Sendable, Hashable {
  /// The sizes.
  public let shape: ModularShape
  /// `[modulus + 1, width]`: the numbers, then the sign `=`.
  public var tokens: Matrix
  /// `[3, width]`: the places of `a`, `b` and `=`.
  public var positions: Matrix
  /// `[width, width]`: rows are head after head.
  public var query: Matrix
  /// `[width, width]`: rows are head after head.
  public var key: Matrix
  /// `[width, width]`: rows are head after head.
  public var value: Matrix
  /// `[width, width]`: from the heads' mixtures back to the residual stream.
  public var output: Matrix
  /// `[hidden, width]`.
  public var mlpIn: Matrix
  /// `[1, hidden]`.
  public var mlpInBias: Matrix
  /// `[width, hidden]`.
  public var mlpOut: Matrix
  /// `[1, width]`.
  public var mlpOutBias: Matrix
  /// `[modulus, width]`.
  public var unembedding: Matrix

  /// A network of zeros.
  public init(zeros shape: ModularShape) {
    let width = shape.width
    self.shape = shape
    tokens = Matrix(rows: shape.modulus + 1, columns: width)
    positions = Matrix(rows: 3, columns: width)
    query = Matrix(rows: width, columns: width)
    key = Matrix(rows: width, columns: width)
    value = Matrix(rows: width, columns: width)
    output = Matrix(rows: width, columns: width)
    mlpIn = Matrix(rows: shape.hidden, columns: width)
    mlpInBias = Matrix(rows: 1, columns: shape.hidden)
    mlpOut = Matrix(rows: width, columns: shape.hidden)
    mlpOutBias = Matrix(rows: 1, columns: width)
    unembedding = Matrix(rows: shape.modulus, columns: width)
  }

  /// A network with random weights.
  ///
  /// Embeddings are normal with variance `1 / width`; every other weight, and a bias with its
  /// layer, is uniform within `±1 / sqrt(fan-in)`; all of them times `scale`. Each tensor has a
  /// random stream of its own, so none depends on the sizes of another.
  public init(shape: ModularShape, seed: UInt64, scale: Double = 1) {
    self.init(zeros: shape)
    for tensor in Self.tensors {
      var stream = RandomStream(seed: seed, name: "modular-network/\(tensor.name)")
      let count = self[keyPath: tensor.path].values.count
      switch tensor.kind {
      case .embedding:
        let deviation = Float(scale / Double(shape.width).squareRoot())
        self[keyPath: tensor.path].values = stream.gaussians(count: count).map { $0 * deviation }
      case .weight(let fanIn):
        let bound = scale / Double(shape[keyPath: fanIn]).squareRoot()
        self[keyPath: tensor.path].values = stream.uniforms(count: count).map {
          Float((2 * $0 - 1) * bound)
        }
      }
    }
  }
}

extension ModularNetwork {
  /// One tensor of the network: what files call it, where it is, and how it starts.
  struct Tensor: Sendable {
    enum Kind: Sendable {
      case embedding
      case weight(fanIn: any KeyPath<ModularShape, Int> & Sendable)
    }

    let name: String
    let path: any WritableKeyPath<ModularNetwork, Matrix> & Sendable
    let kind: Kind
  }

  /// All tensors, in the order in which files hold them.
  static let tensors: [Tensor] = [
    Tensor(name: "tokens", path: \.tokens, kind: .embedding),
    Tensor(name: "positions", path: \.positions, kind: .embedding),
    Tensor(name: "attention.query", path: \.query, kind: .weight(fanIn: \.width)),
    Tensor(name: "attention.key", path: \.key, kind: .weight(fanIn: \.width)),
    Tensor(name: "attention.value", path: \.value, kind: .weight(fanIn: \.width)),
    Tensor(name: "attention.output", path: \.output, kind: .weight(fanIn: \.width)),
    Tensor(name: "mlp.in", path: \.mlpIn, kind: .weight(fanIn: \.width)),
    Tensor(name: "mlp.in.bias", path: \.mlpInBias, kind: .weight(fanIn: \.width)),
    Tensor(name: "mlp.out", path: \.mlpOut, kind: .weight(fanIn: \.hidden)),
    Tensor(name: "mlp.out.bias", path: \.mlpOutBias, kind: .weight(fanIn: \.hidden)),
    Tensor(name: "unembedding", path: \.unembedding, kind: .weight(fanIn: \.width)),
  ]
}
