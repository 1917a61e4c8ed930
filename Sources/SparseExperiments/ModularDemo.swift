public import AlgorithmicTransformer
import DictionaryMetrics
import DictionaryTraining
public import RunRecords
public import SparseCoding
import TensorFiles

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The demonstration: the bundled network's real activations, four seeds, their agreement, a report.
///
/// Run again in the same folder it goes on where it stopped, or only writes the report anew.
public struct ModularDemo: Sendable {
  /// The folder that everything is written to.
  public let out: String
  /// The site whose activations are learned.
  public static let site = ModularSite.residual

  /// A demonstration in a folder.
  public init(out: String) { self.out = out }

  /// Where the page is written.
  public var reportPath: String { out + "/report.html" }
  private var activationsPath: String { out + "/activations.npy" }

  /// What is trained; a setting that is not here has its default.
  static var settings: TrainSettings {
    var settings = TrainSettings()
    settings.dSae = 1024
    settings.k = 16
    settings.batch = 1024
    settings.steps = 4000
    settings.lr = 1e-3
    settings.seeds = [0, 1, 2, 3]
    settings.snapshots = 16
    settings.checkpointEvery = 1000
    return settings
  }

  /// What is about to happen, in a few lines.
  public var announcement: String {
    """
    elute demo: which features of a network would come back if you trained again?
    The same data, four dictionaries that differ in nothing but their seed, and what chance would give.
    """
  }

  /// The parts of the demonstration, in order.
  public enum Stage: Int, CaseIterable, Sendable {
    /// The network answers.
    case network = 1
    /// Its activations are taken.
    case activations
    /// Dictionaries are trained on them.
    case training
    /// The dictionaries are compared; nothing is left that could be lost.
    case comparison
  }

  /// Runs it.
  ///
  /// - Parameters:
  ///   - stage: Is told each stage when it begins, and what there is to say of it.
  ///   - progress: Is called after every training step.
  /// - Returns: The report's content, or `nil` if it was stopped.
  public func run(
    compute: Compute, stage: (Stage, String) -> Void,
    progress: (TrainingProgress) throws -> TrainingRun.Continuation
  ) throws -> ReportContent? {
    try refuseForeignFolder()
    let trained = try TrainedModularNetwork.bundled()
    let task = ModularAddition(modulus: trained.configuration.shape.modulus)
    let held = task.split(
      trainingFraction: trained.configuration.trainingFraction, seed: trained.configuration.seed
    ).heldOut
    let accuracy = trained.network.accuracy(over: held, on: compute)
    stage(
      .network,
      "the network answers a + b mod \(task.modulus) for \(percent(accuracy)) of the "
        + "\(held.count) pairs that it was not trained on")
    let rows = trained.network.activations(at: Self.site, pairs: task.pairs, on: compute)
    let site = Self.site.site(of: trained.configuration.shape)
    var covariance = CovarianceTotals(width: site.width)
    covariance.add(rows, on: compute)
    let rank = covariance.spectrum().effectiveRank
    stage(
      .activations,
      "its activations at \(site.name), at the token '=': \(rows.rows) rows of width "
        + "\(site.width), effective rank \((rank * 10).rounded() / 10)")
    try makeFolder(out)
    removeLeftovers(in: out, of: ["activations.npy", "report.html"])
    let plan = try Self.settings.resolved(site: site, rows: rows.rows)
    let training = try TrainingRun(plan, rows: rows, path: activationsPath, out: out + "/run")
    stage(
      .training,
      "training \(plan.seeds.count) dictionaries of \(plan.configuration.latents) latents, "
        + "\(Self.settings.k ?? 0) active, \(plan.configuration.steps) steps each")
    // An earlier demo's activations are kept: its run was trained on them and refuses others.
    if !training.folder.exists { try NpyFile.write(rows, to: activationsPath) }
    let endings = try training.train(
      resume: training.folder.exists, compute: compute, progress: progress)
    for case (_, .stopped) in endings { return nil }
    stage(.comparison, "comparing the dictionaries with each other and with chance")
    return try reportContent(
      of: training.folder, rows: rows, title: "Which features would come back?",
      introduction: introduction(trained, accuracy: accuracy, rank: rank, site: site),
      rowName: { row in
        let pair = task.pairs[row]
        return "(\(pair.first), \(pair.second))"
      }, compute: compute)
  }

  /// A folder with anything but an earlier demonstration keeps what it holds.
  private func refuseForeignFolder() throws(TensorFileError) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: out)) ?? []
    guard let foreign = names.min(), !RunFolder(out + "/run").exists else { return }
    throw TensorFileError(
      path: out, found: "a folder with other files, such as \(foreign)",
      expected: "a new folder, or that of an earlier demo", hint: "choose another --out")
  }

  private func introduction(
    _ trained: TrainedModularNetwork, accuracy: Double, rank: Double, site: Site
  ) -> [String] {
    [
      "A one-layer transformer was trained to add two numbers modulo "
        + "\(trained.configuration.shape.modulus). It saw 30 % of all pairs and answers "
        + "\(percent(accuracy)) of the others: it has learned the rule.",
      "The dictionaries below learn its activations at \(site.name), at the token that carries the "
        + "answer, for every pair (a, b). Their effective rank is "
        + "\((rank * 10).rounded() / 10) of \(site.width).",
    ]
  }

  private func percent(_ share: Double) -> String {
    "\((share * 100_000).rounded() / 1000) %"
  }
}
