/// One latent of the first dictionary, with the inputs that activate it most.
public struct LatentRecord: Codable, Hashable, Sendable {
  /// The latent's index in the first dictionary.
  public var latent: Int
  /// Its best cosine in each of the other dictionaries.
  public var bestCosines: [Double]
  /// The mean of `bestCosines`.
  public var replication: Double
  /// The fraction of rows on which it is active.
  public var density: Double
  /// The rows that activate it most, strongest first, named as a reader would, such as `(3, 17)`.
  public var topInputs: [Input]

  /// A latent of the values given.
  public init(
    latent: Int, bestCosines: [Double], replication: Double, density: Double, topInputs: [Input]
  ) {
    self.latent = latent
    self.bestCosines = bestCosines
    self.replication = replication
    self.density = density
    self.topInputs = topInputs
  }

  enum CodingKeys: String, CodingKey {
    case latent, replication, density
    case bestCosines = "best_cosines"
    case topInputs = "top_inputs"
  }

  /// An input and the value of the latent on it.
  public struct Input: Codable, Hashable, Sendable {
    /// The input's name.
    public var name: String
    /// The latent's value.
    public var value: Double

    /// An input of a name and a value.
    public init(name: String, value: Double) {
      self.name = name
      self.value = value
    }
  }
}

/// All that one report shows: the runs of one configuration, their agreement and their latents.
public struct ReportContent: Codable, Hashable, Sendable {
  /// The report's heading.
  public var title: String
  /// Sentences on the data and the network that a reader needs first.
  public var introduction: [String]
  /// One finished run per seed.
  public var runs: [RunRecord]
  /// The finished dictionaries' agreement; absent for a single run.
  public var comparison: ComparisonRecord?
  /// Agreement over training; empty without snapshots.
  public var agreement: [AgreementPoint]
  /// The most replicated latents of the first run, best first.
  public var mostReplicated: [LatentRecord]
  /// The least replicated live latents of the first run, worst first.
  public var leastReplicated: [LatentRecord]
  /// What became of every live atom of the first run in the others; absent for a single run.
  public var replication: ReplicationRecord?
  /// What of planted directions at least half of the runs found; absent unless some were planted.
  public var visibility: [SpikeVisibility]?
  /// What can be claimed about each dictionary; absent unless it was asked for.
  public var certificates: [CertificateRecord]?

  /// Contents of the parts given.
  public init(
    title: String, introduction: [String], runs: [RunRecord], comparison: ComparisonRecord?,
    agreement: [AgreementPoint], mostReplicated: [LatentRecord], leastReplicated: [LatentRecord],
    replication: ReplicationRecord? = nil, visibility: [SpikeVisibility]? = nil,
    certificates: [CertificateRecord]? = nil
  ) {
    self.title = title
    self.introduction = introduction
    self.runs = runs
    self.comparison = comparison
    self.agreement = agreement
    self.mostReplicated = mostReplicated
    self.leastReplicated = leastReplicated
    self.replication = replication
    self.visibility = visibility
    self.certificates = certificates
  }

  enum CodingKeys: String, CodingKey {
    case title, introduction, runs, comparison, agreement, replication, visibility, certificates
    case mostReplicated = "most_replicated"
    case leastReplicated = "least_replicated"
  }
}
