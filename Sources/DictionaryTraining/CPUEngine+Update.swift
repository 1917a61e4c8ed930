import CSparseKernels
import SparseCoding

extension CPUEngine {
  /// Builds every latent's gradient rows and steps with them while they are in cache.
  ///
  /// With clipping the rows are built twice, first for their norm.
  func update(_ view: EngineView, _ pass: UpdatePass, _ constants: StepConstants) {
    rest.step += 1
    let betas = settings.optimizer.betas
    rest.beta1Power *= betas.first
    rest.beta2Power *= betas.second
    var factor: Float = 1
    if let limit = settings.gradientClip {
      let norm = gradientNorm(view, pass)
      if norm > limit { factor = Float(limit / norm) }
    }
    let steps = Dictionary(
      uniqueKeysWithValues: settings.model.weights.map { ($0, step(of: $0, constants)) })
    guard let rest = steps[.encoderBias], let atoms = steps[.decoder] else { return }
    let update = LatentUpdate(
      atoms: atoms, encoder: steps[.encoder] ?? rest, vectors: rest,
      thresholds: steps[.thresholds] ?? rest, clip: factor,
      hasUnitAtoms: settings.decoder == .unit)
    compute.pool.run(units: EngineSizes.units(ofLatents: sizes.latents)) { [self] unit, worker in
      view.updateLatents(of: unit, pass, update, gradients: GradientRows(workers[worker]))
    }
    updateFeedback(view, pass, steps[.feedback], clip: factor)
    updateSkip(view, pass.rule, steps[.skip], clip: factor)
    var gradient = outputBiasGradient(view, pass.rule)
    if factor != 1 { functions.pointee.scale(&gradient, factor, sizes.outputStride) }
    view.apply(rest, to: view.decoderBias, at: 0, &gradient, sizes.outputStride)
  }

  private func step(of name: WeightName, _ constants: StepConstants) -> WeightStep {
    let rate = constants.learningRate * settings.relativeRate(of: name)
    let averaging = settings.averaging.map { Float($0) }
    switch settings.optimizer {
    case .adam(let adam), .adamW(let adam, _):
      return WeightStep(
        rule: .adam(EluteAdam(adam, rate: rate, rest.beta1Power, rest.beta2Power)),
        kept: Float(1 - rate * settings.weightDecay(of: name)), averaging: averaging)
    case .signum(let momentum):
      return WeightStep(
        rule: .signum(momentum: Float(momentum), rate: Float(rate)), kept: 1, averaging: averaging)
    }
  }

  /// 2/B sum r, and where input and output share their bias - db_enc W_enc, from the units' sums in
  /// their order.
  private func outputBiasGradient(_ view: EngineView, _ rule: StepRule) -> [Float] {
    var gradient = [Float](repeating: 0, count: sizes.outputStride)
    for unit in 0..<EngineSizes.units(ofRows: view.rows) {
      view.functions.pointee.accumulate(
        &gradient, view.residualSums + unit * sizes.outputStride, 1, sizes.outputStride)
    }
    view.functions.pointee.scale(&gradient, rule.factor, sizes.outputStride)
    guard sizes.readsItsTarget else { return gradient }
    for unit in 0..<EngineSizes.units(ofLatents: sizes.latents) {
      view.functions.pointee.accumulate(
        &gradient, view.latentSums + unit * sizes.inputStride, 1, sizes.inputStride)
    }
    return gradient
  }

  private func updateFeedback(
    _ view: EngineView, _ pass: UpdatePass, _ step: WeightStep?, clip: Float
  ) {
    guard let steps = pass.multistep, let weights = view.feedback, let step else { return }
    let stride = AlignedBuffer<Float>.stride(ofWidth: sizes.latents)
    compute.pool.run(units: sizes.latents) { latent, worker in
      let gradient = steps.later(worker)
      view.buildFeedbackGradient(of: latent, in: steps, into: gradient)
      if clip != 1 { view.functions.pointee.scale(gradient, clip, stride) }
      view.apply(step, to: weights, at: latent * stride, gradient, stride)
    }
  }

  private func updateSkip(
    _ view: EngineView, _ rule: StepRule, _ step: WeightStep?, clip: Float
  ) {
    guard let weights = view.skip, let step else { return }
    let places = AlignedBuffer((0..<view.rows).map(Int32.init))
    compute.pool.run(units: sizes.outputWidth) { [self] output, worker in
      let gradient = workers[worker].encoderGradient.start
      view.buildSkipGradient(of: output, rule, places: places.start, into: gradient)
      if clip != 1 { view.functions.pointee.scale(gradient, clip, view.inputStride) }
      view.apply(step, to: weights, at: output * view.inputStride, gradient, view.inputStride)
    }
  }

