import SparseCoding

extension TrainingConfiguration {
  /// Refuses what cannot be trained, with the reason.
  public func validate() throws(ConfigurationError) {
    try validateSizes()
    try validateMethod()
    try validateObjective()
    try learningRate.validate(steps: steps)
    try require(
      encoderScale > 0 && encoderScale.isFinite, "encoder_scale", "\(encoderScale)",
      "a positive number", "leave it out")
    try require(
      decoderRate >= 0 && decoderRate.isFinite, "decoder_rate", "\(decoderRate)",
      "a positive number, or 0 for atoms that stay as they are", "leave it out")
    try require(
      decoderRate > 0 || encoder != .tied, "decoder_rate", "0.0 with a tied encoder",
      "a positive number", "without --tied the encoder learns while the atoms stay")
    if case .resample = deadLatents {
      try require(
        decoderRate > 0, "decoder_rate", "0.0 with resampling", "a positive number",
        "a resampled latent gets another atom; --dead none or auxk leaves them")
    }
    try require(
      decoderRate > 0 || objective.anchorWeight == 0, "decoder_rate", "0.0 with anchors",
      "a positive number", "atoms that stay are drawn to nothing")
    try optimizer.validate()
    try deadLatents.validate()
    if let averaging {
      try require(
        averaging > 0 && averaging < 1, "averaging", "\(averaging)", "above 0 and below 1",
        "0.999, or leave it out for none")
    }
    if let gradientClip {
      try require(
        gradientClip > 0 && gradientClip.isFinite, "clip", "\(gradientClip)",
        "a positive number", "leave it out for no clipping")
    }
  }

  private func require(
    _ holds: Bool, _ key: String, _ found: String, _ expected: String, _ hint: String
  ) throws(ConfigurationError) {
    if !holds { throw ConfigurationError(key: key, found: found, expected: expected, hint: hint) }
  }

  private func validateSizes() throws(ConfigurationError) {
    let width = architecture.sites.map(\.width).min() ?? 0
    try require(width > 0, "d_in", "\(width)", "at least 1", "give data of some width")
    try require(
      latents > 0 && latents < 1 << 31, "d_sae", "\(latents)", "1 to 2147483647",
      "choose a multiple of d_in, \(architecture.inputs.count)")
    try require(
      batchRows > 0 && batchRows < 1 << 24, "batch", "\(batchRows)", "1 to 16777215",
      "1024 to 8192 rows suit most data")
    if let k = activation.k {
      try require(k > 0, "k", "\(k)", "at least 1", "choose the active latents a row, such as 32")
      try require(
        k <= latents, "k", "\(k)", "at most d_sae, \(latents)", "lower k or raise d_sae")
      let supports = objective.isometry == nil ? 1 : 2
      let most = max(k, annealedK?.start ?? 0).multipliedReportingOverflow(
        by: max(supports, model.encoderSteps))
      try require(
        !most.overflow && most.partialValue < (1 << 31) / batchRows, "batch",
        "\(batchRows) rows of \(most.partialValue) codes", "fewer than 2147483648 codes a step",
        "lower batch or k")
    }
    try require(
      steps >= 0 && steps < 1 << 40, "steps", "\(steps)", "0 to 2^40", "give a number of steps")
    if let annealedK {
      let k = activation.k ?? 0
      try require(
        activation.k != nil, "k_start", "\(annealedK.start) with \(activation.name)",
        "topk, abstopk or batchtopk", "other rules have no k to anneal")
      try require(
        annealedK.start >= k && annealedK.start <= latents, "k_start", "\(annealedK.start)",
        "k, \(k), to d_sae, \(latents)", "the number of active latents falls from it to k")
      try require(
        annealedK.steps > 0, "k_anneal", "\(annealedK.steps)", "at least 1 step",
        "leave out both for a constant k")
    }
  }

  private func validateMethod() throws(ConfigurationError) {
    if case .crosscoder(let sites) = architecture {
      try require(
        sites.count > 1, "sources", "\(sites.count)", "at least two",
        "train one source with --data")
    }
    if case .transcoder = architecture {
      try require(
        normalization.rowScaling == .none, "normalize", normalization.rawValue,
        "a normalization of all rows alike in a transcoder",
        "the scale of a row that is not there yet cannot be taken back")
    }
    switch encoder {
    case .free: break
    case .tied:
      try require(
        architecture.readsItsTarget, "encoder", "tied in a \(architecture.name)",
        "an encoder of its own", "atoms and encoder rows are of different sites")
    case .multistep(let steps):
      try require(
        steps > 1 && steps <= 64, "multistep", "\(steps)", "2 to 64 steps",
        "5 is the paper's; leave it out for a plain encoder")
      switch activation {
      case .topK, .absTopK: break
      case .relu, .jumpReLU, .batchTopK, .gated:
        throw ConfigurationError(
          key: "multistep", found: "an activation of \(activation.name)",
          expected: "topk or abstopk",
          hint: "each step must choose a row's few latents by itself")
      }
      // A coder needs a row of scores and d_sae² weights; more would not be an encoder's share.
      try require(
        latents <= 1 << 16, "multistep", "\(latents) latents", "at most 65536",
        "the feedback has d_sae x d_sae weights")
    }
  }

