import CSparseKernels
import SparseCoding

extension CPUEngine {
  /// The rule of a step, with what has to be taken anew of the weights.
  func rule(_ step: StepConstants) -> StepRule {
    let rows = Float(rows.rows)
    let sparsity = settings.objective.sparsity
    var weight = sparsity.weight * step.sparsity
    var cost = StepRule.Cost.none
    var nextPower: Double?
    switch sparsity {
    case .none, .l0, .targetL0: break
    case .l1: cost = .magnitude
    case .annealedPower:
      cost = .power(step.power)
      weight *= rest.annealedWeight
      if step.nextPower != step.power { nextPower = step.nextPower }
    }
    let kind: StepRule.Kind
    switch settings.model.activation {
    case .relu, .topK, .absTopK, .batchTopK: kind = .plain
    case .jumpReLU: kind = .jump
    case .gated: kind = .gated
    }
    if settings.isWeightedByAtoms { takeAtomWeights() }
    if kind == .gated { takeMagnitudeScales() }
    let bandwidth = Float(settings.objective.bandwidth)
    return StepRule(
      kind: kind, factor: 2 / (rows * Float(sizes.prefixes)), gateFactor: 2 / rows, cost: cost,
      slope: Float(weight) / rows, nextPower: nextPower,
      atomWeights: settings.isWeightedByAtoms ? UnsafePointer(constants.atomWeights.start) : nil,
      thresholds: (tensors[.thresholds]?.weights.start).map { UnsafePointer($0) },
      halfWindow: bandwidth / 2, inverseWindow: 1 / bandwidth,
      magnitudeScales: kind == .gated ? UnsafePointer(constants.magnitudeScales.start) : nil,
      gateBias: (tensors[.encoderBias]?.weights.start).map { UnsafePointer($0) },
      magnitudeBias: (tensors[.magnitudeBias]?.weights.start).map { UnsafePointer($0) },
      strengthLane: settings.hasStrengthLane ? settings.laneCount - 1 : nil)
  }

  /// w of each latent: the sum of its atom's lengths, source by source.
  private func takeAtomWeights() {
    guard let decoder = tensors[.decoder] else { return }
    let sources = settings.model.architecture.sources
    let (atoms, weights) = (decoder.weights.start, constants.atomWeights.start)
    let (functions, stride) = (functions, sizes.outputStride)
    let latents = sizes.latents
    compute.pool.run(units: EngineSizes.units(ofLatents: latents)) { unit, _ in
      let first = unit * EngineSizes.latentBlock
      for latent in first..<min(first + EngineSizes.latentBlock, latents) {
        var sum: Float = 0
        for source in sources {
          let part = atoms + latent * stride + source.lowerBound
          sum += functions.pointee.dot(part, part, source.count).squareRoot()
        }
        weights[latent] = sum
      }
    }
  }

  private func takeMagnitudeScales() {
    guard let logarithms = tensors[.magnitudeScale] else { return }
    for latent in 0..<sizes.latents {
      constants.magnitudeScales.start[latent] =
        Float(Elementary.exp(Double(logarithms.weights.start[latent])))
    }
  }

  /// The figures of a step, from the units' in their order.
  func totals(_ view: EngineView) -> UnitTotals {
    var sum = UnitTotals()
    for unit in 0..<EngineSizes.units(ofRows: view.rows) {
      let part = view.totals[unit]
      sum.loss += part.loss
      sum.prefixes += part.prefixes
      sum.gates += part.gates
      sum.penalty += part.penalty
      sum.nextPenalty += part.nextPenalty
      sum.active += part.active
    }
    return sum
  }

  func statistics(
    _ totals: UnitTotals, _ auxiliary: AuxiliaryPass?, _ isometry: IsometryPass?, dead: Int,
    _ constants: StepConstants, _ rule: StepRule
  ) -> StepStatistics {
    let rows = Double(rows.rows)
    var seen = StepStatistics(
      loss: totals.loss / rows, auxiliaryLoss: auxiliary?.loss ?? 0,
      l0: Double(totals.active) / rows, dead: dead)
    let weight = settings.objective.sparsity.weight * constants.sparsity
    switch settings.objective.sparsity {
    case .none: break
    case .l1: seen.sparsity = weight * totals.penalty / rows
    case .annealedPower:
      seen.sparsity = weight * rest.annealedWeight * totals.penalty / rows
    case .l0: seen.sparsity = weight * seen.l0
    case .targetL0(let target, _):
      let deviation = seen.l0 / target - 1
      seen.sparsity = weight * deviation * deviation
    }
    seen.objective =
      (totals.prefixes / Double(sizes.prefixes) + totals.gates) / rows + seen.sparsity
      + seen.auxiliaryLoss + (isometry?.loss ?? 0) + anchorLoss(constants)
    return seen
  }

