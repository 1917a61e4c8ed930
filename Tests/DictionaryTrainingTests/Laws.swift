import SparseCoding

@testable import DictionaryTraining

/// The laws' measures, so that a test may also show that they reject.
enum Laws {
  /// The state of a member after some steps.
  static func trained(
    _ member: Member, _ compute: Compute, from state: TrainingState? = nil, steps: Int
  ) throws -> TrainingState {
    var trainer = try Trainer(
      member.configuration, rows: member.rows(compute), compute: compute,
      from: try state ?? member.state(compute))
    while trainer.step < steps { _ = try trainer.advance() }
    return trainer.state()
  }

  /// What is left of the first step's loss at the end, the mean of ten steps.
  static func lossRatio(_ member: Member) throws -> Double {
    let compute = Compute(threads: 2)
    var trainer = try Trainer(
      member.configuration, rows: member.rows(compute), compute: compute,
      from: try member.state(compute))
    var losses: [Double] = []
    while !trainer.isFinished { losses.append(try trainer.advance().loss) }
    return losses.suffix(10).reduce(0, +) / 10 / losses[0]
  }

  /// How far two engines are apart after the same steps, over what rounding explains.
  ///
  /// The optimizer is Adam, whose first steps take the sign of a gradient: weights with a gradient near 0
  /// are let off as far as they can have gone.
  static func difference(
    _ member: Member, _ fast: any TrainingEngine, _ slow: any TrainingEngine, steps: Int,
    _ compute: Compute
  ) throws -> Double {
    var worst = 0.0
    for step in 0..<steps {
      let batch = member.batch(compute, step: step)
      let constants = member.configuration.constants(at: step)
      let (a, b) = (fast.step(on: batch, constants), slow.step(on: batch, constants))
      worst = max(worst, abs(a.objective / b.objective - 1) / 1e-5)
      worst = max(worst, abs(a.loss / b.loss - 1) / 1e-5, abs(a.l0 - b.l0) / 1e-9)
      worst = max(worst, abs(a.sparsity - b.sparsity) / (1e-5 * max(b.sparsity, 1)))
      worst = max(worst, abs(a.auxiliaryLoss - b.auxiliaryLoss) / (1e-5 * max(b.auxiliaryLoss, 1)))
      worst = max(worst, a.dead == b.dead ? 0 : 2)
    }
    let (a, b) = (fast.state(), slow.state())
    for name in a.model.weights {
      worst = max(worst, apart(a.firstMoments[name], b.firstMoments[name]) / 1e-4)
      worst = max(worst, apart(a.secondMoments[name], b.secondMoments[name]) / 1e-4)
      worst = max(worst, rootMeanSquare(a.parameters[name], b.parameters[name]) / 1e-4)
      if let x = a.average, let y = b.average {
        worst = max(worst, rootMeanSquare(x[name], y[name]) / 1e-4)
      }
    }
    worst = max(worst, abs(a.batchThreshold - b.batchThreshold) / 1e-5)
    worst = max(worst, abs(a.annealedWeight / b.annealedWeight - 1) / 1e-5)
    return max(worst, a.rowsSinceFired == b.rowsSinceFired ? 0 : 2)
  }

  /// The largest difference over the largest value.
  private static func apart(_ a: Matrix, _ b: Matrix) -> Double {
    let largest = b.values.reduce(0) { max($0, abs($1)) }
    let worst = zip(a.values, b.values).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
    return largest > 0 ? Double(worst / largest) : Double(worst)
  }

  private static func rootMeanSquare(_ a: Matrix, _ b: Matrix) -> Double {
    let squares = zip(a.values, b.values).reduce(0.0) {
      $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
    }
    return (squares / Double(max(a.values.count, 1))).squareRoot()
  }

  /// For each weight how far its gradient is from central differences, over the gradient's size.
  ///
  /// Thresholds are left out: they learn by a pseudo-derivative, which is no slope of the objective.
  static func gradientErrors(
    _ member: Member, spoiling spoil: (inout Weights) -> Void = { _ in }
  ) throws -> [(name: WeightName, error: Double)] {
    let compute = Compute(threads: 1)
    let state = try member.state(compute)
    let batch = member.batch(compute, step: 0, rows: 24)
    let constants = member.configuration.constants(at: 3)
    let engine = ReferenceEngine(state, settings: member.settings)
    let pass = engine.forward(batch, constants)
    var gradient = engine.gradient(of: pass, constants)
    spoil(&gradient)
    let held = HeldParts(engine, pass)
    let weights = engine.weights
    var stream = RandomStream(seed: 9, name: "which weights")
    return weights.names.filter { $0 != .thresholds }.map { name in
      let size = max(gradient[name].reduce(0) { max($0, abs($1)) }, 1)
      // A sample of a tensor says as much as all of it.
      let chosen = (0..<min(24, weights[name].count)).map { _ in
        stream.index(below: weights[name].count)
      }
      let worst = chosen.reduce(0.0) { worst, i in
        func objective(_ offset: Double) -> Double {
          engine.weights[name][i] = weights[name][i] + offset
          defer { engine.weights = weights }
          return engine.objective(engine.forward(batch, constants), constants, holding: held)
        }
        let step = 1e-6
        let slope = (objective(step) - objective(-step)) / (2 * step)
        return max(worst, abs(slope - gradient[name][i]))
      }
      return (name, worst / size)
    }
  }

