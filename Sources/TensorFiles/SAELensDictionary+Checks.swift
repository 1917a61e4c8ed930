import SparseCoding

extension SAELensDictionary {
  /// Refuses to write what a reader would refuse, or what is no dictionary: parts that are missing, that
  /// the activation rule does not have, or whose shapes do not fit.
  static func check(
    _ coder: SparseCoder, _ settings: DictionarySettings, path: String
  ) throws(TensorFileError) {
    func refuse(_ key: String, found: String, expected: String, hint: String = "")
      -> TensorFileError
    {
      TensorFileError(path: path, location: .key(key), found: found, expected: expected, hint: hint)
    }
    guard let rule = ActivationRule(coder.activation) else {
      throw refuse(
        "activation", found: "'\(coder.activation.name)'",
        expected: "the rule of a finished dictionary",
        hint: "a batchtopk is finished as a jumprelu at the mean of its smallest kept values")
    }
    for (key, width) in [
      ("d_in", coder.inputWidth), ("d_out", coder.outputWidth), ("d_sae", coder.latents),
    ] where width < 1 {
      throw refuse(key, found: "\(width)", expected: "1 or more")
    }
    if let k = coder.activation.k, !(1...coder.latents).contains(k) {
      throw refuse(
        "k", found: "\(k) active of \(coder.latents) latents", expected: "1 to \(coder.latents)")
    }
    if let steps = coder.multistep?.steps, steps < 1 || !rule.takesK {
      throw refuse(
        "steps", found: "\(steps) steps of \(rule.rawValue)",
        expected: "1 or more of topk or abstopk")
    }
    if coder.architecture.sites.contains(where: { $0.width < 1 }) {
      throw refuse("sites", found: "a site without width", expected: "widths from 1")
    }
    try checkShapes(of: coder, settings, path: path)
    try checkThresholds(coder.thresholds, path: FilePath.join(path, weightsName))
  }

  /// Every part of the dictionary against the tensors that its settings call for.
  private static func checkShapes(
    of coder: SparseCoder, _ settings: DictionarySettings, path: String
  ) throws(TensorFileError) {
    let (n, inputs, outputs) = (
      coder.latents, coder.architecture.inputs.count, coder.architecture.outputs.count
    )
    let rule = ActivationRule(coder.activation)
    let magnitude = coder.magnitude
    let isGated = rule == .gated
    let parts: [(name: String, found: [Int]?, expected: [Int]?)] = [
      ("W_enc", [coder.encoder.columns, coder.encoder.rows], [inputs, n]),
      ("W_dec", [coder.decoder.rows, coder.decoder.columns], [n, outputs]),
      (settings.encoderBiasName, [coder.encoderBias.count], [n]),
      ("b_dec", [coder.decoderBias.count], [outputs]),
      ("b_in", [coder.inputBias.count], [inputs]),
      (
        "threshold", coder.thresholds.isEmpty ? nil : [coder.thresholds.count],
        rule == .jumprelu ? [n] : nil
      ),
      ("r_mag", magnitude.map { [$0.logScale.count] }, isGated ? [n] : nil),
      ("b_mag", magnitude.map { [$0.bias.count] }, isGated ? [n] : nil),
      (
        "W_skip", coder.skip.map { [$0.rows, $0.columns] },
        coder.architecture.hasSkip ? [outputs, inputs] : nil
      ),
      (
        "S", coder.multistep.map { [$0.feedback.rows, $0.feedback.columns] },
        coder.multistep == nil ? nil : [n, n]
      ),
    ]
    for part in parts where part.found != part.expected {
      throw TensorFileError(
        path: FilePath.join(path, weightsName), location: .tensor(part.name),
        found: part.found.map { "the shape \($0)" } ?? "no such tensor",
        expected: part.expected.map { "the shape \($0)" }
          ?? "none: a dictionary of \(coder.activation.name) has no use for it here")
    }
  }
}
