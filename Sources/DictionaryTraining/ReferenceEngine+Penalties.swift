import SparseCoding

extension ReferenceEngine {
  /// The sparsity penalty on one batch: its value and its slopes.
  struct Penalty {
    let engine: ReferenceEngine
    let pass: BatchPass
    let rowCount: Int
    /// λ with what warm-up and annealing make of it.
    let weight: Double
    let power: Double

    init(_ engine: ReferenceEngine, _ pass: BatchPass, _ constants: StepConstants) {
      self.engine = engine
      self.pass = pass
      rowCount = pass.rows.count
      let sparsity = engine.settings.objective.sparsity
      var weight = sparsity.weight * constants.sparsity
      if case .annealedPower = sparsity { weight *= engine.base.annealedWeight }
      self.weight = weight
      power = constants.power
    }

    private var sparsity: Objective.Sparsity { engine.settings.objective.sparsity }

    /// The mean number of scores above their thresholds.
    var count: Double {
      let active = pass.rows.reduce(0) { $0 + $1.support.count }
      return Double(active) / Double(rowCount)
    }

    /// The values that the penalty is on: the code, or of `gated` its positive scores.
    func values(of row: RowPass) -> [Double] {
      engine.model.activation == .gated ? row.lastScores.map { max($0, 0) } : row.code
    }

    var value: Double {
      switch sparsity {
      case .none: 0
      case .l1: weight * mean { abs($0) }
      case .annealedPower: weight * mean { Elementary.pow(abs($0), power) }
      case .l0: weight * count
      case .targetL0(let target, _): weight * (count / target - 1) * (count / target - 1)
      }
    }

    private func mean(_ f: (Double) -> Double) -> Double {
      pass.rows.reduce(0) { sum, row in
        let values = values(of: row)
        return values.indices.reduce(sum) {
          values[$1] == 0 ? $0 : $0 + engine.atomWeight($1) * f(values[$1])
        }
      } / Double(rowCount)
    }

    /// The penalty's derivative by one row's value of a latent.
    func slope(of latent: Int, value: Double) -> Double {
      guard value != 0 else { return 0 }
      let size = weight * engine.atomWeight(latent) / Double(rowCount)
      switch sparsity {
      case .none, .l0, .targetL0: return 0
      case .l1: return value > 0 ? size : -size
      case .annealedPower:
        let slope = size * power * Elementary.pow(abs(value), power - 1)
        return value > 0 ? slope : -slope
      }
    }

    /// The penalty's derivative by one `1[h > θ]`.
    var countWeight: Double {
      switch sparsity {
      case .none, .l1, .annealedPower: 0
      case .l0: weight / Double(rowCount)
      case .targetL0(let target, _):
        2 * weight * (count / target - 1) / target / Double(rowCount)
      }
    }

    func addCodeGradient(of row: RowPass, to gradient: inout [Double]) {
      for latent in row.support { gradient[latent] += slope(of: latent, value: row.code[latent]) }
    }

    /// The gradient by the atoms, through their lengths.
    func addAtomGradient(to gradient: inout Weights) {
      guard engine.settings.isWeightedByAtoms else { return }
      let width = engine.model.outputWidth
      for latent in 0..<engine.model.latents {
        let strength = pass.rows.reduce(0.0) { sum, row in
          let value = abs(values(of: row)[latent])
          guard value != 0 else { return sum }
          switch sparsity {
          case .none, .l0, .targetL0: return sum
          case .l1: return sum + value
          case .annealedPower: return sum + Elementary.pow(value, power)
          }
        }
        let atom = Array(engine.weights.atom(latent))
        for source in engine.model.architecture.sources {
          let norm = squared(atom[source]).squareRoot()
          guard norm > 0 else { continue }
          for i in source {
            gradient[.decoder][latent * width + i] +=
              weight * strength / Double(rowCount) * atom[i] / norm
          }
        }
      }
    }
  }

  /// w of a latent.
  func atomWeight(_ latent: Int) -> Double {
    guard settings.isWeightedByAtoms else { return 1 }
    let atom = Array(weights.atom(latent))
    return model.architecture.sources.reduce(0) { $0 + squared(atom[$1]).squareRoot() }
  }

  /// The mean of sum of w |z|^p, for annealing.
  func power(_ p: Double, of pass: BatchPass) -> Double {
    pass.rows.reduce(0) { sum, row in
      row.support.reduce(sum) { $0 + atomWeight($1) * Elementary.pow(abs(row.code[$1]), p) }
    } / Double(pass.rows.count)
  }

  // MARK: Isometry

  /// S of a row: the 2k largest |h|.
  private func isometrySupport(_ row: RowPass, _ constants: StepConstants) -> [Int] {
    largest(2 * constants.k, of: row.lastScores.map(abs))
  }

  /// n of a row, one sample for each latent of S in their order.
  private func isometryNoise(row: Int, count: Int, room: Int) -> [Double] {
    if let isometrySamples { return isometrySamples.row(row).prefix(count).map(Double.init) }
    return IsometryNoise(seed: settings.seed, step: base.step, room: room)
      .samples(row: row, count: count).map(Double.init)
  }

