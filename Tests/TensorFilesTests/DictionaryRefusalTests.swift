import SparseCoding
import Testing

@testable import TensorFiles

/// A dictionary folder as it is written, without its digests, to be changed and written again.
private struct EditedFolder {
  var members: [String: JSONValue]
  var tensors: [String: NamedTensor] = [:]

  init(_ coder: SparseCoder) throws {
    let work = Workspace()
    try SAELensDictionary.write(coder, to: work.file("d"))
    members = try JSONValue.object(ofFile: work.file("d/cfg.json"))
    members["metadata"] = ["sae_lens_version": "6.54.12"]
    let file = try SafetensorsFile.open(work.file("d/sae_weights.safetensors"))
    for entry in file.entries {
      let values = try file.floats(named: entry.name)
      tensors[entry.name] = NamedTensor(entry.name, shape: entry.shape, .floats(values))
    }
  }

  init(_ architecture: String) throws {
    let sample = DictionarySample.ofEachArchitecture.first {
      $0.expectedArchitecture == architecture
    }
    self = try EditedFolder(#require(sample).coder)
  }

  func write(_ work: Workspace) throws -> String {
    let path = work.makeFolder("d")
    work.write(JSONValue.object(members).text(indented: true), to: "d/cfg.json")
    try SafetensorsFile.write(
      Array(tensors.values), to: work.file("d/sae_weights.safetensors"))
    return path
  }

  /// Reads the folder, which has to be refused, and inspects it, which has to say the same.
  func refusal(_ location: SourceLocation = #_sourceLocation) throws -> TensorFileError {
    let work = Workspace()
    let path = try write(work)
    var refusal: TensorFileError?
    do throws(TensorFileError) { _ = try SAELensDictionary.read(path) } catch { refusal = error }
    let error = try #require(refusal, sourceLocation: location)
    #expect(
      FileInspection.inspect(path).problems.contains {
        $0.contains(error.location.description) && $0.contains("found " + error.found)
      },
      sourceLocation: location)
    return error
  }
}

@Suite("refusals of dictionaries of every kind") struct DictionaryRefusalTests {
  @Test("the folders that the cases change are themselves in order")
  func readsUnchanged() throws {
    for sample in DictionarySample.ofEachArchitecture {
      let work = Workspace()
      let path = try EditedFolder(sample.coder).write(work)
      #expect(FileInspection.inspect(path).problems == [])
      #expect(try SAELensDictionary.read(path).coder.latents == 12)
    }
  }

  typealias Change = (architecture: String, key: String, value: JSONValue?)

  private static func change(
    _ architecture: String, _ key: String, _ value: JSONValue?, _ mentions: String
  ) -> Case<Change> {
    Case(
      "\(architecture) \(key) \(value?.text(indented: false) ?? "missing")",
      (architecture, key, value), mentions)
  }

  private static let site: JSONValue = ["name": "a", "width": 5]
  private static let output: JSONValue = ["name": "b", "width": 4]

