import CSparseKernels
import SparseCoding

extension CPUEngine {
  /// Builds every latent's gradient rows and steps with them while they are in cache.
  ///
  /// With clipping the rows are built twice, first for their norm.
  func update(_ view: EngineView, auxiliary: AuxiliaryPass?, learningRate: Double) {
    steps += 1
    beta1Power *= settings.adam.beta1
    beta2Power *= settings.adam.beta2
    let adam = EluteAdam(settings.adam, rate: learningRate, beta1Power, beta2Power)
    var atomAdam = adam
    atomAdam.rate *= Float(settings.decoderRate)
    var factor: Float = 1
    if let limit = settings.gradientClip {
      let norm = gradientNorm(view, auxiliary: auxiliary)
      if norm > limit { factor = Float(limit / norm) }
    }
    let scales = UpdateScales(adam: adam, atomAdam: atomAdam, clip: factor)
    compute.pool.run(units: CPUEngine.units(ofLatents: latents)) { unit, worker in
      view.updateLatents(
        of: unit, auxiliary: auxiliary, scales: scales, gradients: GradientRows(workers[worker]))
    }
    var gradient = decoderBiasGradient(view)
    if factor != 1 { view.functions.pointee.scale(&gradient, factor, stride) }
    var constants = adam
    view.functions.pointee.adam(
      &constants, view.decoderBias.weights, view.decoderBias.first, view.decoderBias.second,
      gradient, stride)
  }

  /// 2/B sum r - db_enc W_enc, from the units' sums in their order.
  private func decoderBiasGradient(_ view: EngineView) -> [Float] {
    var gradient = [Float](repeating: 0, count: stride)
    for unit in 0..<CPUEngine.units(ofRows: view.rows) {
      view.functions.pointee.accumulate(&gradient, view.residualSums + unit * stride, 1, stride)
    }
    view.functions.pointee.scale(&gradient, 2 / Float(view.rows), stride)
    for unit in 0..<CPUEngine.units(ofLatents: latents) {
      view.functions.pointee.accumulate(&gradient, view.latentSums + unit * stride, 1, stride)
    }
    return gradient
  }

  /// The global norm of the gradient, for clipping.
  private func gradientNorm(_ view: EngineView, auxiliary: AuxiliaryPass?) -> Double {
    let units = CPUEngine.units(ofLatents: latents)
    compute.pool.run(units: units) { unit, worker in
      view.squaredNorms[unit] = view.squaredNorm(
        ofUnit: unit, auxiliary: auxiliary, gradients: GradientRows(workers[worker]))
    }
    let bias = decoderBiasGradient(view)
    let squared = Double(view.functions.pointee.dot(bias, bias, stride))
    return (0..<units).reduce(squared) { $0 + view.squaredNorms[$1] }.squareRoot()
  }
}

/// The constants of one update.
struct UpdateScales: BitwiseCopyable {
  var adam, atomAdam: EluteAdam
  /// What clipping multiplies gradients with.
  var clip: Float
}

/// One thread's gradient rows.
struct GradientRows: BitwiseCopyable {
  let decoder, encoder, decoderPart, encoderPart: UnsafeMutablePointer<Float>

  init(_ worker: Worker) {
    decoder = worker.decoderGradient.start
    encoder = worker.encoderGradient.start
    decoderPart = worker.decoderPart.start
    encoderPart = worker.encoderPart.start
  }
}

