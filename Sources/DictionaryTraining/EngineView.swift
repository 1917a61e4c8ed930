import CSparseKernels
import SparseCoding

/// The engine's memory as plain pointers, for the inner loops.
///
/// The buffers are reference counted; counting in loops that several threads run would have them
/// contend for the counters. A view lives no longer than the step that made it.
struct EngineView: BitwiseCopyable {
  struct Weights: BitwiseCopyable {
    let weights, first, second: UnsafeMutablePointer<Float>
    let average: UnsafeMutablePointer<Float>?

    init(_ tensor: Tensor) {
      weights = tensor.weights.start
      first = tensor.first.start
      second = tensor.second.start
      average = tensor.average?.start
    }
  }

  let functions: UnsafePointer<EluteKernels>
  let inputWidth, inputStride, outputWidth, outputStride, latents, prefixes, rows: Int
  /// Where the columns that are read and reconstructed begin in a row of data.
  let inputStart, outputStart, rowWidth: Int
  let readsItsTarget: Bool
  /// The same memory where they are tied.
  let encoder, decoder: Weights
  let isTied: Bool
  let encoderBias, decoderBias: Weights
  let thresholds, magnitudeScale, magnitudeBias, skip, feedback: Weights?
  /// What is subtracted from the input.
  let inputBias: UnsafeMutablePointer<Float>
  let scales, ones, zeros: UnsafeMutablePointer<Float>
  /// The encoder as a screen sees it, where it is used.
  let screened: ScreenedLatents.View?
  let centered, goal, residual, norms: UnsafeMutablePointer<Float>
  let input: UnsafeMutablePointer<Float>?
  let residualSums, latentSums: UnsafeMutablePointer<Float>
  let totals: UnsafeMutablePointer<UnitTotals>
  let squaredNorms: UnsafeMutablePointer<Double>
  let rowsSinceFired: UnsafeMutablePointer<UInt64>
  /// The ends of the prefixes.
  let prefixEnds: UnsafeMutablePointer<Int>
  let codes: CodesView
  let tiles: AtomTiles

  /// Takes a latent's encoder row up into the screen.
  func updateScreen(of latent: Int, scratch: UnsafeMutablePointer<Float>) {
    screened?.update(
      latent, row: encoder.weights + latent * inputStride, bias: encoderBias.weights[latent],
      scratch: scratch, with: functions)
  }

  /// The rows of one unit.
  func rows(ofUnit unit: Int) -> Range<Int> {
    let first = unit * EngineSizes.rowBlock
    return first..<min(first + EngineSizes.rowBlock, rows)
  }

  /// The latents of one unit.
  func latents(ofUnit unit: Int) -> Range<Int> {
    let first = unit * EngineSizes.latentBlock
    return first..<min(first + EngineSizes.latentBlock, latents)
  }

  /// An atom.
  func atom(_ latent: Int) -> UnsafeMutablePointer<Float> {
    decoder.weights + latent * outputStride
  }

  /// The residual of a row from a prefix on: the sum of that prefix's and all later ones'.
  func residual(of row: Int, from prefix: Int) -> UnsafeMutablePointer<Float> {
    residual + (row * prefixes + prefix) * outputStride
  }

  /// The residual of all latents.
  func fullResidual(of row: Int) -> UnsafeMutablePointer<Float> {
    residual(of: row, from: prefixes - 1)
  }

  /// The latents that a prefix adds to the one before.
  func latents(ofPrefix prefix: Int) -> Range<Int> {
    (prefix > 0 ? prefixEnds[prefix - 1] : 0)..<prefixEnds[prefix]
  }

  /// The prefix in which a latent first stands.
  func prefix(of latent: Int) -> Int {
    var prefix = 0
    while latent >= prefixEnds[prefix] { prefix += 1 }
    return prefix
  }
}
