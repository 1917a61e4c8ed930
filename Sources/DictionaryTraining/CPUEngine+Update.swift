import CSparseKernels
import SparseCoding

extension CPUEngine {
  /// Builds every latent's gradient rows and steps with them while they are in cache.
  ///
  /// With clipping the rows are built twice, first for their norm.
  func update(auxiliary: AuxiliaryPass?, learningRate: Double) {
    steps += 1
    beta1Power *= settings.adam.beta1
    beta2Power *= settings.adam.beta2
    let adam = EluteAdam(settings.adam, rate: learningRate, beta1Power, beta2Power)
    var factor: Float = 1
    if let limit = settings.gradientClip {
      let norm = gradientNorm(auxiliary: auxiliary)
      if norm > limit { factor = Float(limit / norm) }
    }
    compute.pool.run(units: latentUnits) { unit, worker in
      updateLatents(
        of: unit, auxiliary: auxiliary, adam: adam, factor: factor, worker: workers[worker])
    }
    var gradient = decoderBiasGradient()
    if factor != 1 { functions.pointee.scale(&gradient, factor, stride) }
    var constants = adam
    functions.pointee.adam(
      &constants, decoderBias.weights.start, decoderBias.first.start, decoderBias.second.start,
      gradient, stride)
  }

  private func updateLatents(
    of unit: Int, auxiliary: AuxiliaryPass?, adam: EluteAdam, factor: Float, worker: Worker
  ) {
    var adam = adam
    var atomAdam = adam
    atomAdam.rate *= Float(settings.decoderRate)
    let first = unit * CPUEngine.latentBlock
    let block = first..<min(first + CPUEngine.latentBlock, latents)
    let sum = rows.latentSums.start + unit * stride
    sum.update(repeating: 0, count: stride)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: CPUEngine.latentBlock) { bias in
      bias.update(repeating: 0)
      for latent in block {
        let at = latent * stride
        let gradient = buildGradient(of: latent, auxiliary: auxiliary, worker: worker)
        functions.pointee.accumulate(sum, encoder.weights.start + at, -gradient, stride)
        bias[latent - first] = gradient * factor
        if factor != 1 {
          functions.pointee.scale(worker.decoderGradient.start, factor, stride)
          functions.pointee.scale(worker.encoderGradient.start, factor, stride)
        }
        functions.pointee.adam(
          &atomAdam, decoder.weights.start + at, decoder.first.start + at,
          decoder.second.start + at,
          worker.decoderGradient.start, stride)
        functions.pointee.normalize(decoder.weights.start + at, stride)
        functions.pointee.adam(
          &adam, encoder.weights.start + at, encoder.first.start + at, encoder.second.start + at,
          worker.encoderGradient.start, stride)
        let fired = rows.codes.offsets.start[latent + 1] > rows.codes.offsets.start[latent]
        rowsSinceFired.start[latent] =
          fired ? 0 : rowsSinceFired.start[latent] + UInt64(rows.rows)
      }
      functions.pointee.adam(
        &adam, encoderBias.weights.start + first, encoderBias.first.start + first,
        encoderBias.second.start + first, bias.baseAddress, CPUEngine.latentBlock)
    }
    for latent in block { updateBound(of: latent) }
  }

  /// Builds one latent's gradient rows in the worker's memory, the decoder's already tangent to its
  /// atom, and returns the gradient of its bias.
  private func buildGradient(
    of latent: Int, auxiliary: AuxiliaryPass?, worker: Worker
  ) -> Float {
    var bias = gather(
      rows.codes, of: latent, residual: rows.residual, into: worker.decoderGradient,
      worker.encoderGradient)
    if let auxiliary,
      auxiliary.codes.offsets.start[latent + 1] > auxiliary.codes.offsets.start[latent]
    {
      // Only a dead latent has auxiliary entries, and a dead latent that fires again has both kinds.
      let decoderPart = AlignedBuffer<Float>(count: stride)
      let encoderPart = AlignedBuffer<Float>(count: stride)
      bias += gather(
        auxiliary.codes, of: latent, residual: auxiliary.residual, into: decoderPart, encoderPart)
      functions.pointee.accumulate(worker.decoderGradient.start, decoderPart.start, 1, stride)
      functions.pointee.accumulate(worker.encoderGradient.start, encoderPart.start, 1, stride)
    }
    functions.pointee.project(
      worker.decoderGradient.start, decoder.weights.start + latent * stride, stride)
    return bias
  }

  private func gather(
    _ codes: BatchCodes, of latent: Int, residual: AlignedBuffer<Float>,
    into decoderGradient: AlignedBuffer<Float>, _ encoderGradient: AlignedBuffer<Float>
  ) -> Float {
    let at = Int(codes.offsets.start[latent])
    let count = Int(codes.offsets.start[latent + 1]) - at
    functions.pointee.gradient_row(
      residual.start, stride, codes.latentRows.start + at, codes.latentCoefficients.start + at,
      count, stride, decoderGradient.start)
    functions.pointee.gradient_row(
      rows.centered.start, stride, codes.latentRows.start + at, codes.latentGradients.start + at,
      count, stride, encoderGradient.start)
    var bias: Float = 0
    for entry in at..<at + count { bias += codes.latentGradients.start[entry] }
    return bias
  }

  /// 2/B sum r - db_enc W_enc, from the units' sums in their order.
  private func decoderBiasGradient() -> [Float] {
    var gradient = [Float](repeating: 0, count: stride)
    for unit in 0..<rows.units {
      functions.pointee.accumulate(&gradient, rows.residualSums.start + unit * stride, 1, stride)
    }
    functions.pointee.scale(&gradient, 2 / Float(rows.rows), stride)
    for unit in 0..<latentUnits {
      functions.pointee.accumulate(&gradient, rows.latentSums.start + unit * stride, 1, stride)
    }
    return gradient
  }

  /// The global norm of the gradient, for clipping.
  private func gradientNorm(auxiliary: AuxiliaryPass?) -> Double {
    compute.pool.run(units: latentUnits) { unit, worker in
      let worker = workers[worker]
      let first = unit * CPUEngine.latentBlock
      let sum = rows.latentSums.start + unit * stride
      sum.update(repeating: 0, count: stride)
      var squared = 0.0
      for latent in first..<min(first + CPUEngine.latentBlock, latents) {
        let bias = buildGradient(of: latent, auxiliary: auxiliary, worker: worker)
        functions.pointee.accumulate(sum, encoder.weights.start + latent * stride, -bias, stride)
        squared += Double(bias) * Double(bias)
        for part in [worker.decoderGradient.start, worker.encoderGradient.start] {
          squared += Double(functions.pointee.dot(part, part, stride))
        }
      }
      rows.squaredNorms.start[unit] = squared
    }
    let bias = decoderBiasGradient()
    let squared = Double(functions.pointee.dot(bias, bias, stride))
    return rows.squaredNorms.elements.reduce(squared, +).squareRoot()
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
