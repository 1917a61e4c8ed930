import CSparseKernels

/// The latents of a dictionary, laid out for choosing the active ones of rows.
struct LatentSearch {
  let coder: SparseCoder
  let compute: Compute
  let functions: UnsafePointer<EluteKernels>
  let stride: Int
  let encoder, bias, center: AlignedBuffer<Float>
  /// Of an encoder of one step.
  let screened: ScreenedLatents?
  let verdict = ScreenVerdict()
  /// What a score has to exceed, for rules that keep all such scores.
  let limits: AlignedBuffer<Float>
  /// exp(r) of gated latents.
  let magnitudeScales: [Float]
  let feedback: AlignedBuffer<Float>?
  /// As many as the last step of feedback takes, by magnitude, whatever the rule says.
  let last: Int?

  static let block = 2 * Int(ELUTE_PANEL_ROWS)
  /// Rows that are scored at a time: a tile of scores has several, and reads the encoder once for all.
  static let tile = 16
  /// Rows that are screened at a time.
  static let panel = Int(ELUTE_PANEL_ROWS)

  /// - Parameter rows: Some of the rows to come, which show the dimensions that are outliers.
  init(_ coder: SparseCoder, compute: Compute, like rows: Matrix?, last: Int? = nil) {
    self.last = last
    self.coder = coder
    self.compute = compute
    functions = compute.kernels.functions
    stride = AlignedBuffer<Float>.stride(ofWidth: coder.inputWidth)
    encoder = AlignedBuffer(padding: coder.encoder)
    bias = AlignedBuffer(coder.encoderBias)
    center = AlignedBuffer(coder.inputBias)
    screened = coder.multistep == nil ? ScreenedLatents(coder, encoder, compute, like: rows) : nil
    limits = AlignedBuffer(
      coder.thresholds.isEmpty
        ? [Float](repeating: 0, count: coder.latents) : coder.thresholds)
    magnitudeScales = (coder.magnitude?.logScale ?? []).map { Float(Elementary.exp(Double($0))) }
    feedback = coder.multistep.map { AlignedBuffer(padding: $0.feedback) }
  }

  /// The codes of rows `[rows, d_in]`.
  func codes(of rows: Matrix) -> SparseCodes {
    let units = (rows.rows + Self.block - 1) / Self.block
    let input = AlignedBuffer(rows.values)
    let ones = AlignedBuffer([Float](repeating: 1, count: rows.columns))
    let centered = (0..<compute.pool.threads).map { _ in
      AlignedBuffer<Float>(count: Self.block * stride)
    }
    let scratch = (0..<compute.pool.threads).map { _ in AlignedBuffer<UInt8>(count: scratchBytes) }
    let lists = (0..<compute.pool.threads).map { _ in AboveLists(latents: coder.latents) }
    var parts = [UnitCodes](repeating: UnitCodes(), count: units)
    parts.withUnsafeMutableBufferPointer { buffer in
      // Each unit writes its own part.
      nonisolated(unsafe) let parts = buffer
      compute.pool.run(units: units) { unit, worker in
        let first = unit * Self.block
        let count = min(Self.block, rows.rows - first)
        for row in 0..<count {
          functions.pointee.center(
            input.start + (first + row) * rows.columns, ones.start, center.start, rows.columns,
            centered[worker].start + row * stride)
        }
        parts[unit] = codes(
          ofCentered: centered[worker].start, count, scratch[worker].start, lists[worker])
      }
    }
    return SparseCodes(latents: coder.latents, parts)
  }

  /// What choosing from the scores of a block takes beside the result.
  private var scratchBytes: Int {
    guard screened != nil else { return 0 }
    return elute_choose_scratch_bytes(
      coder.inputWidth, Self.block, coder.activation.k ?? 0, coder.latents)
  }

  private func codes(
    ofCentered rows: UnsafePointer<Float>, _ count: Int, _ scratch: UnsafeMutablePointer<UInt8>,
    _ lists: AboveLists
  ) -> UnitCodes {
    let signs = coder.activation.isSigned
    switch (coder.activation.k, coder.multistep) {
    case (let k?, let multistep?):
      return corrected(k, signs: signs, steps: multistep.steps, of: rows, count)
    case (let k?, nil): return largest(k, signs: signs, of: rows, count, scratch)
    case (nil, _):
      return verdict.isPoor
        ? exceeding(rows, count) : screenedAbove(rows, count, scratch, lists)
    }
  }

  /// Of each row the `k` scores that are largest, or largest in magnitude.
  private func largest(
    _ k: Int, signs: Bool, of rows: UnsafePointer<Float>, _ count: Int,
    _ scratch: UnsafeMutablePointer<UInt8>
  ) -> UnitCodes {
    guard let view = screened?.view else { return UnitCodes() }
    let (indices, values) = (
      AlignedBuffer<Int32>(count: count * k), AlignedBuffer<Float>(count: count * k)
    )
    let counts = AlignedBuffer<Int32>(count: count)
    let (smallest, norms) = (AlignedBuffer<Float>(count: count), norms(of: rows, count))
    var choice = EluteChoice(
      indices: indices.start, values: values.start, counts: counts.start,
      smallest: smallest.start, survivors: 0, fallbacks: 0)
    view.choose(
      among: coder.latents, encoder: encoder.start, bias: bias.start,
      for: EluteRows(
        input: rows, norm: norms.start, rows: count, stride: stride, k: k, signs: signs ? 1 : 0,
        threshold: 0),
      scratch: scratch, into: &choice, with: functions)
    var codes = UnitCodes()
    for row in 0..<count {
      codes.append(indices.start + row * k, values.start + row * k, Int(counts.start[row]))
    }
    return codes
  }
}

