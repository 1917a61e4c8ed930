import DictionaryTraining
import SparseCoding

extension TrainSettings {
  /// What the settings add to the squared error.
  func objective(
    _ rule: Activation, width: Int, steps: Int
  ) throws(ConfigurationError) -> Objective {
    let defaults = Objective()
    let sparsity = try sparsity(width: width, steps: steps)
    if arip == nil, aripExact == true || aripWarmup != nil {
      throw ConfigurationError(
        key: "arip", found: "nothing", expected: "the penalty's weight", hint: "add --arip 0.1")
    }
    if bandwidth != nil, rule != .jumpReLU {
      throw ConfigurationError(
        key: "bandwidth", found: "a bandwidth with \(rule.name)", expected: "jumprelu",
        hint: "other rules have no thresholds that learn")
    }
    return Objective(
      sparsity: sparsity, sparsityWarmup: try sparsityWarmup(sparsity, steps: steps),
      prefixes: matryoshka ?? [],
      isometry: arip.map {
        Objective.Isometry(weight: $0, isExact: aripExact ?? false, warmup: aripWarmup ?? 0)
      },
      anchorWeight: anchors == nil ? 0 : anchorWeight ?? Self.defaultAnchorWeight,
      anchorWarmup: anchorWarmup ?? 0,
      bandwidth: bandwidth ?? defaults.bandwidth)
  }

  private func sparsity(width: Int, steps: Int) throws(ConfigurationError) -> Objective.Sparsity {
    let given = [("l1", l1), ("l0", l0), ("target_l0", targetL0)].filter { $0.1 != nil }
    if given.count > 1 {
      throw ConfigurationError(
        key: given[1].0, found: "\(given[0].0) beside it", expected: "one penalty",
        hint: "leave one out")
    }
    if targetL0 == nil, targetL0Weight != nil {
      throw ConfigurationError(
        key: "target_l0_weight", found: "no target", expected: "--target-l0", hint: "leave it out")
    }
    if pEnd == nil, pStart != nil {
      throw ConfigurationError(
        key: "p_start", found: "no exponent", expected: "--p-end", hint: "such as --p-end 0.2")
    }
    if let pEnd {
      guard let l1 else {
        throw ConfigurationError(
          key: "p_end", found: "no l1", expected: "the weight at p = 1", hint: "add --l1")
      }
      return .annealedPower(weight: l1, end: pEnd, start: pStart ?? steps / 3)
    }
    if let l1 { return .l1(weight: l1) }
    if let l0 { return .l0(weight: l0) }
    if let targetL0 {
      return .targetL0(
        l0: targetL0, weight: targetL0Weight ?? Self.defaultTargetL0Weight(width: width))
    }
    return .none
  }

  /// A penalty at full strength from the start silences latents before they have learned anything.
  private func sparsityWarmup(
    _ sparsity: Objective.Sparsity, steps: Int
  ) throws(ConfigurationError) -> Int {
    guard sparsity != .none else {
      if sparsityWarmup != nil {
        throw ConfigurationError(
          key: "sparsity_warmup", found: "no penalty", expected: "--l1, --l0 or --target-l0",
          hint: "leave it out")
      }
      return 0
    }
    return sparsityWarmup ?? Self.defaultSparsityWarmup(steps: steps)
  }

  static func defaultSparsityWarmup(steps: Int) -> Int { steps / 20 }
  /// The weight of the deviation from a target unless the user says otherwise.
  ///
  /// At L0 = T (1 + δ) the penalty gains 2 w δ / T by a latent less, and the squared error of rows of unit mean
  /// square, d in all, loses about 0.2 d / T: so δ is about 0.1 d / w.
  static func defaultTargetL0Weight(width: Int) -> Double { 4 * Double(width) }

  /// What the settings do for dead latents.
  func deadLatents(_ rule: Activation, steps: Int) throws(ConfigurationError) -> DeadLatents {
    func refuse(_ values: [Any?], beside kind: String, _ flags: String) throws(ConfigurationError) {
      guard values.contains(where: { $0 != nil }) else { return }
      throw ConfigurationError(
        key: "dead", found: "\(kind) beside settings of another way", expected: "one or the other",
        hint: "leave out \(flags)")
    }
    let ofAuxK: [Any?] = [auxkCoefficient, auxkK]
    let ofResampling: [Any?] = [resampleEvery, resampleCount]
    switch dead ?? (rule == .gated ? "none" : "auxk") {
    case "none":
      try refuse(
        ofAuxK + ofResampling + [deadAfterRows], beside: "none",
        "--auxk-coefficient, --auxk-k, --resample-every, --resample-count and --dead-after-rows")
      return .none
    case "auxk":
      try refuse(ofResampling, beside: "auxk", "--resample-every and --resample-count")
      guard case .auxK(let coefficient, _, _) = DeadLatents.auxK() else { return .none }
      return .auxK(
        coefficient: auxkCoefficient ?? coefficient, k: auxkK, afterRows: deadAfterRows)
    case "resample":
      try refuse(ofAuxK, beside: "resample", "--auxk-coefficient and --auxk-k")
      // Four times in the first half, and then half of the steps to settle.
      return .resample(
        every: resampleEvery ?? max(steps / 8, 1), count: resampleCount ?? 4,
        afterRows: deadAfterRows)
    case let other:
      throw ConfigurationError(
        key: "dead", found: "'\(other)'", expected: "auxk, resample or none",
        hint: rule == .gated ? "none is the default with gated" : "auxk is the default")
    }
  }
}
