public import DictionaryTraining
public import RunRecords
public import SparseCoding
import TensorFiles

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A run on disk: one configuration, several seeds, one after the other.
public struct TrainingRun: Sendable {
  /// What is trained.
  public let plan: RunPlan
  /// Where it is written.
  public let folder: RunFolder
  /// The data, divided.
  public let rows: TrainingRows
  /// The data's description.
  public let data: RunRecord.Data

  /// What the user should know of the data; none of it stops a run.
  public let problems: [DataProblem]
  private let squares: RowSquares

  /// A run over rows of `path`: looks at each of them once.
  public init(_ plan: RunPlan, rows: any ActivationSource, path: String, out: String) throws {
    try self.init(plan, rows: rows, path: path, out: out, layout: .standard)
  }

  init(
    _ plan: RunPlan, rows source: any ActivationSource, path: String, out: String,
    layout: OrderLayout
  ) throws {
    if source.width != plan.configuration.site.width {
      throw ConfigurationError(
        key: "d_in", found: "\(plan.configuration.site.width)",
        expected: "the data's width, \(source.width)", hint: "leave it out")
    }
    self.plan = plan
    folder = RunFolder(out)
    rows = TrainingRows(source, holdOut: plan.holdOut, layout: layout)
    var fingerprint = ActivationFingerprint(rows: source.rows, width: source.width)
    var search = DataProblemSearch(rows: source.rows, width: source.width)
    var squares = RowSquares(rows)
    try source.forEachPiece { first, values in
      fingerprint.update(values)
      search.add(first, values)
      squares.add(first, values)
    }
    problems = search.finish()
    self.squares = squares
    data = RunRecord.Data(
      path: path, site: plan.configuration.site.name, rows: source.rows,
      heldOutRows: rows.heldOut.count, fingerprint: fingerprint.finish())
  }

  /// Whether to go on after a step.
  public enum Continuation: Sendable {
    /// Go on.
    case goOn
    /// Write a checkpoint and end.
    case stop
  }

  /// How a seed's run ended.
  public enum Ending: Hashable, Sendable {
    /// All steps are done and the dictionary is written.
    case completed
    /// It was asked to stop; its checkpoint holds all.
    case stopped(atStep: Int)
    /// There was nothing left to do.
    case alreadyDone
  }

  /// Trains all seeds, or goes on with those that are not finished.
  ///
  /// - Parameters:
  ///   - resume: Go on with the run that is in the folder; without it, the folder must be new.
  ///   - progress: Called after every step.
  /// - Returns: How each seed ended; a stop ends the run with the seed that it met.
  /// - Throws: `TensorFileError` for the folder, also if another process trains in it;
  ///   `ConfigurationError` for settings.
  public func train(
    resume: Bool, compute: Compute,
    progress: (TrainingProgress) throws -> Continuation = { _ in .goOn }
  ) throws -> [(seed: UInt64, ending: Ending)] {
    if !resume || !folder.exists { try folder.create() }
    return try folder.locked {
      try trainAlone(resume: resume, compute: compute, progress: progress)
    }
  }

  private func trainAlone(
    resume: Bool, compute: Compute, progress: (TrainingProgress) throws -> Continuation
  ) throws -> [(seed: UInt64, ending: Ending)] {
    // Looked at again: another process may have begun and ended since.
    var sharedSteps = 0
    if resume, folder.exists {
      sharedSteps = try checkAgainst(folder.description())
    } else {
      try folder.create()
    }
    var isDescribed = false
    var statistics: RowStatistics?
    var endings: [(seed: UInt64, ending: Ending)] = []
    for seed in plan.seeds {
      let place = folder.seed(seed)
      if place.isFinished, try place.readRecord().settings.steps == plan.configuration.steps {
        endings.append((seed, .alreadyDone))
        continue
      }
      let state = try newestState(of: place, upTo: sharedSteps)
      if state == nil, statistics == nil {
        statistics = try RowStatistics(rows, squares: squares, compute: compute)
      }
      let training = SeedTraining(
        plan: plan, seed: seed, folder: place, rows: rows, data: data, run: folder.name,
        compute: compute, statistics: statistics)
      // Nothing is changed before what the run goes on from has been read.
      if !isDescribed { try describe(sharedSteps: sharedSteps, compute: compute) }
      isDescribed = true
      let ending = try training.train(from: consume state, progress: progress)
      endings.append((seed, ending))
      if case .stopped = ending { break }
    }
    if !isDescribed { try describe(sharedSteps: sharedSteps, compute: compute) }
    return endings
  }

