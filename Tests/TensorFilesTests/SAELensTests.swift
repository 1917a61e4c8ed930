import Glibc
import SparseCoding
import Testing

@testable import TensorFiles

@Suite("SAELens dictionaries") struct SAELensTests {
  @Test(
    "a dictionary that SAELens wrote gives the codes and reconstructions that SAELens computed",
    arguments: [
      "plain", "folded", "rescaled", "unbiased", "float16", "bfloat16", "float64", "standard",
      "standard_unbiased", "jumprelu", "jumprelu_unbiased", "abstopk", "abstopk_rescaled", "gated",
      "gated_unbiased", "transcoder", "skip_transcoder", "jumprelu_transcoder",
      "jumprelu_skip_transcoder", "constant_norm", "constant_norm_rescaled",
      "constant_norm_unbiased", "constant_norm_gated",
    ])
  func readsReference(name: String) throws {
    let loaded = try SAELensDictionary.read(fixture("SAELens/" + name))
    let coder = loaded.coder
    #expect(
      coder.architecture.sites.first == Site(name: "blocks.0.hook_resid_pre", width: 5))
    #expect(loaded.metadata["model_name"] == "tiny")
    let expected = try SafetensorsFile.open(fixture("SAELens/\(name)/expected.safetensors"))
    let x = Matrix(rows: 8, columns: 5, values: try expected.floats(named: "x"))
    let compute = Compute()
    let codes = coder.encode(x, on: compute)
    let y = coder.decode(codes, of: x, on: compute)
    #expect(try greatestDifference(codes.dense.values, expected.doubles(named: "z")) < 2e-5)
    #expect(try greatestDifference(y.values, expected.doubles(named: "y")) < 2e-5)
    #expect(codes.indices.count > 8)
    #expect(FileInspection.inspect(fixture("SAELens/" + name)).problems.isEmpty)
    // Written again it gives the same codes: what is read is a dictionary like any other.
    let again = try DictionaryCodec(name: "real").roundTrip(coder).coder
    #expect(again == coder)
  }

  @Test("a row of zeros has the code of zeros, where SAELens divides by its length")
  func zeroRows() throws {
    let coder = try SAELensDictionary.read(fixture("SAELens/constant_norm")).coder
    #expect(coder.rowScaling == .unitNorm)
    let zeros = Matrix(rows: 1, columns: 5)
    let codes = coder.encode(zeros, on: Compute())
    #expect(codes.values.allSatisfy { $0.isFinite })
    let decoded = coder.decode(codes, of: zeros, on: Compute())
    #expect(decoded.values.allSatisfy { $0.isFinite })
  }

  @Test("folding matters: without it the codes would be others")
  func foldingMatters() throws {
    let coder = try SAELensDictionary.read(fixture("SAELens/folded")).coder
    let file = try SafetensorsFile.open(fixture("SAELens/folded/sae_weights.safetensors"))
    #expect(try coder.encoderBias != file.floats(named: "b_enc"))
    #expect(coder.inputBias == [0, 0, 0, 0, 0] && coder.decoderBias != coder.inputBias)
    #expect(try coder.encoder != file.matrix(named: "W_enc").transposed())
    for latent in 0..<coder.latents {
      let squares = coder.decoder.row(latent).reduce(0) { $0 + Double($1) * Double($1) }
      #expect(abs(squares - 1) < 1e-6)
    }
  }

  @Test("what is written is read back, bit for bit, with its metadata", arguments: [1, 2, 7])
  func roundTrip(k: Int) throws {
    let work = Workspace()
    let coder = smallCoder(k: k)
    try SAELensDictionary.write(
      coder, metadata: ["model_name": "gpt2", "seed": 3, "elute_sha256": "a lie"],
      to: work.file("d"))
    let loaded = try SAELensDictionary.read(work.file("d"))
    #expect(loaded.coder == coder)
    #expect(loaded.metadata["model_name"] == "gpt2" && loaded.metadata["seed"] == 3)
    #expect(loaded.metadata["sae_lens_version"] == "6.54.12")
    #expect(
      try loaded.metadata["elute_sha256"]
        == .string(SHA256.digest(ofFile: work.file("d/sae_weights.safetensors"))))
    #expect(work.names == ["d"])
    #expect(try namesInFolder(work.file("d")).sorted() == ["cfg.json", "sae_weights.safetensors"])
    let inspection = FileInspection.inspect(work.file("d"))
    #expect(inspection.problems.isEmpty && inspection.format == .saeLensDictionary)
    #expect(inspection.tensors.map(\.shape) == [[7, 3], [3, 7], [3], [7]])
    // The metadata that were read may be written again.
    try SAELensDictionary.write(coder, metadata: loaded.metadata, to: work.file("e"))
    #expect(try SAELensDictionary.read(work.file("e")).metadata == loaded.metadata)
    #expect(try bytes(of: work.file("d/cfg.json")) == bytes(of: work.file("e/cfg.json")))
  }

  @Test("a folder that is there is replaced only on request")
  func replaces() throws {
    let work = Workspace()
    try SAELensDictionary.write(smallCoder(k: 1), to: work.file("d"))
    #expect(
      failure { () throws(TensorFileError) in
        try SAELensDictionary.write(smallCoder(k: 2), to: work.file("d"))
      } != nil)
    try SAELensDictionary.write(smallCoder(k: 2), to: work.file("d"), replacing: true)
    #expect(try SAELensDictionary.read(work.file("d")).coder == smallCoder(k: 2))
    #expect(work.names == ["d"])
  }

  @Test("weights that are not finite, or too many active latents, are not written")
  func refusesToWrite() throws {
    let work = Workspace()
    var coder = smallCoder()
    coder.encoder.values[5] = .nan
    coder.encoder.values[6] = .infinity
    let error = failure { () throws(TensorFileError) in
      try SAELensDictionary.write(coder, to: work.file("d"))
    }
    #expect(error?.location == .tensor("W_enc") && error?.found.hasPrefix("2 of 21") == true)
    for k in [0, 8, -1] {
      let error = failure { () throws(TensorFileError) in
        try SAELensDictionary.write(smallCoder(k: k), to: work.file("d"))
      }
      #expect(error?.location == .key("k"))
    }
    #expect(work.names == [])
  }

  @Test("every flipped bit of the weights, and every one of a setting, is an error")
  func noticesDamage() throws {
    let work = Workspace()
    try SAELensDictionary.write(smallCoder(width: 2, latents: 3, k: 1), to: work.file("d"))
    let weights = try bytes(of: work.file("d/sae_weights.safetensors"))
    for index in weights.indices {
      var damaged = weights
      damaged[index] ^= 1 << UInt8(index % 8)
      work.write(damaged, to: "d/sae_weights.safetensors")
      #expect(throws: TensorFileError.self) { try SAELensDictionary.read(work.file("d")) }
    }
    #expect(FileInspection.inspect(work.file("d")).problems.contains { $0.contains("SHA-256") })
    work.write(weights, to: "d/sae_weights.safetensors")
    let settings = String(decoding: try bytes(of: work.file("d/cfg.json")), as: UTF8.self)
    for (from, to) in [
      ("\"k\": 1", "\"k\": 3"), ("b_dec_to_input\": true", "b_dec_to_input\": false"),
      ("decoder_norm\": false", "decoder_norm\": true"),
    ] {
      #expect(settings.contains(from))
      work.write(replace(settings, from, to), to: "d/cfg.json")
      let error = failure { () throws(TensorFileError) in
        try SAELensDictionary.read(work.file("d"))
      }
      #expect(error?.location == .key("metadata.elute_cfg_sha256"))
    }
    work.write(replace(settings, "\"cpu\"", "\"cuda\""), to: "d/cfg.json")
    _ = try SAELensDictionary.read(work.file("d"))
  }

  private func replace(_ text: String, _ from: String, _ to: String) -> String {
    guard let range = text.firstRange(of: from) else { return text }
    return text[..<range.lowerBound] + to + text[range.upperBound...]
  }
}