extension LatentSearch {
  /// The codes that some steps of feedback end with.
  private func corrected(
    _ k: Int, signs: Bool, steps: Int, of rows: UnsafePointer<Float>, _ count: Int
  ) -> UnitCodes {
    let latents = coder.latents
    guard let feedback else { return UnitCodes() }
    let feedbackStride = AlignedBuffer<Float>.stride(ofWidth: latents)
    let some = Self.tile
    let tile = AlignedBuffer<Float>(count: some * latents)
    let scores = AlignedBuffer<Float>(count: feedbackStride)
    let scratch = AlignedBuffer<UInt8>(count: 16 * latents + 64)
    let most = max(k, last ?? k)
    let (indices, values) = (AlignedBuffer<Int32>(count: most), AlignedBuffer<Float>(count: most))
    var codes = UnitCodes()
    for row in 0..<count {
      if row % some == 0 {
        functions.pointee.scores(
          rows + row * stride, min(some, count - row), encoder.start, bias.start, latents, stride,
          tile.start, latents)
      }
      let first = tile.start + row % some * latents
      var found = 0
      for step in 0..<steps {
        scores.start.update(from: first, count: latents)
        if step > 0 {
          for entry in 0..<found {
            functions.pointee.accumulate(
              scores.start, feedback.start + Int(indices.start[entry]) * feedbackStride,
              values.start[entry], feedbackStride)
          }
        }
        let widest = step == steps - 1 ? last : nil
        found = functions.pointee.select_largest(
          scores.start, latents, widest ?? k, signs || widest != nil ? 1 : 0, scratch.start,
          values.start, indices.start)
      }
      codes.append(indices.start, values.start, found)
    }
    return codes
  }
}

/// The codes of some rows, as they are found.
struct UnitCodes: Sendable {
  var counts: [Int] = []
  var indices: [Int32] = []
  var values: [Float] = []

  mutating func append(
    _ indices: UnsafePointer<Int32>, _ values: UnsafePointer<Float>, _ count: Int
  ) {
    counts.append(count)
    self.indices.append(contentsOf: UnsafeBufferPointer(start: indices, count: count))
    self.values.append(contentsOf: UnsafeBufferPointer(start: values, count: count))
  }
}

extension SparseCodes {
  /// The codes of parts, one after the other.
  init(latents: Int, _ parts: [UnitCodes]) {
    var offsets = [0]
    for count in parts.lazy.flatMap(\.counts) { offsets.append((offsets.last ?? 0) + count) }
    self.init(
      latents: latents, offsets: offsets, indices: parts.flatMap(\.indices),
      values: parts.flatMap(\.values))
  }
}

extension ScreenedLatents {
  /// A dictionary's encoder, with the dimensions that some rows show to be outliers left to float.
  fileprivate convenience init(
    _ coder: SparseCoder, _ encoder: AlignedBuffer<Float>, _ compute: Compute, like rows: Matrix?
  ) {
    let width = coder.inputWidth
    let meanSquares = rows.map { coder.centeredMeanSquares(of: $0) } ?? []
    self.init(
      compute.screen, latents: coder.latents, width: width,
      split: meanSquares.isEmpty ? [] : Self.outlierDimensions(meanSquares: meanSquares))
    let stride = AlignedBuffer<Float>.stride(ofWidth: width)
    let scratch = (0..<compute.pool.threads).map { _ in AlignedBuffer<Float>(count: stride) }
    let (view, latents, functions) = (view, coder.latents, compute.kernels.functions)
    let unitLatents = 64
    compute.pool.run(units: (latents + unitLatents - 1) / unitLatents) { unit, worker in
      for latent in unit * unitLatents..<min((unit + 1) * unitLatents, latents) {
        view.update(
          latent, row: encoder.start + latent * stride, bias: coder.encoderBias[latent],
          scratch: scratch[worker].start, with: functions)
      }
    }
  }
}

extension SparseCoder {
  /// The mean square of each dimension of `x - b_in` over at most 256 rows; empty without rows.
  fileprivate func centeredMeanSquares(of rows: Matrix) -> [Double] {
    guard rows.rows > 0, rows.columns == inputWidth else { return [] }
    let step = (rows.rows + 255) / 256
    var sums = [Double](repeating: 0, count: inputWidth)
    for row in Swift.stride(from: 0, to: rows.rows, by: step) {
      for column in 0..<inputWidth {
        let value = Double(rows[row, column]) - Double(inputBias[column])
        sums[column] += value * value
      }
    }
    return sums
  }
}
