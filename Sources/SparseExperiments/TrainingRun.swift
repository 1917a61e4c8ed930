public import DictionaryTraining
public import RunRecords
public import SparseCoding
import SyntheticFeatures
import TensorFiles

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A run on disk: one configuration, several seeds, some at once and the groups one after the other.
public struct TrainingRun: Sendable {
  /// What is trained.
  public let plan: RunPlan
  /// Where it is written.
  public let folder: RunFolder
  /// The rows that train and are evaluated, divided; with what is planted in them.
  public let rows: TrainingRows
  /// The data's description, without what is planted.
  public let data: RunRecord.Data

  /// What the user should know of the data; none of it stops a run.
  public let problems: [DataProblem]
  /// At most so many held-out rows are looked at while training; at the end all are.
  static let watchedRows = 8192
  /// How many seeds are trained at once.
  private let seedsAtOnce: Int
  private let squares: RowSquares?
  private let spikes: SpikeIn?
  /// What the first latents are kept near, `[anchors, row width]` in the data's own units.
  private let anchorDirections: Matrix?
  private let anchorFingerprint: String?

  /// A run over rows of `path`: reads the anchors' file, and looks at each row once.
  ///
  /// - Parameter seedsAtOnce: How many seeds are trained at once; `RunEstimate` knows how many are worth
  ///   it and fit into memory.
  public init(
    _ plan: RunPlan, rows source: any ActivationSource, path: String, out: String,
    seedsAtOnce: Int = 1
  ) throws {
    precondition(seedsAtOnce > 0, "\(seedsAtOnce) seeds at once train nothing")
    if source.width != plan.configuration.architecture.rowWidth {
      throw ConfigurationError(
        key: "d_in", found: "\(plan.configuration.architecture.rowWidth)",
        expected: "the data's width, \(source.width)", hint: "leave it out")
    }
    self.plan = plan
    self.seedsAtOnce = seedsAtOnce
    folder = RunFolder(out)
    let rows = TrainingRows(source, holdOut: plan.holdOut)
    var anchors = try plan.anchors.map {
      try AnchorDirections($0, rows: rows, configuration: plan.configuration)
    }
    var deviation = plan.spikes.map { _ in RowDeviation(rows) }
    let survey = try RowSurvey(rows) {
      anchors?.add($0, $1)
      deviation?.add($0, $1)
    }
    spikes = plan.spikes.map { spikes in
      SpikeIn(
        SpikeGrid(directions: spikes.count, trainingRows: rows.training.count),
        count: spikes.count, width: rows.width, deviation: deviation?.value ?? 0, seed: spikes.seed)
    }
    self.rows = spikes.map { TrainingRows($0.planted(in: source), holdOut: plan.holdOut) } ?? rows
    let directions = try anchors?.finish()
    anchorDirections = directions
    anchorFingerprint = directions.map(ActivationFingerprint.of)
    problems = survey.problems
    // Those of the rows as they train are asked for when they are needed.
    squares = spikes == nil ? survey.squares : nil
    data = RunRecord.Data(
      path: path,
      site: plan.configuration.architecture.sites.map(\.name).joined(separator: ", "),
      rows: source.rows,
      heldOutRows: rows.heldOut.count, fingerprint: survey.fingerprint)
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
  /// - Returns: How each seed ended; a stop ends the run with the seeds that it met.
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
    var beginning = Beginning(
      sharedSteps: sharedSteps,
      watched: try rows.source.matrix(ofRows: Array(rows.evaluated.prefix(Self.watchedRows))))
    var endings: [UInt64: Ending] = [:]
    let unfinished = try plan.seeds.filter { seed in
      let place = folder.seed(seed)
      return try !place.isFinished || place.readRecord().settings.steps != plan.configuration.steps
    }
    for first in stride(from: 0, to: unfinished.count, by: seedsAtOnce) {
      let group = Array(unfinished[first..<min(first + seedsAtOnce, unfinished.count)])
      let (pass, members) = try begin(group, &beginning, compute: compute)
      let ended = try train(pass, members, progress)
      for (seed, ending) in zip(group, ended) { endings[seed] = ending }
      if ended.contains(where: { if case .stopped = $0 { true } else { false } }) { break }
    }
    if !beginning.isDescribed { try describe(sharedSteps: sharedSteps, compute: compute) }
    // A stop leaves out the seeds that were not begun.
    return plan.seeds.compactMap { seed in
      unfinished.contains(seed)
        ? endings[seed].map { (seed, $0) } : (seed: seed, ending: .alreadyDone)
    }
  }

  /// What the groups of a run begin with.
  private struct Beginning {
    /// The steps that may be gone on from.
    let sharedSteps: Int
    /// What is looked at while training.
    let watched: Matrix
    /// Whether the folder is that of this run yet.
    var isDescribed = false
    /// Made for the first seed that starts anew.
    var statistics: RowStatistics?
    /// In the units of training.
    var anchors: Anchors?
  }

