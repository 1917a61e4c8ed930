import CSparseKernels
import SparseCoding
import Synchronization

/// The room that rules have which do not know how many latents are active; how much does not show.
struct ThresholdRoom {
  /// Bytes of the entries of a part of a batch, for each thread.
  var partBytes = 64 << 20
  /// Bytes of a thread's lists of scores, if a panel of the screen needs no more.
  var listBytes = 32 << 20
  /// Entries a row that a batch is first expected to have; `nil` for what a rule may have at most.
  var entriesPerRow: Int?
}

/// The memory of rules that keep all scores above a limit, however many they are.
final class ThresholdChoice {
  /// Latents whose scores are taken together.
  static let tile = 96

  let rowsAtOnce: Int
  /// For each thread the scores of a tile, and the lists of `rowsAtOnce` rows.
  let tiles, values: [AlignedBuffer<Float>]
  let indices, found: [AlignedBuffer<Int32>]
  /// Entries that a row is expected to have.
  var entriesPerRow: Int
  /// Entries that a row had when last searched.
  var foundPerRow = 0
  /// What the smallest score that a batch keeps is expected to exceed.
  var guess: Float = 0
  /// The smallest score that the last batch kept.
  var smallestKept: Float?

  private let partBytes: Int

  init(_ settings: EngineSettings, threads: Int, _ given: ThresholdRoom) {
    let latents = settings.model.latents
    partBytes = given.partBytes
    // Lists of all latents, of a unit of rows or else of a panel.
    let panel = Int(ELUTE_PANEL_ROWS)
    rowsAtOnce =
      8 * EngineSizes.rowBlock * latents <= given.listBytes ? EngineSizes.rowBlock : panel
    let room = rowsAtOnce * (latents + 16)
    tiles = (0..<threads).map { [rowsAtOnce] _ in
      AlignedBuffer(count: rowsAtOnce * Self.tile)
    }
    values = (0..<threads).map { _ in AlignedBuffer(count: room) }
    indices = (0..<threads).map { _ in AlignedBuffer(count: room) }
    found = (0..<threads).map { [rowsAtOnce] _ in AlignedBuffer(count: rowsAtOnce) }
    let most = settings.largestK.map { min(4 * $0 + 64, latents) } ?? latents
    entriesPerRow = given.entriesPerRow ?? most
  }

  /// Rows that are worked on at once.
  func rowsOfPart(laneCount: Int, threads: Int) -> Int {
    let rowBytes = 4 * (4 + 2 * laneCount) * entriesPerRow
    let block = EngineSizes.rowBlock
    return max(1, threads * partBytes / rowBytes / block) * block
  }
}

extension CPUEngine {
  /// Chooses and decodes, as many rows at once as there is room for; see `runForward`.
  func chooseByThreshold(_ constants: StepConstants, _ rule: StepRule) -> Range<Int> {
    guard let threshold else { return 0..<rows.rows }
    if case .batchTopK = settings.model.activation {
      chooseAcrossBatch(constants.k * rows.rows, threshold)
      decode(0..<rows.rows, rule)
      return 0..<rows.rows
    }
    setLimits()
    let step = threshold.rowsOfPart(laneCount: settings.laneCount, threads: workers.count)
    var start = 0
    gradientsAreKept = false
    while true {
      let part = start..<min(start + step, rows.rows)
      chooseExceeding(part, threshold)
      decode(part, rule)
      if part.upperBound == rows.rows { return part }
      keepGradients(of: part, rule)
      start = part.upperBound
    }
  }

  /// What a score has to exceed to be looked at.
  private func setLimits() {
    guard settings.model.activation == .jumpReLU, let thresholds = tensors[.thresholds] else {
      return
    }
    let half = Float(settings.objective.bandwidth / 2)
    for latent in 0..<sizes.latents {
      constants.limits.start[latent] = thresholds.weights.start[latent] - half
    }
  }

