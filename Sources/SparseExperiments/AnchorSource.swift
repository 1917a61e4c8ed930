import DictionaryTraining
import SparseCoding

/// Which directions the first latents of a run are kept near.
public struct AnchorSource: Hashable, Sendable {
  /// The file of directions, `[anchors, row width]`, or of labels, `[rows]`.
  public var path: String
  /// How many are taken, from the first on; all of them without.
  public var count: Int?
  /// Whether the mean of all labelled rows that train is subtracted from the means of the classes.
  public var isCentered: Bool
}

extension TrainSettings {
  /// The weight of the squared distance from anchors unless the user says otherwise.
  public static let defaultAnchorWeight = 0.1

  /// Where the anchors come from, if there are any.
  func anchorSource(
    _ configuration: TrainingConfiguration
  ) throws(ConfigurationError) -> AnchorSource? {
    guard let anchors else {
      if anchorWeight != nil || anchorWarmup != nil || anchorCount != nil || anchorCentered == true
      {
        throw ConfigurationError(
          key: "anchors", found: "nothing", expected: "a file of directions or labels",
          hint: "add --anchors FILE, [anchors, d] or [rows]")
      }
      return nil
    }
    if let anchorWeight, anchorWeight <= 0 {
      throw ConfigurationError(
        key: "anchor_weight", found: "\(anchorWeight)", expected: "a number above 0",
        hint: "leave out --anchors to train without them")
    }
    if let anchorCount, anchorCount < 1 || anchorCount > configuration.latents {
      throw ConfigurationError(
        key: "anchor_count", found: "\(anchorCount)",
        expected: "1 to d_sae, \(configuration.latents)", hint: "each anchor takes one latent")
    }
    if configuration.normalization.rowScaling != .none {
      throw ConfigurationError(
        key: "normalize", found: "\(configuration.normalization.rawValue) beside anchors",
        expected: "a normalization of all rows alike",
        hint: "a direction of the data is another one in each row that is scaled by itself; "
          + "\(RunPlan.defaultNormalization.rawValue) is the default")
    }
    return AnchorSource(path: anchors, count: anchorCount, isCentered: anchorCentered ?? false)
  }
}
