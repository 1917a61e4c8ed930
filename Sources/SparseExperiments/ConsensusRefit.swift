import DictionaryTraining
import SparseCoding

/// Trains dictionaries that were put together for a few more steps: encoder, atoms and bias at once.
///
/// The method is that of a run, with a rate that falls to zero on a line. What a run does at its start or for
/// latents that do not fire is left out: an atom that is revived would be another one.
struct ConsensusRefit {
  private let configuration: TrainingConfiguration
  private let rows: TrainingRows
  private let statistics: RowStatistics
  private let compute: Compute

  init(
    _ plan: RunPlan, steps: Int, peak: Double, keepsAtoms: Bool, rows: TrainingRows,
    squares: RowSquares, compute: Compute
  ) throws {
    var configuration = plan.configuration
    configuration.steps = steps
    configuration.learningRate = LearningRate(peak: peak, decay: .linear(steps: steps))
    if keepsAtoms { configuration.decoderRate = 0 }
    configuration.annealedK = nil
    configuration.deadLatents = .none
    configuration.objective.sparsityWarmup = 0
    configuration.objective.isometry?.warmup = 0
    if steps > 0 { try configuration.validate() }
    self.configuration = configuration
    self.rows = rows
    self.compute = compute
    statistics = try RowStatistics(rows, for: configuration, squares: squares, compute: compute)
  }

  /// The dictionaries after the refit, in their order; all see the same rows.
  ///
  /// - Parameter progress: Called with the steps done, of how many.
  /// - Throws: If a loss is not finite, and what reading the rows meets.
  func refit(
    _ coders: [SparseCoder], progress: (_ done: Int, _ of: Int) -> Void
  ) throws -> [SparseCoder] {
    guard configuration.steps > 0 else { return coders }
    // Side by side where that is faster, else one after the other in the memory of one.
    let group = TrainingPass.isSmall(configuration) ? compute.pool.threads : 1
    var refit: [SparseCoder] = []
    for start in stride(from: 0, to: coders.count, by: group) {
      let members = coders[start..<min(start + group, coders.count)]
      var pass = TrainingPass(configuration, members: members.count, compute: compute)
      for coder in members {
        var own = configuration
        own.latents = coder.latents
        let state = TrainingState(continuing: coder, by: own, statistics: statistics)
        try pass.add(own, rows: rows, statistics: statistics, from: state)
      }
      while !pass.isFinished {
        for (_, seen) in try pass.advance() where !seen.loss.isFinite {
          throw ConfigurationError(
            key: "refit_lr", found: "a loss of \(seen.loss) in the refit",
            expected: "finite losses", hint: "lower --refit-lr")
        }
        let steps = pass.trainers.reduce(0) { $0 + $1.step }
        progress(start * configuration.steps + steps, coders.count * configuration.steps)
      }
      refit += pass.trainers.map { $0.dictionary() }
    }
    return refit
  }
}
