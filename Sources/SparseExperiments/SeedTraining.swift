import DictionaryMetrics
import DictionaryTraining
import RunRecords
import SparseCoding
import SyntheticFeatures
import TensorFiles

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// One seed of a run in its folder, while it is trained: checkpoints, the logged steps, snapshots, and at
/// the end the dictionary and its record.
struct SeedTraining {
  let plan: RunPlan
  let seed: UInt64
  let folder: SeedFolder
  let rows: TrainingRows
  let data: RunRecord.Data
  let spikes: SpikeIn?
  let run: String
  let compute: Compute

  /// What is looked at while training.
  private let watched: Matrix
  private let snapshotSteps: Set<Int>
  private let writer: CheckpointWriter
  /// Whether all that the last step called for is kept; if not, its state must not be.
  private(set) var isSound = true
  private var log: MetricsLog
  private let earlierSeconds: Double

  /// Makes the seed's folder that of a training which is about to go on from a trainer's state.
  init(
    _ trainer: Trainer, plan: RunPlan, seed: UInt64, folder: SeedFolder, data: RunRecord.Data,
    spikes: SpikeIn?, watched: Matrix, run: String, compute: Compute
  ) throws {
    self.plan = plan
    self.seed = seed
    self.folder = folder
    rows = trainer.rows
    self.data = data
    self.spikes = spikes
    self.watched = watched
    self.run = run
    self.compute = compute
    snapshotSteps = Set(plan.snapshotSteps)
    try makeFolder(folder.path)
    for place in [folder.path, folder.checkpoints, folder.snapshots] { removeLeftovers(in: place) }
    let checkpoints = Checkpoints(folder: folder.checkpoints)
    checkpoints.removeOld(keeping: plan.decayStart)
    writer = CheckpointWriter(checkpoints, keeping: plan.decayStart)
    log = try MetricsLog(folder.metrics, keepingUpTo: trainer.step)
    earlierSeconds = log.seconds
    if trainer.step == 0, snapshotSteps.contains(0) { try keepSnapshot(of: trainer) }
  }

  /// Keeps what a step calls for, after `seconds` of this seed's training.
  mutating func keep(
    _ seen: StepStatistics, rate: Double, of trainer: Trainer, seconds: Double
  ) throws {
    let step = trainer.step
    isSound = false
    if snapshotSteps.contains(step) { try keepSnapshot(of: trainer) }
    if plan.isLogged(step) {
      try log.append(point(seen, rate, of: trainer), seconds: earlierSeconds + seconds)
    }
    if !seen.loss.isFinite {
      throw ConfigurationError(
        key: "lr", found: "a loss of \(seen.loss) at step \(step) of seed \(seed)",
        expected: "finite losses", hint: "lower --lr, or lengthen --warmup")
    }
    if step % plan.checkpointEvery == 0 || trainer.isFinished || step == plan.decayStart {
      try checkpoint(trainer)
    }
    isSound = true
    try writer.check()
  }

  /// Writes a checkpoint beside training.
  func checkpoint(_ trainer: Trainer) throws(TensorFileError) {
    try log.synchronize()
    try writer.write(trainer.view)
  }

  /// Waits for the last checkpoint, and says how training ended.
  func end(_ trainer: Trainer) throws(TensorFileError) -> TrainingRun.Ending {
    try writer.finish()
    return trainer.isFinished ? .completed : .stopped(atStep: trainer.step)
  }

  private func point(
    _ seen: StepStatistics, _ rate: Double, of trainer: Trainer
  ) throws -> CurvePoint {
    var fvu: Double?
    if !rows.heldOut.isEmpty, plan.isEvaluated(trainer.step) {
      fvu = try evaluate(
        trainer.dictionary(), on: watched, path: data.path, compute: compute
      ).measures.fvu
    }
    return CurvePoint(
      step: trainer.step, loss: seen.loss, objective: seen.objective, sparsity: seen.sparsity,
      fvu: fvu, l0: seen.l0, deadFraction: Double(seen.dead) / Double(plan.configuration.latents),
      lr: rate)
  }

  private func keepSnapshot(of trainer: Trainer) throws {
    let coder = trainer.dictionary()
    let seen = try evaluate(coder, on: watched, path: data.path, compute: compute)
    try Snapshot(
      step: trainer.step, decoder: coder.decoder, densities: seen.firingDensities,
      resampled: trainer.view.rest.resampled
    ).write(to: folder.snapshots)
  }

  /// Writes the dictionary of a finished training, and its record.
  func finish(_ trainer: Trainer, seconds: Double) throws {
    let coder = trainer.dictionary()
    let result = try evaluate(
      coder, on: rows.source, rows: rows.evaluated, path: data.path, compute: compute)
    let found = try spikes.map { try SpikeRecord(of: coder, $0, in: rows, compute: compute) }
    let configuration = trainer.configuration
    var metadata: [String: JSONValue] = [
      "elute_version": .string(eluteVersion), "seed": .string(String(seed)),
      "data_fingerprint": .string(data.fingerprint),
      "training_architecture": .string(configuration.trainingArchitecture),
      "l0": .number(result.measures.l0),
    ]
    // Some of its atoms are of nothing that the network holds.
    if let spikes { metadata["spike_in"] = .integer(spikes.features.count) }
    try SAELensDictionary.write(
      coder, metadata: metadata, to: folder.dictionary, replacing: true)
    let record = RunRecord(
      run: run, seed: seed, dataSeed: configuration.dataSeed, eluteVersion: eluteVersion,
      settings: RunRecord.Settings(plan), data: data, host: .init(compute),
      seconds: earlierSeconds + seconds,
      curve: log.points, evaluation: result.measures, firingDensities: result.firingDensities,
      spikeIn: found)
    try JSONFile.writeSealed(record, to: folder.record)
  }
}

extension RunRecord.Settings {
  /// A plan's configuration in plain words and numbers.
  init(_ plan: RunPlan) {
    let configuration = plan.configuration
    // What has a place of its own in the record, and what no weight depends on.
    let elsewhere: Set<String> = [
      "data", "target", "sources", "out", "seeds", "checkpoint_every", "log_every", "snapshots",
    ]
    self.init(
      architecture: configuration.architecture.name,
      dIn: configuration.architecture.inputs.count,
      dOut: configuration.architecture.outputs.count, dSae: configuration.latents,
      activation: configuration.activation.name, k: configuration.activation.k,
      batch: configuration.batchRows, steps: configuration.steps,
      lr: configuration.learningRate.peak, schedule: configuration.learningRate.summary,
      holdout: plan.holdOut.description,
      method: TrainSettings(plan).texts.filter { !elsewhere.contains($0.key) })
  }
}

extension TrainingConfiguration {
  /// What SAELens users call the method.
  var trainingArchitecture: String {
    let rule = activation == .relu ? "standard" : activation.name
    let nested = objective.prefixes.isEmpty ? rule : "matryoshka_" + rule
    if case .autoencoder = architecture { return nested }
    return "\(nested)_\(architecture.name)"
  }
}