extension EngineView {
  func updateLatents(
    of unit: Int, auxiliary: AuxiliaryPass?, scales: UpdateScales, gradients: GradientRows
  ) {
    var scales = scales
    let block = latents(ofUnit: unit)
    let first = block.lowerBound
    let sum = latentSums + unit * stride
    sum.update(repeating: 0, count: stride)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: CPUEngine.latentBlock) { bias in
      bias.update(repeating: 0)
      for latent in block {
        let at = latent * stride
        let gradient = buildGradient(of: latent, auxiliary: auxiliary, into: gradients)
        functions.pointee.accumulate(sum, encoder.weights + at, -gradient, stride)
        bias[latent - first] = gradient * scales.clip
        if scales.clip != 1 {
          functions.pointee.scale(gradients.decoder, scales.clip, stride)
          functions.pointee.scale(gradients.encoder, scales.clip, stride)
        }
        functions.pointee.adam(
          &scales.atomAdam, decoder.weights + at, decoder.first + at, decoder.second + at,
          gradients.decoder, stride)
        functions.pointee.normalize(decoder.weights + at, stride)
        functions.pointee.adam(
          &scales.adam, encoder.weights + at, encoder.first + at, encoder.second + at,
          gradients.encoder, stride)
        rowsSinceFired[latent] =
          codes.fires(latent) ? 0 : rowsSinceFired[latent] + UInt64(rows)
      }
      functions.pointee.adam(
        &scales.adam, encoderBias.weights + first, encoderBias.first + first,
        encoderBias.second + first, bias.baseAddress, CPUEngine.latentBlock)
    }
    for latent in block { updateScreen(of: latent, scratch: gradients.encoder) }
  }

  func squaredNorm(
    ofUnit unit: Int, auxiliary: AuxiliaryPass?, gradients: GradientRows
  ) -> Double {
    let sum = latentSums + unit * stride
    sum.update(repeating: 0, count: stride)
    var squared = 0.0
    for latent in latents(ofUnit: unit) {
      let bias = buildGradient(of: latent, auxiliary: auxiliary, into: gradients)
      functions.pointee.accumulate(sum, encoder.weights + latent * stride, -bias, stride)
      squared += Double(bias) * Double(bias)
      squared += Double(functions.pointee.dot(gradients.decoder, gradients.decoder, stride))
      squared += Double(functions.pointee.dot(gradients.encoder, gradients.encoder, stride))
    }
    return squared
  }

  /// Builds one latent's gradient rows, the decoder's already tangent to its atom, and returns the
  /// gradient of its bias.
  private func buildGradient(
    of latent: Int, auxiliary: AuxiliaryPass?, into gradients: GradientRows
  ) -> Float {
    var bias = gather(codes, of: latent, residual, gradients.decoder, gradients.encoder)
    if let auxiliary, auxiliary.codes.fires(latent) {
      // A dead latent that fires again in this batch has both kinds of codes.
      bias += gather(
        auxiliary.codes, of: latent, auxiliary.residual, gradients.decoderPart,
        gradients.encoderPart)
      functions.pointee.accumulate(gradients.decoder, gradients.decoderPart, 1, stride)
      functions.pointee.accumulate(gradients.encoder, gradients.encoderPart, 1, stride)
    }
    functions.pointee.project(gradients.decoder, decoder.weights + latent * stride, stride)
    return bias
  }

  private func gather(
    _ codes: CodesView, of latent: Int, _ residual: UnsafePointer<Float>,
    _ decoderGradient: UnsafeMutablePointer<Float>, _ encoderGradient: UnsafeMutablePointer<Float>
  ) -> Float {
    let at = Int(codes.offsets[latent])
    let count = Int(codes.offsets[latent + 1]) - at
    functions.pointee.gradient_row(
      residual, stride, codes.latentRows + at, codes.latentCoefficients + at, count, stride,
      decoderGradient)
    functions.pointee.gradient_row(
      centered, stride, codes.latentRows + at, codes.latentGradients + at, count, stride,
      encoderGradient)
    var bias: Float = 0
    for entry in at..<at + count { bias += codes.latentGradients[entry] }
    return bias
  }
}

extension EluteAdam {
  /// The constants of one step, after `beta1Power` and `beta2Power` have been brought up to it.
  init(
    _ adam: TrainingConfiguration.Adam, rate: Double, _ beta1Power: Double, _ beta2Power: Double
  ) {
    self.init(
      beta1: Float(adam.beta1), beta2: Float(adam.beta2), complement1: Float(1 - adam.beta1),
      complement2: Float(1 - adam.beta2), rate: Float(rate / (1 - beta1Power)),
      correction: Float(1 / (1 - beta2Power).squareRoot()), epsilon: Float(adam.epsilon))
  }
}