@Suite("SAELens refusals") struct SAELensRefusalTests {
  /// A folder as SAELens writes it, with some settings and tensors exchanged.
  private func folder(
    _ work: Workspace, settings changes: [String: JSONValue?] = [:],
    tensors changed: [String: NamedTensor?] = [:]
  ) throws -> String {
    let coder = smallCoder()
    var settings: [String: JSONValue] = [
      "architecture": "topk", "d_in": 3, "d_sae": 7, "k": 2, "dtype": "float32",
      "metadata": ["sae_lens_version": "6.54.12"],
    ]
    for (key, value) in changes { settings[key] = value }
    var tensors: [String: NamedTensor] = [
      "W_enc": NamedTensor("W_enc", transposing: coder.encoder),
      "W_dec": NamedTensor("W_dec", coder.decoder),
      "b_enc": NamedTensor("b_enc", .floats(coder.encoderBias)),
      "b_dec": NamedTensor("b_dec", .floats(coder.decoderBias)),
    ]
    for (name, tensor) in changed { tensors[name] = tensor }
    let path = work.makeFolder("d")
    work.write(JSONValue.object(settings).text(indented: true), to: "d/cfg.json")
    try SafetensorsFile.write(
      Array(tensors.values), to: work.file("d/sae_weights.safetensors"))
    return path
  }