  /// The global norm of the gradient, for clipping.
  private func gradientNorm(_ view: EngineView, _ pass: UpdatePass) -> Double {
    let units = EngineSizes.units(ofLatents: sizes.latents)
    let hasUnitAtoms = settings.decoder == .unit
    compute.pool.run(units: units) { [self] unit, worker in
      view.squaredNorms[unit] = view.squaredNorm(
        ofUnit: unit, pass, hasUnitAtoms: hasUnitAtoms, gradients: GradientRows(workers[worker]))
    }
    let bias = outputBiasGradient(view, pass.rule)
    var squared = Double(view.functions.pointee.dot(bias, bias, sizes.outputStride))
    for unit in 0..<units { squared += view.squaredNorms[unit] }
    return (squared + otherSquaredNorms(view, pass)).squareRoot()
  }

  /// Those of the feedback and of the linear path, one after the other.
  private func otherSquaredNorms(_ view: EngineView, _ pass: UpdatePass) -> Double {
    var squared = 0.0
    if let steps = pass.multistep {
      let stride = AlignedBuffer<Float>.stride(ofWidth: sizes.latents)
      for latent in 0..<sizes.latents {
        view.buildFeedbackGradient(of: latent, in: steps, into: steps.later(0))
        squared += Double(functions.pointee.dot(steps.later(0), steps.later(0), stride))
      }
    }
    if view.skip != nil {
      let places = AlignedBuffer((0..<view.rows).map(Int32.init))
      let gradient = workers[0].encoderGradient.start
      for output in 0..<sizes.outputWidth {
        view.buildSkipGradient(of: output, pass.rule, places: places.start, into: gradient)
        squared += Double(functions.pointee.dot(gradient, gradient, sizes.inputStride))
      }
    }
    return squared
  }
}

/// What an update reads beside the weights and the codes.
struct UpdatePass: BitwiseCopyable {
  let rule: StepRule
  let auxiliary: AuxiliaryPass?
  let isometry: IsometryPass?
  let multistep: MultistepView?
  /// The gradients of earlier parts of the batch.
  let earlier: GradientView?
  let anchor: AnchorView?
  /// The derivative of the penalty by one score above its threshold.
  let countWeight: Double
  let hasStrengthLane: Bool
  /// The columns of an atom that belong to one source each.
  let sources: UnsafeBufferPointer<Columns>
}

/// Some columns side by side.
struct Columns: BitwiseCopyable {
  let start, count: Int
}

/// How the optimizer steps with one weight.
struct WeightStep: BitwiseCopyable {
  enum Rule: BitwiseCopyable {
    case adam(EluteAdam)
    case signum(momentum: Float, rate: Float)
  }

  let rule: Rule
  /// What decay leaves of the weight.
  let kept: Float
  /// The decay of the running mean.
  let averaging: Float?
}

/// How a step changes what belongs to latents.
struct LatentUpdate: BitwiseCopyable {
  let atoms, encoder, vectors, thresholds: WeightStep
  /// What clipping multiplies gradients with.
  let clip: Float
  let hasUnitAtoms: Bool
}

/// One thread's gradient rows.
struct GradientRows: BitwiseCopyable {
  let decoder, encoder: UnsafeMutablePointer<Float>

  init(_ worker: Worker) {
    self.init(worker.decoderGradient.start, worker.encoderGradient.start)
  }

  init(_ decoder: UnsafeMutablePointer<Float>, _ encoder: UnsafeMutablePointer<Float>) {
    self.decoder = decoder
    self.encoder = encoder
  }
}

extension EngineView {
  /// Steps with `count` weights from `start` on.
  func apply(
    _ step: WeightStep, to tensor: Weights, at start: Int,
    _ gradient: UnsafePointer<Float>, _ count: Int
  ) {
    let weights = tensor.weights + start
    if step.kept != 1 { functions.pointee.scale(weights, step.kept, count) }
    switch step.rule {
    case .adam(var adam):
      functions.pointee.adam(
        &adam, weights, tensor.first + start, tensor.second + start, gradient, count)
    case .signum(let momentum, let rate):
      functions.pointee.signum(momentum, rate, weights, tensor.first + start, gradient, count)
    }
    average(step, tensor, at: start, count)
  }

  /// Takes weights up into their running mean.
  func average(_ step: WeightStep, _ tensor: Weights, at start: Int, _ count: Int) {
    guard let decay = step.averaging, let mean = tensor.average else { return }
    functions.pointee.scale(mean + start, decay, count)
    functions.pointee.accumulate(mean + start, tensor.weights + start, 1 - decay, count)
  }

