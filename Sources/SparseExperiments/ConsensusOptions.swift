public import DictionaryTraining

/// How a consensus dictionary is made of others.
public struct ConsensusOptions: Hashable, Sendable {
  /// How many of the dictionaries an atom must recur in.
  public var atLeast: Int
  /// The cosine from which on two atoms are one.
  public var tau: Double
  /// The most latents; those of the first dictionary where it is absent.
  public var dSae: Int?
  /// The steps over which encoder and atoms are trained together.
  public var refitSteps: Int
  /// The learning rate at the first of them, which falls to zero; that of the run where it is absent.
  public var refitLr: Double?
  /// Whether the atoms stay as they are in the refit, which is then of the encoder and the biases.
  public var keepAtoms: Bool

  /// How similar two atoms are that count as one, unless the user says otherwise.
  public static let standardTau = 0.7
  /// The steps of the refit unless the user says otherwise.
  public static let standardRefitSteps = 500
  /// Options of the values given, of which the numbers must make sense.
  public init(
    atLeast: Int, tau: Double = standardTau, dSae: Int? = nil,
    refitSteps: Int = standardRefitSteps, refitLr: Double? = nil,
    keepAtoms: Bool = false
  ) throws(ConfigurationError) {
    if !(tau > 0 && tau <= 1) {
      throw ConfigurationError(
        key: "tau", found: "\(tau)", expected: "a cosine above 0 and at most 1",
        hint: "\(Self.standardTau) is the default")
    }
    if let dSae, dSae < 1 {
      throw ConfigurationError(
        key: "d_sae", found: "\(dSae)", expected: "at least 1",
        hint: "leave it out for as many as the dictionaries have")
    }
    if refitSteps < 0 {
      throw ConfigurationError(
        key: "refit_steps", found: "\(refitSteps)", expected: "at least 0", hint: "0 means no refit"
      )
    }
    if let refitLr, !(refitLr > 0 && refitLr.isFinite) {
      throw ConfigurationError(
        key: "refit_lr", found: "\(refitLr)", expected: "a positive number",
        hint: "leave it out for the run's")
    }
    self.atLeast = atLeast
    self.tau = tau
    self.dSae = dSae
    self.refitSteps = refitSteps
    self.refitLr = refitLr
    self.keepAtoms = keepAtoms
  }

  /// Refuses a number of recurrences that some dictionaries cannot have.
  func check(dictionaries: Int) throws(ConfigurationError) {
    guard (1...dictionaries).contains(atLeast) else {
      throw ConfigurationError(
        key: "at_least", found: "\(atLeast)",
        expected: "1 to \(dictionaries), the number of dictionaries",
        hint: "half of them is a start; name more dictionaries for more")
    }
  }
}