  static let changes: [Case<Change>] = [
    // What another architecture of SAELens has.
    change("standard", "k", 3, "expected no such key in a dictionary of architecture 'standard'"),
    change("standard", "d_out", 5, "no such key"),
    change("jumprelu", "rescale_acts_by_decoder_norm", false, "no such key"),
    change("transcoder", "k", 3, "no such key"),
    change("gated", "activation", "gated", "no such key"),
    change("standard", "steps", 2, "no such key"),
    change("standard", "b_dec", 1, "key b_dec: found 1, expected no such key"),
    // What files before version 6 say.
    change("standard", "finetuning_scaling_factor", true, "no such key"),
    change("standard", "activation_fn", "topk", "no such key"),
    change("topk", "activation_fn_str", "relu", "no such key"),
    change("topk", "activation_fn_kwargs", ["k": 4], "no such key"),
    change("standard", "activation_fn_kwargs", ["k": 4], "no such key"),
    // Transcoders of SAELens.
    change("transcoder", "apply_b_dec_to_input", true, "found true, expected false"),
    change("transcoder", "apply_b_dec_to_input", nil, "found nothing, expected false"),
    change("transcoder", "d_out", nil, "key d_out: found nothing"),
    change("transcoder", "d_out", 0, "key d_out: found 0"),
    change("transcoder", "d_out", 5, "tensor W_dec: found the shape [12, 4]"),
    change("transcoder", "normalize_activations", "constant_norm_rescale", "and not its output"),
    change("jumprelu", "normalize_activations", "layer_norm", "adds 1e-5"),
    change("abstopk", "k", 13, "a whole number from 1 to 12"),
    change("jumprelu", "architecture", "standard", "tensor threshold: found a tensor that such"),
    change("standard", "architecture", "jumprelu", "tensor threshold: found no such tensor"),
    change("skip_transcoder", "architecture", "transcoder", "tensor W_skip: found a tensor that"),
    change("standard", "architecture", "gated", "tensor b_gate: found no such tensor"),
    change("standard", "architecture", "batchtopk", "an unfinished training"),
    // Elute's own.
    change("elute_autoencoder", "activation", nil, "one of relu, jumprelu, topk, abstopk, gated"),
    change("elute_autoencoder", "activation", "batchtopk", "found 'batchtopk', expected one of"),
    change("elute_autoencoder", "activation", 1, "key activation: found 1"),
    change("elute_autoencoder", "activation", "relu", "key steps: found 3, expected no such key"),
    change("elute_autoencoder", "k", nil, "key k: found nothing"),
    change("elute_autoencoder", "k", 13, "key k: found 13"),
    change("elute_autoencoder", "k", 0, "key k: found 0"),
    change("elute_autoencoder", "steps", 0, "key steps: found 0, expected a whole number from 1"),
    change("elute_autoencoder", "steps", -3, "key steps: found -3"),
    change("elute_autoencoder", "steps", "3", "key steps: found '3'"),
    change("elute_autoencoder", "steps", nil, "tensor S: found a tensor that such"),
    change("elute_autoencoder", "row_scaling", nil, "one of none, unit_norm, layer_norm"),
    change("elute_autoencoder", "row_scaling", "batch_norm", "found 'batch_norm'"),
    change("elute_autoencoder", "apply_b_dec_to_input", nil, "true or false"),
    change("elute_autoencoder", "apply_b_dec_to_input", true, "tensor b_in: found a tensor that"),
    change("elute_transcoder", "apply_b_dec_to_input", true, "false where d_in is 5 and d_out 4"),
    change("elute_transcoder", "skip_connection", nil, "key skip_connection: found nothing"),
    change("elute_transcoder", "skip_connection", "yes", "true or false"),
    change("elute_transcoder", "skip_connection", false, "tensor W_skip: found a tensor that"),
    change("elute_autoencoder", "skip_connection", false, "no such key"),
    change("elute_autoencoder", "normalize_activations", "none", "no such key"),
    change("elute_autoencoder", "model_name", "gpt2", "no such key"),
    change("elute_crosscoder", "scale", 2, "key scale: found 2, expected no such key"),
    change("elute_autoencoder", "d_in", 6, "key d_in: found 6, expected 5, the width of its sites"),
    change("elute_autoencoder", "d_out", 4, "key d_out: found 4, expected 5"),
    change("elute_autoencoder", "d_out", nil, "key d_out: found nothing"),
    change("elute_autoencoder", "d_sae", 11, "tensor W_enc"),
    change("elute_autoencoder", "sites", nil, "key sites: found nothing"),
    change("elute_autoencoder", "sites", [], "key sites: found an array"),
    change("elute_autoencoder", "sites", ["a"], "key sites"),
    change("elute_autoencoder", "sites", [["name": "a"]], "key sites"),
    change("elute_autoencoder", "sites", [["name": "a", "width": 5, "x": 1]], "and nothing else"),
    change("elute_autoencoder", "sites", [["name": 1, "width": 5]], "key sites"),
    change("elute_autoencoder", "sites", [["name": "a", "width": 0]], "key sites"),
    change("elute_autoencoder", "sites", [["name": "a", "width": 6]], "key d_in: found 5"),
    change("elute_autoencoder", "sites", [site, site], "expected 1 of them, not 2"),
    change("elute_transcoder", "sites", [site], "expected 2 of them, not 1"),
    change("elute_transcoder", "sites", [output, site], "key d_in: found 5, expected 4"),
    change("elute_crosscoder", "sites", [site, output], "key d_in: found 11, expected 9"),
    change(
      "elute_crosscoder", "sites",
      [["name": "a", "width": .integer(.max)], ["name": "b", "width": .integer(.max)]],
      "widths whose sum is a number"),
  ]

  @Test(
    "a setting that contradicts others, or is not known, is refused by its key", arguments: changes)
  func refusesSettings(_ crafted: Case<Change>) throws {
    var folder = try EditedFolder(crafted.payload.architecture)
    folder.members[crafted.payload.key] = crafted.payload.value
    let error = try folder.refusal()
    #expect((error.description + " " + error.hint).contains(crafted.mentions), "\(error)")
    #expect(!error.found.isEmpty && !error.expected.isEmpty)
  }

