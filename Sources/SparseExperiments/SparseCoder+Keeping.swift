import SparseCoding

extension SparseCoder {
  /// The dictionary of some latents, with all that each has.
  func keeping(_ latents: [Int]) -> SparseCoder {
    var kept = SparseCoder(
      architecture: architecture, activation: activation,
      encoder: encoder.selecting(rows: latents), decoder: decoder.selecting(rows: latents),
      encoderBias: latents.map { encoderBias[$0] }, decoderBias: decoderBias, inputBias: inputBias)
    if !thresholds.isEmpty { kept.thresholds = latents.map { thresholds[$0] } }
    if let magnitude {
      kept.magnitude = Magnitude(
        logScale: latents.map { magnitude.logScale[$0] }, bias: latents.map { magnitude.bias[$0] })
    }
    if let multistep {
      let between = multistep.feedback.selecting(rows: latents).transposed()
        .selecting(rows: latents).transposed()
      kept.multistep = Multistep(steps: multistep.steps, feedback: between)
    }
    (kept.skip, kept.rowScaling) = (skip, rowScaling)
    return kept
  }
}
