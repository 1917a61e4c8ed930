import DictionaryTraining
import SparseCoding

/// Directions that a run plants in its rows, as controls.
public struct PlannedSpikes: Hashable, Sendable {
  /// How many.
  public var count: Int
  /// The seed of where they point and on which rows they fire, the same for all seeds of the run.
  public var seed: UInt64

  /// The numbers that make a grid and cost little; of fewer some cells would be empty.
  static let counts = 12...1024
  /// The training rows without which no frequency is rare.
  static let leastRows = 100
}

extension TrainSettings {
  /// What is planted, if anything is.
  func plannedSpikes(
    in configuration: TrainingConfiguration
  ) throws(ConfigurationError) -> PlannedSpikes? {
    guard let spikeIn else {
      if let spikeSeed {
        throw ConfigurationError(
          key: "spike_seed", found: "\(spikeSeed) without planted directions",
          expected: "--spike-in", hint: "add --spike-in 96, or leave it out")
      }
      return nil
    }
    guard case .autoencoder = configuration.architecture else {
      throw ConfigurationError(
        key: "spike_in", found: "a \(configuration.architecture.name.replacing("_", with: " "))",
        expected: "an autoencoder",
        hint: "what would be planted in one site has no known counterpart in another")
    }
    let counts = PlannedSpikes.counts
    guard counts.contains(spikeIn), spikeIn <= configuration.latents else {
      throw ConfigurationError(
        key: "spike_in", found: "\(spikeIn)",
        expected: "\(counts.lowerBound) to \(counts.upperBound), "
          + "and at most d_sae, \(configuration.latents)",
        hint: "96 are three for each of eight frequencies and four strengths")
    }
    return PlannedSpikes(count: spikeIn, seed: spikeSeed ?? 0)
  }
}

extension RunPlan {
  /// Refuses to plant in so few rows that no frequency is rare.
  func checkSpikes(trainingRows: Int) throws(ConfigurationError) {
    guard spikes != nil else { return }
    if parts > 1 {
      throw ConfigurationError(
        key: "spike_in", found: "planted directions beside parts", expected: "one or the other",
        hint: "how often a run saw a direction is counted over all rows")
    }
    guard trainingRows < PlannedSpikes.leastRows else { return }
    throw ConfigurationError(
      key: "spike_in", found: "\(trainingRows) rows that train",
      expected: "at least \(PlannedSpikes.leastRows)",
      hint: "leave it out: among so few rows nothing is rare")
  }
}
