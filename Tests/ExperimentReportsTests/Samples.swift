import ExperimentReports
import RunRecords

/// Contents of reports to test with, from nothing to more than anybody has.
enum Sample: CaseIterable {
  case nothing, singleRun, twoSeeds, eightSeeds, tenLatents, noCurves, undefined, hostile
  case signedBelowZero, noNull, severalConfigurations, oneStep, spiked

  var content: ReportContent {
    switch self {
    case .nothing:
      return ReportContent(
        title: "Nothing", introduction: [], runs: [], comparison: nil, agreement: [],
        mostReplicated: [], leastReplicated: [])
    case .singleRun: return sampleContent(seeds: 1)
    case .twoSeeds: return sampleContent(seeds: 2)
    case .eightSeeds: return sampleContent(seeds: 8)
    case .tenLatents: return sampleContent(seeds: 3, latents: 10)
    case .noCurves:
      var content = sampleContent(seeds: 2)
      content.agreement = []
      for index in content.runs.indices {
        content.runs[index].curve = []
        content.runs[index].firingDensities = []
      }
      return content
    case .spiked: return spikedContent()
    case .undefined: return undefinedContent()
    case .hostile: return hostileContent()
    case .signedBelowZero:
      var content = sampleContent(seeds: 2)
      content.comparison?.pairs[0].bestCosines = [-0.73, 0.2, 1]
      content.comparison?.kappa = -0.2
      content.agreement[1].mmcsLive = -0.4
      return content
    case .noNull:
      var content = sampleContent(seeds: 2)
      content.comparison?.pairs[0].nullBestCosines = []
      content.comparison?.pairs[0].nullMmcsDeviation = .nan
      return content
    case .severalConfigurations:
      var content = sampleContent(seeds: 2)
      content.runs[1].settings.k = 7
      content.runs[1].seed = content.runs[0].seed
      return content
    case .oneStep:
      var content = sampleContent(seeds: 2)
      content.agreement = Array(content.agreement.prefix(1))
      for index in content.runs.indices {
        content.runs[index].curve = Array(content.runs[index].curve.prefix(1))
      }
      return content
    }
  }
}

extension Sample {
  private static let reports = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0, htmlReport($0.content)) })
  private static let pages = reports.mapValues { report in Result { try Page(report) } }

  /// The report of the sample, made once.
  var report: String { Sample.reports[self] ?? "" }

  /// The report taken apart, once.
  func page() throws -> Page { try Page.from(Sample.pages[self]) }
}

extension Page {
  fileprivate static func from(_ result: Result<Page, any Error>?) throws -> Page {
    guard let result else { throw Malformed(description: "no such page") }
    return try result.get()
  }
}

/// Settings, data and results that look like those of a small network.
func sampleContent(seeds: Int, latents: Int = 64, logged: Int = 50) -> ReportContent {
  let steps = (0..<logged).map { $0 * 10 }
  return ReportContent(
    title: "A report", introduction: ["What was trained on what."],
    runs: (0..<seeds).map { sampleRun(seed: $0, latents: latents, steps: steps) },
    comparison: seeds > 1 ? sampleComparison(seeds: seeds, latents: latents) : nil,
    agreement: seeds > 1 ? [0, 1, 10, 100, 500].map(samplePoint) : [],
    mostReplicated: seeds > 1 ? [sampleLatent(3, cosine: 0.97, others: seeds - 1)] : [],
    leastReplicated: seeds > 1 ? [sampleLatent(5, cosine: 0.41, others: seeds - 1)] : [],
    replication: seeds > 1 ? sampleReplication(seeds: seeds, latents: latents) : nil)
}