  /// The trainers of some seeds, each at its newest checkpoint or at its start, and their folders.
  private func begin(
    _ group: [UInt64], _ beginning: inout Beginning, compute: Compute
  ) throws -> (TrainingPass, [SeedTraining]) {
    var pass = TrainingPass(plan.configuration, members: group.count, compute: compute)
    var members: [SeedTraining] = []
    for seed in group {
      let state = try newestState(of: folder.seed(seed), upTo: beginning.sharedSteps)
      // Nothing is changed before what the run goes on from has been read.
      if !beginning.isDescribed {
        try describe(sharedSteps: beginning.sharedSteps, compute: compute)
        beginning.isDescribed = true
      }
      if state == nil, plan.parts == 1, beginning.statistics == nil {
        beginning.statistics = try RowStatistics(
          rows, for: plan.configuration, squares: squares, compute: compute)
        beginning.anchors = anchorDirections.flatMap {
          beginning.statistics?.anchors(along: $0, of: plan.configuration)
        }
      }
      // A part has statistics of its own, or the parts would share them.
      try pass.add(
        plan.configuration(seed: seed), rows: plan.rows(seed: seed, of: rows),
        statistics: plan.parts == 1 ? beginning.statistics : nil, anchors: beginning.anchors,
        from: consume state)
      members.append(
        try SeedTraining(
          pass.trainers[members.count], plan: plan, seed: seed, folder: folder.seed(seed),
          data: data, spikes: spikes, watched: beginning.watched, run: folder.name,
          compute: compute))
    }
    return (pass, members)
  }

  /// Trains some seeds at once until all are finished or it is asked to stop.
  private func train(
    _ begun: TrainingPass, _ seeds: [SeedTraining],
    _ progress: (TrainingProgress) throws -> Continuation
  ) throws -> [Ending] {
    var (pass, members) = (begun, seeds)
    let begin = Stopwatch()
    var round = 0.0
    // Those that step share the time of a round.
    var seconds = [Double](repeating: 0, count: members.count)
    let first = pass.trainers.map(\.step).min() ?? 0
    do {
      while !pass.isFinished {
        let rates = pass.trainers.map(\.learningRate)
        let seen = try pass.advance()
        let now = begin.seconds
        for (member, _) in seen { seconds[member] += (now - round) / Double(seen.count) }
        round = now
        try keepAll(seen) { member, seen in
          try members[member].keep(
            seen, rate: rates[member], of: pass.trainers[member], seconds: seconds[member])
        }
        let progressed = TrainingProgress(
          seeds: members.map(\.seed), first: first, step: pass.trainers.map(\.step).min() ?? 0,
          steps: plan.configuration.steps,
          loss: seen.reduce(0) { $0 + $1.seen.loss } / Double(seen.count), seconds: begin.seconds)
        if try progress(progressed) == .stop { break }
      }
      try keepAll(zip(members, pass.trainers)) { try $0.checkpoint($1) }
    } catch {
      // What the others have learned is not lost with the one that failed.
      for (member, trainer) in zip(members, pass.trainers) where member.isSound {
        try? member.checkpoint(trainer)
        _ = try? member.end(trainer)
      }
      throw error
    }
    return try zip(members, pass.trainers).enumerated().map { place, pair in
      let ending = try pair.0.end(pair.1)
      if ending == .completed { try pair.0.finish(pair.1, seconds: seconds[place]) }
      return ending
    }
  }

  /// Does the same for all, also after one has failed, and then throws what the first met.
  private func keepAll<Items: Sequence>(
    _ items: Items, _ body: (Items.Element) throws -> Void
  ) throws {
    var failure: (any Error)?
    for item in items {
      do { try body(item) } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }

  /// What the newest checkpoint up to a step holds; nothing if there is none.
  private func newestState(
    of seed: SeedFolder, upTo limit: Int
  ) throws(TensorFileError) -> TrainingState? {
    let checkpoints = Checkpoints(folder: seed.checkpoints)
    guard let step = checkpoints.steps().first(where: { $0 <= limit }) else { return nil }
    let state = try checkpoints.read(plan.configuration, step: step)
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
    let description = RunDescription(
      plan: plan, data: data, anchorFingerprint: anchorFingerprint, host: .init(compute))
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
    if earlier.anchorFingerprint != anchorFingerprint {
      throw TensorFileError(
        path: folder.descriptionPath, location: .key("anchor_fingerprint"),
        found:
          "a run with other anchors\(earlier.plan.anchors.map { ", those of \($0.path)" } ?? "")",
        expected: "the same directions",
        hint: "give the anchors of that run, or another --out")
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
  /// The seeds that are trained now.
  public var seeds: [UInt64]
  /// The step that they began or went on from, steps done, of how many; of the seed that is the least
  /// far.
  public var first, step, steps: Int
  /// The last step's loss, in the data's own units; the mean over the seeds.
  public var loss: Double
  /// Seconds since these seeds were started or resumed.
  public var seconds: Double
}
