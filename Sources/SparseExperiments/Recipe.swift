import DictionaryTraining

/// Settings that were found together, by name; what the user sets goes before them.
public enum Recipe: String, CaseIterable, Sendable {
  /// What of two searches agreed best between runs on disjoint halves of real activations; see
  /// `Experiments/recipe`.
  ///
  /// A high rate that falls to zero over the last four fifths of the steps: atoms have moved far enough, and the
  /// end does not depend on the last rows.
  case reproducible

  /// The recipe of a name.
  ///
  /// - Throws: For a name that no recipe has.
  init(named name: String) throws(ConfigurationError) {
    guard let found = Recipe(rawValue: name) else {
      throw ConfigurationError(
        key: "recipe", found: "'\(name)'",
        expected: Recipe.allCases.map(\.rawValue).joined(separator: ", "),
        hint: "leave it out for the defaults")
    }
    self = found
  }

  /// What it adds to settings that are silent.
  func settings(besides given: TrainSettings) -> TrainSettings {
    var added = TrainSettings()
    let steps = given.steps ?? TrainSettings.defaultSteps
    switch self {
    case .reproducible:
      added.lr = 0.003
      if (given.schedule ?? "linear") != "constant" {
        added.schedule = "linear"
        added.decay = steps * 4 / 5
      }
    }
    return added
  }
}