  /// Finds all scores of some rows that exceed their limits; begins anew with more room where it was
  /// too little.
  private func chooseExceeding(_ part: Range<Int>, _ threshold: ThresholdChoice) {
    codes.reserve(part.count * threshold.entriesPerRow)
    let survivors = workers.map(\.survivors)
    repeat {
      for (worker, before) in zip(workers, survivors) { worker.survivors = before }
      codes.used.store(0, ordering: .relaxed)
      let view = makeView()
      let (first, codes) = (part.lowerBound / EngineSizes.rowBlock, codes)
      let limits = constants.limits.start
      compute.pool.run(units: EngineSizes.units(ofRows: part.count)) { [self] unit, index in
        let time = Stopwatch()
        view.chooseExceeding(
          view.rows(ofUnit: first + unit), limits: limits, in: threshold, isScreened: screensLimits,
          index,
          workers[index], codes)
        workers[index].chooseSeconds += time.seconds
      }
    } while isFull(codes)
    let found = codes.used.load(ordering: .relaxed)
    threshold.foundPerRow = found / part.count
    threshold.entriesPerRow = min(found / part.count * 5 / 4 + 16, sizes.latents)
  }

  /// Whether codes did not fit; there is room for them then.
  private func isFull(_ codes: BatchCodes) -> Bool {
    let wanted = codes.used.load(ordering: .relaxed)
    guard wanted > codes.capacity else { return false }
    codes.reserve(wanted + wanted / 8)
    return true
  }

  /// Keeps the `count` largest scores of the whole batch.
  ///
  /// Looks for them above a guess: at first a little below the smallest of the last batch; where that finds too few,
  /// below what some rows show; and at last for all that are positive.
  private func chooseAcrossBatch(_ count: Int, _ threshold: ThresholdChoice) {
    let all = 0..<rows.rows
    func find(_ part: Range<Int>, above limit: Float) -> Int {
      // What a poor guess let through says nothing about the screen.
      for worker in workers { worker.survivors = 0 }
      constants.limits.start.update(repeating: limit, count: sizes.latents)
      chooseExceeding(part, threshold)
      return codes.used.load(ordering: .relaxed)
    }
    /// All positive scores of a batch might not fit, those of some rows do.
    func guessFromSomeRows() -> Float {
      guard all.count > EngineSizes.rowBlock else { return 0 }
      let some = 0..<EngineSizes.rowBlock
      let share = count * some.count / all.count
      // They are no measure of the room that the batch needs.
      let expected = threshold.entriesPerRow
      defer { threshold.entriesPerRow = expected }
      guard find(some, above: 0) > share else { return 0 }
      return 0.8 * (CodesView(codes).keepLargest(share, ofRows: some.count) ?? 0)
    }
    var guess = threshold.guess
    var found = guess > 0 ? find(all, above: guess) : 0
    if guess == 0 || found < count {
      let other = guessFromSomeRows()
      guess = guess > 0 ? min(guess / 2, other) : other
      found = find(all, above: guess)
    }
    if guess > 0, found < count { found = find(all, above: 0) }
    let smallest = CodesView(codes).keepLargest(count, ofRows: all.count)
    threshold.smallestKept = smallest
    threshold.guess = found > count ? 0.9 * (smallest ?? 0) : 0
  }

  private func decode(_ part: Range<Int>, _ rule: StepRule) {
    let view = makeView()
    let first = part.lowerBound / EngineSizes.rowBlock
    compute.pool.run(units: EngineSizes.units(ofRows: part.count)) { [self] unit, index in
      let time = Stopwatch()
      view.decode(
        view.rows(ofUnit: first + unit), unit: first + unit, rule, worker: workers[index])
      workers[index].decodeSeconds += time.seconds
    }
  }
}

extension EngineView {
  /// Finds the scores of a unit of rows that exceed their latents' limits, and hands room to them.
  func chooseExceeding(
    _ unitRows: Range<Int>, limits: UnsafePointer<Float>, in choice: ThresholdChoice,
    isScreened: Bool,
    _ index: Int, _ worker: Worker, _ codes: BatchCodes
  ) {
    let (values, indices) = (choice.values[index].start, choice.indices[index].start)
    let found = choice.found[index].start
    let room = latents + 16
    let above = EluteAbove(
      indices: indices, values: values, counts: found, room: room, survivors: 0)
    for first in stride(from: unitRows.lowerBound, to: unitRows.upperBound, by: choice.rowsAtOnce) {
      let count = min(choice.rowsAtOnce, unitRows.upperBound - first)
      if isScreened {
        searchAbove(limits, first, count, into: above, worker)
      } else {
        scoreAbove(limits, first, count, into: above, tile: choice.tiles[index].start)
      }
      let total = (0..<count).reduce(0) { $0 + Int(found[$1]) }
      var place = codes.used.wrappingAdd(total, ordering: .relaxed).oldValue
      guard place + total <= codes.capacity else { continue }
      for row in 0..<count {
        let entries = Int(found[row])
        self.codes.starts[first + row] = Int64(place)
        self.codes.counts[first + row] = found[row]
        (self.codes.indices + place).update(from: indices + row * room, count: entries)
        (self.codes.values + place).update(from: values + row * room, count: entries)
        if self.codes.scores != self.codes.values {
          (self.codes.scores + place).update(from: values + row * room, count: entries)
        }
        place += entries
      }
    }
  }
}

