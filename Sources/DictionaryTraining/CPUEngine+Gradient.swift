import CSparseKernels
import SparseCoding

/// One latent's gradients beside those of its rows.
struct LatentGradient {
  /// The sum of its scores' gradients, which reaches the input's bias.
  var input: Float
  /// Those of b_enc, of a threshold, of b_mag and of r; 0 where there is none.
  var bias, threshold, magnitudeBias, magnitudeScale: Float

  /// The sum of their squares.
  var squaredNorm: Double {
    [bias, threshold, magnitudeBias, magnitudeScale].reduce(0) { $0 + Double($1) * Double($1) }
  }
}

extension EngineView {
  /// Builds one latent's gradient rows; of an atom of unit length without the component along it.
  func buildGradient(
    of latent: Int, _ pass: UpdatePass, hasUnitAtoms: Bool, into gradients: GradientRows
  ) -> LatentGradient {
    gradients.decoder.update(repeating: 0, count: outputStride)
    gradients.encoder.update(repeating: 0, count: inputStride)
    pass.earlier?.copy(latent, into: gradients, self)
    addCodes(of: latent, to: gradients, encoderBy: pass.multistep)
    var sums = LatentSums(codes, latent, pass)
    if let auxiliary = pass.auxiliary {
      let own = auxiliary.codes.entries(ofLatent: latent)
      functions.pointee.gradient_row(
        auxiliary.residual, outputStride, auxiliary.codes.latentRows + own.lowerBound,
        auxiliary.codes.latentLane(0) + own.lowerBound, own.count, outputStride, gradients.decoder)
      functions.pointee.gradient_row(
        centered, inputStride, auxiliary.codes.latentRows + own.lowerBound,
        auxiliary.codes.latentLane(1) + own.lowerBound, own.count, inputStride, gradients.encoder)
      let sum = auxiliary.codes.sum(of: 1, latent: latent)
      sums.scores += sum
      sums.bias += sum
    }
    if let isometry = pass.isometry { addIsometry(isometry, of: latent, to: gradients.decoder) }
    if pass.hasStrengthLane { addLengthSlopes(of: latent, sums.strength, pass, gradients.decoder) }
    pass.anchor?.add(latent, self, to: gradients)
    if isTied {
      functions.pointee.accumulate(gradients.decoder, gradients.encoder, 1, outputStride)
    }
    if hasUnitAtoms { functions.pointee.project(gradients.decoder, atom(latent), outputStride) }
    return LatentGradient(
      input: sums.scores, bias: sums.bias,
      threshold: sums.threshold - Float(pass.countWeight) * sums.window,
      magnitudeBias: sums.magnitudeBias, magnitudeScale: sums.magnitudeScale)
  }

  /// Adds what the codes of the batch, or of a part of it, make of a latent's rows.
  func addCodes(of latent: Int, to gradients: GradientRows, encoderBy steps: MultistepView?) {
    let own = codes.entries(ofLatent: latent)
    let at = own.lowerBound
    functions.pointee.gradient_row(
      residual(of: 0, from: prefix(of: latent)), prefixes * outputStride, codes.latentRows + at,
      codes.latentLane(0) + at, own.count, outputStride, gradients.decoder)
    if let steps {
      let entries = steps.codes.entries(ofLatent: latent)
      functions.pointee.gradient_row(
        centered, inputStride, steps.dataRows + entries.lowerBound,
        steps.codes.latentLane(0) + entries.lowerBound, entries.count, inputStride,
        gradients.encoder)
    } else {
      functions.pointee.gradient_row(
        centered, inputStride, codes.latentRows + at, codes.latentLane(1) + at, own.count,
        inputStride, gradients.encoder)
    }
  }

  /// Adds the gradient of `strength × sum over sources of |d|`.
  private func addLengthSlopes(
    of latent: Int, _ strength: Float, _ pass: UpdatePass, _ gradient: UnsafeMutablePointer<Float>
  ) {
    for source in pass.sources {
      let own = atom(latent) + source.start
      let length = functions.pointee.dot(own, own, source.count).squareRoot()
      guard length > 0 else { continue }
      let factor = pass.rule.slope * strength / length
      for i in 0..<source.count { gradient[source.start + i] += factor * own[i] }
    }
  }
}

/// The sums of a latent's lanes, earlier parts of the batch first.
struct LatentSums {
  var scores, bias: Float
  var threshold: Float = 0
  var window: Float = 0
  var magnitudeBias: Float = 0
  var magnitudeScale: Float = 0
  var strength: Float = 0

  init(_ codes: CodesView, _ latent: Int, _ pass: UpdatePass) {
    func sum(_ lane: Int) -> Float {
      codes.sum(of: lane, latent: latent, after: pass.earlier?.sum(of: lane, latent) ?? 0)
    }
    if let steps = pass.multistep {
      scores = steps.codes.sum(of: 0, latent: latent)
    } else {
      scores = sum(1)
    }
    bias = scores
    switch pass.rule.kind {
    case .plain: break
    case .jump:
      threshold = sum(StepRule.thresholdLane)
      window = sum(StepRule.windowLane)
    case .gated:
      bias = sum(StepRule.gateLane)
      magnitudeBias = sum(StepRule.magnitudeBiasLane)
      magnitudeScale = sum(StepRule.magnitudeScaleLane)
    }
    if pass.hasStrengthLane, let lane = pass.rule.strengthLane { strength = sum(lane) }
  }
}

