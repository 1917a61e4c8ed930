import CSparseKernels
import SparseCoding

/// The memory of an encoder of several steps.
///
/// Its steps are kept as rows of their own: step t of row r is row `r × steps + t` of `codes`, with the
/// code z_t, in lane 0 the gradient of its scores, in lane 1 its values.
final class MultistepBuffers {
  let steps, k, latents: Int
  let codes: BatchCodes
  /// For each thread the scores of some rows, at first and in a later step.
  let scores, later: AlignedBuffer<Float>
  let scratch: AlignedBuffer<UInt8>
  let rowsAtOnce: Int
  /// The rows of the centred data that entries regrouped by latent belong to.
  private(set) var dataRows: AlignedBuffer<Int32>
  /// The 2k largest scores of each row, where a penalty looks at them.
  let supports: BatchCodes?

  init?(_ settings: EngineSettings, rows: Int, threads: Int) {
    guard settings.model.encoderSteps > 1, let k = settings.largestK else { return nil }
    steps = settings.model.encoderSteps
    self.k = k
    let latents = settings.model.latents
    self.latents = latents
    codes = BatchCodes(
      rows: rows * steps, latents: latents, laneCount: 2, capacity: rows * steps * k)
    let stride = AlignedBuffer<Float>.stride(ofWidth: latents)
    let rowsAtOnce = max(1, min(EngineSizes.rowBlock, (16 << 20) / (4 * stride)))
    self.rowsAtOnce = rowsAtOnce
    scores = AlignedBuffer(count: threads * rowsAtOnce * stride)
    later = AlignedBuffer(count: threads * rowsAtOnce * stride)
    scratch = AlignedBuffer(count: threads * (16 * latents + 64))
    dataRows = AlignedBuffer(count: rows * steps * k)
    supports =
      settings.objective.isometry == nil
      ? nil
      : BatchCodes(
        rows: rows, latents: latents, laneCount: 2, capacity: rows * min(2 * k, latents))
  }

  var view: MultistepView {
    MultistepView(
      steps: steps, rowsAtOnce: rowsAtOnce, codes: CodesView(codes),
      supports: supports.map(CodesView.init), allScores: scores.start,
      allLater: later.start, allScratch: scratch.start, dataRows: dataRows.start)
  }
}

/// The memory of an encoder of several steps as plain pointers.
struct MultistepView: BitwiseCopyable {
  let steps, rowsAtOnce: Int
  let codes: CodesView
  let supports: CodesView?
  private let allScores, allLater: UnsafeMutablePointer<Float>
  private let allScratch: UnsafeMutablePointer<UInt8>
  let dataRows: UnsafeMutablePointer<Int32>

  init(
    steps: Int, rowsAtOnce: Int, codes: CodesView, supports: CodesView?,
    allScores: UnsafeMutablePointer<Float>, allLater: UnsafeMutablePointer<Float>,
    allScratch: UnsafeMutablePointer<UInt8>, dataRows: UnsafeMutablePointer<Int32>
  ) {
    self.steps = steps
    self.rowsAtOnce = rowsAtOnce
    self.codes = codes
    self.supports = supports
    self.allScores = allScores
    self.allLater = allLater
    self.allScratch = allScratch
    self.dataRows = dataRows
  }

  /// A thread's own memory.
  func scores(_ worker: Int) -> UnsafeMutablePointer<Float> {
    allScores + worker * rowsAtOnce * stride
  }
  func later(_ worker: Int) -> UnsafeMutablePointer<Float> {
    allLater + worker * rowsAtOnce * stride
  }
  /// From one row's scores to the next's.
  var stride: Int { AlignedBuffer<Float>.stride(ofWidth: codes.latents) }
  func scratch(_ worker: Int) -> UnsafeMutablePointer<UInt8> {
    allScratch + worker * (16 * codes.latents + 64)
  }

  /// The supports of the rows' last scores.
  func copySupports(of rows: Range<Int>, into target: CodesView) {
    guard let supports else { return }
    for row in rows {
      let from = supports.entries(ofRow: row)
      target.counts[row] = Int32(from.count)
      let to = Int(target.starts[row])
      (target.indices + to).update(from: supports.indices + from.lowerBound, count: from.count)
    }
  }
}

extension CPUEngine {
  /// Regroups the steps' codes by latent.
  func regroupSteps(_ view: EngineView) {
    guard let multistep else { return }
    let steps = multistep.view
    steps.codes.regroup(0..<view.rows * steps.steps, on: compute.pool)
    let total = Int(steps.codes.offsets[sizes.latents])
    for entry in 0..<total {
      steps.dataRows[entry] = steps.codes.latentRows[entry] / Int32(steps.steps)
    }
  }
}

