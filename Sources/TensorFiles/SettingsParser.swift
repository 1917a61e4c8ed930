import SparseCoding

/// Makes settings of the members of a `cfg.json`, and complaints of what is wrong with them.
struct SettingsParser {
  let path: String
  let members: [String: JSONValue]
  let metadata: [String: JSONValue]
  private(set) var problems: [TensorFileError] = []

  init(path: String, members: [String: JSONValue], metadata: [String: JSONValue]) {
    self.path = path
    self.members = members
    self.metadata = metadata
  }

  /// The settings; `nil` where there are problems.
  mutating func settings() -> DictionarySettings? {
    let layout = layout()
    let inputWidth = wholeNumber("d_in", from: 1)
    let latents = wholeNumber("d_sae", from: 1)
    let rule = layout.flatMap { $0.rule ?? ownRule() }
    let k = rule?.takesK == true ? wholeNumber("k", from: 1, to: latents) : nil
    let subtractsOutputBias = flag("apply_b_dec_to_input", otherwise: true)
    let rescales = flag("rescale_acts_by_decoder_norm", otherwise: false)
    checkChoices()
    if members["metadata"].map({ $0.objectValue == nil }) ?? false {
      refuse("metadata", expected: "an object")
    }
    guard let layout, let rule else { return nil }
    let hasConstantNorm = layout.isOwn ? false : normalization(layout)
    let skip = layout.hasSkip ?? flag("skip_connection")
    let outputWidth =
      layout.isOwn || layout.family == .transcoder ? wholeNumber("d_out", from: 1) : inputWidth
    let steps = layout.isOwn ? steps(rule) : nil
    let scaling = layout.isOwn ? rowScaling() : RowScaling.none
    refuseStrangers(layout, rule)
    guard let inputWidth, let outputWidth, let latents, let skip, let scaling,
      let activation = rule.activation(k: k)
    else { return nil }
    checkInputBias(layout, subtractsOutputBias, inputWidth, outputWidth)
    guard let architecture = architecture(layout, inputWidth, outputWidth, skip),
      problems.isEmpty
    else { return nil }
    return DictionarySettings(
      layout: layout, architecture: architecture, activation: activation,
      inputWidth: inputWidth, outputWidth: outputWidth, latents: latents,
      subtractsOutputBias: subtractsOutputBias, rescalesByDecoderNorm: rescales,
      hasConstantNorm: hasConstantNorm, rowScaling: scaling, steps: steps)
  }

  private mutating func layout() -> DictionaryLayout? {
    let key = "architecture"
    let known = "one of " + DictionaryLayout.allCases.map(\.rawValue).joined(separator: ", ")
    guard let value = members[key] else {
      refuse(
        key, expected: known,
        hint: "a file of SAELens before version 6; load it there and save it again")
      return nil
    }
    if let layout = value.stringValue.flatMap(DictionaryLayout.init) { return layout }
    switch value.stringValue {
    case "batchtopk", "matryoshka_batchtopk":
      refuse(
        key, expected: known,
        hint: "an unfinished training; SAELens saves the finished dictionary as a jumprelu")
    default: refuse(key, expected: known, hint: "Elute reads no other")
    }
    return nil
  }

  private mutating func ownRule() -> ActivationRule? {
    choice("activation", from: ActivationRule.allCases.map(\.rawValue)).flatMap(ActivationRule.init)
  }

  private mutating func rowScaling() -> RowScaling? {
    choice("row_scaling", from: RowScaling.allCases.map(\.rawValue)).flatMap(RowScaling.init)
  }

  private mutating func steps(_ rule: ActivationRule) -> Int? {
    guard members["steps"] != nil else { return nil }
    if !rule.takesK {
      refuse(
        "steps", expected: "no such key beside the activation '\(rule.rawValue)'",
        hint: "only topk and abstopk have an encoder that feeds its code back")
    }
    return wholeNumber("steps", from: 1)
  }

  private mutating func checkChoices() {
    // `hook_z` only says that the rows were flattened from heads; the flat rows are the same numbers.
    let floats = ["float32", "float64", "float16", "bfloat16"]
    for (key, known) in [
      ("reshape_activations", ["none", "hook_z"]),
      ("dtype", floats.flatMap { [$0, "torch." + $0] }),
    ] where members[key] != nil {
      choice(key, from: known)
    }
  }

  /// Whether rows are scaled to one length, the only normalization that is read.
  private mutating func normalization(_ layout: DictionaryLayout) -> Bool {
    let key = "normalize_activations"
    let hint: String
    switch members[key] {
    case nil, "none": return false
    case "constant_norm_rescale":
      if layout.family == .autoencoder { return true }
      hint = "a transcoder of SAELens scales its input and not its output, which Elute does not"
    case "expected_average_only_in":
      hint =
        "its scale is not in this folder; in SAELens, fold_activation_norm_scaling_factor and save"
    case "covariance_whitening":
      hint = "its matrix is not in these weights; in SAELens, fold_activation_whitening and save"
    case "layer_norm":
      hint =
        "it adds 1e-5 to every row's deviation, so rows of deviation below 1 would get other codes; "
        + "normalize the activations"
    default: hint = "SAELens 6 knows no such normalization"
    }
    let isAutoencoder = layout.family == .autoencoder
    refuse(
      key, expected: isAutoencoder ? "'none' or 'constant_norm_rescale'" : "'none'", hint: hint)
    return false
  }

  private mutating func checkInputBias(
    _ layout: DictionaryLayout, _ isOutputBias: Bool, _ inputWidth: Int, _ outputWidth: Int
  ) {
    let key = "apply_b_dec_to_input"
    if layout.isOwn {
      if members[key] == nil { refuse(key, expected: "true or false") }
      if isOutputBias, inputWidth != outputWidth {
        refuse(key, expected: "false where d_in is \(inputWidth) and d_out \(outputWidth)")
      }
    } else if layout.family == .transcoder, isOutputBias {
      refuse(key, expected: "false", hint: "SAELens too takes no other for a transcoder")
    }
  }
}

extension SettingsParser {
  mutating func refuse(_ key: String, expected: String, hint: String = "") {
    problems.append(
      TensorFileError(
        path: path, location: .key(key), found: members[key]?.kindInWords ?? "nothing",
        expected: expected, hint: hint))
  }

  private mutating func wholeNumber(_ key: String, from least: Int, to most: Int? = nil) -> Int? {
    guard let number = members[key]?.integerValue, number >= least, number <= most ?? .max else {
      let range = most.map { "a whole number from \(least) to \($0)" }
      refuse(key, expected: range ?? "a whole number from \(least)")
      return nil
    }
    return number
  }

  private mutating func flag(_ key: String) -> Bool? {
    if members[key]?.boolValue == nil { refuse(key, expected: "true or false") }
    return members[key]?.boolValue
  }

  private mutating func flag(_ key: String, otherwise value: Bool) -> Bool {
    members[key] == nil ? value : flag(key) ?? value
  }

  @discardableResult
  private mutating func choice(_ key: String, from known: [String]) -> String? {
    guard let value = members[key]?.stringValue, known.contains(value) else {
      refuse(key, expected: "one of " + known.joined(separator: ", "))
      return nil
    }
    return value
  }
}