  /// How far reconstructions by the saved dictionary are from those of training, and how large they are.
  static func savedError(
    _ member: Member, _ state: TrainingState, _ compute: Compute,
    trainedIn normalizer: RowNormalizer? = nil
  ) throws -> (worst: Double, size: Double) {
    var trained = state
    trained.normalizer = normalizer ?? state.normalizer
    let engine = ReferenceEngine(trained, settings: member.settings)
    let batch = member.batch(compute, step: 1)
    var constants = member.configuration.constants(at: state.step)
    constants.k = member.configuration.activation.k ?? 1
    var coder = state.dictionary()
    if case .batchTopK = member.configuration.activation {
      // In training a batch chooses; what is saved has one threshold for all rows.
      let rows = engine.forward(batch, constants).rows
      let kept = rows.flatMap(\.code).filter { $0 > 0 }.min() ?? 0
      let left =
        rows.flatMap { row in
          row.code.indices.filter { row.code[$0] == 0 }.map { row.lastScores[$0] }
        }.max() ?? 0
      let smallest = (kept + max(left, 0)) / 2
      let scale = Double(
        state.normalizer.scales[member.configuration.architecture.outputs.lowerBound])
      let threshold = Float(smallest / (uniform(state) ? scale : 1))
      coder.thresholds = coder.thresholds.map { _ in threshold }
    }
    let pass = engine.forward(batch, constants)
    let matrix = Member.matrix(compute, member.configuration.architecture)
      .selecting(rows: Array(batch.rows))
    let decoded = coder.decode(coder.encode(matrix, on: compute), of: matrix, on: compute)
    var inTraining = matrix
    let outputs = member.configuration.architecture.outputs
    for row in 0..<matrix.rows {
      for (i, column) in outputs.enumerated() { inTraining[row, column] = decoded[row, i] }
    }
    var (worst, size) = (0.0, 0.0)
    for (place, row) in pass.rows.enumerated() {
      let target = zip(row.residual, row.target).map { $0 + $1 }
      let found = member.inUnitsOfTraining(decoded, row: place, of: matrix, trained.normalizer)
      for (a, b) in zip(found, target) {
        worst = max(worst, abs(a - b))
        size = max(size, abs(b))
      }
    }
    return (worst, size)
  }

  private static func uniform(_ state: TrainingState) -> Bool {
    let outputs = state.normalizer.scales[state.model.architecture.outputs]
    return state.normalizer.whitening.isEmpty && outputs.allSatisfy { $0 == outputs.first }
  }
}

extension Member {
  /// A reconstruction in the units of training, by the scaling that the row itself has.
  func inUnitsOfTraining(
    _ decoded: Matrix, row: Int, of matrix: Matrix, _ normalizer: RowNormalizer
  ) -> [Double] {
    let architecture = configuration.architecture
    var values = decoded.row(row).map(Double.init)
    for source in architecture.sources {
      let first = architecture.outputs.lowerBound + source.lowerBound
      let (shift, factor) = normalizer.rowScaling.shiftAndFactor(of: source.count) {
        matrix[row, first + $0]
      }
      for i in source { values[i] = factor * (values[i] + shift) }
    }
    for i in values.indices {
      values[i] *= Double(normalizer.scales[architecture.outputs.lowerBound + i])
    }
    for (site, whitening) in zip(architecture.siteColumns, normalizer.whitening)
    where architecture.outputs.contains(site.lowerBound) {
      let start = site.lowerBound - architecture.outputs.lowerBound
      let before = Array(values[start..<start + site.count])
      for i in 0..<site.count {
        values[start + i] = dotProduct(whitening.matrix.row(i).lazy.map(Double.init), before)
      }
    }
    return values
  }
}

/// What gradients hold where it was.
struct HeldParts {
  let residuals: [[Double]]
  let weights: Weights

  init(_ engine: ReferenceEngine, _ pass: ReferenceEngine.BatchPass) {
    residuals = pass.rows.map(\.residual)
    weights = engine.weights
  }
}

extension ReferenceEngine {
  /// The objective with the parts held that have no gradient: what the gradient is the slope of.
  func objective(_ pass: BatchPass, _ constants: StepConstants, holding held: HeldParts) -> Double {
    let rows = Double(pass.rows.count)
    let prefixes = pass.rows.reduce(0) { sum, row in
      sum + row.residuals.reduce(0) { $0 + squared($1) } / rows / Double(row.residuals.count)
    }
    var sum = prefixes + Penalty(self, pass, constants).value
    sum += isometry(pass, constants) + anchorPenalty(constants)
    let weight = settings.auxiliary?.weight(dead: dead.count) ?? 0
    for (row, residual) in zip(pass.rows, held.residuals) {
      if let code = auxiliaryCode(of: row) {
        sum += weight * squared(auxiliaryResidual(code, holding: residual)) / rows
      }
      if model.activation == .gated { sum += squared(gates(of: row, held.weights)) / rows }
    }
    return sum
  }

  /// What gates leave of the target, with atoms, output bias and linear path held.
  private func gates(of row: RowPass, _ held: Weights) -> [Double] {
    let own = weights
    weights = held
    defer { weights = own }
    return gateResidual(of: row)
  }
}
