public import SparseCoding

/// Several dictionaries that are trained at once, each with the bits that it has alone.
///
/// Those that share the order of rows share a `BatchStream` too, so the rows of a step are read and
/// gathered once. Where steps are small, threads lose more by waiting for each other within a step than
/// by working on a dictionary each: then as many dictionaries as there are threads step side by side, on
/// one thread each.
public struct TrainingPass {
  /// The trainers, in the order in which they were added.
  public private(set) var trainers: [Trainer] = []

  private let compute: Compute
  private let sideBySide: Range<Int>
  private var streams: [Order: BatchStream] = [:]

  private struct Order: Hashable {
    var dataSeed: UInt64
    var part: Int
  }

  /// A pass that has room for `members` trainers of `configuration`, seeds apart.
  public init(
    _ configuration: TrainingConfiguration, members: Int, compute: Compute
  ) {
    self.compute = compute
    let threads = compute.pool.threads
    sideBySide =
      Self.isSmall(configuration) && threads > 1 ? 0..<members / threads * threads : 0..<0
  }

  /// Whether a step is so small that a dictionary a thread is faster than a step on all threads.
  ///
  /// Measured on two cores: 36 % faster at (d_in, d_sae, batch) = (32, 128, 512), 13 % at
  /// (128, 1024, 2048) and at (128, 2048, 2048), 20 % at (256, 2048, 1024), 3 % slower at
  /// (384, 6144, 4096).
  public static func isSmall(_ configuration: TrainingConfiguration) -> Bool {
    let products = Double(configuration.batchRows) * Double(configuration.latents)
    return products * Double(configuration.architecture.inputs.count) < 0x1p31
  }

  /// Adds a trainer that starts, or goes on from `state`.
  ///
  /// - Parameter rows: All trainers' rows are of one set and one rule, of which each may have a part.
  public mutating func add(
    _ configuration: TrainingConfiguration, rows: TrainingRows, statistics: RowStatistics?,
    anchors: Anchors? = nil, from state: consuming TrainingState?
  ) throws {
    try Trainer.check(configuration, on: rows)
    let alone = sideBySide.contains(trainers.count)
    let order = Order(dataSeed: configuration.dataSeed, part: rows.part)
    let batches =
      streams[order]
      ?? BatchStream(
        rows, dataSeed: configuration.dataSeed,
        until: configuration.steps * configuration.batchRows, compute: compute)
    trainers.append(
      try Trainer(
        configuration, rows: rows, statistics: statistics, anchors: anchors,
        compute: alone ? compute.onOneThread : compute, from: consume state, batches: batches))
    streams[order] = batches
  }

  /// Whether all steps of all trainers are done.
  public var isFinished: Bool { trainers.allSatisfy(\.isFinished) }

  /// Steps those trainers once that have done the fewest steps.
  ///
  /// - Returns: The positions of the trainers that stepped, and what each saw.
  /// - Throws: What reading the rows met; nothing has changed then.
  public mutating func advance() throws -> [(member: Int, seen: StepStatistics)] {
    guard let step = trainers.map(\.step).min() else { return [] }
    let chosen = trainers.indices.filter { trainers[$0].step == step }
    for member in chosen { try trainers[member].prepare() }
    let batches = try chosen.map { try trainers[$0].nextBatch() }
    var seen = [StepStatistics?](repeating: nil, count: chosen.count)
    let together = chosen.indices.filter { sideBySide.contains(chosen[$0]) }
    let pool = compute.pool
    trainers.withUnsafeMutableBufferPointer { trainers in
      seen.withUnsafeMutableBufferPointer { seen in
        // Each unit changes its own trainer and its own place of the result.
        nonisolated(unsafe) let (trainers, seen) = (trainers, seen)
        pool.run(units: together.count) { unit, _ in
          let place = together[unit]
          seen[place] = trainers[chosen[place]].advance(on: batches[place])
        }
      }
    }
    for place in chosen.indices where seen[place] == nil {
      seen[place] = trainers[chosen[place]].advance(on: batches[place])
    }
    return zip(chosen, seen).compactMap { member, seen in seen.map { (member, $0) } }
  }
}
