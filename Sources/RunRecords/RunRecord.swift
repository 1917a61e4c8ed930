/// One finished training run, flat: all that a report, a comparison or a test may use of it.
///
/// Written as `record.json` beside the dictionary. Field names are the ecosystem's where it has one.
public struct RunRecord: Codable, Hashable, Sendable {
  /// The version of this layout; a reader refuses any other.
  public static let currentSchema = 3

  /// The version of this layout.
  public var schema: Int = RunRecord.currentSchema
  /// The run's name, usually its folder's.
  public var run: String
  /// The seed of the initial weights and of the data order, unless `init_seed` or `data_seed` says otherwise.
  public var seed: UInt64
  /// The seed of the data order.
  public var dataSeed: UInt64
  /// Elute's version that trained it.
  public var eluteVersion: String
  /// What was trained: widths, activation, optimizer, schedule, in plain words and numbers.
  public var settings: Settings
  /// What it was trained on.
  public var data: Data
  /// Where it ran; not part of the result.
  public var host: Host
  /// Wall time of the training, in seconds; not part of the result.
  public var seconds: Double
  /// The logged steps, in order.
  public var curve: [CurvePoint]
  /// The finished dictionary on the held-out rows, or on all rows if none were held out.
  public var evaluation: Evaluation
  /// For each latent the fraction of evaluated rows on which it is active, `[d_sae]`.
  public var firingDensities: [Float]
  /// What was found of planted directions; absent unless some were.
  ///
  /// Training and evaluation then are on rows with them, and `data` describes the rows without.
  public var spikeIn: SpikeRecord?

  /// A record of the parts given.
  public init(
    run: String, seed: UInt64, dataSeed: UInt64, eluteVersion: String, settings: Settings,
    data: Data, host: Host, seconds: Double, curve: [CurvePoint], evaluation: Evaluation,
    firingDensities: [Float], spikeIn: SpikeRecord? = nil
  ) {
    self.run = run
    self.seed = seed
    self.dataSeed = dataSeed
    self.eluteVersion = eluteVersion
    self.settings = settings
    self.data = data
    self.host = host
    self.seconds = seconds
    self.curve = curve
    self.evaluation = evaluation
    self.firingDensities = firingDensities
    self.spikeIn = spikeIn
  }

  /// The seed of the initial weights.
  public var initSeed: UInt64 { settings.method["init_seed"].flatMap { UInt64($0) } ?? seed }

  /// Which of how many disjoint parts of the rows trained it.
  public var part: (index: UInt64, of: UInt64) {
    let parts = settings.method["parts"].flatMap { UInt64($0) } ?? 1
    return (seed % parts, parts)
  }

  enum CodingKeys: String, CodingKey {
    case schema, run, seed, settings, data, host, seconds, curve, evaluation
    case dataSeed = "data_seed"
    case eluteVersion = "elute_version"
    case firingDensities = "firing_densities"
    case spikeIn = "spike_in"
  }

  /// The settings of a run as plain words and numbers.
  public struct Settings: Codable, Hashable, Sendable {
    /// What is read and what is rebuilt: `autoencoder`, `transcoder`, `skip_transcoder` or `crosscoder`.
    public var architecture: String
    /// The width of what is read, all sites of a crosscoder together.
    public var dIn: Int
    /// The width of what is rebuilt.
    public var dOut: Int
    /// The number of latents.
    public var dSae: Int
    /// The activation rule's name, such as `topk` or `jumprelu`.
    public var activation: String
    /// The number of active latents a row, where the rule says it; of `batchtopk` their mean.
    public var k: Int?
    /// Rows a step.
    public var batch: Int
    /// Steps in all.
    public var steps: Int
    /// The peak learning rate.
    public var lr: Double
    /// The schedule in words, such as `constant` or `warmup 100, then linear decay over 600`.
    public var schedule: String
    /// Which rows were held out, such as `every:10`; with the data it decides their positions.
    public var holdout: String
    /// Everything that decides the method, by the names of the settings file and as one writes it there,
    /// defaults written out; without data, the seeds of the weights and what is only logged.
    public var method: [String: String]