  func updateLatents(
    of unit: Int, _ pass: UpdatePass, _ update: LatentUpdate, gradients: GradientRows
  ) {
    let block = latents(ofUnit: unit)
    let first = block.lowerBound
    let sum = latentSums + unit * inputStride
    sum.update(repeating: 0, count: inputStride)
    var atoms = update.atoms
    let room = EngineSizes.latentBlock
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 4 * room) { vectors in
      guard let vectors = vectors.baseAddress else { return }
      vectors.update(repeating: 0, count: 4 * room)
      for latent in block {
        let gradient = buildGradient(
          of: latent, pass, hasUnitAtoms: update.hasUnitAtoms, into: gradients)
        functions.pointee.accumulate(
          sum, encoder.weights + latent * inputStride, -gradient.input, inputStride)
        let place = vectors + (latent - first)
        place[0] = gradient.bias * update.clip
        place[room] = gradient.threshold * update.clip
        place[2 * room] = gradient.magnitudeBias * update.clip
        place[3 * room] = gradient.magnitudeScale * update.clip
        if update.clip != 1 {
          functions.pointee.scale(gradients.decoder, update.clip, outputStride)
          functions.pointee.scale(gradients.encoder, update.clip, inputStride)
        }
        updateAtom(latent, &atoms, hasUnitLength: update.hasUnitAtoms, gradients)
        if !isTied {
          apply(
            update.encoder, to: encoder, at: latent * inputStride, gradients.encoder, inputStride)
        }
        rowsSinceFired[latent] =
          isFiring(latent, pass.rule) || pass.earlier?.isFiring(latent) == true
          ? 0 : rowsSinceFired[latent] + UInt64(rows)
      }
      apply(update.vectors, to: encoderBias, at: first, vectors, room)
      if let thresholds {
        let step = update.thresholds
        let alone = WeightStep(rule: step.rule, kept: step.kept, averaging: nil)
        apply(alone, to: thresholds, at: first, vectors + room, room)
        for latent in block { thresholds.weights[latent] = max(thresholds.weights[latent], 0) }
        average(step, thresholds, at: first, room)
      }
      if let magnitudeBias, let magnitudeScale {
        apply(update.vectors, to: magnitudeBias, at: first, vectors + 2 * room, room)
        apply(update.vectors, to: magnitudeScale, at: first, vectors + 3 * room, room)
      }
    }
    for latent in block { updateScreen(of: latent, scratch: gradients.encoder) }
  }

  private func updateAtom(
    _ latent: Int, _ step: inout WeightStep, hasUnitLength: Bool, _ gradients: GradientRows
  ) {
    let at = latent * outputStride
    guard hasUnitLength else {
      return apply(step, to: decoder, at: at, gradients.decoder, outputStride)
    }
    let alone = WeightStep(rule: step.rule, kept: step.kept, averaging: nil)
    apply(alone, to: decoder, at: at, gradients.decoder, outputStride)
    functions.pointee.normalize(atom(latent), outputStride)
    average(step, decoder, at: at, outputStride)
  }

  /// Whether a latent has a code other than 0 in the batch, or its last part.
  func isFiring(_ latent: Int, _ rule: StepRule) -> Bool {
    let entries = codes.entries(ofLatent: latent)
    guard rule.hasSilentEntries else { return !entries.isEmpty }
    return entries.contains { codes.latentLane(0)[$0] != 0 }
  }

  func squaredNorm(
    ofUnit unit: Int, _ pass: UpdatePass, hasUnitAtoms: Bool, gradients: GradientRows
  ) -> Double {
    let sum = latentSums + unit * inputStride
    sum.update(repeating: 0, count: inputStride)
    var squared = 0.0
    for latent in latents(ofUnit: unit) {
      let gradient = buildGradient(of: latent, pass, hasUnitAtoms: hasUnitAtoms, into: gradients)
      functions.pointee.accumulate(
        sum, encoder.weights + latent * inputStride, -gradient.input, inputStride)
      squared += gradient.squaredNorm
      squared += Double(functions.pointee.dot(gradients.decoder, gradients.decoder, outputStride))
      if isTied { continue }
      squared += Double(functions.pointee.dot(gradients.encoder, gradients.encoder, inputStride))
    }
    return squared
  }

  /// The gradient of one row of the linear path: 2/(B G) sum r x.
  func buildSkipGradient(
    of output: Int, _ rule: StepRule, places: UnsafePointer<Int32>,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    guard let input else { return }
    gradient.update(repeating: 0, count: inputStride)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: rows) { column in
      guard let column = column.baseAddress else { return }
      for row in 0..<rows { column[row] = rule.factor * residual(of: row, from: 0)[output] }
      functions.pointee.gradient_row(
        input, inputStride, places, column, rows, inputStride, gradient)
    }
  }
}

extension EluteAdam {
  /// The constants of one step, after `beta1Power` and `beta2Power` have been brought up to it.
  init(_ adam: Adam, rate: Double, _ beta1Power: Double, _ beta2Power: Double) {
    self.init(
      beta1: Float(adam.beta1), beta2: Float(adam.beta2), complement1: Float(1 - adam.beta1),
      complement2: Float(1 - adam.beta2), rate: Float(rate / (1 - beta1Power)),
      correction: Float(1 / (1 - beta2Power).squareRoot()), epsilon: Float(adam.epsilon))
  }
}
