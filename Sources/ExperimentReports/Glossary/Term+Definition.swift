extension Term {
  /// The entry of the term.
  var definition: Definition {
    switch self {
    case .atom: .atom
    case .topK: .topK
    case .seed: .seed
    case .widths: .widths
    case .step: .step
    case .learningRate: .learningRate
    case .normalization: .normalization
    case .auxiliaryLoss: .auxiliaryLoss
    case .architecture: .architecture
    case .penalty: .penalty
    case .rows: .rows
    case .fingerprint: .fingerprint
    case .wallTime: .wallTime
    case .loss: .loss
    case .mse: .mse
    case .fvu: .fvu
    case .explainedVariance: .explainedVariance
    case .l0: .l0
    case .firingDensity: .firingDensity
    case .live: .live
    case .dead: .dead
    case .activationValue: .activationValue
    case .cosine: .cosine
    case .mmcs: .mmcs
    case .mmcsAll: .mmcsAll
    case .dcs: .dcs
    case .coverage: .coverage
    case .replication: .replication
    case .chance: .chance
    case .chanceRange: .chanceRange
    case .dcsChance: .dcsChance
    case .isotropic: .isotropic
    case .kappa: .kappa
    case .ratio: .ratio
    case .interval: .interval
    case .planted: .planted
    case .found: .found
    case .firingMatch: .firingMatch
    case .plantedChance: .plantedChance
    case .visible: .visible
    case .saturation: .saturation
    case .onset: .onset
    case .settled: .settled
    case .spread: .spread
    case .histogram: .histogram
    case .quantile: .quantile
    }
  }
}