  /// The derivative of the penalty by one score above its threshold.
  func countWeight(_ l0: Double, _ constants: StepConstants) -> Double {
    let rows = Double(rows.rows)
    switch settings.objective.sparsity {
    case .none, .l1, .annealedPower: return 0
    case .l0(let weight): return weight * constants.sparsity / rows
    case .targetL0(let target, let weight):
      return 2 * weight * constants.sparsity * (l0 / target - 1) / target / rows
    }
  }

  /// Keeps the annealed penalty as large as it was when its exponent falls.
  func annealWeight(_ totals: UnitTotals, _ constants: StepConstants) {
    // Where nothing is active, nothing is known of the change.
    if constants.nextPower != constants.power, totals.nextPenalty > 0 {
      rest.annealedWeight *= totals.penalty / totals.nextPenalty
    }
    if case .batchTopK = settings.model.activation, let smallest = threshold?.smallestKept {
      let count = Double(min(rest.step, TrainingState.thresholdSteps))
      rest.batchThreshold += (Double(smallest) - rest.batchThreshold) / count
    }
  }
}

extension EngineView {
  /// Turns scores into codes, decodes a unit of rows, and takes the gradients of its codes.
  func decode(_ unitRows: Range<Int>, unit: Int, _ rule: StepRule, worker: Worker) {
    let sum = residualSums + unit * outputStride
    sum.update(repeating: 0, count: outputStride)
    var totals = UnitTotals()
    for row in unitRows { activate(row, rule) }
    forRowsTogether(codes, unitRows) { rows in
      decodePrefixes(rows, &totals, scratch: worker.row.start)
      takeCodeGradients(rows, rule.factor)
    }
    for row in unitRows {
      functions.pointee.accumulate(sum, residual(of: row, from: 0), 1, outputStride)
      if rule.isPlain {
        totals.active += Int(codes.counts[row])
      } else {
        applyRule(row, rule, &totals, worker)
      }
    }
    self.totals[unit] = totals
  }

  /// sigma of a row's scores, for rules that change them.
  private func activate(_ row: Int, _ rule: StepRule) {
    switch rule.kind {
    case .plain: return
    case .jump:
      guard let thresholds = rule.thresholds else { return }
      for entry in codes.entries(ofRow: row) {
        let score = codes.scores[entry]
        codes.values[entry] = score > thresholds[Int(codes.indices[entry])] ? score : 0
      }
    case .gated:
      guard let scales = rule.magnitudeScales, let gateBias = rule.gateBias,
        let bias = rule.magnitudeBias
      else { return }
      for entry in codes.entries(ofRow: row) {
        let latent = Int(codes.indices[entry])
        let magnitude = scales[latent] * (codes.scores[entry] - gateBias[latent]) + bias[latent]
        codes.values[entry] = max(magnitude, 0)
      }
    }
  }

  /// The residuals of all prefixes, then for each the sum of its own and all later ones.
  private func decodePrefixes(
    _ unitRows: Range<Int>, _ totals: inout UnitTotals, scratch: UnsafeMutablePointer<Float>
  ) {
    for prefix in 0..<prefixes {
      // The sum of a prefix is the next one's beginning.
      for row in unitRows {
        let before = prefix > 0 ? residual(of: row, from: prefix - 1) : zeros
        residual(of: row, from: prefix).update(from: before, count: outputStride)
      }
      addAtoms(of: latents(ofPrefix: prefix), codes, rows: unitRows) {
        residual(of: $0, from: prefix)
      }
    }
    for row in unitRows { subtractGoal(row, &totals, scratch) }
  }

  /// From the sums of a row's prefixes to residuals.
  private func subtractGoal(
    _ row: Int, _ totals: inout UnitTotals, _ scratch: UnsafeMutablePointer<Float>
  ) {
    let (goal, full) = (goal + row * outputStride, fullResidual(of: row))
    functions.pointee.subtract(full, goal, outputStride, full)
    let squared = Double(functions.pointee.dot(full, full, outputStride))
    totals.loss += squared
    totals.prefixes += squared
    for prefix in (0..<prefixes - 1).reversed() {
      let left = residual(of: row, from: prefix)
      functions.pointee.subtract(left, goal, outputStride, scratch)
      totals.prefixes += Double(functions.pointee.dot(scratch, scratch, outputStride))
      left.update(from: residual(of: row, from: prefix + 1), count: outputStride)
      functions.pointee.accumulate(left, scratch, 1, outputStride)
    }
  }

