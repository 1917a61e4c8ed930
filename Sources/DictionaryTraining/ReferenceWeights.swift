import SparseCoding

/// Parameters in `Double`, flat.
struct Weights {
  let model: ModelShape
  private var tensors: [WeightName: [Double]]

  /// Zeros.
  init(_ model: ModelShape) {
    self.init(Parameters(model), model)
  }

  init(_ parameters: Parameters, _ model: ModelShape) {
    self.model = model
    tensors = [:]
    for name in model.weights { tensors[name] = parameters[name].values.map(Double.init) }
  }

  /// A weight; without elements where the method has none of the name.
  subscript(name: WeightName) -> [Double] {
    get { tensors[name] ?? [] }
    set { tensors[name] = newValue }
    _modify { yield &tensors[name, default: []] }
  }

  var names: [WeightName] { model.weights }

  /// The encoder, which is the decoder where they are tied.
  var encoder: [Double] { model.isTied ? self[.decoder] : self[.encoder] }

  /// The name under which the encoder's gradient is collected.
  var encoderName: WeightName { model.isTied ? .decoder : .encoder }

  /// The atom of a latent.
  func atom(_ latent: Int) -> ArraySlice<Double> {
    let width = model.outputWidth
    return self[.decoder][latent * width..<(latent + 1) * width]
  }

  /// The encoder row of a latent.
  func encoderRow(_ latent: Int) -> ArraySlice<Double> {
    let width = model.inputWidth
    return encoder[latent * width..<(latent + 1) * width]
  }

  /// Adds a multiple of values to a row of a weight.
  mutating func add(
    _ factor: Double, _ values: some Collection<Double>, to name: WeightName, row: Int
  ) {
    let start = row * values.count
    for (offset, value) in values.enumerated() { self[name][start + offset] += factor * value }
  }

  var parameters: Parameters {
    var rounded = Parameters(model)
    for name in names { rounded[name].values = self[name].map(Float.init) }
    return rounded
  }

  var squaredNorm: Double {
    names.reduce(0) { sum, name in self[name].reduce(sum) { $0 + $1 * $1 } }
  }

  mutating func scale(by factor: Double) {
    for name in names { self[name] = self[name].map { factor * $0 } }
  }

  /// Removes from each decoder row its component along the atom.
  mutating func projectDecoder(away weights: Weights) {
    for latent in 0..<model.latents {
      let along = dotProduct(atom(latent), weights.atom(latent))
      add(-along, Array(weights.atom(latent)), to: .decoder, row: latent)
    }
  }

  mutating func normalizeDecoder() {
    let width = model.outputWidth
    for latent in 0..<model.latents {
      let norm = dotProduct(atom(latent), atom(latent)).squareRoot()
      guard norm > 0 else { continue }
      for i in latent * width..<(latent + 1) * width { self[.decoder][i] /= norm }
    }
  }
}

func dotProduct(_ a: some Sequence<Double>, _ b: some Sequence<Double>) -> Double {
  zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
}

func squared(_ values: some Sequence<Double>) -> Double { values.reduce(0) { $0 + $1 * $1 } }