extension EngineView {
  /// Encodes a unit of rows in all steps; the last code becomes the row's code.
  func chooseInSteps(
    _ unitRows: Range<Int>, _ constants: StepConstants, signs: Bool, in steps: MultistepView,
    worker: Int
  ) {
    let (first, later) = (steps.scores(worker), steps.later(worker))
    for start in stride(from: unitRows.lowerBound, to: unitRows.upperBound, by: steps.rowsAtOnce) {
      let rows = start..<min(start + steps.rowsAtOnce, unitRows.upperBound)
      functions.pointee.scores(
        centered + start * inputStride, rows.count, encoder.weights, encoderBias.weights, latents,
        inputStride, first, steps.stride)
      for step in 0..<steps.steps {
        if step > 0 { feedBack(rows, to: step, from: first, into: later, in: steps) }
        for row in rows {
          let scores = (step > 0 ? later : first) + (row - start) * steps.stride
          choose(
            row, step: step, scores, constants.k, signs: signs, in: steps,
            scratch: steps.scratch(worker))
        }
      }
    }
  }

  private func choose(
    _ row: Int, step: Int, _ scores: UnsafeMutablePointer<Float>, _ k: Int, signs: Bool,
    in steps: MultistepView, scratch: UnsafeMutablePointer<UInt8>
  ) {
    let place = row * steps.steps + step
    let (start, codes) = (place * k, steps.codes)
    let count = functions.pointee.select_largest(
      scores, latents, k, signs ? 1 : 0, scratch, codes.values + start, codes.indices + start)
    codes.starts[place] = Int64(start)
    codes.counts[place] = Int32(count)
    guard step == steps.steps - 1 else { return }
    let own = Int(self.codes.starts[row])
    self.codes.counts[row] = Int32(count)
    (self.codes.indices + own).update(from: codes.indices + start, count: count)
    (self.codes.values + own).update(from: codes.values + start, count: count)
    guard let supports = steps.supports else { return }
    let room = min(2 * k, latents)
    supports.starts[row] = Int64(row * room)
    supports.counts[row] = Int32(
      functions.pointee.select_largest(
        scores, latents, room, 1, scratch, supports.values + row * room,
        supports.indices + row * room))
  }

  /// The scores of a step: the first ones and `z S` of the step before.
  ///
  /// Some columns of S at a time, so that they stay in cache for all rows.
  private func feedBack(
    _ rows: Range<Int>, to step: Int, from first: UnsafeMutablePointer<Float>,
    into later: UnsafeMutablePointer<Float>, in steps: MultistepView
  ) {
    guard let feedback else { return }
    let panel = 256
    for column in stride(from: 0, to: steps.stride, by: panel) {
      for row in rows {
        let entries = steps.codes.entries(ofRow: row * steps.steps + step - 1)
        let place = (row - rows.lowerBound) * steps.stride + column
        functions.pointee.decode(
          first + place, feedback.weights + column, steps.stride,
          steps.codes.indices + entries.lowerBound, steps.codes.values + entries.lowerBound,
          entries.count, min(panel, steps.stride - column), later + place)
      }
    }
  }

  /// From the gradients of the rows' codes to those of the scores of all steps.
  func backThroughSteps(_ unitRows: Range<Int>, in steps: MultistepView, worker: Int) {
    guard let feedback else { return }
    let stride = AlignedBuffer<Float>.stride(ofWidth: latents)
    let (gradients, values) = (steps.codes.lane(0), steps.codes.lane(1))
    for row in unitRows {
      for step in row * steps.steps..<(row + 1) * steps.steps {
        for entry in steps.codes.entries(ofRow: step) { values[entry] = steps.codes.values[entry] }
      }
      let last = row * steps.steps + steps.steps - 1
      let start = Int(steps.codes.starts[last])
      (gradients + start).update(
        from: codes.lane(1) + Int(codes.starts[row]), count: Int(codes.counts[row]))
      for step in Swift.stride(from: last, to: row * steps.steps, by: -1) {
        let after = steps.codes.entries(ofRow: step)
        for entry in steps.codes.entries(ofRow: step - 1) {
          let own = feedback.weights + Int(steps.codes.indices[entry]) * stride
          var sum: Float = 0
          for later in after { sum += gradients[later] * own[Int(steps.codes.indices[later])] }
          gradients[entry] = sum
        }
      }
    }
  }

  /// The gradient of the feedback of one latent, `[d_sae]`.
  func buildFeedbackGradient(
    of latent: Int, in steps: MultistepView, into gradient: UnsafeMutablePointer<Float>
  ) {
    let codes = steps.codes
    gradient.update(repeating: 0, count: AlignedBuffer<Float>.stride(ofWidth: latents))
    for entry in codes.entries(ofLatent: latent) {
      let place = Int(codes.latentRows[entry])
      if place % steps.steps == steps.steps - 1 { continue }
      let value = codes.latentLane(1)[entry]
      for later in codes.entries(ofRow: place + 1) {
        gradient[Int(codes.indices[later])] += value * codes.lane(0)[later]
      }
    }
  }
}
