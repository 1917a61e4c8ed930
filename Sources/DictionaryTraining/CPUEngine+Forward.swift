import CSparseKernels
import SparseCoding

extension CPUEngine {
  /// Centres, chooses, decodes and takes code gradients, a unit of rows at a time.
  func runForward(_ batch: Batch) -> (loss: Double, l0: Double) {
    let time = Stopwatch()
    let rows = rows
    batch.source.values.withUnsafeBufferPointer { source in
      nonisolated(unsafe) let source = source
      compute.pool.run(units: rows.units) { unit, worker in
        guard let source = source.baseAddress else { return }
        let first = unit * CPUEngine.rowBlock
        let unitRows = first..<min(first + CPUEngine.rowBlock, rows.rows)
        let chooseTime = Stopwatch()
        center(unitRows, of: batch, source: source)
        choose(unitRows, worker: workers[worker])
        workers[worker].chooseSeconds += chooseTime.seconds
        let decodeTime = Stopwatch()
        decode(unitRows, unit: unit, worker: workers[worker])
        workers[worker].decodeSeconds += decodeTime.seconds
      }
    }
    var loss = 0.0
    var active = 0
    for unit in 0..<rows.units { loss += rows.losses.start[unit] }
    for row in 0..<rows.rows { active += Int(rows.codes.counts.start[row]) }
    record(forwardSeconds: time.seconds)
    return (loss / Double(rows.rows), Double(active) / Double(rows.rows))
  }

  private func center(_ unitRows: Range<Int>, of batch: Batch, source: UnsafePointer<Float>) {
    for row in unitRows {
      let target = rows.centered.start + row * stride
      functions.pointee.center(
        source + batch.rows[batch.rows.startIndex + row] * width, scale,
        decoderBias.weights.start, width, target)
      rows.norms.start[row] = elute_row_bound(functions.pointee.dot(target, target, stride))
    }
  }

  private func choose(_ unitRows: Range<Int>, worker: Worker) {
    let first = unitRows.lowerBound
    var search = EluteLatents(
      encoder: encoder.weights.start, bias: encoderBias.weights.start, bound: bounds.start,
      latents: latents, width: width, stride: stride)
    var input = EluteRows(
      input: rows.centered.start + first * stride, norm: rows.norms.start + first,
      rows: unitRows.count, stride: stride, k: settings.k, threshold: thresholdGuess)
    var choice = rows.codes.choice(from: first)
    functions.pointee.choose(&search, &input, worker.scratch.start, &choice)
    worker.survivors += choice.survivors
    worker.fallbacks += choice.fallbacks
  }

  private func decode(_ unitRows: Range<Int>, unit: Int, worker: Worker) {
    let codes = rows.codes
    let factor = 2 / Float(rows.rows)
    let sum = rows.residualSums.start + unit * stride
    sum.update(repeating: 0, count: stride)
    var loss = 0.0
    for row in unitRows {
      let count = Int(codes.counts.start[row])
      let at = row * codes.k
      let residual = rows.residual.start + row * stride
      functions.pointee.decode(
        zeros.start, decoder.weights.start, stride, codes.indices.start + at,
        codes.values.start + at, count, stride, worker.row.start)
      functions.pointee.subtract(
        worker.row.start, rows.centered.start + row * stride, stride, residual)
      loss += Double(functions.pointee.dot(residual, residual, stride))
      functions.pointee.accumulate(sum, residual, 1, stride)
      takeCodeGradients(codes, row: row, residual: residual, factor: factor)
    }
    rows.losses.start[unit] = loss
    codes.count(unit: unit)
  }

  /// The gradients of one row's code and the coefficients of its residual: `factor r W_decᵀ` and
  /// `factor z`.
  func takeCodeGradients(
    _ codes: BatchCodes, row: Int, residual: UnsafePointer<Float>, factor: Float
  ) {
    let count = Int(codes.counts.start[row])
    let at = row * codes.k
    let gradients = codes.gradients.start + at
    functions.pointee.gathered_dots(
      residual, decoder.weights.start, stride, codes.indices.start + at, count, stride, gradients)
    for entry in 0..<count {
      gradients[entry] *= factor
      codes.coefficients.start[at + entry] = factor * codes.values.start[at + entry]
    }
  }

  /// Guesses the next step's threshold from a sample of this one's smallest kept scores.
  func guessThreshold() {
    let step = max(rows.rows / 256, 1)
    let sample = Swift.stride(from: 0, to: rows.rows, by: step)
      .map { rows.codes.smallest.start[$0] }.sorted()
    thresholdGuess = sample.isEmpty ? 0 : 0.9 * sample[sample.count / 100]
  }
}
