import CSparseKernels
import SparseCoding

extension CPUEngine {
  /// Lets the dead latents reconstruct the residual; nothing is done, and nothing costs, without any.
  func reconstructWithDeadLatents() -> (pass: AuxiliaryPass?, dead: Int) {
    let dead = (0..<latents).filter { rowsSinceFired.start[$0] >= settings.deadAfterRows }
    guard let auxiliary = settings.auxiliary, !dead.isEmpty else { return (nil, dead.count) }
    let time = Stopwatch()
    let k = min(auxiliary.k, dead.count)
    let weight = auxiliary.weight(dead: dead.count)
    let codes = BatchCodes(rows: rows.rows, k: k, latents: latents)
    let residual = AlignedBuffer<Float>(count: rows.rows * stride)
    let losses = AlignedBuffer<Double>(count: rows.units)
    let search = DeadLatentSearch(dead, of: self, k: k)
    let factor = Float(2 * weight / Double(rows.rows))
    compute.pool.run(units: rows.units) { unit, worker in
      let first = unit * CPUEngine.rowBlock
      let unitRows = first..<min(first + CPUEngine.rowBlock, rows.rows)
      search.choose(unitRows, of: self, into: codes, worker: worker)
      var loss = 0.0
      for row in unitRows {
        let at = row * k
        let left = residual.start + row * stride
        functions.pointee.decode(
          rows.residual.start + row * stride, decoder.weights.start, stride,
          codes.indices.start + at, codes.values.start + at, Int(codes.counts.start[row]), stride,
          left)
        loss += Double(functions.pointee.dot(left, left, stride))
        takeCodeGradients(codes, row: row, residual: left, factor: factor)
      }
      losses.start[unit] = loss
      codes.count(unit: unit)
    }
    let loss = losses.elements.reduce(0, +) * weight / Double(rows.rows)
    recordDeadLatents(seconds: time.seconds)
    return (AuxiliaryPass(residual: residual, codes: codes, loss: loss), dead.count)
  }
}

/// The dead latents' encoder rows, copied together so that the same search serves them.
private struct DeadLatentSearch {
  let dead: AlignedBuffer<Int32>
  let encoder, bias, bounds: AlignedBuffer<Float>
  let scratch: [AlignedBuffer<UInt8>]
  let k: Int

  init(_ latents: [Int], of engine: CPUEngine, k: Int) {
    dead = AlignedBuffer(latents.map(Int32.init))
    encoder = AlignedBuffer(count: latents.count * engine.stride)
    bias = AlignedBuffer(latents.map { engine.encoderBias.weights.start[$0] })
    bounds = AlignedBuffer(latents.map { engine.bounds.start[$0] })
    for (position, latent) in latents.enumerated() {
      (encoder.start + position * engine.stride).update(
        from: engine.encoder.weights.start + latent * engine.stride, count: engine.stride)
    }
    let bytes = elute_choose_scratch_bytes(engine.width, 2, k)
    scratch = engine.workers.map { _ in AlignedBuffer(count: bytes) }
    self.k = k
  }

  func choose(_ rows: Range<Int>, of engine: CPUEngine, into codes: BatchCodes, worker: Int) {
    var search = EluteLatents(
      encoder: encoder.start, bias: bias.start, bound: bounds.start, latents: dead.count,
      width: engine.width, stride: engine.stride)
    var input = EluteRows(
      input: engine.rows.centered.start + rows.lowerBound * engine.stride,
      norm: engine.rows.norms.start + rows.lowerBound, rows: rows.count, stride: engine.stride,
      k: k, threshold: 0)
    var choice = codes.choice(from: rows.lowerBound)
    engine.functions.pointee.choose(&search, &input, scratch[worker].start, &choice)
    for row in rows {
      for entry in row * k..<row * k + Int(codes.counts.start[row]) {
        codes.indices.start[entry] = dead.start[Int(codes.indices.start[entry])]
      }
    }
  }
}
