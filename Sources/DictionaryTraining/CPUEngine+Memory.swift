import CSparseKernels
public import SparseCoding

extension CPUEngine {
  /// The bytes of memory that an engine of a configuration takes, its buffers as they are allocated; of
  /// the pass of dead latents all but their gathered rows, which there may be few of or none.
  ///
  /// Rules that do not know how many latents are active are counted with the room that they start with.
  public static func byteCount(of configuration: TrainingConfiguration, compute: Compute) -> Int {
    let settings = EngineSettings(configuration, trainingRows: 1)
    let sizes = EngineSizes(settings)
    let (rows, latents) = (configuration.batchRows, sizes.latents)
    let threads = compute.pool.threads
    func scratch(_ k: Int) -> Int {
      threads
        * AlignedBuffer<UInt8>.byteCount(
          of: elute_choose_scratch_bytes(sizes.inputWidth, EngineSizes.rowBlock, k, latents))
    }
    let copies = settings.averaging == nil ? 3 : 4
    var bytes = settings.model.weights.reduce(0) { sum, name in
      guard let shape = settings.model.shape(of: name) else { return sum }
      let stride = AlignedBuffer<Float>.stride(ofWidth: shape.columns)
      return sum + copies * AlignedBuffer<Float>.byteCount(of: shape.rows * stride)
    }
    bytes += ScreenedLatents.byteCount(
      compute.screen, latents: settings.isScreened ? latents : 0, width: sizes.inputWidth)
    bytes += BatchBuffers.byteCount(sizes, rows: rows)
    bytes += settings.isScreened ? scratch(settings.screenedK) : 0
    var entries = rows * (settings.perRowK ?? 0)
    if settings.perRowK == nil {
      let choice = ThresholdChoice.byteCount(settings, threads: threads)
      bytes += choice.bytes
      // A cut across the batch needs all of its entries at once.
      let isWhole = settings.largestK != nil
      entries = (isWhole ? rows : min(choice.rowsOfPart, rows)) * choice.entriesPerRow
      if !isWhole, choice.rowsOfPart < rows {
        bytes += AlignedBuffer<Float>.byteCount(of: latents * sizes.outputStride)
        bytes += AlignedBuffer<Float>.byteCount(of: latents * sizes.inputStride)
      }
    }
    bytes += BatchCodes.byteCount(
      rows: rows, latents: latents, laneCount: settings.laneCount, capacity: entries)
    if let auxiliary = settings.auxiliary {
      let k = min(auxiliary.k, latents)
      bytes += BatchCodes.byteCount(
        rows: rows, latents: latents, laneCount: 2, capacity: rows * k)
      bytes += scratch(k) + AlignedBuffer<Float>.byteCount(of: rows * sizes.outputStride)
    }
    if let isometry = settings.objective.isometry, let k = settings.largestK {
      bytes += BatchCodes.byteCount(
        rows: rows, latents: latents, laneCount: 2, capacity: rows * min(2 * k, latents))
      bytes +=
        isometry.isExact
        ? AlignedBuffer<Float>.byteCount(of: latents * sizes.outputStride)
        : 2 * AlignedBuffer<Float>.byteCount(of: rows * sizes.outputStride)
    }
    if settings.model.encoderSteps > 1, let k = settings.largestK {
      let steps = settings.model.encoderSteps
      bytes += BatchCodes.byteCount(
        rows: rows * steps, latents: latents, laneCount: 2, capacity: rows * steps * k)
      bytes += threads * (32 << 20)
    }
    return bytes
  }
}

extension BatchBuffers {
  static func byteCount(_ sizes: EngineSizes, rows: Int) -> Int {
    func bytes(_ count: Int) -> Int { AlignedBuffer<Float>.byteCount(of: count) }
    return bytes(rows * sizes.inputStride) * (sizes.hasSkip ? 2 : 1)
      + (sizes.readsItsTarget ? 0 : bytes(rows * sizes.outputStride))
      + bytes(rows * sizes.prefixes * sizes.outputStride)
      + bytes(EngineSizes.units(ofRows: rows) * sizes.outputStride)
      + bytes(EngineSizes.units(ofLatents: sizes.latents) * sizes.inputStride)
  }
}

extension ThresholdChoice {
  /// The bytes of its lists, the rows of a part of a batch, and the entries that each is given room for.
  static func byteCount(
    _ settings: EngineSettings, threads: Int
  ) -> (bytes: Int, rowsOfPart: Int, entriesPerRow: Int) {
    let choice = ThresholdChoice(settings, threads: 0, ThresholdRoom())
    let room = choice.rowsAtOnce * (settings.model.latents + 16 + tile / 2)
    return (
      2 * threads * AlignedBuffer<Float>.byteCount(of: room),
      choice.rowsOfPart(laneCount: settings.laneCount, threads: threads), choice.entriesPerRow
    )
  }
}