/// Three quarters of the latents, of which every third came back in all others and every third in none.
func sampleReplication(seeds: Int, latents: Int) -> ReplicationRecord {
  let others = seeds - 1
  return ReplicationRecord(
    dictionaries: (0..<seeds).map { "runs/a/seed-\($0)/dictionary" }, tau: 0.7,
    atLeast: others / 2 + 1, null: "matched_second_moment", nullDraws: 20, nullCosine: 0.634,
    nullCosine95: 0.741, chance: [0.9] + (0..<others).map { _ in 0.1 / Double(others) },
    liveness: "record",
    atoms: (0..<latents * 3 / 4).map { index in
      let replications = [0, others / 2, others][index % 3]
      var atom = AtomRecord(
        atom: index * 4 / 3, bestMatch: latents - 1 - index,
        cosine: 0.4 + 0.6 * Float((index * 7) % latents) / Float(latents),
        pValue: Double(index + 1) / Double(latents), qValue: index % 3 == 2 ? 0.004 : 1,
        replications: replications, trials: others, low: 0.1, high: 0.9,
        density: Double(index + 1) / Double(latents), mutual: index % 2 == 0)
      atom.topInputs = [.init(name: "(\(index), 1)", value: 2)]
      return atom
    })
}

func sampleRun(seed: Int, latents: Int, steps: [Int]) -> RunRecord {
  let curve = steps.map { step in
    CurvePoint(
      step: step, loss: 3 / Double(step + 1), objective: 4 / Double(step + 1),
      fvu: step % 50 == 0 ? 1 / Double(step + 1) : nil,
      l0: 8, deadFraction: 0.25, lr: 0.0003)
  }
  return RunRecord(
    run: "seed-\(seed)", seed: UInt64(seed), dataSeed: UInt64(seed), eluteVersion: "0.1.0",
    settings: .init(
      architecture: "autoencoder", dIn: 16, dOut: 16, dSae: latents, activation: "topk", k: 8,
      batch: 32, steps: 500, lr: 0.0003, schedule: "constant", holdout: "every:10",
      method: [
        "normalize": "unit_mean_square", "dead": "auxk", "auxk_coefficient": "0.03125",
        "encoder_scale": "0.1",
      ]),
    data: .init(
      path: "acts", site: "residual", rows: 1000, heldOutRows: 100,
      fingerprint: String(repeating: "ab", count: 32)),
    host: .init(description: "a machine", kernels: "plain", threads: 2), seconds: 12,
    curve: curve,
    evaluation: .init(
      rows: 100, fvu: 0.0213, explainedVariance: 0.9787, mse: 0.004, l0: 7.9, deadFraction: 0.25),
    firingDensities: (0..<latents).map { $0 % 4 == 0 ? 0 : Float($0 + 1) / Float(latents + 1) })
}

let sampleShared = Shared(initialization: .different, dataOrder: .different, data: .same)

func sampleComparison(seeds: Int, latents: Int) -> ComparisonRecord {
  let live = latents * 3 / 4
  let pairs = (0..<seeds).flatMap { first in
    (first + 1..<max(seeds, first + 1)).map { second in
      PairRecord(
        first: first, second: second, mmcs: 0.731, mmcsAll: 0.69, dcs: 0.702, dcsAll: 0.66,
        nullMmcs: 0.622, nullMmcsDeviation: 0.002, nullDcs: 0.597, nullDcsDeviation: 0.002,
        isotropicMmcs: 0.2988, isotropicDcs: 0.2887, kappa: 0.288, shared: sampleShared,
        liveFirst: live, liveSecond: live, coverage: 1,
        bestCosines: (0..<live).map { 0.4 + 0.6 * Float($0) / Float(live) },
        nullBestCosines: (0..<100).map { 0.5 + 0.002 * Float($0) })
    }
  }
  return ComparisonRecord(
    dictionaries: (0..<seeds).map { "runs/a/seed-\($0)/dictionary" }, dIn: 16,
    convention: "signed", mmcs: 0.731, mmcsAll: 0.69, dcs: 0.702, dcsAll: 0.66, nullMmcs: 0.622,
    nullDcs: 0.597, kappa: 0.288, ratioToIsotropic: 2.446,
    shared: sampleShared, liveness: "record",
    pairs: pairs, kappaInterval: seeds > 2 ? [0.251, 0.325] : nil,
    mmcsInterval: seeds > 2 ? [0.714, 0.748] : nil,
    nulls: .init(isotropic: 0.2988, decoderSecondMoment: 0.622, oneToOne: 0.597))
}

