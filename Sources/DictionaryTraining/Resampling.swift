import SparseCoding

extension DeadLatents {
  /// Whether dead latents begin anew before the step that is counted `step` from 0.
  func resamples(before step: Int) -> Bool {
    guard case .resample(let every, let count, _) = self else { return false }
    return step > 0 && step % every == 0 && step / every <= count
  }
}

extension TrainingState {
  /// At most so many rows are looked at for those that are badly reconstructed.
  package static let resampledRows = 32_768

  /// Lets the latents that are dead begin anew as rows that are badly reconstructed.
  ///
  /// Each draws a row in proportion to its squared loss. Its atom becomes the direction of the row's target
  /// from the output bias, its encoder row that of what is read from the input bias, at a fifth of the mean
  /// length of the others; its bias is 0, what else it has learned and its moments are as at the start.
  ///
  /// - Parameters:
  ///   - rows: Rows of data.
  ///   - threshold: The threshold at which a latent of `jumpReLU` begins.
  /// - Complexity: One encoding of the rows.
  /// - Source: Bricken et al. 2023, "Towards Monosemanticity", neuron resampling; there the row itself and
  ///   not its difference from the bias, which of centred data is the same.
  /// - Elsewhere: dictionary_learning (the rows of one batch, in proportion to the loss's root, an encoder
  ///   row as long as the input).
  mutating func resample(
    deadAfterRows: UInt64, from rows: Batch, threshold: Float, seed: UInt64, compute: Compute
  ) {
    let dead = (0..<model.latents).filter { rowsSinceFired[$0] >= deadAfterRows }
    guard !dead.isEmpty else { return }
    let matrix = rows.normalized(by: normalizer, sites: model.architecture.siteColumns, compute)
    let weights = losses(of: matrix, compute).map { $0 * $0 }
    let total = weights.reduce(0, +)
    guard total > 0, total.isFinite else { return }
    let length = 0.2 * meanLength(without: Set(dead))
    var stream = RandomStream(seed: seed, name: "resampling \(step)")
    for latent in dead {
      let chosen = matrix.row(place(of: stream.uniform() * total, in: weights))
      begin(latent, at: Array(chosen), encoderLength: length, threshold: threshold)
    }
    resampled = Set(resampled).union(dead).sorted()
  }

  /// The squared error of each row, in the units of training.
  private func losses(of rows: Matrix, _ compute: Compute) -> [Double] {
    var current = self
    current.average = nil
    let coder = current.coderInUnitsOfTraining()
    let decoded = coder.decode(coder.encode(rows, on: compute), of: rows, on: compute)
    let targets = coder.targets(of: rows)
    return (0..<rows.rows).map { row in
      zip(decoded.row(row), targets.row(row)).reduce(0.0) {
        $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
      }
    }
  }

  private func place(of point: Double, in weights: [Double]) -> Int {
    var sum = 0.0
    for (place, weight) in weights.enumerated() {
      sum += weight
      if point < sum { return place }
    }
    return weights.lastIndex { $0 > 0 } ?? 0
  }

  private func meanLength(without dead: Set<Int>) -> Double {
    let live = (0..<model.latents).filter { !dead.contains($0) }
    let sum = live.reduce(0.0) { sum, latent in
      sum + parameters.encoder.row(latent).reduce(0.0) { $0 + Double($1 * $1) }.squareRoot()
    }
    return live.isEmpty ? 1 : sum / Double(live.count)
  }

  private mutating func begin(
    _ latent: Int, at row: [Float], encoderLength: Double, threshold: Float
  ) {
    let architecture = model.architecture
    let bias = architecture.readsItsTarget ? parameters.decoderBias : inputBias
    let input = direction(row[architecture.inputs], from: bias)
    let output = direction(row[architecture.outputs], from: parameters.decoderBias)
    for name in model.weights {
      let start: [Float]
      switch name {
      case .encoder: start = input.map { Float(encoderLength * $0) }
      case .decoder: start = output.map { Float($0) }
      case .encoderBias, .magnitudeScale, .magnitudeBias: start = [0]
      case .thresholds: start = [threshold]
      case .feedback: start = [Float](repeating: 0, count: model.latents)
      case .decoderBias, .skip: continue
      }
      let isVector = model.shape(of: name)?.rows == 1
      for (i, value) in start.enumerated() {
        let place = isVector ? latent : latent * start.count + i
        parameters[name].values[place] = value
        firstMoments[name].values[place] = 0
        secondMoments[name].values[place] = 0
        average?[name].values[place] = value
      }
    }
    rowsSinceFired[latent] = 0
  }

  /// The unit vector from a bias to a row; zeros where they are one.
  private func direction(_ row: ArraySlice<Float>, from bias: [Float]) -> [Double] {
    let difference = zip(row, bias).map { Double($0) - Double($1) }
    let length = squared(difference).squareRoot()
    return difference.map { length > 0 ? $0 / length : 0 }
  }
}