  /// `factor r W_decᵀ` and `factor z` of the entries of rows.
  private func takeCodeGradients(_ unitRows: Range<Int>, _ factor: Float) {
    for prefix in 0..<prefixes {
      dotAtoms(of: latents(ofPrefix: prefix), codes, rows: unitRows) {
        UnsafePointer(residual(of: $0, from: prefix))
      }
    }
    for row in unitRows { codes.scaleGradients(of: row, factor) }
  }

  /// Adds the penalty's slopes, and turns gradients of codes into those of scores.
  private func applyRule(
    _ row: Int, _ rule: StepRule, _ totals: inout UnitTotals, _ worker: Worker
  ) {
    switch rule.kind {
    case .plain:
      for entry in codes.entries(ofRow: row) { addCost(entry, codes.values[entry], rule, &totals) }
    case .jump: applyThresholds(row, rule, &totals)
    case .gated: applyGates(row, rule, &totals, worker)
    }
  }

  private func addCost(
    _ entry: Int, _ value: Float, _ rule: StepRule, _ totals: inout UnitTotals
  ) {
    let latent = Int(codes.indices[entry])
    codes.lane(1)[entry] += rule.slope(of: value, latent: latent)
    totals.active += value != 0 ? 1 : 0
    countCost(entry, value, rule, &totals)
  }

  private func countCost(
    _ entry: Int, _ value: Float, _ rule: StepRule, _ totals: inout UnitTotals
  ) {
    let latent = Int(codes.indices[entry])
    totals.penalty += rule.cost(of: value, latent: latent)
    totals.nextPenalty += rule.nextCost(of: value, latent: latent)
    if let lane = rule.strengthLane { codes.lane(lane)[entry] = rule.strength(of: value) }
  }

  private func applyThresholds(_ row: Int, _ rule: StepRule, _ totals: inout UnitTotals) {
    guard let thresholds = rule.thresholds else { return }
    let gradients = codes.lane(1)
    let (slopes, counts) = (codes.lane(StepRule.thresholdLane), codes.lane(StepRule.windowLane))
    for entry in codes.entries(ofRow: row) {
      let value = codes.values[entry]
      addCost(entry, value, rule, &totals)
      let threshold = thresholds[Int(codes.indices[entry])]
      let isNear = codes.scores[entry] < threshold + rule.halfWindow
      slopes[entry] = isNear ? -threshold * gradients[entry] * rule.inverseWindow : 0
      counts[entry] = isNear ? rule.inverseWindow : 0
      if value == 0 { gradients[entry] = 0 }
    }
  }

  /// Gates learn from the error that their own scores leave, with atoms held.
  private func applyGates(
    _ row: Int, _ rule: StepRule, _ totals: inout UnitTotals, _ worker: Worker
  ) {
    guard let scales = rule.magnitudeScales, let gateBias = rule.gateBias else { return }
    let entries = codes.entries(ofRow: row)
    let first = entries.lowerBound
    let (gradients, gates) = (codes.lane(1), codes.lane(StepRule.gateLane))
    let biases = codes.lane(StepRule.magnitudeBiasLane)
    let logarithms = codes.lane(StepRule.magnitudeScaleLane)
    let (sum, left) = (worker.row.start, worker.secondRow.start)
    functions.pointee.decode(
      zeros, decoder.weights, outputStride, codes.indices + first, codes.scores + first,
      entries.count, outputStride, sum)
    functions.pointee.subtract(sum, goal + row * outputStride, outputStride, left)
    totals.gates += Double(functions.pointee.dot(left, left, outputStride))
    functions.pointee.gathered_dots(
      left, decoder.weights, outputStride, codes.indices + first, entries.count, outputStride,
      gates + first)
    for entry in entries {
      let latent = Int(codes.indices[entry])
      let (score, value) = (codes.scores[entry], codes.values[entry])
      gates[entry] = gates[entry] * rule.gateFactor + rule.slope(of: score, latent: latent)
      let magnitude = value > 0 ? gradients[entry] : 0
      biases[entry] = magnitude
      logarithms[entry] = magnitude * scales[latent] * (score - gateBias[latent])
      gradients[entry] = gates[entry] + magnitude * scales[latent]
      totals.active += value != 0 ? 1 : 0
      countCost(entry, score, rule, &totals)
    }
  }
}