  /// The penalty on supports, its weight and warm-up included.
  func isometry(_ pass: BatchPass, _ constants: StepConstants) -> Double {
    guard let isometry = settings.objective.isometry else { return 0 }
    let factor = isometry.weight * constants.isometry / Double(pass.rows.count)
    return pass.rows.indices.reduce(0) { sum, place in
      let support = isometrySupport(pass.rows[place], constants)
      guard !support.isEmpty else { return sum }
      var squares = 0.0
      if isometry.isExact {
        for i in support {
          for j in support {
            let cosine = dotProduct(weights.atom(i), weights.atom(j))
            squares += cosine * cosine
          }
        }
      } else {
        let combined = combination(
          support, isometryNoise(row: place, count: support.count, room: 2 * constants.k))
        for i in support {
          let along = dotProduct(weights.atom(i), combined)
          squares += along * along
        }
      }
      return sum + factor * (squares / Double(support.count) - 1)
    }
  }

  func addIsometry(_ pass: BatchPass, _ constants: StepConstants, _ gradient: inout Weights) {
    guard let isometry = settings.objective.isometry else { return }
    for (place, row) in pass.rows.enumerated() {
      let support = isometrySupport(row, constants)
      guard !support.isEmpty else { continue }
      let factor =
        isometry.weight * constants.isometry / Double(pass.rows.count * support.count)
      if isometry.isExact {
        for i in support {
          let cosines = support.map { dotProduct(weights.atom(i), weights.atom($0)) }
          gradient.add(4 * factor, combination(support, cosines), to: .decoder, row: i)
        }
      } else {
        let noise = isometryNoise(row: place, count: support.count, room: 2 * constants.k)
        let combined = combination(support, noise)
        let along = support.map { dotProduct(weights.atom($0), combined) }
        let back = combination(support, along)
        for (position, i) in support.enumerated() {
          gradient.add(2 * factor * along[position], combined, to: .decoder, row: i)
          gradient.add(2 * factor * noise[position], back, to: .decoder, row: i)
        }
      }
    }
  }

  private func combination(_ support: [Int], _ factors: [Double]) -> [Double] {
    var code = [Double](repeating: 0, count: model.latents)
    for (latent, factor) in zip(support, factors) { code[latent] = factor }
    var sum = [Double](repeating: 0, count: model.outputWidth)
    add(code, in: 0..<model.latents, to: &sum)
    return sum
  }

  // MARK: Anchors

  /// α (|W_enc - A|² + |W_dec - A'|²) over the anchored latents.
  func anchorPenalty(_ constants: StepConstants) -> Double {
    anchorDifferences.reduce(0) { sum, part in
      sum + settings.objective.anchorWeight * constants.anchors * squared(part.difference)
    }
  }

  func addAnchors(_ constants: StepConstants, _ gradient: inout Weights) {
    for part in anchorDifferences {
      gradient.add(
        2 * settings.objective.anchorWeight * constants.anchors, part.difference, to: part.name,
        row: 0)
    }
  }

  private var anchorDifferences: [(name: WeightName, difference: [Double])] {
    guard let anchors = base.anchors, settings.objective.anchorWeight > 0 else { return [] }
    return [(WeightName.encoder, anchors.encoder), (.decoder, anchors.decoder)].map { name, goal in
      (name, zip(weights[name], goal.values).map { $0 - Double($1) })
    }
  }

  // MARK: The whole

  /// What a step reports.
  func statistics(of pass: BatchPass, _ constants: StepConstants) -> StepStatistics {
    let penalty = Penalty(self, pass, constants)
    let rows = Double(pass.rows.count)
    var seen = StepStatistics(
      loss: pass.rows.reduce(0) { $0 + squared($1.residual) } / rows, auxiliaryLoss: 0,
      l0: penalty.count, dead: dead.count)
    seen.sparsity = penalty.value
    let weight = settings.auxiliary?.weight(dead: seen.dead) ?? 0
    for row in pass.rows {
      guard let code = auxiliaryCode(of: row) else { continue }
      seen.auxiliaryLoss +=
        weight * squared(auxiliaryResidual(code, holding: row.residual)) / rows
    }
    let prefixes = pass.rows.reduce(0) { sum, row in
      sum + row.residuals.reduce(0) { $0 + squared($1) } / rows / Double(row.residuals.count)
    }
    seen.objective =
      prefixes + seen.sparsity + seen.auxiliaryLoss + isometry(pass, constants)
      + anchorPenalty(constants)
    if model.activation == .gated {
      seen.objective += pass.rows.reduce(0) { $0 + squared(gateResidual(of: $1)) } / rows
    }
    return seen
  }
}

/// The random samples of the isometry penalty: a pure function of the seed, the step and the row.
struct IsometryNoise {
  private let stream: RandomStream
  private let room: Int

  /// - Parameter room: The most samples that a row takes.
  init(seed: UInt64, step: Int, room: Int) {
    stream = RandomStream(seed: seed, name: "isometry \(step)")
    self.room = room
  }

  /// n of the row at a place of the batch.
  func samples(row: Int, count: Int) -> [Float] {
    var own = stream.dropping(row * room)
    return own.gaussians(count: count)
  }
}