  @Test("the folder that the cases change is itself in order")
  func readsUnchanged() throws {
    let work = Workspace()
    #expect(try SAELensDictionary.read(folder(work)).coder.latents == 7)
    #expect(FileInspection.inspect(work.file("d")).problems.isEmpty)
  }

  static let settings: [Case<(key: String, value: JSONValue?)>] =
    [
      "matching_pursuit", "batchtopk", "matryoshka_batchtopk", "temporal", "elute_dictionary",
      "TopK",
    ].map {
      Case(
        $0, ("architecture", .string($0)),
        "key architecture: found '\($0)', expected one of standard, jumprelu, topk")
    } + [
      Case("no architecture", ("architecture", nil), "before version 6"),
      Case("architecture as a number", ("architecture", 1), "key architecture: found 1"),
      Case("k missing", ("k", nil), "key k: found nothing, expected a whole number from 1 to 7"),
      Case("k above d_sae", ("k", 8), "key k: found 8"),
      Case("k zero", ("k", 0), "key k: found 0"),
      Case("k negative", ("k", -1), "key k: found -1"),
      Case("k fractional", ("k", 2.5), "key k: found 2.5"),
      Case("k as text", ("k", "2"), "key k: found '2'"),
      Case("k true", ("k", true), "key k: found true"),
      Case("d_in missing", ("d_in", nil), "key d_in: found nothing"),
      Case("d_in zero", ("d_in", 0), "key d_in"),
      Case(
        "d_in of another model", ("d_in", 768),
        "tensor W_enc: found the shape [3, 7], expected the shape [768, 7]"),
      Case("d_in of 2^63 - 1", ("d_in", .integer(.max)), "tensor W_enc"),
      Case("d_sae missing", ("d_sae", nil), "key d_sae"),
      Case("d_sae wrong", ("d_sae", 8), "tensor W_enc"),
      Case(
        "averaged norm", ("normalize_activations", "expected_average_only_in"),
        "its scale is not in this folder"),
      Case("whitening", ("normalize_activations", "covariance_whitening"), "its matrix"),
      Case("layer norm", ("normalize_activations", "layer_norm"), "adds 1e-5"),
      Case("unknown norm", ("normalize_activations", "x"), "knows no such"),
      Case(
        "norm as truth", ("normalize_activations", true), "key normalize_activations: found true"),
      Case("unknown shape change", ("reshape_activations", "x"), "key reshape_activations"),
      Case("bias flag as text", ("apply_b_dec_to_input", "false"), "true or false"),
      Case("bias flag null", ("apply_b_dec_to_input", .null), "true or false"),
      Case("rescale flag as a number", ("rescale_acts_by_decoder_norm", 1), "true or false"),
      Case("unknown dtype", ("dtype", "int8"), "key dtype: found 'int8'"),
      Case("metadata as text", ("metadata", "x"), "key metadata"),
      Case("a digest of other weights", ("metadata", ["elute_sha256": "00"]), "SHA-256"),
      Case("a digest as a number", ("metadata", ["elute_sha256": 0]), "SHA-256"),
    ]

