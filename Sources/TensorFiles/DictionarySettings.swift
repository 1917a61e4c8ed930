import SparseCoding

/// What a `cfg.json` says of a dictionary: all of it but the weights.
///
/// Written from a dictionary and read from a file; the tensors that belong to it follow from it alone.
struct DictionarySettings: Sendable, Hashable {
  var layout: DictionaryLayout
  var architecture: Architecture
  var activation: Activation
  /// `d_in`.
  var inputWidth: Int
  /// `d_out`.
  var outputWidth: Int
  /// `d_sae`.
  var latents: Int
  /// Whether the output's bias is what is subtracted from the input.
  var subtractsOutputBias: Bool
  /// Whether pre-activations are scaled by the norm of the latent's decoder row.
  var rescalesByDecoderNorm = false
  /// Whether rows are scaled to the length sqrt(d_in), which is folded into weights for unit length.
  var hasConstantNorm = false
  /// How rows are scaled by themselves in a layout of Elute's own.
  var rowScaling: RowScaling = .none
  /// The steps of an encoder that feeds its code back, if it does.
  var steps: Int?

  /// A tensor that belongs to a dictionary.
  struct TensorShape: Sendable, Hashable {
    var name: String
    var shape: [Int]
  }

  /// The tensors that belong to the dictionary, all of them and no others.
  var tensors: [TensorShape] {
    let rule = ActivationRule(activation)
    var found: [TensorShape] = []
    func add(_ name: String, _ shape: Int..., if condition: Bool = true) {
      if condition { found.append(TensorShape(name: name, shape: shape)) }
    }
    add("W_enc", inputWidth, latents)
    add("b_enc", latents, if: encoderBiasName == "b_enc")
    add("W_dec", latents, outputWidth)
    add("b_dec", outputWidth)
    add("b_in", inputWidth, if: layout.isOwn && !subtractsOutputBias)
    add("b_gate", latents, if: encoderBiasName == "b_gate")
    add("r_mag", latents, if: rule == .gated)
    add("b_mag", latents, if: rule == .gated)
    add("threshold", latents, if: rule == .jumprelu)
    add("W_skip", outputWidth, inputWidth, if: architecture.hasSkip)
    add("S", latents, latents, if: steps != nil)
    return found
  }

  /// The tensor of the latents' bias; SAELens calls that of a gate by another name.
  var encoderBiasName: String { layout == .gated ? "b_gate" : "b_enc" }

  /// What the dictionary is, in a few words.
  var description: String {
    var words = [
      layout.isOwn
        ? "Elute \(layout.family.rawValue)" : "SAELens \(layout.rawValue) dictionary"
    ]
    switch architecture {
    case .autoencoder: words.append("d_in \(inputWidth)")
    case .transcoder: words += ["d_in \(inputWidth)", "d_out \(outputWidth)"]
    case .crosscoder(let sites):
      // Widths only: names come from a file, and this is printed.
      words.append("d_in \(sites.map { String($0.width) }.joined(separator: " + "))")
    }
    words.append("d_sae \(latents)")
    if layout.isOwn { words.append(activation.name) }
    if let k = activation.k { words.append("k \(k)") }
    if let steps { words.append("\(steps) \(steps == 1 ? "step" : "steps") of feedback") }
    if layout.isOwn, architecture.hasSkip { words.append("a linear path beside the latents") }
    switch (hasConstantNorm, rowScaling) {
    case (true, _): words.append("rows scaled to length sqrt(d_in)")
    case (false, .unitNorm): words.append("rows scaled to length 1")
    case (false, .layerNorm): words.append("rows less their mean, over their deviation")
    case (false, .none): break
    }
    return words.joined(separator: ", ")
  }
}

extension DictionarySettings {
  /// The settings with which a dictionary is written.
  init(_ coder: SparseCoder) {
    layout = DictionaryLayout(of: coder)
    architecture = coder.architecture
    activation = coder.activation
    inputWidth = coder.inputWidth
    outputWidth = coder.outputWidth
    latents = coder.latents
    rowScaling = coder.rowScaling
    steps = coder.multistep?.steps
    // By their bits: a reader gives back the very numbers.
    let isTied = coder.inputBias.map(\.bitPattern) == coder.decoderBias.map(\.bitPattern)
    let mayBeTied = layout.isOwn || layout.family == .autoencoder
    subtractsOutputBias = isTied && mayBeTied
  }

  /// The members of `cfg.json`, without metadata.
  var members: [String: JSONValue] {
    var members: [String: JSONValue] = [
      "architecture": .string(layout.rawValue), "d_in": .integer(inputWidth),
      "d_sae": .integer(latents), "dtype": "float32",
      "apply_b_dec_to_input": .bool(subtractsOutputBias),
    ]
    if layout.isOwn || layout.family == .transcoder { members["d_out"] = .integer(outputWidth) }
    if let k = activation.k { members["k"] = .integer(k) }
    guard layout.isOwn else {
      members["device"] = "cpu"
      members["normalize_activations"] = "none"
      members["reshape_activations"] = "none"
      if activation.k != nil { members["rescale_acts_by_decoder_norm"] = false }
      return members
    }
    members["activation"] = .string(activation.name)
    members["row_scaling"] = .string(rowScaling.rawValue)
    members["sites"] = .array(
      architecture.sites.map { ["name": .string($0.name), "width": .integer($0.width)] })
    if let steps { members["steps"] = .integer(steps) }
    if layout.family == .transcoder { members["skip_connection"] = .bool(architecture.hasSkip) }
    return members
  }
}
