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
    let buffers = BatchCodes(rows: view.rows, k: k, latents: latents)
    let residual = AlignedBuffer<Float>(count: view.rows * stride)
    let units = CPUEngine.units(ofRows: view.rows)
    let losses = AlignedBuffer<Double>(count: units)
    let search = DeadLatentSearch(dead, of: view, k: k, threads: workers.count)
    let factor = Float(2 * weight / Double(view.rows))
    let codes = CodesView(buffers)
    let (start, lossStart) = (residual.start, losses.start)
    compute.pool.run(units: units) { unit, worker in
      let unitRows = view.rows(ofUnit: unit)
      search.choose(unitRows, of: view, into: codes, worker: worker)
      var loss = 0.0
      for row in unitRows {
        let at = row * k
        let left = start + row * view.stride
        view.functions.pointee.decode(
          view.residual + row * view.stride, view.decoder.weights, view.stride,
          codes.indices + at, codes.values + at, Int(codes.counts[row]), view.stride, left)
        loss += Double(view.functions.pointee.dot(left, left, view.stride))
        view.takeCodeGradients(codes, row: row, residual: left, factor: factor)
      }
      lossStart[unit] = loss
      codes.count(unit: unit, rows: unitRows)
    }
    let loss = losses.elements.reduce(0, +) * weight / Double(view.rows)
    recordDeadLatents(seconds: time.seconds)
    return (AuxiliaryPass(residual: residual, codes: buffers, loss: loss), dead.count)
  }
}

/// The dead latents' encoder rows, copied together so that the same search serves them.
private struct DeadLatentSearch {
  let dead: AlignedBuffer<Int32>
  let encoder, bias, bounds: AlignedBuffer<Float>
  let scratch: [AlignedBuffer<UInt8>]
  let k: Int

  init(_ latents: [Int], of view: EngineView, k: Int, threads: Int) {
    dead = AlignedBuffer(latents.map(Int32.init))
    encoder = AlignedBuffer(count: latents.count * view.stride)
    bias = AlignedBuffer(latents.map { view.encoderBias.weights[$0] })
    bounds = AlignedBuffer(latents.map { view.bounds[$0] })
    for (position, latent) in latents.enumerated() {
      (encoder.start + position * view.stride).update(
        from: view.encoder.weights + latent * view.stride, count: view.stride)
    }
    let bytes = elute_choose_scratch_bytes(view.width, 2, k)
    scratch = (0..<threads).map { _ in AlignedBuffer(count: bytes) }
    self.k = k
  }

  func choose(_ rows: Range<Int>, of view: EngineView, into codes: CodesView, worker: Int) {
    var search = EluteLatents(
      encoder: encoder.start, bias: bias.start, bound: bounds.start, latents: dead.count,
      width: view.width, stride: view.stride)
    var input = EluteRows(
      input: view.centered + rows.lowerBound * view.stride, norm: view.norms + rows.lowerBound,
      rows: rows.count, stride: view.stride, k: k, threshold: 0)
    var choice = codes.choice(from: rows.lowerBound)
    view.functions.pointee.choose(&search, &input, scratch[worker].start, &choice)
    let dead = dead.start
    for row in rows {
      for entry in row * k..<row * k + Int(codes.counts[row]) {
        codes.indices[entry] = dead[Int(codes.indices[entry])]
      }
    }
  }
}
