import CSparseKernels
import SparseCoding

extension CPUEngine {
  /// Lets the dead latents reconstruct the residual; nothing is done, and nothing costs, without any.
  func reconstructWithDeadLatents(_ view: EngineView) -> (pass: AuxiliaryPass?, dead: Int) {
    let dead = (0..<sizes.latents).filter { view.rowsSinceFired[$0] >= settings.deadAfterRows }
    guard let auxiliary = settings.auxiliary, !dead.isEmpty else { return (nil, dead.count) }
    let time = Stopwatch()
    let k = min(auxiliary.k, dead.count)
    let weight = auxiliary.weight(dead: dead.count)
    let buffers = auxiliaryBuffers(rows: view.rows, k: min(auxiliary.k, sizes.latents))
    buffers.gather(dead, from: view, workers, on: compute.pool)
    buffers.codes.setEqualRoom(k)
    let codes = CodesView(buffers.codes)
    let search = buffers.search(count: dead.count)
    let (residual, losses) = (buffers.residual.start, buffers.losses.start)
    let factor = Float(2 * weight / Double(view.rows))
    let signs = settings.model.activation.isSigned
    let units = EngineSizes.units(ofRows: view.rows)
    compute.pool.run(units: units) { unit, worker in
      let unitRows = view.rows(ofUnit: unit)
      view.chooseDead(
        unitRows, k: k, signs: signs, of: search, into: codes,
        scratch: buffers.scratch[worker].start)
      losses[unit] = view.decodeDead(unitRows, codes, into: residual, factor: factor)
    }
    let loss = (0..<units).reduce(0.0) { $0 + losses[$1] } * weight / Double(view.rows)
    phases.deadLatents += time.seconds
    return (AuxiliaryPass(residual: residual, codes: codes, loss: loss), dead.count)
  }

  private func auxiliaryBuffers(rows: Int, k: Int) -> AuxiliaryBuffers {
    if let kept = auxiliary, kept.codes.rows == rows { return kept }
    let made = AuxiliaryBuffers(
      sizes, rows: rows, k: k, threads: workers.count, screen: compute.kernels.closeScreen)
    auxiliary = made
    return made
  }
}

/// What the dead latents made of the residual.
struct AuxiliaryPass: BitwiseCopyable {
  /// y W_dec + r, `[rows, output stride]`.
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
  /// The dead latents' encoder rows and biases, copied together for the search.
  ///
  /// Many of them are chosen for every row, so a coarse screen would save nothing.
  private var encoder: AlignedBuffer<Float>
  private let bias: AlignedBuffer<Float>
  private var screened: ScreenedLatents
  private let width: Int

  init(_ sizes: EngineSizes, rows: Int, k: Int, threads: Int, screen: Screen) {
    codes = BatchCodes(rows: rows, latents: sizes.latents, laneCount: 2, capacity: rows * k)
    residual = AlignedBuffer(count: rows * sizes.outputStride)
    losses = AlignedBuffer(count: EngineSizes.units(ofRows: rows))
    let bytes = elute_choose_scratch_bytes(
      sizes.inputWidth, EngineSizes.rowBlock, k, sizes.latents)
    scratch = (0..<threads).map { _ in AlignedBuffer(count: bytes) }
    dead = AlignedBuffer(count: sizes.latents)
    encoder = AlignedBuffer(count: 0)
    bias = AlignedBuffer(count: sizes.latents)
    screened = ScreenedLatents(screen, latents: 0, width: sizes.inputWidth)
    width = sizes.inputWidth
  }

  func gather(
    _ latents: [Int], from view: EngineView, _ workers: [Worker], on pool: ThreadPool
  ) {
    if encoder.count < latents.count * view.inputStride {
      let room = min(latents.count + latents.count / 2, view.latents)
      encoder = AlignedBuffer(count: room * view.inputStride)
      screened = ScreenedLatents(screened.screen, latents: room, width: width)
    }
    for (place, latent) in latents.enumerated() { dead.start[place] = Int32(latent) }
    let search = search(count: latents.count)
    pool.run(units: EngineSizes.units(ofLatents: latents.count)) { unit, worker in
      let first = unit * EngineSizes.latentBlock
      for place in first..<min(first + EngineSizes.latentBlock, search.count) {
        search.gather(place, from: view, scratch: workers[worker].row.start)
      }
    }
  }

  func search(count: Int) -> DeadSearch {
    DeadSearch(
      count: count, indices: dead.start, encoder: encoder.start, bias: bias.start,
      screened: screened.view)
  }
}

/// The dead latents as plain pointers.
struct DeadSearch: BitwiseCopyable {
  let count: Int
  let indices: UnsafePointer<Int32>
  let encoder, bias: UnsafeMutablePointer<Float>
  let screened: ScreenedLatents.View

  /// Copies one of them.
  func gather(_ place: Int, from view: EngineView, scratch: UnsafeMutablePointer<Float>) {
    let latent = Int(indices[place])
    bias[place] = view.encoderBias.weights[latent]
    let copy = encoder + place * view.inputStride
    copy.update(from: view.encoder.weights + latent * view.inputStride, count: view.inputStride)
    screened.update(
      place, row: copy, bias: bias[place], scratch: scratch, with: view.functions)
  }
}

extension EngineView {
  /// Chooses among the dead latents for one unit of rows, and names them by their own indices.
  func chooseDead(
    _ unitRows: Range<Int>, k: Int, signs: Bool, of search: DeadSearch, into codes: CodesView,
    scratch: UnsafeMutablePointer<UInt8>
  ) {
    let first = unitRows.lowerBound
    let input = EluteRows(
      input: centered + first * inputStride, norm: norms + first, rows: unitRows.count,
      stride: inputStride, k: k, signs: signs ? 1 : 0, threshold: 0)
    var choice = codes.choice(from: first)
    search.screened.choose(
      among: search.count, encoder: search.encoder, bias: search.bias, for: input,
      scratch: scratch, into: &choice, with: functions)
    for row in unitRows {
      for entry in codes.entries(ofRow: row) {
        codes.indices[entry] = search.indices[Int(codes.indices[entry])]
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
    forRowsTogether(codes, unitRows) { rows in
      for row in rows {
        (left + row * outputStride).update(from: fullResidual(of: row), count: outputStride)
      }
      addAtoms(of: 0..<latents, codes, rows: rows) { left + $0 * outputStride }
      for row in rows {
        let target = left + row * outputStride
        loss += Double(functions.pointee.dot(target, target, outputStride))
      }
      dotAtoms(of: 0..<latents, codes, rows: rows) { UnsafePointer(left + $0 * outputStride) }
      for row in rows { codes.scaleGradients(of: row, factor) }
    }
    return loss
  }
}
