import CSparseKernels
import SparseCoding

/// The engine's memory as plain pointers, for the inner loops.
///
/// The buffers are reference counted; counting in loops that several threads run would have them
/// contend for the counters. A view lives no longer than the step that made it.
struct EngineView: BitwiseCopyable {
  struct Weights: BitwiseCopyable {
    let weights, first, second: UnsafeMutablePointer<Float>

    init(_ tensor: Tensor) {
      weights = tensor.weights.start
      first = tensor.first.start
      second = tensor.second.start
    }
  }

  let functions: UnsafePointer<EluteKernels>
  let width, stride, latents, rows: Int
  let scale: Float
  let encoder, decoder, encoderBias, decoderBias: Weights
  let screened: ScreenedLatents.View
  let zeros, centered, residual, norms: UnsafeMutablePointer<Float>
  let residualSums, latentSums: UnsafeMutablePointer<Float>
  let losses, squaredNorms: UnsafeMutablePointer<Double>
  let rowsSinceFired: UnsafeMutablePointer<UInt64>
  let codes: CodesView

  func updateScreen(of latent: Int, scratch: UnsafeMutablePointer<Float>) {
    screened.update(
      latent, row: encoder.weights + latent * stride, bias: encoderBias.weights[latent],
      scratch: scratch, with: functions)
  }

  /// The rows of one unit.
  func rows(ofUnit unit: Int) -> Range<Int> {
    let first = unit * CPUEngine.rowBlock
    return first..<min(first + CPUEngine.rowBlock, rows)
  }

  /// The latents of one unit.
  func latents(ofUnit unit: Int) -> Range<Int> {
    let first = unit * CPUEngine.latentBlock
    return first..<min(first + CPUEngine.latentBlock, latents)
  }
}

/// The codes of a batch as plain pointers.
struct CodesView: BitwiseCopyable {
  let rows, k, latents: Int
  let indices, counts, histograms, latentRows: UnsafeMutablePointer<Int32>
  let values, smallest, coefficients, gradients: UnsafeMutablePointer<Float>
  let latentCoefficients, latentGradients: UnsafeMutablePointer<Float>
  let offsets, cursor: UnsafeMutablePointer<Int64>

  /// - Parameter k: The room of a row, if it is less than the buffers have.
  init(_ codes: BatchCodes, k: Int? = nil) {
    rows = codes.rows
    self.k = k ?? codes.k
    latents = codes.latents
    indices = codes.indices.start
    counts = codes.counts.start
    histograms = codes.histograms.start
    latentRows = codes.latentRows.start
    values = codes.values.start
    smallest = codes.smallest.start
    coefficients = codes.coefficients.start
    gradients = codes.gradients.start
    latentCoefficients = codes.latentCoefficients.start
    latentGradients = codes.latentGradients.start
    offsets = codes.offsets.start
    cursor = codes.cursor.start
  }

  /// Where the rows from `first` on write their choice.
  func choice(from first: Int) -> EluteChoice {
    EluteChoice(
      indices: indices + first * k, values: values + first * k, counts: counts + first,
      smallest: smallest + first, survivors: 0, fallbacks: 0)
  }

  /// Whether a latent has any code.
  func fires(_ latent: Int) -> Bool { offsets[latent + 1] > offsets[latent] }

  /// Counts the codes of one unit of rows, once they are chosen.
  func count(unit: Int, rows: Range<Int>) {
    elute_count_codes(
      indices, counts, rows.lowerBound, rows.count, k, latents, histograms + unit * latents)
  }

  /// Regroups the codes by latent, when all units are counted: as many ranges of latents side by side
  /// as there are threads, each in the order of rows, so the ranges do not show.
  func regroup(units: Int, on pool: ThreadPool) {
    elute_place_codes(histograms, units, latents, offsets, cursor)
    let parts = min(pool.threads, latents)
    pool.run(units: parts) { part, _ in
      elute_scatter_codes(
        indices, coefficients, gradients, counts, rows, k, part * latents / parts,
        (part + 1) * latents / parts, cursor, latentRows, latentCoefficients, latentGradients)
    }
  }
}