  private func validateObjective() throws(ConfigurationError) {
    try objective.validate(latents: latents, steps: steps)
    let rule = activation.name
    switch objective.sparsity {
    case .none:
      try require(
        activation.k != nil, "activation", "\(rule) without a penalty", "--l1, --l0 or --target-l0",
        "nothing else makes these codes sparse")
    case .l1: break
    case .l0, .targetL0:
      try require(
        activation == .jumpReLU, objective.sparsity.name, "with \(rule)", "with jumprelu",
        "only thresholds that are learned have a gradient for the number of active latents")
    case .annealedPower(_, _, let start):
      try require(
        activation == .relu || activation == .jumpReLU, "p_end", "with \(rule)",
        "with relu or jumprelu", "rules of k and gates set the number of active latents otherwise")
      try require(
        start < max(steps, 1), "p_start", "\(start)", "a step below \(steps)",
        "p falls from there to the end")
    }
    if objective.isometry != nil {
      try require(
        activation.k != nil, "arip", "with \(rule)", "with topk, abstopk or batchtopk",
        "the supports that it looks at have 2k latents")
    }
    if case .auxK = deadLatents, activation == .gated {
      throw ConfigurationError(
        key: "dead", found: "auxk with gated", expected: "resample or none",
        hint: "a gate that is shut has no magnitude to reconstruct with")
    }
  }
}

extension Objective {
  func validate(latents: Int, steps: Int) throws(ConfigurationError) {
    func require(
      _ holds: Bool, _ key: String, _ found: String, _ expected: String, _ hint: String
    ) throws(ConfigurationError) {
      if !holds { throw ConfigurationError(key: key, found: found, expected: expected, hint: hint) }
    }
    let weight = sparsity.weight
    try require(
      weight >= 0 && weight.isFinite, sparsity.name, "\(weight)", "a number of at least 0",
      "start small and look at l0")
    if case .targetL0(let target, _) = sparsity {
      try require(
        target > 0 && target <= Double(latents), "target_l0", "\(target)",
        "above 0 and at most d_sae, \(latents)", "the mean number of active latents, such as 32")
    }
    if case .annealedPower(_, let end, let start) = sparsity {
      try require(
        end > 0 && end <= 1, "p_end", "\(end)", "above 0 and at most 1", "0.2 is usual")
      try require(
        start >= 0, "p_start", "\(start)", "at least 0", "the step at which p begins to fall")
    }
    if !prefixes.isEmpty {
      let ascends = zip(prefixes, prefixes.dropFirst()).allSatisfy { $0 < $1 }
      try require(
        ascends && prefixes[0] > 0 && prefixes.last == latents, "matryoshka",
        prefixes.map(String.init).joined(separator: ","),
        "ascending ends of which the last is d_sae, \(latents)", "such as 64,256,\(latents)")
    }
    for (key, value) in [
      ("arip", isometry?.weight ?? 0), ("anchor_weight", anchorWeight),
    ] {
      try require(
        value >= 0 && value.isFinite, key, "\(value)", "a number of at least 0", "0.1 is usual")
    }
    try require(
      bandwidth > 0 && bandwidth.isFinite, "bandwidth", "\(bandwidth)", "a positive number",
      "leave it out")
    for (key, warmup) in [
      ("sparsity_warmup", sparsityWarmup), ("arip_warmup", isometry?.warmup ?? 0),
      ("anchor_warmup", anchorWarmup),
    ] {
      try require(warmup >= 0, key, "\(warmup)", "at least 0", "0 means none")
    }
  }
}

extension DeadLatents {
  func validate() throws(ConfigurationError) {
    func require(
      _ holds: Bool, _ key: String, _ found: String, _ expected: String, _ hint: String
    ) throws(ConfigurationError) {
      if !holds { throw ConfigurationError(key: key, found: found, expected: expected, hint: hint) }
    }
    let patience = "leave it out for the smaller of 10 million rows and 10 epochs"
    switch self {
    case .none: break
    case .auxK(let coefficient, let k, let afterRows):
      try require(
        coefficient >= 0 && coefficient.isFinite, "auxk_coefficient", "\(coefficient)",
        "a number of at least 0", "use 1")
      try require((k ?? 1) >= 1, "auxk_k", "\(k ?? 1)", "at least 1", "leave it out for d_in / 2")
      try require(
        (afterRows ?? 1) >= 1, "dead_after_rows", "\(afterRows ?? 1)", "at least 1", patience)
    case .resample(let every, let count, let afterRows):
      try require(every >= 1, "resample_every", "\(every)", "at least 1 step", "a tenth of the run")
      try require(count >= 1, "resample_count", "\(count)", "at least 1", "4 is usual")
      try require(
        (afterRows ?? 1) >= 1, "dead_after_rows", "\(afterRows ?? 1)", "at least 1", patience)
    }
  }
}
