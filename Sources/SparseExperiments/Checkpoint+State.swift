import DictionaryTraining
import SparseCoding
import TensorFiles

extension StateView {
  /// The state as named tensors; all but the step.
  var tensors: [NamedTensor] {
    var tensors: [NamedTensor] = []
    for (prefix, part) in [
      ("", parameters), ("first.", firstMoments), ("second.", secondMoments), ("mean.", average),
    ] {
      for name in model.weights {
        guard let buffer = part?.buffers[name], let shape = model.shape(of: name) else { continue }
        tensors.append(
          NamedTensor(
            prefix + name.rawValue, buffer, rows: shape.rows, columns: shape.columns))
      }
    }
    tensors += [
      NamedTensor("rows_since_fired", .unsignedIntegers(rowsSinceFired.elements)),
      NamedTensor("beta_powers", .doubles([rest.beta1Power, rest.beta2Power])),
      NamedTensor("running", .doubles([rest.batchThreshold, rest.annealedWeight])),
      NamedTensor("scale", .floats(rest.normalizer.scales)),
      NamedTensor("b_in", .floats(rest.inputBias)),
    ]
    for (site, whitening) in rest.normalizer.whitening.enumerated() {
      tensors.append(NamedTensor("whitening.\(site)", whitening.matrix))
      tensors.append(NamedTensor("whitening.\(site).inverse", whitening.inverse))
    }
    if !rest.resampled.isEmpty {
      tensors.append(
        NamedTensor("resampled", .unsignedIntegers(rest.resampled.map { UInt64($0) })))
    }
    if let anchors = rest.anchors {
      tensors.append(NamedTensor("anchors.W_enc", anchors.encoder))
      tensors.append(NamedTensor("anchors.W_dec", anchors.decoder))
    }
    return tensors
  }
}

extension TrainingState {
  /// The state of a configuration in a file, each tensor of the shape that the configuration gives it.
  init(
    _ file: SafetensorsFile, _ configuration: TrainingConfiguration, step: Int
  ) throws(TensorFileError) {
    let model = configuration.model
    func matrix(_ name: String, _ rows: Int, _ columns: Int) throws(TensorFileError) -> Matrix {
      let found = try file.matrix(named: name)
      guard found.rows == rows, found.columns == columns else {
        throw TensorFileError(
          path: file.path, location: .tensor(name), found: "[\(found.rows), \(found.columns)]",
          expected: "[\(rows), \(columns)], as the run has it",
          hint: "the checkpoint belongs to another run; remove it to go on from the one before it")
      }
      return found
    }
    func list<Value>(_ name: String, _ values: [Value], _ count: Int) throws(TensorFileError)
      -> [Value]
    {
      guard values.count == count else {
        throw TensorFileError(
          path: file.path, location: .tensor(name), found: "\(values.count) values",
          expected: "\(count), as the run has it",
          hint: "the checkpoint belongs to another run; remove it to go on from the one before it")
      }
      return values
    }
    func part(_ prefix: String) throws(TensorFileError) -> Parameters {
      var parameters = Parameters(model)
      for name in model.weights {
        guard let shape = model.shape(of: name) else { continue }
        parameters[name] = try matrix(prefix + name.rawValue, shape.rows, shape.columns)
      }
      return parameters
    }
    let architecture = configuration.architecture
    let scales = try list("scale", file.floats(named: "scale"), architecture.rowWidth)
    var whitening: [RowNormalizer.Whitening] = []
    if configuration.normalization == .whitened {
      for (place, site) in architecture.sites.enumerated() {
        whitening.append(
          RowNormalizer.Whitening(
            matrix: try matrix("whitening.\(place)", site.width, site.width),
            inverse: try matrix("whitening.\(place).inverse", site.width, site.width)))
      }
    }
    let inputBias = try list(
      "b_in", file.floats(named: "b_in"),
      architecture.readsItsTarget ? 0 : architecture.inputs.count)
    self.init(
      model, parameters: try part(""),
      normalizer: RowNormalizer(
        rowScaling: configuration.normalization.rowScaling, scales: scales, whitening: whitening),
      inputBias: inputBias)
    firstMoments = try part("first.")
    secondMoments = try part("second.")
    if configuration.averaging != nil { average = try part("mean.") }
    rowsSinceFired = try list(
      "rows_since_fired", file.unsignedIntegers(named: "rows_since_fired"), model.latents)
    resampled = try file.latents(named: "resampled", below: model.latents)
    let powers = try list("beta_powers", file.doubles(named: "beta_powers"), 2)
    (beta1Power, beta2Power) = (powers[0], powers[1])
    let running = try list("running", file.doubles(named: "running"), 2)
    (batchThreshold, annealedWeight) = (running[0], running[1])
    if configuration.objective.anchorWeight > 0 {
      let decoder = try file.matrix(named: "anchors.W_dec")
      let count = min(decoder.rows, model.latents)
      anchors = Anchors(
        encoder: try matrix("anchors.W_enc", model.isTied ? 0 : count, model.inputWidth),
        decoder: try matrix("anchors.W_dec", count, model.outputWidth))
    }
    self.step = step
  }
}