extension EngineView {
  /// Finds the scores of some rows above limits with the screen.
  private func searchAbove(
    _ limits: UnsafePointer<Float>, _ first: Int, _ count: Int, into above: EluteAbove,
    _ worker: Worker
  ) {
    let input = EluteRows(
      input: centered + first * inputStride, norm: norms + first, rows: count, stride: inputStride,
      k: 0, signs: 0, threshold: 0)
    var above = above
    screened?.chooseAbove(
      limits, among: latents, encoder: encoder.weights, bias: encoderBias.weights, for: input,
      scratch: worker.scratch.start, into: &above, with: functions)
    worker.survivors += above.survivors
  }

  /// Finds them among all scores, which are computed a tile at a time.
  private func scoreAbove(
    _ limits: UnsafePointer<Float>, _ first: Int, _ count: Int, into above: EluteAbove,
    tile: UnsafeMutablePointer<Float>
  ) {
    above.counts.update(repeating: 0, count: count)
    for start in stride(from: 0, to: latents, by: ThresholdChoice.tile) {
      let some = min(ThresholdChoice.tile, latents - start)
      functions.pointee.scores(
        centered + first * inputStride, count, encoder.weights + start * inputStride,
        encoderBias.weights + start, some, inputStride, tile, ThresholdChoice.tile)
      for row in 0..<count {
        let place = row * above.room + Int(above.counts[row])
        above.counts[row] += Int32(
          functions.pointee.exceeding(
            tile + row * ThresholdChoice.tile, limits + start, some, Int32(start),
            above.values + place, above.indices + place))
      }
    }
  }
}

extension CodesView {
  /// Keeps the `count` largest values of all rows, which are positive, equal ones in the order of rows and
  /// latents.
  ///
  /// - Returns: The smallest value kept, `nil` if there is none.
  func keepLargest(_ count: Int, ofRows rows: Int) -> Float? {
    let total = (0..<rows).reduce(0) { $0 + Int(counts[$1]) }
    guard total > 0, count > 0 else { return nil }
    let least = total > count ? kthLargest(count, ofRows: rows) : 0
    var equal = count
    if least > 0 {
      for row in 0..<rows {
        for entry in entries(ofRow: row) where values[entry] > least { equal -= 1 }
      }
    }
    var smallest = Float.infinity
    for row in 0..<rows {
      let entries = entries(ofRow: row)
      var kept = entries.lowerBound
      for entry in entries {
        let value = values[entry]
        if value < least { continue }
        if value == least {
          guard equal > 0 else { continue }
          equal -= 1
        }
        indices[kept] = indices[entry]
        values[kept] = value
        kept += 1
        smallest = min(smallest, value)
      }
      counts[row] = Int32(kept - entries.lowerBound)
    }
    return smallest
  }

  /// The k-th largest value: by the upper and then the lower half of its bits, whose order is that of
  /// positive numbers.
  private func kthLargest(_ k: Int, ofRows rows: Int) -> Float {
    var left = k
    var upper: UInt32 = 0
    for half in 0..<2 {
      var histogram = [Int](repeating: 0, count: 1 << 16)
      for row in 0..<rows {
        for entry in entries(ofRow: row) {
          let bits = values[entry].bitPattern
          if half == 0 {
            histogram[Int(bits >> 16)] += 1
          } else if bits >> 16 == upper {
            histogram[Int(bits & 0xffff)] += 1
          }
        }
      }
      var bucket = histogram.count - 1
      while histogram[bucket] < left {
        left -= histogram[bucket]
        bucket -= 1
      }
      if half == 1 { return Float(bitPattern: upper << 16 | UInt32(bucket)) }
      upper = UInt32(bucket)
    }
    return 0
  }
}
