import ArgumentParser
import Elute

/// The flags of `elute train`, one for each setting.
struct TrainOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The activations: a file or a folder.", valueName: "path"))
  var data: String?

  @Option(help: ArgumentHelp("The folder to write; it must be new or empty.", valueName: "dir"))
  var out: String?

  @Option(help: ArgumentHelp("The activation rule: topk. (default: topk)", valueName: "rule"))
  var activation: String?

  @Option(help: ArgumentHelp("Active latents a row. (default: 32)", valueName: "n"))
  var k: Int?

  @Option(help: ArgumentHelp("Latents. (default: 8 x d_in)", valueName: "n"))
  var dSae: Int?

  @Option(help: ArgumentHelp("Rows a step. (default: 4096)", valueName: "n"))
  var batch: Int?

  @Option(help: ArgumentHelp("Steps. (default: 10000)", valueName: "n"))
  var steps: Int?

  @Option(
    help: ArgumentHelp("Peak learning rate. (default: \(LearningRate().peak))", valueName: "x"))
  var lr: Double?

  @Option(
    help: ArgumentHelp(
      "How the rate ends: constant, linear or cosine. (default: \(LearningRate().summary))",
      valueName: "name"))
  var schedule: String?

  @Option(help: ArgumentHelp("Steps of linear warm-up. (default: 0)", valueName: "n"))
  var warmup: Int?

  @Option(
    help: ArgumentHelp("Last steps over which the rate falls. (default: a fifth)", valueName: "n"))
  var decay: Int?

  @Option(
    help: ArgumentHelp("Length of the encoder's initial rows. (default: 0.1)", valueName: "x"))
  var encoderScale: Double?

  @Option(
    help: ArgumentHelp("The atoms' learning rate over the others'. (default: 10)", valueName: "x"))
  var decoderRate: Double?

  @Option(help: ArgumentHelp("Adam's decay of the first moment. (default: 0.9)", valueName: "x"))
  var beta1: Double?

  @Option(help: ArgumentHelp("Adam's decay of the second moment. (default: 0.999)", valueName: "x"))
  var beta2: Double?

  @Option(help: ArgumentHelp("Adam's epsilon. (default: 1e-8)", valueName: "x"))
  var epsilon: Double?

  @Option(
    help: ArgumentHelp("Clip gradients to this global norm. (default: off)", valueName: "x"))
  var clip: Double?

  @Option(
    help: ArgumentHelp(
      "Scaling of rows: none or unit_mean_square. (default: \(RunPlan.defaultNormalization.rawValue))",
      valueName: "name"))
  var normalize: String?

  @Option(help: ArgumentHelp("For dead latents: auxk or none. (default: auxk)", valueName: "name"))
  var dead: String?

  @Option(help: ArgumentHelp("Weight of the auxiliary loss. (default: 1)", valueName: "x"))
  var auxkCoefficient: Double?

  @Option(help: ArgumentHelp("Dead latents acting in a row. (default: d_in / 2)", valueName: "n"))
  var auxkK: Int?

  @Option(
    help: ArgumentHelp(
      "Rows without firing until dead. (default: the smaller of 10^7 and 10 epochs)",
      valueName: "n"))
  var deadAfterRows: Int?

  @Option(help: ArgumentHelp("Seeds, such as 0,1,2,3. (default: 0)", valueName: "list"))
  var seeds: SeedList?

  @Option(
    help: ArgumentHelp("One order of rows for all seeds. (default: each its own)", valueName: "n"))
  var dataSeed: UInt64?

  @Option(
    help: ArgumentHelp(
      "Rows never trained on: a fraction, every:N or none. (default: \(RunPlan.defaultHoldOut))",
      valueName: "rule"))
  var holdout: String?

  @Option(help: ArgumentHelp("Steps between checkpoints. (default: a tenth)", valueName: "n"))
  var checkpointEvery: Int?

  @Option(help: ArgumentHelp("Steps between logged steps. (default: a hundredth)", valueName: "n"))
  var logEvery: Int?

  @Option(
    help: ArgumentHelp("Decoders to keep at log-spaced steps. (default: 0)", valueName: "n"))
  var snapshots: Int?

  /// The flags as settings.
  var settings: TrainSettings {
    var given = TrainSettings()
    given.data = data
    given.out = out
    given.activation = activation
    given.k = k
    given.dSae = dSae
    given.batch = batch
    given.steps = steps
    given.lr = lr
    given.schedule = schedule
    given.warmup = warmup
    given.decay = decay
    given.encoderScale = encoderScale
    given.decoderRate = decoderRate
    given.beta1 = beta1
    given.beta2 = beta2
    given.epsilon = epsilon
    given.clip = clip
    given.normalize = normalize
    given.dead = dead
    given.auxkCoefficient = auxkCoefficient
    given.auxkK = auxkK
    given.deadAfterRows = deadAfterRows
    given.seeds = seeds?.seeds
    given.dataSeed = dataSeed
    given.holdout = holdout
    given.checkpointEvery = checkpointEvery
    given.logEvery = logEvery
    given.snapshots = snapshots
    return given
  }
}
