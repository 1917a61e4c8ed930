import DictionaryMetrics
import DictionaryTraining
import RunRecords
import SparseCoding
import TensorFiles

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Trains one seed of a run in its folder: checkpoints, the logged steps, snapshots, and at the end the
/// dictionary and its record.
struct SeedTraining {
  let plan: RunPlan
  let seed: UInt64
  let folder: SeedFolder
  let rows: TrainingRows
  let data: RunRecord.Data
  let run: String
  let compute: Compute
  /// What is known of the rows, where training starts.
  let statistics: RowStatistics?

  /// At most so many held-out rows are looked at while training; at the end all are.
  private static let curveRows = 8192

  private var checkpoints: Checkpoints { Checkpoints(folder: folder.checkpoints) }

  /// Goes on from a state, or starts; returns how it ended.
  func train(
    from state: consuming TrainingState?, progress: (TrainingProgress) throws -> TrainingRun.Continuation
  ) throws -> TrainingRun.Ending {
    try makeFolder(folder.path)
    for place in [folder.path, folder.checkpoints, folder.snapshots] { removeLeftovers(in: place) }
    checkpoints.removeOld(keeping: plan.decayStart)
    let configuration = plan.configuration(seed: seed)
    var trainer = try Trainer(
      configuration, rows: rows, statistics: statistics, compute: compute, from: consume state)
    var log = try MetricsLog(folder.metrics, keepingUpTo: trainer.step)
    let writer = CheckpointWriter(checkpoints, keeping: plan.decayStart)
    let begin = Stopwatch()
    let firstStep = trainer.step
    let earlierSeconds = log.seconds
    let steps = configuration.steps
    let snapshotSteps = Set(plan.snapshotSteps)
    if trainer.step == 0, snapshotSteps.contains(0) { try keepSnapshot(of: trainer) }
    var stopped = false
    while !trainer.isFinished, !stopped {
      let rate = trainer.learningRate
      let seen = try trainer.advance()
      if snapshotSteps.contains(trainer.step) { try keepSnapshot(of: trainer) }
      if plan.isLogged(trainer.step) {
        try log.append(
          point(seen, rate, of: trainer), seconds: earlierSeconds + begin.seconds)
      }
      if seen.loss.isNaN || seen.loss.isInfinite {
        throw ConfigurationError(
          key: "lr", found: "a loss of \(seen.loss) at step \(trainer.step) of seed \(seed)",
          expected: "finite losses", hint: "lower --lr, or lengthen --warmup")
      }
      let next = try progress(
        TrainingProgress(
          seed: seed, first: firstStep, step: trainer.step, steps: steps, loss: seen.loss,
          dead: seen.dead,
          seconds: begin.seconds))
      stopped = next == .stop
      if trainer.step % plan.checkpointEvery == 0 || trainer.isFinished || stopped
        || trainer.step == plan.decayStart
      {
        try log.synchronize()
        try writer.write(trainer.view)
      }
    }
    try writer.finish()
    if !trainer.isFinished { return .stopped(atStep: trainer.step) }
    try finish(trainer, log: log, seconds: earlierSeconds + begin.seconds)
    return .completed
  }

  private func point(
    _ seen: StepStatistics, _ rate: Double, of trainer: Trainer
  ) throws -> CurvePoint {
    let held = rows.heldOut.prefix(Self.curveRows)
    var fvu: Double?
    if !held.isEmpty, plan.isEvaluated(trainer.step) {
      fvu = try evaluate(
        trainer.dictionary(), on: rows.source, rows: held, path: data.path, compute: compute
      ).measures.fvu
    }
    return CurvePoint(
      step: trainer.step, loss: seen.loss, fvu: fvu, l0: seen.l0,
      deadFraction: Double(seen.dead) / Double(plan.configuration.latents), lr: rate)
  }

  private func keepSnapshot(of trainer: Trainer) throws {
    let coder = trainer.dictionary()
    let seen = try evaluate(
      coder, on: rows.source, rows: rows.evaluated.prefix(Self.curveRows), path: data.path,
      compute: compute)
    try Snapshot(
      step: trainer.step, decoder: coder.decoder, densities: seen.firingDensities
    ).write(to: folder.snapshots)
  }

  private func finish(
    _ trainer: Trainer, log: MetricsLog, seconds: Double
  ) throws {
    let coder = trainer.dictionary()
    let result = try evaluate(
      coder, on: rows.source, rows: rows.evaluated, path: data.path, compute: compute)
    let configuration = trainer.configuration
    try SAELensDictionary.write(
      coder,
      metadata: [
        "elute_version": .string(eluteVersion), "seed": .string(String(seed)),
        "data_fingerprint": .string(data.fingerprint),
        "training_architecture": "topk", "l0": .number(result.measures.l0),
      ], to: folder.dictionary, replacing: true)
    let record = RunRecord(
      run: run, seed: seed, dataSeed: configuration.dataSeed, eluteVersion: eluteVersion,
      settings: RunRecord.Settings(plan), data: data, host: .init(compute), seconds: seconds,
      curve: log.points, evaluation: result.measures, firingDensities: result.firingDensities)
    try JSONFile.writeSealed(record, to: folder.record)
  }
}

extension RunRecord.Settings {
  /// A plan's configuration in plain words and numbers.
  init(_ plan: RunPlan) {
    let configuration = plan.configuration
    var coefficient = 0.0
    if case .auxK(let weight, _, _) = configuration.deadLatents { coefficient = weight }
    self.init(
      dIn: configuration.site.width, dSae: configuration.latents, activation: "topk",
      k: configuration.k, batch: configuration.batchRows, steps: configuration.steps,
      lr: configuration.learningRate.peak, schedule: configuration.learningRate.summary,
      normalization: configuration.normalization.rawValue, auxkCoefficient: coefficient,
      encoderScale: configuration.encoderScale, decoderRate: configuration.decoderRate,
      holdout: plan.holdOut.description)
  }
}
