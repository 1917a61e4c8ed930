import CSparseKernels
import SparseCoding

extension CPUEngine {
  /// Lets the dead latents reconstruct the residual; nothing is done, and nothing costs, without any.
  func reconstructWithDeadLatents(_ view: EngineView) -> (pass: AuxiliaryPass?, dead: Int) {
    let dead = (0..<latents).filter { view.rowsSinceFired[$0] >= settings.deadAfterRows }
    guard let auxiliary = settings.auxiliary, !dead.isEmpty else { return (nil, dead.count) }
    let time = Stopwatch()
    let k = min(auxiliary.k, dead.count)
    let weight = auxiliary.weight(dead: dead.count)
    let buffers = auxiliaryBuffers(rows: view.rows, k: min(auxiliary.k, latents))
    buffers.gather(dead, from: view)
    let codes = CodesView(buffers.codes, k: k)
    let search = buffers.search(view, count: dead.count)
    let (residual, losses, indices) = (
      buffers.residual.start, buffers.losses.start, buffers.dead.start
    )
    let factor = Float(2 * weight / Double(view.rows))
    let units = CPUEngine.units(ofRows: view.rows)
    compute.pool.run(units: units) { unit, worker in
      let unitRows = view.rows(ofUnit: unit)
      view.chooseDead(
        unitRows, of: search, indices: indices, into: codes,
        scratch: buffers.scratch[worker].start)
      losses[unit] = view.decodeDead(unitRows, codes, into: residual, factor: factor)
      codes.count(unit: unit, rows: unitRows)
    }
    let loss = (0..<units).reduce(0.0) { $0 + losses[$1] } * weight / Double(view.rows)
    phases.deadLatents = time.seconds
    return (AuxiliaryPass(residual: residual, codes: codes, loss: loss), dead.count)
  }

  private func auxiliaryBuffers(rows: Int, k: Int) -> AuxiliaryBuffers {
    if let kept = auxiliary, kept.codes.rows == rows { return kept }
    let made = AuxiliaryBuffers(
      rows: rows, k: k, latents: latents, width: width, stride: stride, threads: workers.count)
    auxiliary = made
    return made
  }
}

/// What the dead latents made of the residual.
struct AuxiliaryPass: BitwiseCopyable {
  /// y W_dec + r, `[rows, stride]`.
  let residual: UnsafeMutablePointer<Float>
  let codes: CodesView
  let loss: Double
}

/// The memory of the auxiliary pass, made when the first latent dies and kept.
final class AuxiliaryBuffers {
  let codes: BatchCodes
  let residual: AlignedBuffer<Float>
  let losses: AlignedBuffer<Double>
  let scratch: [AlignedBuffer<UInt8>]
  let dead: AlignedBuffer<Int32>
  /// The dead latents' encoder rows, biases and bounds, copied together for the search.
  private var encoder: AlignedBuffer<Float>
  private let bias, bounds: AlignedBuffer<Float>

  init(rows: Int, k: Int, latents: Int, width: Int, stride: Int, threads: Int) {
    codes = BatchCodes(rows: rows, k: k, latents: latents)
    residual = AlignedBuffer(count: rows * stride)
    losses = AlignedBuffer(count: CPUEngine.units(ofRows: rows))
    let bytes = elute_choose_scratch_bytes(width, 2, k)
    scratch = (0..<threads).map { _ in AlignedBuffer(count: bytes) }
    dead = AlignedBuffer(count: latents)
    encoder = AlignedBuffer(count: 0)
    bias = AlignedBuffer(count: latents)
    bounds = AlignedBuffer(count: latents)
  }

  func gather(_ latents: [Int], from view: EngineView) {
    if encoder.count < latents.count * view.stride {
      let room = min(latents.count + latents.count / 2, view.latents)
      encoder = AlignedBuffer(count: room * view.stride)
    }
    for (place, latent) in latents.enumerated() {
      dead.start[place] = Int32(latent)
      bias.start[place] = view.encoderBias.weights[latent]
      bounds.start[place] = view.bounds[latent]
      (encoder.start + place * view.stride).update(
        from: view.encoder.weights + latent * view.stride, count: view.stride)
    }
  }

  func search(_ view: EngineView, count: Int) -> EluteLatents {
    EluteLatents(
      encoder: encoder.start, bias: bias.start, bound: bounds.start, latents: count,
      width: view.width, stride: view.stride)
  }
}

extension EngineView {
  /// Chooses among the dead latents for one unit of rows, and names them by their own indices.
  func chooseDead(
    _ unitRows: Range<Int>, of search: EluteLatents, indices: UnsafePointer<Int32>,
    into codes: CodesView, scratch: UnsafeMutablePointer<UInt8>
  ) {
    var search = search
    let first = unitRows.lowerBound
    var input = EluteRows(
      input: centered + first * stride, norm: norms + first, rows: unitRows.count,
      stride: stride, k: codes.k, threshold: 0)
    var choice = codes.choice(from: first)
    functions.pointee.choose(&search, &input, scratch, &choice)
    for row in unitRows {
      for entry in row * codes.k..<row * codes.k + Int(codes.counts[row]) {
        codes.indices[entry] = indices[Int(codes.indices[entry])]
      }
    }
  }

  /// Adds the dead latents' reconstruction to the residual, takes code gradients, and returns the
  /// sum of what is left, squared.
  func decodeDead(
    _ unitRows: Range<Int>, _ codes: CodesView, into left: UnsafeMutablePointer<Float>,
    factor: Float
  ) -> Double {
    var loss = 0.0
    for row in unitRows {
      let at = row * codes.k
      let target = left + row * stride
      functions.pointee.decode(
        residual + row * stride, decoder.weights, stride, codes.indices + at, codes.values + at,
        Int(codes.counts[row]), stride, target)
      loss += Double(functions.pointee.dot(target, target, stride))
      takeCodeGradients(codes, row: row, residual: target, factor: factor)
    }
    return loss
  }
}
