import CSparseKernels
import SparseCoding

extension CPUEngine {
  /// Prepares, chooses, decodes and takes code gradients, a unit of rows at a time.
  ///
  /// Rules that do not know how many latents are active work on as many rows at once as there is room
  /// for; the gradients of all but the last such part are added up in `gradients`.
  ///
  /// - Returns: The rows whose codes are in `codes`.
  func runForward(
    _ batch: Batch, _ constants: StepConstants, _ rule: StepRule
  ) -> Range<Int> {
    let time = Stopwatch()
    if settings.perRowK != nil { codes.setEqualRoom(constants.k) }
    let supports = searchedSupports
    let view = makeView()
    let normalization = normalizer.isDiagonal ? nil : normalizer
    var last = 0..<rows.rows
    batch.withValues { source in
      batch.rows.withUnsafeBufferPointer { chosen in
        guard let source, let chosen = chosen.baseAddress else { return }
        let units = EngineSizes.units(ofRows: view.rows)
        if settings.perRowK != nil {
          compute.pool.run(units: units) { [self] unit, index in
            let worker = workers[index]
            let unitRows = view.rows(ofUnit: unit)
            let chooseTime = Stopwatch()
            view.prepare(unitRows, of: source, chosen: chosen, by: normalization, worker: worker)
            if let multistep {
              view.chooseInSteps(
                unitRows, constants, signs: settings.model.activation.isSigned,
                in: multistep.view, worker: index)
            } else {
              view.choose(
                unitRows, k: constants.k, signs: settings.model.activation.isSigned,
                guess: thresholdGuess, supports: supports, worker: worker)
            }
            worker.chooseSeconds += chooseTime.seconds
            let decodeTime = Stopwatch()
            view.decode(unitRows, unit: unit, rule, worker: worker)
            if let multistep { view.backThroughSteps(unitRows, in: multistep.view, worker: index) }
            view.codes.count(unit: unit, of: 0..<view.rows)
            worker.decodeSeconds += decodeTime.seconds
          }
        } else {
          compute.pool.run(units: units) { [self] unit, index in
            view.prepare(
              view.rows(ofUnit: unit), of: source, chosen: chosen, by: normalization,
              worker: workers[index])
          }
          last = chooseByThreshold(constants, rule)
        }
      }
    }
    record(forwardSeconds: time.seconds)
    return last
  }

  /// Guesses the next step's threshold from a sample of the smallest scores that this one's search found.
  func guessThreshold(_ view: EngineView) {
    guard settings.perRowK != nil, multistep == nil else { return }
    let searched = searchedSupports?.codes ?? view.codes
    let step = max(view.rows / 256, 1)
    let sample = Swift.stride(from: 0, to: view.rows, by: step)
      .map { searched.smallest[$0] }
    // Low, because a row of the next batch that does not reach it is screened twice.
    thresholdGuess = 0.9 * (sample.min() ?? 0)
  }

  private func record(forwardSeconds: Double) {
    let chosen = workers.reduce(0) { $0 + $1.chooseSeconds }
    let decoded = workers.reduce(0) { $0 + $1.decodeSeconds }
    let share = chosen + decoded > 0 ? chosen / (chosen + decoded) : 1
    phases.choose = forwardSeconds * share
    phases.decode = forwardSeconds * (1 - share)
    phases.survivors = workers.reduce(0) { $0 + $1.survivors }
    phases.fallbacks = workers.reduce(0) { $0 + $1.fallbacks }
  }
}

extension EngineView {
  /// Chooses the k largest of each row of a unit; where supports are asked for, searches these and takes
  /// the codes from them.
  func choose(
    _ unitRows: Range<Int>, k: Int, signs: Bool, guess: Float, supports: SupportsView?,
    worker: Worker
  ) {
    guard let supports else {
      return search(unitRows, k: k, signs: signs, guess: guess, into: codes, worker: worker)
    }
    search(
      unitRows, k: supports.k, signs: true, guess: guess, into: supports.codes, worker: worker)
    keepLargest(k, of: supports.codes, unitRows, worker: worker)
  }

  /// Searches all scores of a unit's rows for the k largest.
  func search(
    _ unitRows: Range<Int>, k: Int, signs: Bool, guess: Float, into codes: CodesView,
    worker: Worker
  ) {
    let first = unitRows.lowerBound
    let input = EluteRows(
      input: centered + first * inputStride, norm: norms + first, rows: unitRows.count,
      stride: inputStride, k: k, signs: signs ? 1 : 0, threshold: guess)
    var choice = codes.choice(from: first)
    screened?.choose(
      among: latents, encoder: encoder.weights, bias: encoderBias.weights, for: input,
      scratch: worker.scratch.start, into: &choice, with: functions)
    worker.survivors += choice.survivors
    worker.fallbacks += choice.fallbacks
  }
}
