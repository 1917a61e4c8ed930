import CSparseKernels
import SparseCoding

/// One weight with its moments and its running mean, in padded rows.
struct Tensor {
  let weights, first, second: AlignedBuffer<Float>
  let average: AlignedBuffer<Float>?
  /// Elements from one row to the next.
  let stride: Int

  /// Takes a weight out of a state, so that memory holds it once.
  ///
  /// - Parameter count: The elements that there is room for, if more than the rows take.
  init(_ state: inout TrainingState, _ name: WeightName, count: Int = 0) {
    let stride = AlignedBuffer<Float>.stride(ofWidth: state.parameters[name].columns)
    func taken(_ values: WritableKeyPath<TrainingState, Parameters>) -> AlignedBuffer<Float> {
      let padded = AlignedBuffer(padding: state[keyPath: values][name], count: count)
      state[keyPath: values][name] = Matrix(rows: 0, columns: 0)
      return padded
    }
    weights = taken(\.parameters)
    first = taken(\.firstMoments)
    second = taken(\.secondMoments)
    average = state.average.map { AlignedBuffer(padding: $0[name], count: count) }
    state.average?[name] = Matrix(rows: 0, columns: 0)
    self.stride = stride
  }
}

/// The buffers that one batch fills, but for its codes.
struct BatchBuffers {
  let rows: Int
  /// x - b_in, `[rows, input stride]`.
  let centered: AlignedBuffer<Float>
  /// What codes have to add up to, t - b_dec (- x W_skipᵀ): the centred rows where x is t.
  let goal: AlignedBuffer<Float>
  /// x, where a linear path leads past the latents.
  let input: AlignedBuffer<Float>?
  /// For each prefix the sum of its residual and all later ones, `[rows, prefixes, output stride]`.
  let residual: AlignedBuffer<Float>
  /// Bounds of the centred rows, for the screen.
  let norms: AlignedBuffer<Float>
  /// For each unit of rows the sum of its first residuals, `[units, output stride]`.
  let residualSums: AlignedBuffer<Float>
  /// For each unit of rows the sums that a step reports.
  let totals: AlignedBuffer<UnitTotals>
  /// For each unit of latents its part of the input bias's gradient, `[units, input stride]`, and the
  /// squared norm of its gradients.
  let latentSums: AlignedBuffer<Float>
  let squaredNorms: AlignedBuffer<Double>

  init(_ sizes: EngineSizes, rows: Int) {
    self.rows = rows
    let units = EngineSizes.units(ofRows: rows)
    let latentUnits = EngineSizes.units(ofLatents: sizes.latents)
    centered = AlignedBuffer(count: rows * sizes.inputStride)
    goal =
      sizes.readsItsTarget ? centered : AlignedBuffer(count: rows * sizes.outputStride)
    input = sizes.hasSkip ? AlignedBuffer(count: rows * sizes.inputStride) : nil
    residual = AlignedBuffer(count: rows * sizes.prefixes * sizes.outputStride)
    norms = AlignedBuffer(count: rows)
    residualSums = AlignedBuffer(count: units * sizes.outputStride)
    totals = AlignedBuffer(count: units)
    latentSums = AlignedBuffer(count: latentUnits * sizes.inputStride)
    squaredNorms = AlignedBuffer(count: latentUnits)
  }
}

/// What one unit of rows adds to the figures of a step.
struct UnitTotals: BitwiseCopyable {
  /// |r|² of all latents, of all prefixes, and of what gates alone reconstruct.
  var loss = 0.0
  var prefixes = 0.0
  var gates = 0.0
  /// The sums of w |z| or w |z|^p, and of w |z|^p after the next fall of p.
  var penalty = 0.0
  var nextPenalty = 0.0
  var active = 0
}

/// The sizes that buffers follow from.
struct EngineSizes: Hashable {
  let inputWidth, inputStride, outputWidth, outputStride, latents, prefixes: Int
  let readsItsTarget, hasSkip: Bool

  init(_ settings: EngineSettings) {
    let model = settings.model
    inputWidth = model.inputWidth
    outputWidth = model.outputWidth
    inputStride = AlignedBuffer<Float>.stride(ofWidth: inputWidth)
    outputStride = AlignedBuffer<Float>.stride(ofWidth: outputWidth)
    latents = model.latents
    prefixes = settings.prefixes.count
    readsItsTarget = model.architecture.readsItsTarget
    hasSkip = model.architecture.hasSkip
  }

  /// Latents that one unit updates.
  static let latentBlock = 32
  /// Rows that one unit encodes and decodes: two panels of the screen.
  static let rowBlock = 2 * Int(ELUTE_PANEL_ROWS)

  static func units(ofRows rows: Int) -> Int { (rows + rowBlock - 1) / rowBlock }
  static func units(ofLatents latents: Int) -> Int { (latents + latentBlock - 1) / latentBlock }
}

/// The memory and the tallies of one thread.
final class Worker {
  /// For the screen.
  let scratch: AlignedBuffer<UInt8>
  let row, secondRow, decoderGradient, encoderGradient: AlignedBuffer<Float>
  /// A row of data in the units of training, where more than factors make it.
  let normalized: AlignedBuffer<Float>
  var survivors: UInt64 = 0
  var fallbacks: UInt64 = 0
  var chooseSeconds = 0.0
  var decodeSeconds = 0.0

  init(_ sizes: EngineSizes, rowWidth: Int, scratchBytes: Int) {
    let stride = max(sizes.inputStride, sizes.outputStride)
    scratch = AlignedBuffer(count: scratchBytes)
    row = AlignedBuffer(count: stride)
    secondRow = AlignedBuffer(count: stride)
    decoderGradient = AlignedBuffer(count: stride)
    encoderGradient = AlignedBuffer(count: stride)
    normalized = AlignedBuffer(count: AlignedBuffer<Float>.stride(ofWidth: rowWidth) + 16)
  }

  func reset() {
    survivors = 0
    fallbacks = 0
    chooseSeconds = 0
    decodeSeconds = 0
  }
}