    /// Settings of the values given.
    public init(
      architecture: String, dIn: Int, dOut: Int, dSae: Int, activation: String, k: Int?,
      batch: Int, steps: Int, lr: Double, schedule: String, holdout: String,
      method: [String: String]
    ) {
      self.architecture = architecture
      self.dIn = dIn
      self.dOut = dOut
      self.dSae = dSae
      self.activation = activation
      self.k = k
      self.batch = batch
      self.steps = steps
      self.lr = lr
      self.schedule = schedule
      self.holdout = holdout
      self.method = method
    }

    enum CodingKeys: String, CodingKey {
      case architecture, activation, k, batch, steps, lr, schedule, holdout, method
      case dIn = "d_in"
      case dOut = "d_out"
      case dSae = "d_sae"
    }
  }

  /// The data of a run.
  public struct Data: Codable, Hashable, Sendable {
    /// Where it was read from, as the user wrote it.
    public var path: String
    /// The site's name.
    public var site: String
    /// All rows.
    public var rows: Int
    /// Rows that training never saw.
    public var heldOutRows: Int
    /// SHA-256 over shape and values, in hexadecimal.
    public var fingerprint: String

    /// Data of the values given.
    public init(path: String, site: String, rows: Int, heldOutRows: Int, fingerprint: String) {
      self.path = path
      self.site = site
      self.rows = rows
      self.heldOutRows = heldOutRows
      self.fingerprint = fingerprint
    }

    enum CodingKeys: String, CodingKey {
      case path, site, rows, fingerprint
      case heldOutRows = "held_out_rows"
    }
  }

  /// The machine of a run; nothing here enters a result.
  public struct Host: Codable, Hashable, Sendable {
    /// The operating system and processor, in words.
    public var description: String
    /// The kernel set used, such as `avx512`.
    public var kernels: String
    /// The number of threads.
    public var threads: Int

    /// A host of the values given.
    public init(description: String, kernels: String, threads: Int) {
      self.description = description
      self.kernels = kernels
      self.threads = threads
    }
  }
}

/// One logged step of a run.
public struct CurvePoint: Codable, Hashable, Sendable {
  /// Steps done.
  public var step: Int
  /// The squared error summed over dimensions, averaged over the rows of the step's batch, in the
  /// data's own units.
  public var loss: Double
  /// All that the step minimised, penalties included, in the units of `loss`.
  public var objective: Double
  /// The sparsity penalty in it, with its weight; 0 where there is none.
  public var sparsity: Double
  /// The fraction of the held-out rows' variance left unexplained; absent where it was not measured.
  public var fvu: Double?
  /// The mean number of active latents a row of the batch.
  public var l0: Double
  /// The fraction of latents that count as dead while training.
  public var deadFraction: Double
  /// The learning rate of the step.
  public var lr: Double

  /// A point of the values given.
  public init(
    step: Int, loss: Double, objective: Double, sparsity: Double = 0, fvu: Double?, l0: Double,
    deadFraction: Double, lr: Double
  ) {
    self.step = step
    self.loss = loss
    self.objective = objective
    self.sparsity = sparsity
    self.fvu = fvu
    self.l0 = l0
    self.deadFraction = deadFraction
    self.lr = lr
  }

  enum CodingKeys: String, CodingKey {
    case step, loss, objective, sparsity, fvu, l0, lr
    case deadFraction = "dead_fraction"
  }
}

/// The measures of one dictionary on given rows.
public struct Evaluation: Codable, Hashable, Sendable {
  /// Rows evaluated.
  public var rows: Int
  /// The fraction of variance unexplained.
  public var fvu: Double
  /// `1 - fvu`.
  public var explainedVariance: Double
  /// The squared error averaged over rows and dimensions.
  public var mse: Double
  /// The mean number of active latents a row.
  public var l0: Double
  /// The fraction of latents that fire on none of the rows.
  public var deadFraction: Double

  /// Measures of the values given.
  public init(
    rows: Int, fvu: Double, explainedVariance: Double, mse: Double, l0: Double, deadFraction: Double
  ) {
    self.rows = rows
    self.fvu = fvu
    self.explainedVariance = explainedVariance
    self.mse = mse
    self.l0 = l0
    self.deadFraction = deadFraction
  }

  enum CodingKeys: String, CodingKey {
    case rows, fvu, mse, l0
    case explainedVariance = "explained_variance"
    case deadFraction = "dead_fraction"
  }
}