func samplePoint(_ step: Int) -> AgreementPoint {
  let progress = Double(step) / 500
  return AgreementPoint(
    step: step, mmcsAll: 0.3 + 0.39 * progress, isotropic: 0.299,
    mmcsLive: 0.31 + 0.421 * progress, nullMmcsLive: 0.31 + 0.312 * progress,
    nullLow: 0.3 + 0.312 * progress, nullHigh: 0.32 + 0.312 * progress, live: 64 - 16 * progress)
}

func sampleLatent(_ latent: Int, cosine: Double, others: Int) -> LatentRecord {
  LatentRecord(
    latent: latent, bestCosines: [Double](repeating: cosine, count: others), replication: cosine,
    density: 0.031,
    topInputs: [.init(name: "(3, 17)", value: 6.25), .init(name: "(4, 18)", value: 6.1)])
}

/// Two strengths at three frequencies: the strong are found down to the second, the weak not at all.
func sampleSpikes() -> SpikeRecord {
  let frequencies = [0.01, 0.001, 0.0001]
  let cells = [1.0, 0.25].flatMap { strength in frequencies.map { (strength, $0) } }
  let directions = cells.enumerated().flatMap { place, cell in
    SpikeRecord.Role.allCases.map { role in
      SpikeRecord.Direction(
        frequency: cell.1, strength: cell.0, role: role,
        parent: role == .child ? 3 * place + 1 : nil,
        trainingFirings: Int(9000 * cell.1), evaluatedFirings: Int(1000 * cell.1),
        cosine: place < 2 && role == .alone ? 0.97 : 0.41, latent: place, latentFirings: 9,
        jointFirings: 1, firingCorrelation: cell.1 > 0.0005 ? 0.5 : nil)
    }
  }
  let visibility = [1.0, 0.25].map { strength in
    SpikeVisibility(
      strength: strength,
      cells: frequencies.map { frequency in
        let found = directions.count {
          $0.strength == strength && $0.frequency == frequency && $0.isFound
        }
        return .init(
          frequency: frequency, planted: 1, found: found,
          interval: found == 1 ? [0.025, 1] : [0, 0.975])
      })
  }
  return SpikeRecord(
    seed: 0, deviation: 5, addedVariance: 0.078, convention: "signed", directions: directions,
    nullCosines: directions.indices.map { 0.2 + 0.01 * Float($0) }, visibility: visibility)
}

private func spikedContent() -> ReportContent {
  var content = sampleContent(seeds: 3)
  for index in content.runs.indices { content.runs[index].spikeIn = sampleSpikes() }
  content.visibility = sampleSpikes().visibility
  return content
}

