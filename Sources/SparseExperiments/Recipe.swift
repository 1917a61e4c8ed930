import DictionaryTraining

/// Settings that were found together, by name; what the user sets goes before them.
public enum Recipe: String, CaseIterable, Sendable {
  /// What of a search agreed best between runs on disjoint halves of the rows; see `Experiments/recipe`.
  ///
  /// Many latents act at first, and their number falls to `k` over three fifths of the steps: what the data
  /// vary along is found before it is divided. The rate falls to zero over the last four fifths, so that the
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
      let rule = given.activation ?? "topk"
      if ["topk", "abstopk", "batchtopk"].contains(rule) {
        added.kStart = min(8 * (given.k ?? TrainSettings.defaultK), given.dSae ?? .max)
        added.kAnneal = max(steps * 3 / 5, 1)
      }
      added.lr = 0.003
      if (given.schedule ?? "linear") != "constant" {
        added.schedule = "linear"
        added.decay = steps * 4 / 5
      }
    }
    return added
  }
}
