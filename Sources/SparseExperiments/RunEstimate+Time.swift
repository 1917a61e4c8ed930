import DictionaryTraining
public import SparseCoding

extension RunEstimate {
  /// Measures on some rows how long each part of the run takes, and from that the whole.
  ///
  /// It trains for about three seconds, because the first steps of a dictionary take longer than later
  /// ones, and keeps nothing. Not counted: writing checkpoints, what a resumed run has done already,
  /// and the auxiliary loss of latents that die later.
  public mutating func measureTime(
    of plan: RunPlan, on source: any ActivationSource, compute: Compute
  ) throws {
    // At most 64 MiB of the rows, or four batches.
    let count = min(rows, max(batch, min(4 * batch, (1 << 24) / dIn)))
    let reading = Stopwatch()
    let part = try source.matrix(ofRows: Array(0..<count))
    let readSeconds = reading.seconds / Double(count)
    let sample = TrainingRows(part, holdOut: .none)
    let looking = Stopwatch()
    _ = try RowSurvey(sample)
    let lookSeconds = looking.seconds / Double(count) + readSeconds

    var pass = TrainingPass(plan.configuration, members: seedsAtOnce, compute: compute)
    let statistics = try RowStatistics(sample, for: plan.configuration, compute: compute)
    for seed in seeds.prefix(seedsAtOnce) {
      try pass.add(
        plan.configuration(seed: seed), rows: sample, statistics: statistics, from: nil)
    }
    let stepSeconds = max(
      try Self.secondsOfLaterSteps(&pass), isStreamed ? readSeconds * Double(batch) : 0)

    let coder = pass.trainers[0].dictionary()
    let evaluating = Stopwatch()
    _ = try evaluate(coder, on: part, path: "", compute: compute)
    let evaluationSeconds = evaluating.seconds / Double(count)
    let heldOut = rows - trainingRows
    let watched = min(heldOut > 0 ? heldOut : rows, TrainingRun.watchedRows)
    let curve = heldOut > 0 ? plan.evaluations : 0
    let evaluated =
      Double(curve + plan.snapshotSteps.count) * Double(watched)
      + Double(heldOut > 0 ? heldOut : rows)
    let passes = (seeds.count + seedsAtOnce - 1) / seedsAtOnce
    seconds =
      lookSeconds * Double(rows) + stepSeconds * Double(steps) * Double(passes)
      + evaluationSeconds * evaluated * Double(seeds.count)
  }

  /// The median time of the steps in the second half of three seconds, of at least four steps.
  private static func secondsOfLaterSteps(_ pass: inout TrainingPass) throws -> Double {
    let whole = Stopwatch()
    var times: [Double] = []
    while !pass.isFinished, whole.seconds < 3 || times.count < 4 {
      let step = Stopwatch()
      _ = try pass.advance()
      times.append(step.seconds)
    }
    let later = times.suffix((times.count + 1) / 2).sorted()
    return later.isEmpty ? 0 : later[later.count / 2]
  }
}
