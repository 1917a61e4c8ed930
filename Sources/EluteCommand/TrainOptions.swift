import ArgumentParser
import Elute

/// The flags of `elute train`, one for each setting.
struct TrainOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The activations: a file or a folder.", valueName: "path"))
  var data: String?

  @Option(
    help: ArgumentHelp(
      "What is reconstructed in their place: trains a transcoder.", valueName: "path"))
  var target: String?

  @Option(
    help: ArgumentHelp(
      "Several sites that are read and reconstructed together: trains a crosscoder.",
      valueName: "paths"))
  var sources: PathList?

  @Flag(help: "A linear path past a transcoder's latents.")
  var skip = false

  @Option(help: ArgumentHelp("The folder to write; it must be new or empty.", valueName: "dir"))
  var out: String?

  @Option(
    help: ArgumentHelp(
      "Settings found together, where others are not given: reproducible. (default: none)",
      valueName: "name"))
  var recipe: String?

  @Option(
    help: ArgumentHelp(
      "relu, jumprelu, topk, abstopk, batchtopk or gated. (default: topk)", valueName: "rule"))
  var activation: String?

  @Option(
    help: ArgumentHelp(
      "Active latents a row, of batchtopk on average. (default: 32)", valueName: "n"))
  var k: Int?

  @Option(
    help: ArgumentHelp(
      "Active latents a row at the start, falling to k. (default: k)", valueName: "n"))
  var kStart: Int?

  @Option(help: ArgumentHelp("Steps over which they fall. (default: a tenth)", valueName: "n"))
  var kAnneal: Int?

  @Option(help: ArgumentHelp("Latents. (default: 8 x d_in)", valueName: "n"))
  var dSae: Int?

  @Option(
    help: ArgumentHelp(
      "Ends of nested prefixes that each reconstruct, such as 64,256,1024; the last is d_sae.",
      valueName: "list"))
  var matryoshka: CountList?

  @Option(
    help: ArgumentHelp("Steps of an encoder that feeds its code back, such as 5.", valueName: "n"))
  var multistep: Int?

  @Flag(help: "The encoder is the decoder.")
  var tied = false

  @Option(
    help: ArgumentHelp("Length of the atoms: unit or free. (default: unit)", valueName: "name"))
  var decoder: String?

  @Option(help: ArgumentHelp("Weight of the code's L1 norm, averaged over rows.", valueName: "x"))
  var l1: Double?

  @Option(help: ArgumentHelp("Anneal that norm from L1 to |z|^p of this p.", valueName: "x"))
  var pEnd: Double?

  @Option(help: ArgumentHelp("Step from which p falls. (default: a third)", valueName: "n"))
  var pStart: Int?

  @Option(help: ArgumentHelp("Weight of the number of active latents (jumprelu).", valueName: "x"))
  var l0: Double?

  @Option(help: ArgumentHelp("The number of active latents to reach (jumprelu).", valueName: "x"))
  var targetL0: Double?

  @Option(
    help: ArgumentHelp(
      "Weight of the squared relative deviation from it. (default: 4 x d_out)",
      valueName: "x"))
  var targetL0Weight: Double?

  @Option(
    help: ArgumentHelp(
      "Window around a threshold in which it learns. (default: \(Objective().bandwidth))",
      valueName: "x"))
  var bandwidth: Double?

  @Option(
    help: ArgumentHelp(
      "Steps over which a sparsity penalty rises. (default: a twentieth)", valueName: "n"))
  var sparsityWarmup: Int?

  @Option(
    help: ArgumentHelp(
      "Weight of the penalty on badly conditioned supports. Normalized rows have length sqrt(d_in): iSAE's 0.1, for rows of length one, is 0.1 x d_in here.",
      valueName: "x"))
  var arip: Double?

  @Flag(help: "Take that penalty exactly, not by one random sample a row.")
  var aripExact = false

  @Option(help: ArgumentHelp("Steps over which it rises. (default: 0)", valueName: "n"))
  var aripWarmup: Int?

  @Option(
    help: ArgumentHelp(
      "Directions to keep the first latents near, [anchors, d], or labels of rows, [rows], whose classes' means these are.",
      valueName: "file"))
  var anchors: String?

  @Option(help: ArgumentHelp("How many, from the first on. (default: all)", valueName: "n"))
  var anchorCount: Int?

  @Flag(help: "Subtract the mean of all labelled rows from those of the classes.")
  var anchorCentered = false

  @Option(
    help: ArgumentHelp(
      "Weight of their squared distance. (default: \(TrainSettings.defaultAnchorWeight))",
      valueName: "x"))
  var anchorWeight: Double?

  @Option(help: ArgumentHelp("Steps over which it rises. (default: 0)", valueName: "n"))
  var anchorWarmup: Int?

  @Option(
    help: ArgumentHelp(
      "Known directions to plant in the rows, such as 96, to see which are found. (default: none)",
      valueName: "n"))
  var spikeIn: Int?

  @Option(
    help: ArgumentHelp("The seed of these, one for all seeds. (default: 0)", valueName: "n"))
  var spikeSeed: UInt64?

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
    help: ArgumentHelp(
      "The atoms' learning rate over that of the other weights; 0 keeps them. (default: 10)",
      valueName: "x"))
  var decoderRate: Double?

  @Option(help: ArgumentHelp("adam, adamw or signum. (default: adam)", valueName: "name"))
  var optimizer: String?

  @Option(help: ArgumentHelp("Adam's decay of the first moment. (default: 0.9)", valueName: "x"))
  var beta1: Double?

  @Option(help: ArgumentHelp("Adam's decay of the second moment. (default: 0.999)", valueName: "x"))
  var beta2: Double?

  @Option(help: ArgumentHelp("Adam's epsilon. (default: 1e-8)", valueName: "x"))
  var epsilon: Double?

  @Option(help: ArgumentHelp("Decay of weights of adamw. (default: 0.01)", valueName: "x"))
  var weightDecay: Double?

  @Option(help: ArgumentHelp("Momentum of signum. (default: 0.95)", valueName: "x"))
  var momentum: Double?

  @Option(
    help: ArgumentHelp(
      "Save a running mean of the weights of this decay, such as 0.999. (default: off)",
      valueName: "x"))
  var averaging: Double?

  @Option(help: ArgumentHelp("Clip gradients to this global norm. (default: off)", valueName: "x"))
  var clip: Double?

  @Option(
    help: ArgumentHelp(
      "Scaling of rows: \(normalizations). (default: \(RunPlan.defaultNormalization.rawValue))",
      valueName: "name"))
  var normalize: String?

  @Option(
    help: ArgumentHelp(
      "For dead latents: auxk, resample or none. (default: auxk, with gated none)",
      valueName: "name"))
  var dead: String?

  @Option(help: ArgumentHelp("Weight of the auxiliary loss. (default: 1)", valueName: "x"))
  var auxkCoefficient: Double?

  @Option(help: ArgumentHelp("Dead latents acting in a row. (default: d_in / 2)", valueName: "n"))
  var auxkK: Int?

  @Option(
    help: ArgumentHelp(
      "Rows without firing until dead. (default: the smaller of 10^7 and 10 epochs)", valueName: "n"
    ))
  var deadAfterRows: Int?

  @Option(help: ArgumentHelp("Steps between resamplings. (default: an eighth)", valueName: "n"))
  var resampleEvery: Int?

  @Option(help: ArgumentHelp("Resamplings. (default: 4)", valueName: "n"))
  var resampleCount: Int?

  @Option(help: ArgumentHelp("Seeds, such as 0,1,2,3. (default: 0)", valueName: "list"))
  var seeds: SeedList?

  @Option(
    help: ArgumentHelp("One order of rows for all seeds. (default: each its own)", valueName: "n"))
  var dataSeed: UInt64?

  @Option(
    help: ArgumentHelp(
      "One set of initial weights for all seeds. (default: each its own)", valueName: "n"))
  var initSeed: UInt64?

  @Option(
    help: ArgumentHelp(
      "Disjoint parts of the rows: seed s trains on part s modulo n. (default: 1)", valueName: "n"))
  var parts: Int?

  @Option(
    help: ArgumentHelp(
      "Rows never trained on: a fraction, every:N or none. (default: \(RunPlan.defaultHoldOut))",
      valueName: "rule"))
  var holdout: String?

  @Option(help: ArgumentHelp("Steps between checkpoints. (default: a tenth)", valueName: "n"))
  var checkpointEvery: Int?

  @Option(help: ArgumentHelp("Steps between logged steps. (default: a hundredth)", valueName: "n"))
  var logEvery: Int?

  @Option(help: ArgumentHelp("Decoders to keep at log-spaced steps. (default: 0)", valueName: "n"))
  var snapshots: Int?

  private static let normalizations = TrainingConfiguration.Normalization.allCases.map(\.rawValue)
    .joined(separator: ", ")

  /// The flags as settings.
  var settings: TrainSettings {
    var given = TrainSettings()
    given.data = data
    given.target = target
    given.sources = sources?.paths
    given.skip = skip ? true : nil
    given.out = out
    given.recipe = recipe
    given.activation = activation
    given.k = k
    given.kStart = kStart
    given.kAnneal = kAnneal
    given.dSae = dSae
    given.matryoshka = matryoshka?.counts
    given.multistep = multistep
    given.tied = tied ? true : nil
    given.decoder = decoder
    given.l1 = l1
    given.pEnd = pEnd
    given.pStart = pStart
    given.l0 = l0
    given.targetL0 = targetL0
    given.targetL0Weight = targetL0Weight
    given.bandwidth = bandwidth
    given.sparsityWarmup = sparsityWarmup
    given.arip = arip
    given.aripExact = aripExact ? true : nil
    given.aripWarmup = aripWarmup
    given.anchors = anchors
    given.anchorWeight = anchorWeight
    given.anchorWarmup = anchorWarmup
    given.anchorCount = anchorCount
    given.anchorCentered = anchorCentered ? true : nil
    given.spikeIn = spikeIn
    given.spikeSeed = spikeSeed
    given.batch = batch
    given.steps = steps
    given.lr = lr
    given.schedule = schedule
    given.warmup = warmup
    given.decay = decay
    given.encoderScale = encoderScale
    given.decoderRate = decoderRate
    given.optimizer = optimizer
    given.beta1 = beta1
    given.beta2 = beta2
    given.epsilon = epsilon
    given.weightDecay = weightDecay
    given.momentum = momentum
    given.averaging = averaging
    given.clip = clip
    given.normalize = normalize
    given.dead = dead
    given.auxkCoefficient = auxkCoefficient
    given.auxkK = auxkK
    given.deadAfterRows = deadAfterRows
    given.resampleEvery = resampleEvery
    given.resampleCount = resampleCount
    given.seeds = seeds?.seeds
    given.dataSeed = dataSeed
    given.initSeed = initSeed
    given.parts = parts
    given.holdout = holdout
    given.checkpointEvery = checkpointEvery
    given.logEvery = logEvery
    given.snapshots = snapshots
    return given
  }
}
