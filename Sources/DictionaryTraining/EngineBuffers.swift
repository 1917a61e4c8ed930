import CSparseKernels
import SparseCoding

/// One tensor of weights with its moments, in padded rows.
struct Tensor {
  let weights, first, second: AlignedBuffer<Float>

  /// Takes a tensor out of a state, so that memory holds it once.
  init(_ state: inout TrainingState, _ part: WritableKeyPath<Parameters, Matrix>) {
    func taken(_ values: WritableKeyPath<TrainingState, Parameters>) -> AlignedBuffer<Float> {
      let path = values.appending(path: part)
      let padded = AlignedBuffer(padding: state[keyPath: path])
      state[keyPath: path] = Matrix(rows: 0, columns: 0)
      return padded
    }
    weights = taken(\.parameters)
    first = taken(\.firstMoments)
    second = taken(\.secondMoments)
  }

  init(_ state: TrainingState, _ part: KeyPath<Parameters, [Float]>, padding count: Int) {
    func padded(_ values: [Float]) -> AlignedBuffer<Float> {
      AlignedBuffer(values + [Float](repeating: 0, count: count - values.count))
    }
    weights = padded(state.parameters[keyPath: part])
    first = padded(state.firstMoments[keyPath: part])
    second = padded(state.secondMoments[keyPath: part])
  }
}

/// The buffers that one batch fills.
struct BatchBuffers {
  let rows: Int
  /// s x - b_dec, and x̂ - s x, `[rows, stride]`.
  let centered, residual: AlignedBuffer<Float>
  /// Bounds of the rows, for the screen.
  let norms: AlignedBuffer<Float>
  let codes: BatchCodes
  /// For each unit of rows the sum of its residuals, `[units, stride]`, and its losses.
  let residualSums: AlignedBuffer<Float>
  let losses: AlignedBuffer<Double>
  /// For each unit of latents its part of the output bias's gradient, `[units, stride]`, and the
  /// squared norm of its gradients.
  let latentSums: AlignedBuffer<Float>
  let squaredNorms: AlignedBuffer<Double>

  init(rows: Int, stride: Int, k: Int, latents: Int) {
    self.rows = rows
    centered = AlignedBuffer(count: rows * stride)
    residual = AlignedBuffer(count: rows * stride)
    norms = AlignedBuffer(count: rows)
    codes = BatchCodes(rows: rows, k: k, latents: latents)
    let units = CPUEngine.units(ofRows: rows)
    residualSums = AlignedBuffer(count: units * stride)
    losses = AlignedBuffer(count: units)
    let latentUnits = CPUEngine.units(ofLatents: latents)
    latentSums = AlignedBuffer(count: latentUnits * stride)
    squaredNorms = AlignedBuffer(count: latentUnits)
  }
}

/// The codes of a batch, by row with room for `k` entries each, and regrouped by latent.
struct BatchCodes {
  let rows, k, latents: Int
  let indices, counts, histograms, latentRows: AlignedBuffer<Int32>
  let values, smallest, coefficients, gradients: AlignedBuffer<Float>
  let latentCoefficients, latentGradients: AlignedBuffer<Float>
  let offsets, cursor: AlignedBuffer<Int64>

  init(rows: Int, k: Int, latents: Int) {
    self.rows = rows
    self.k = k
    self.latents = latents
    indices = AlignedBuffer(count: rows * k)
    counts = AlignedBuffer(count: rows)
    histograms = AlignedBuffer(count: latents * CPUEngine.units(ofRows: rows))
    latentRows = AlignedBuffer(count: rows * k)
    values = AlignedBuffer(count: rows * k)
    smallest = AlignedBuffer(count: rows)
    coefficients = AlignedBuffer(count: rows * k)
    gradients = AlignedBuffer(count: rows * k)
    latentCoefficients = AlignedBuffer(count: rows * k)
    latentGradients = AlignedBuffer(count: rows * k)
    offsets = AlignedBuffer(count: latents + 1)
    cursor = AlignedBuffer(count: latents)
  }
}

/// The memory and the tallies of one thread.
final class Worker {
  let scratch: AlignedBuffer<UInt8>
  let row, decoderGradient, encoderGradient, decoderPart, encoderPart: AlignedBuffer<Float>
  var survivors: UInt64 = 0
  var fallbacks: UInt64 = 0
  var chooseSeconds = 0.0
  var decodeSeconds = 0.0

  init(stride: Int, scratchBytes: Int) {
    scratch = AlignedBuffer(count: scratchBytes)
    row = AlignedBuffer(count: stride)
    decoderGradient = AlignedBuffer(count: stride)
    encoderGradient = AlignedBuffer(count: stride)
    decoderPart = AlignedBuffer(count: stride)
    encoderPart = AlignedBuffer(count: stride)
  }

  func reset() {
    survivors = 0
    fallbacks = 0
    chooseSeconds = 0
    decodeSeconds = 0
  }
}