/// The gradients of earlier parts of a batch: for each latent its rows, and the sums of its lanes.
final class GradientBuffers {
  let decoder, encoder, sums: AlignedBuffer<Float>
  /// Whether a latent has fired.
  let firing: AlignedBuffer<UInt8>

  init(_ sizes: EngineSizes, laneCount: Int) {
    decoder = AlignedBuffer(count: sizes.latents * sizes.outputStride)
    encoder = AlignedBuffer(count: sizes.latents * sizes.inputStride)
    sums = AlignedBuffer(count: sizes.latents * laneCount)
    firing = AlignedBuffer(count: sizes.latents)
  }

  func view(_ sizes: EngineSizes) -> GradientView {
    GradientView(
      latents: sizes.latents, decoder: decoder.start, encoder: encoder.start, sums: sums.start,
      firing: firing.start)
  }
}

/// The same as plain pointers.
struct GradientView: BitwiseCopyable {
  let latents: Int
  let decoder, encoder, sums: UnsafeMutablePointer<Float>
  let firing: UnsafeMutablePointer<UInt8>

  func isFiring(_ latent: Int) -> Bool { firing[latent] != 0 }
  func sum(of lane: Int, _ latent: Int) -> Float { sums[lane * latents + latent] }

  func copy(_ latent: Int, into gradients: GradientRows, _ view: EngineView) {
    gradients.decoder.update(from: decoder + latent * view.outputStride, count: view.outputStride)
    gradients.encoder.update(from: encoder + latent * view.inputStride, count: view.inputStride)
  }
}

extension CPUEngine {
  /// Adds the gradients of a part of the batch to those of the parts before: the sums go on where they
  /// were, so the parts do not show.
  func keepGradients(of part: Range<Int>, _ rule: StepRule) {
    let time = Stopwatch()
    let kept = gradients ?? GradientBuffers(sizes, laneCount: settings.laneCount)
    gradients = kept
    let isFirst = !gradientsAreKept
    gradientsAreKept = true
    let view = makeView()
    view.codes.regroup(part, on: compute.pool)
    let into = kept.view(sizes)
    let laneCount = settings.laneCount
    compute.pool.run(units: EngineSizes.units(ofLatents: sizes.latents)) { unit, _ in
      for latent in view.latents(ofUnit: unit) {
        let decoder = into.decoder + latent * view.outputStride
        let encoder = into.encoder + latent * view.inputStride
        if isFirst {
          decoder.update(repeating: 0, count: view.outputStride)
          encoder.update(repeating: 0, count: view.inputStride)
          into.firing[latent] = 0
        }
        view.addCodes(of: latent, to: GradientRows(decoder, encoder), encoderBy: nil)
        for lane in 0..<laneCount {
          let place = lane * view.latents + latent
          into.sums[place] = view.codes.sum(
            of: lane, latent: latent, after: isFirst ? 0 : into.sums[place])
        }
        if view.isFiring(latent, rule) { into.firing[latent] = 1 }
      }
    }
    phases.regroup += time.seconds
  }
}

/// The anchors in padded rows.
struct PaddedAnchors {
  let encoder, decoder: AlignedBuffer<Float>
  let count: Int
  let hasEncoder: Bool

  init(_ anchors: Anchors) {
    encoder = AlignedBuffer(padding: anchors.encoder)
    decoder = AlignedBuffer(padding: anchors.decoder)
    count = anchors.count
    hasEncoder = anchors.encoder.rows > 0
  }

  func view(weight: Double) -> AnchorView {
    AnchorView(
      count: count, encoder: hasEncoder ? encoder.start : nil, decoder: decoder.start,
      weight: weight)
  }
}

/// The anchors as plain pointers, with what their squared distances weigh.
struct AnchorView: BitwiseCopyable {
  let count: Int
  let encoder: UnsafeMutablePointer<Float>?
  let decoder: UnsafeMutablePointer<Float>
  let weight: Double

  /// Adds 2α (w - a) for an anchored latent.
  func add(_ latent: Int, _ view: EngineView, to gradients: GradientRows) {
    guard latent < count, weight > 0 else { return }
    let factor = Float(2 * weight)
    let accumulate = view.functions.pointee.accumulate
    accumulate?(gradients.decoder, view.atom(latent), factor, view.outputStride)
    accumulate?(
      gradients.decoder, decoder + latent * view.outputStride, -factor, view.outputStride)
    guard let encoder, !view.isTied else { return }
    let row = latent * view.inputStride
    accumulate?(gradients.encoder, view.encoder.weights + row, factor, view.inputStride)
    accumulate?(gradients.encoder, encoder + row, -factor, view.inputStride)
  }
}

extension CPUEngine {
  /// α (|W_enc - A|² + |W_dec - A'|²) over the anchored latents.
  func anchorLoss(_ constants: StepConstants) -> Double {
    let weight = settings.objective.anchorWeight * constants.anchors
    guard let anchors, weight > 0, let decoder = tensors[.decoder] else { return 0 }
    func squared(_ a: AlignedBuffer<Float>, _ b: AlignedBuffer<Float>) -> Double {
      (0..<b.count).reduce(0.0) {
        let difference = Double(a.start[$1]) - Double(b.start[$1])
        return $0 + difference * difference
      }
    }
    var sum = squared(decoder.weights, anchors.decoder)
    if anchors.hasEncoder, let encoder = tensors[.encoder] {
      sum += squared(encoder.weights, anchors.encoder)
    }
    return weight * sum
  }
}
