import CSparseKernels
import SparseCoding

extension CPUEngine {
  /// Centres, chooses, decodes and takes code gradients, a unit of rows at a time.
  func runForward(_ batch: Batch, _ view: EngineView) -> (loss: Double, l0: Double) {
    let time = Stopwatch()
    let units = CPUEngine.units(ofRows: view.rows)
    let (k, guess) = (settings.k, thresholdGuess)
    batch.withValues { source in
      batch.rows.withUnsafeBufferPointer { chosen in
        guard let source, let chosen = chosen.baseAddress else { return }
        compute.pool.run(units: units) { unit, index in
          let worker = workers[index]
          let unitRows = view.rows(ofUnit: unit)
          let chooseTime = Stopwatch()
          view.center(unitRows, of: source, chosen: chosen)
          view.choose(unitRows, k: k, guess: guess, worker: worker)
          worker.chooseSeconds += chooseTime.seconds
          let decodeTime = Stopwatch()
          view.decode(unitRows, unit: unit, into: worker.row.start)
          worker.decodeSeconds += decodeTime.seconds
        }
      }
    }
    var loss = 0.0
    var active = 0
    for unit in 0..<units { loss += view.losses[unit] }
    for row in 0..<view.rows { active += Int(view.codes.counts[row]) }
    record(forwardSeconds: time.seconds)
    return (loss / Double(view.rows), Double(active) / Double(view.rows))
  }

  /// Guesses the next step's threshold from a sample of this one's smallest kept scores.
  func guessThreshold(_ view: EngineView) {
    let step = max(view.rows / 256, 1)
    let sample = Swift.stride(from: 0, to: view.rows, by: step)
      .map { view.codes.smallest[$0] }
    // Low, because a row of the next batch that does not reach it is screened twice.
    thresholdGuess = 0.9 * (sample.min() ?? 0)
  }
}

extension EngineView {
  func center(
    _ unitRows: Range<Int>, of source: UnsafePointer<Float>, chosen: UnsafePointer<Int>
  ) {
    for row in unitRows {
      let target = centered + row * stride
      functions.pointee.center(
        source + chosen[row] * width, scale, decoderBias.weights, width, target)
      norms[row] = elute_row_bound(functions.pointee.dot(target, target, stride))
    }
  }

  func choose(_ unitRows: Range<Int>, k: Int, guess: Float, worker: Worker) {
    let first = unitRows.lowerBound
    let input = EluteRows(
      input: centered + first * stride, norm: norms + first, rows: unitRows.count,
      stride: stride, k: k, threshold: guess)
    var choice = codes.choice(from: first)
    screened.choose(
      among: latents, encoder: encoder.weights, bias: encoderBias.weights, for: input,
      scratch: worker.scratch.start, into: &choice, with: functions)
    worker.survivors += choice.survivors
    worker.fallbacks += choice.fallbacks
  }

  func decode(_ unitRows: Range<Int>, unit: Int, into scratch: UnsafeMutablePointer<Float>) {
    let factor = 2 / Float(rows)
    let sum = residualSums + unit * stride
    sum.update(repeating: 0, count: stride)
    var loss = 0.0
    for row in unitRows {
      let at = row * codes.k
      let left = residual + row * stride
      functions.pointee.decode(
        zeros, decoder.weights, stride, codes.indices + at, codes.values + at,
        Int(codes.counts[row]), stride, scratch)
      functions.pointee.subtract(scratch, centered + row * stride, stride, left)
      loss += Double(functions.pointee.dot(left, left, stride))
      functions.pointee.accumulate(sum, left, 1, stride)
      takeCodeGradients(codes, row: row, residual: left, factor: factor)
    }
    losses[unit] = loss
    codes.count(unit: unit, rows: unitRows)
  }

  /// The gradients of one row's code and the coefficients of its residual: `factor r W_decᵀ` and
  /// `factor z`.
  func takeCodeGradients(
    _ codes: CodesView, row: Int, residual: UnsafePointer<Float>, factor: Float
  ) {
    let count = Int(codes.counts[row])
    let at = row * codes.k
    functions.pointee.gathered_dots(
      residual, decoder.weights, stride, codes.indices + at, count, stride, codes.gradients + at)
    for entry in at..<at + count {
      codes.gradients[entry] *= factor
      codes.coefficients[entry] = factor * codes.values[entry]
    }
  }
}