  @Test("a setting that Elute cannot honor is refused by its key", arguments: settings)
  func refusesSettings(_ crafted: Case<(key: String, value: JSONValue?)>) throws {
    let work = Workspace()
    let path = try folder(work, settings: [crafted.payload.key: crafted.payload.value])
    let error = try #require(
      failure { () throws(TensorFileError) in try SAELensDictionary.read(path) })
    let words = error.description + " " + error.hint
    #expect(words.contains(crafted.mentions), "\(words)")
    #expect(
      FileInspection.inspect(path).problems.contains {
        $0.contains(crafted.mentions) || words.contains(error.hint)
      })
  }

  static let tensors: [Case<(name: String, tensor: NamedTensor?)>] = [
    Case(
      "no W_enc", ("W_enc", nil), "tensor W_enc: found no such tensor, expected the shape [3, 7]"),
    Case("no b_dec", ("b_dec", nil), "tensor b_dec: found no such tensor"),
    Case(
      "W_enc the other way round", ("W_enc", NamedTensor("W_enc", ramp(7, 3))),
      "found the shape [7, 3], expected the shape [3, 7]"),
    Case("W_dec the other way round", ("W_dec", NamedTensor("W_dec", ramp(3, 7))), "tensor W_dec"),
    Case("W_dec flat", ("W_dec", NamedTensor("W_dec", .floats(ramp(3, 7).values))), "tensor W_dec"),
    Case(
      "b_enc too long", ("b_enc", NamedTensor("b_enc", .floats([Float](repeating: 0, count: 8)))),
      "tensor b_enc"),
    Case(
      "b_dec of integers", ("b_dec", NamedTensor("b_dec", .integers([0, 0, 0]))),
      "elements of type I64"),
    Case(
      "a threshold", ("threshold", NamedTensor("threshold", .floats([1]))),
      "tensor threshold: found a tensor that"),
    Case(
      "a scaling factor", ("scaling_factor", NamedTensor("scaling_factor", .floats([1]))),
      "tensor scaling_factor"),
    Case(
      "not a number", ("b_enc", NamedTensor("b_enc", .floats([.nan, 0, 0, .infinity, 0, 0, 0]))),
      "2 of 7 values not finite"),
    Case(
      "a double beyond floats", ("b_dec", NamedTensor("b_dec", .doubles([0, 1e300, 0]))),
      "1 of 3 values not finite"),
  ]

  @Test("a tensor that does not fit is refused by its name", arguments: tensors)
  func refusesTensors(_ crafted: Case<(name: String, tensor: NamedTensor?)>) throws {
    let work = Workspace()
    let path = try folder(work, tensors: [crafted.payload.name: crafted.payload.tensor])
    let error = try #require(
      failure { () throws(TensorFileError) in try SAELensDictionary.read(path) })
    #expect(error.description.contains(crafted.mentions), "\(error)")
    #expect(FileInspection.inspect(path).problems.contains { $0.contains(crafted.mentions) })
  }

  @Test("a decoder row of zeros cannot be divided by its norm")
  func refusesZeroNorm() throws {
    let work = Workspace()
    var decoder = smallCoder().decoder
    for column in 0..<3 { decoder[4, column] = 0 }
    let tensors = ["W_dec": NamedTensor("W_dec", decoder)]
    var path = try folder(work, tensors: tensors)
    _ = try SAELensDictionary.read(path)
    path = try folder(work, settings: ["rescale_acts_by_decoder_norm": true], tensors: tensors)
    let error = failure { () throws(TensorFileError) in try SAELensDictionary.read(path) }
    #expect(error?.found.contains("latent 4") == true)
    #expect(FileInspection.inspect(path).problems.count == 1)
  }

  @Test("folding that leaves the range of floats is refused")
  func refusesOverflowInFolding() throws {
    let work = Workspace()
    let path = try folder(
      work, settings: ["rescale_acts_by_decoder_norm": true],
      tensors: [
        "b_enc": NamedTensor("b_enc", .floats([Float](repeating: 3e38, count: 7))),
        "W_dec": NamedTensor("W_dec", Matrix(rows: 7, columns: 3, repeating: 2)),
      ])
    let error = failure { () throws(TensorFileError) in try SAELensDictionary.read(path) }
    #expect(error?.location == .tensor("b_enc"))
  }

  @Test(
    "folders of SAELens that it must not misread",
    arguments: [("normalized", "scale"), ("layer_norm", "adds 1e-5")])
  func refusesReference(name: String, mentions: String) throws {
    let path = fixture("SAELens/" + name)
    let error = try #require(
      failure { () throws(TensorFileError) in try SAELensDictionary.read(path) })
    #expect((error.description + error.hint).contains(mentions))
  }

  @Test("folders that are not complete are refused by what is missing")
  func refusesIncomplete() throws {
    let work = Workspace()
    let path = try folder(work)
    unlink(work.file("d/cfg.json"))
    let first = failure { () throws(TensorFileError) in try SAELensDictionary.read(path) }
    #expect(first?.path == work.file("d/cfg.json"))
    _ = try folder(work)
    unlink(work.file("d/sae_weights.safetensors"))
    let second = failure { () throws(TensorFileError) in try SAELensDictionary.read(path) }
    #expect(second?.path == work.file("d/sae_weights.safetensors"))
    #expect(failure { () throws(TensorFileError) in try SAELensDictionary.read("/nowhere") } != nil)
  }
}