  @Test("settings that only describe a dictionary are no reason to refuse it")
  func acceptsDescriptions() throws {
    var folder = try EditedFolder("standard")
    folder.members.merge(
      [
        "hook_layer": 8, "activation_fn_str": "relu", "activation_fn_kwargs": [:],
        "finetuning_scaling_factor": false, "l1_coefficient": 5, "model_name": "gpt2",
      ],
      uniquingKeysWith: { $1 })
    let work = Workspace()
    #expect(try SAELensDictionary.read(folder.write(work)).coder.activation == .relu)
  }

  @Test(
    "of every tensor of every architecture: missing, of another shape, of integers, not finite",
    arguments: DictionarySample.ofEachArchitecture)
  func refusesTensors(sample: DictionarySample) throws {
    let whole = try EditedFolder(sample.coder)
    #expect(whole.tensors.count >= 4)
    for (name, tensor) in whole.tensors {
      func refuses(_ changed: NamedTensor?, _ mentions: String) throws {
        var folder = whole
        folder.tensors[name] = changed
        let error = try folder.refusal()
        #expect(error.location == .tensor(name))
        #expect(error.found.contains(mentions), "\(error)")
      }
      let values = [Float](repeating: 0.5, count: tensor.values.count)
      try refuses(nil, "no such tensor")
      try refuses(NamedTensor(name, shape: [1] + tensor.shape, .floats(values)), "the shape [1, ")
      try refuses(
        NamedTensor(
          name, shape: [tensor.shape[0] + 1],
          .floats([Float](repeating: 0, count: tensor.shape[0] + 1))),
        "the shape")
      if tensor.shape.count == 2, tensor.shape[0] != tensor.shape[1] {
        let reversed: [Int] = tensor.shape.reversed()
        try refuses(NamedTensor(name, shape: reversed, .floats(values)), "the shape \(reversed)")
      }
      try refuses(
        NamedTensor(name, shape: tensor.shape, .integers(values.map { _ in 1 })), "type I64")
      var bad = values
      bad[bad.count - 1] = .infinity
      try refuses(NamedTensor(name, shape: tensor.shape, .floats(bad)), "1 of \(bad.count) values")
      bad[0] = .nan
      try refuses(NamedTensor(name, shape: tensor.shape, .floats(bad)), "2 of \(bad.count) values")
    }
    var folder = whole
    folder.tensors["b_more"] = NamedTensor("b_more", .floats([1]))
    #expect(try folder.refusal().location == .tensor("b_more"))
  }

  @Test("thresholds below zero are refused, and zero is not")
  func refusesThresholds() throws {
    for architecture in ["jumprelu", "jumprelu_skip_transcoder"] {
      var folder = try EditedFolder(architecture)
      var thresholds = [Float](repeating: 0, count: 12)
      thresholds[2] = -0.0
      folder.tensors["threshold"] = NamedTensor("threshold", .floats(thresholds))
      let work = Workspace()
      _ = try SAELensDictionary.read(folder.write(work))
      thresholds[7] = -1e-30
      folder.tensors["threshold"] = NamedTensor("threshold", .floats(thresholds))
      let error = try folder.refusal()
      #expect(error.location == .tensor("threshold"))
      #expect(error.found == "1 of 12 below zero, the first of latent 7")
    }
  }

  @Test(
    "every flipped bit of the weights is noticed", arguments: DictionarySample.ofEachArchitecture)
  func noticesDamage(sample: DictionarySample) throws {
    let work = Workspace()
    try SAELensDictionary.write(sample.coder, to: work.file("d"))
    let weights = try bytes(of: work.file("d/sae_weights.safetensors"))
    for index in stride(from: 0, to: weights.count, by: 7) {
      var damaged = weights
      damaged[index] ^= 1 << UInt8(index % 8)
      work.write(damaged, to: "d/sae_weights.safetensors")
      #expect(throws: TensorFileError.self) { try SAELensDictionary.read(work.file("d")) }
    }
  }

  @Test("every setting of Elute's own is under its digest")
  func noticesChangedSettings() throws {
    let sample = try #require(DictionarySample.ofEachArchitecture.last)
    let work = Workspace()
    try SAELensDictionary.write(sample.coder, to: work.file("d"))
    let members = try JSONValue.object(ofFile: work.file("d/cfg.json"))
    for (key, value): (String, JSONValue) in [
      ("k", 5), ("steps", 2), ("row_scaling", "unit_norm"), ("activation", "topk"),
      (
        "sites",
        [["name": "x", "width": 5], ["name": "y", "width": 4], ["name": "z", "width": 2]]
      ),
    ] {
      var changed = members
      #expect(changed[key] != nil && changed[key] != value)
      changed[key] = value
      work.write(JSONValue.object(changed).text(indented: true), to: "d/cfg.json")
      let error = failure { () throws(TensorFileError) in
        try SAELensDictionary.read(work.file("d"))
      }
      #expect(error?.location == .key("metadata.elute_cfg_sha256"))
    }
  }
}