  /// What the newest checkpoint up to a step holds; nothing if there is none.
  private func newestState(
    of seed: SeedFolder, upTo limit: Int
  ) throws(TensorFileError) -> TrainingState? {
    let checkpoints = Checkpoints(folder: seed.checkpoints)
    guard let step = checkpoints.steps().first(where: { $0 <= limit }) else { return nil }
    let state = try checkpoints.read(step: step)
    let (encoder, asked) = (state.parameters.encoder, plan.configuration)
    guard encoder.rows == asked.latents, encoder.columns == asked.site.width else {
      throw TensorFileError(
        path: checkpoints.path(of: step), found: "weights of [\(encoder.rows), \(encoder.columns)]",
        expected: "[\(asked.latents), \(asked.site.width)], [d_sae, d_in] of the run",
        hint: "the checkpoint belongs to another run; remove it to go on from the one before it")
    }
    return state
  }

  /// Makes the folder that of this run.
  private func describe(sharedSteps: Int, compute: Compute) throws(TensorFileError) {
    removeLeftovers(in: folder.path)
    // What another schedule trained must not be there when this run is resumed in its turn, by
    // whatever seeds.
    for seed in folder.startedSeeds() {
      let place = folder.seed(seed)
      Checkpoints(folder: place.checkpoints).remove(after: sharedSteps)
      Snapshot.remove(after: sharedSteps, in: place.snapshots)
    }
    let description = RunDescription(plan: plan, data: data, host: .init(compute))
    try JSONFile.writeSealed(description, to: folder.descriptionPath)
  }

  /// The steps of an earlier run of the folder that this one may go on from.
  private func checkAgainst(_ earlier: RunDescription) throws -> Int {
    if earlier.data.fingerprint != data.fingerprint {
      throw TensorFileError(
        path: folder.descriptionPath, location: .key("data.fingerprint"),
        found: "a run on other data, \(earlier.data.path)", expected: "the same rows",
        hint: "give the data of that run, or another --out")
    }
    if let difference = plan.firstDifference(from: earlier.plan) {
      throw ConfigurationError(
        key: difference.key, found: difference.mine,
        expected: "\(difference.theirs), as the run in \(folder.path) has it",
        hint: "only steps and seeds may change when a run is resumed; or choose another --out")
    }
    try checkNothingIsUndone()
    return min(plan.sharedSteps(with: earlier.plan), plan.configuration.steps)
  }

  /// Refuses fewer steps than a seed has done: what it learned since would be thrown away.
  private func checkNothingIsUndone() throws {
    for seed in folder.startedSeeds() {
      let place = folder.seed(seed)
      let finished = place.isFinished ? try place.readRecord().settings.steps : 0
      let done = max(finished, Checkpoints(folder: place.checkpoints).steps().first ?? 0)
      if plan.configuration.steps < done {
        throw ConfigurationError(
          key: "steps", found: "\(plan.configuration.steps)",
          expected: "at least \(done), which seed \(seed) has done in \(folder.path)",
          hint: "a resumed run goes on; for fewer steps choose another --out")
      }
    }
  }
}

/// Where a run is.
public struct TrainingProgress: Hashable, Sendable {
  /// The seed.
  public var seed: UInt64
  /// The step it began or went on from, steps done, of how many.
  public var first, step, steps: Int
  /// The last step's loss, in the data's own units.
  public var loss: Double
  /// Latents that count as dead.
  public var dead: Int
  /// Seconds since this seed was started or resumed.
  public var seconds: Double
}