/// Every number that can be without a value is without one.
private func undefinedContent() -> ReportContent {
  var content = spikedContent()
  for index in content.runs.indices {
    content.runs[index].spikeIn?.directions[0].cosine = .nan
    content.runs[index].spikeIn?.directions[1].frequency = .nan
    content.runs[index].spikeIn?.directions[2].firingCorrelation = .nan
    content.runs[index].spikeIn?.nullCosines[0] = .infinity
    content.runs[index].spikeIn?.nullCosine = .nan
    content.runs[index].spikeIn?.addedVariance = .nan
  }
  content.visibility?[0].cells[1].interval = [.nan, .infinity]
  content.visibility?[1].strength = .nan
  for index in content.runs.indices {
    content.runs[index].evaluation = .init(
      rows: 0, fvu: .nan, explainedVariance: .nan, mse: .infinity, l0: .nan, deadFraction: .nan)
    content.runs[index].settings.lr = .nan
    content.runs[index].seconds = .nan
    content.runs[index].firingDensities[1] = .nan
    content.runs[index].firingDensities[2] = .infinity
    content.runs[index].curve[0].fvu = .infinity
    content.runs[index].curve[3].loss = .nan
    content.runs[index].curve[4].loss = -.infinity
  }
  for index in content.agreement.indices {
    content.agreement[index].mmcsLive = .nan
    content.agreement[index].nullHigh = .infinity
    content.agreement[index].isotropic = .nan
    content.agreement[index].live = .nan
  }
  for index in content.comparison?.pairs.indices ?? 0..<0 {
    content.comparison?.pairs[index].mmcs = .nan
    content.comparison?.pairs[index].nullDcs = .nan
    content.comparison?.pairs[index].isotropicMmcs = 0
    content.comparison?.pairs[index].kappa = -.infinity
    content.comparison?.pairs[index].coverage = .nan
    content.comparison?.pairs[index].bestCosines[0] = .nan
    content.comparison?.pairs[index].nullBestCosines[0] = .infinity
  }
  content.comparison?.mmcs = .nan
  content.comparison?.nullMmcs = .nan
  content.comparison?.kappa = .nan
  content.comparison?.ratioToIsotropic = .nan
  content.comparison?.kappaInterval = [.nan, .infinity]
  content.mostReplicated[0].bestCosines[0] = .nan
  content.mostReplicated[0].replication = .nan
  content.mostReplicated[0].density = .nan
  content.mostReplicated[0].topInputs[0].value = .nan
  content.replication?.nullCosine = .nan
  content.replication?.nullCosine95 = .nan
  content.replication?.chance = [.nan, .infinity, .nan]
  content.replication?.atoms[0].cosine = .nan
  content.replication?.atoms[1].density = .nan
  content.replication?.atoms[2].density = nil
  content.replication?.atoms[3].pValue = .nan
  content.replication?.atoms[3].qValue = .nan
  content.replication?.atoms[4].low = .nan
  return content
}

/// A text that tries to be markup, and which says where it came from.
func hostileText(_ field: String) -> String { "<u onclick='x(\"y\")'>&\u{0}\(field)" }

/// The fields that `Sample.hostile` fills with such texts.
let hostileFields = [
  "title", "introduction", "run0", "run1", "version", "activation", "schedule", "normalization",
  "architecture", "l1",
  "path", "site", "print", "host", "kernels", "dictionary0", "dictionary1", "convention",
  "liveness", "input", "atom",
]

private func hostileContent() -> ReportContent {
  var content = sampleContent(seeds: 2)
  content.title = hostileText("title")
  content.introduction = [hostileText("introduction")]
  for index in content.runs.indices {
    content.runs[index].run = hostileText("run\(index)")
    // Equal seeds make the report name the runs.
    content.runs[index].seed = 0
    content.runs[index].eluteVersion = hostileText("version")
    content.runs[index].settings.activation = hostileText("activation")
    content.runs[index].settings.schedule = hostileText("schedule")
    content.runs[index].settings.method["normalize"] = hostileText("normalization")
    content.runs[index].settings.method["l1"] = hostileText("l1")
    content.runs[index].settings.architecture = hostileText("architecture")
    content.runs[index].data.path = hostileText("path")
    content.runs[index].data.site = hostileText("site")
    content.runs[index].data.fingerprint = "<u>&print"
    content.runs[index].host.description = hostileText("host")
    content.runs[index].host.kernels = hostileText("kernels")
  }
  content.comparison?.dictionaries = [hostileText("dictionary0"), hostileText("dictionary1")]
  content.comparison?.convention = hostileText("convention")
  content.comparison?.liveness = hostileText("liveness")
  content.mostReplicated[0].topInputs[0].name = hostileText("input")
  content.replication?.atoms[0].topInputs[0].name = hostileText("atom")
  return content
}
