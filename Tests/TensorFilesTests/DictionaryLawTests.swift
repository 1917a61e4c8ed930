import SparseCoding
import Testing

@testable import TensorFiles

/// A writer and a reader of dictionaries; the real ones, or broken ones that the laws have to notice.
struct DictionaryCodec: Sendable {
  var name: String
  var written: @Sendable (SparseCoder) -> SparseCoder = { $0 }
  var loaded: @Sendable (SparseCoder) -> SparseCoder = { $0 }

  /// What a dictionary comes back as, through a file.
  func roundTrip(_ coder: SparseCoder) throws -> LoadedDictionary {
    let work = Workspace()
    try SAELensDictionary.write(written(coder), to: work.file("d"))
    let read = try SAELensDictionary.read(work.file("d"))
    return LoadedDictionary(
      coder: loaded(read.coder), description: read.description, metadata: read.metadata)
  }

  /// What is wrong with a dictionary after a round trip, in words.
  func violations(_ sample: DictionarySample) throws -> [String] {
    let original = sample.coder
    let coder = try roundTrip(original).coder
    guard sample.isFolded else { return coder == original ? [] : ["not equal"] }
    var violations: [String] = []
    var restored = coder
    restored.inputBias = original.inputBias
    restored.encoderBias = original.encoderBias
    restored.magnitude?.bias = original.magnitude?.bias ?? []
    if restored != original { violations.append("more than the biases changed") }
    let rows = DictionarySample.rows(for: original)
    let compute = Compute()
    let (ours, theirs) = (original.encode(rows, on: compute), coder.encode(rows, on: compute))
    if ours.offsets != theirs.offsets || ours.indices != theirs.indices {
      violations.append("other latents are active")
    } else if greatestDifference(ours.values, theirs.values.map(Double.init)) > 1e-5 {
      violations.append("other values")
    }
    return violations
  }
}

@Suite("dictionaries of every kind") struct DictionaryLawTests {
  @Test("the samples are of every kind, and every architecture is among them")
  func samples() {
    let all = DictionarySample.all
    #expect(all.count == (3 + 2 + 2 + 3) * (3 * 5 + 3 * 2))
    #expect(Set(all.map(\.testDescription)).count == all.count)
    #expect(
      Set(all.map(\.expectedArchitecture)) == Set(DictionaryLayout.allCases.map(\.rawValue)))
    #expect(DictionarySample.ofEachArchitecture.count == DictionaryLayout.allCases.count)
    #expect(all.count { $0.isFolded } == 5 + 4)
  }

  @Test(
    "what is written is read back: bit for bit, or with the input's bias folded and the same codes",
    arguments: DictionarySample.all)
  func roundTrip(sample: DictionarySample) throws {
    #expect(try DictionaryCodec(name: "real").violations(sample) == [])
  }

  static let broken: [DictionaryCodec] = [
    DictionaryCodec(name: "writes no bias of the input") { coder in
      var coder = coder
      coder.inputBias = [Float](repeating: 0, count: coder.inputWidth)
      return coder
    },
    DictionaryCodec(name: "writes the feedback transposed") { coder in
      var coder = coder
      coder.multistep = coder.multistep.map {
        .init(steps: $0.steps, feedback: $0.feedback.transposed())
      }
      return coder
    },
    DictionaryCodec(name: "writes topk for abstopk") { coder in
      var coder = coder
      if case .absTopK(let k) = coder.activation { coder.activation = .topK(k: k) }
      return coder
    },
    DictionaryCodec(name: "writes a threshold a bit higher") { coder in
      var coder = coder
      if !coder.thresholds.isEmpty { coder.thresholds[0] = coder.thresholds[0].nextUp }
      return coder
    },
    DictionaryCodec(name: "exchanges scale and bias of the magnitudes") { coder in
      var coder = coder
      coder.magnitude = coder.magnitude.map { .init(logScale: $0.bias, bias: $0.logScale) }
      return coder
    },
    DictionaryCodec(
      name: "loses the scaling of rows",
      loaded: { coder in
        var coder = coder
        coder.rowScaling = .none
        return coder
      }),
    DictionaryCodec(
      name: "loses a step",
      loaded: { coder in
        var coder = coder
        coder.multistep?.steps -= 1
        return coder
      }),
    DictionaryCodec(
      name: "loses the steps",
      loaded: { coder in
        var coder = coder
        coder.multistep = nil
        return coder
      }),
    DictionaryCodec(
      name: "loses the linear path",
      loaded: { coder in
        var coder = coder
        coder.skip = coder.skip.map { Matrix(rows: $0.rows, columns: $0.columns) }
        return coder
      }),
    DictionaryCodec(
      name: "reads the sites in another order",
      loaded: { coder in
        var coder = coder
        if case .crosscoder(let sites) = coder.architecture {
          coder.architecture = .crosscoder(sites.reversed())
        }
        return coder
      }),
  ]

  @Test("the law fails on a broken writer or reader", arguments: broken.indices)
  func noticesBroken(index: Int) throws {
    let codec = Self.broken[index]
    let violated = try DictionarySample.all.filter { try !codec.violations($0).isEmpty }
    #expect(!violated.isEmpty, "no law notices a codec that \(codec.name)")
  }

  @Test("the law of folded dictionaries notices a bias that is a little off")
  func noticesFolding() throws {
    let bias = DictionaryCodec(
      name: "bias",
      loaded: { coder in
        var coder = coder
        coder.encoderBias = coder.encoderBias.map { $0 + 0.001 }
        return coder
      })
    let magnitude = DictionaryCodec(
      name: "magnitude",
      loaded: { coder in
        var coder = coder
        coder.magnitude = coder.magnitude.map { magnitude in
          .init(logScale: magnitude.logScale, bias: magnitude.bias.map { $0 + 0.001 })
        }
        return coder
      })
    for sample in DictionarySample.all where sample.isFolded {
      // What is added to a gate's score is taken off again for its magnitude.
      if sample.rule != .gated { #expect(try !bias.violations(sample).isEmpty) }
      #expect(try magnitude.violations(sample).isEmpty == (sample.rule != .gated))
    }
  }

  @Test("a dictionary stands under the architecture and with the tensors of its layout")
  func layouts() throws {
    let common = ["W_dec", "W_enc", "b_dec", "b_enc"]
    let tensors: [String: [String]] = [
      "standard": common, "topk": common, "abstopk": common, "transcoder": common,
      "jumprelu": common + ["threshold"], "skip_transcoder": ["W_skip"] + common,
      "jumprelu_transcoder": common + ["threshold"],
      "jumprelu_skip_transcoder": ["W_skip"] + common + ["threshold"],
      "gated": ["W_dec", "W_enc", "b_dec", "b_gate", "b_mag", "r_mag"],
    ]
    for sample in DictionarySample.all {
      let work = Workspace()
      try SAELensDictionary.write(sample.coder, to: work.file("d"))
      let members = try JSONValue.object(ofFile: work.file("d/cfg.json"))
      let architecture = sample.expectedArchitecture
      #expect(members["architecture"] == .string(architecture))
      let file = try SafetensorsFile.open(work.file("d/sae_weights.safetensors"))
      if let names = tensors[architecture] {
        #expect(file.entries.map(\.name).sorted() == names.sorted())
        #expect(members["normalize_activations"] == "none")
      }
      if case .transcoder = sample.coder.architecture {
        #expect(members["d_out"] == 4 && members["apply_b_dec_to_input"] == false)
      }
      let inspection = FileInspection.inspect(work.file("d"))
      #expect(inspection.problems == [])
      #expect(
        inspection.format
          == (architecture.hasPrefix("elute_") ? .eluteDictionary : .saeLensDictionary))
      #expect(
        try inspection.tensors.contains {
          try #require(file.entry(named: $0.name)).shape == $0.shape
        })
    }
  }

  static let words: [(architecture: String, words: String)] = [
    ("standard", "SAELens standard dictionary, d_in 5, d_sae 12, float32"),
    ("jumprelu", "SAELens jumprelu dictionary, d_in 5, d_sae 12, float32"),
    ("topk", "SAELens topk dictionary, d_in 5, d_sae 12, k 3, float32"),
    ("abstopk", "SAELens abstopk dictionary, d_in 5, d_sae 12, k 4, float32"),
    ("gated", "SAELens gated dictionary, d_in 5, d_sae 12, float32"),
    ("transcoder", "SAELens transcoder dictionary, d_in 5, d_out 4, d_sae 12, float32"),
    ("skip_transcoder", "SAELens skip_transcoder dictionary, d_in 5, d_out 4, d_sae 12, float32"),
    (
      "jumprelu_transcoder",
      "SAELens jumprelu_transcoder dictionary, d_in 5, d_out 4, d_sae 12, float32"
    ),
    (
      "jumprelu_skip_transcoder",
      "SAELens jumprelu_skip_transcoder dictionary, d_in 5, d_out 4, d_sae 12, float32"
    ),
    (
      "elute_autoencoder",
      "Elute autoencoder, d_in 5, d_sae 12, abstopk, k 4, 3 steps of feedback, "
        + "rows less their mean, over their deviation, float32"
    ),
    (
      "elute_transcoder",
      "Elute transcoder, d_in 5, d_out 4, d_sae 12, abstopk, k 4, 3 steps of "
        + "feedback, a linear path beside the latents, rows less their mean, over their deviation, float32"
    ),
    (
      "elute_crosscoder",
      "Elute crosscoder, d_in 5 + 4 + 2, d_sae 12, abstopk, k 4, 3 steps of feedback, "
        + "rows less their mean, over their deviation, float32"
    ),
  ]

  @Test("a dictionary is described by what it is", arguments: words.indices)
  func describes(index: Int) throws {
    let (architecture, words) = Self.words[index]
    let sample = try #require(
      DictionarySample.ofEachArchitecture.first { $0.expectedArchitecture == architecture })
    #expect(try DictionaryCodec(name: "real").roundTrip(sample.coder).description == words)
  }

  @Test("the sites' names are in the metadata, and come back")
  func sites() throws {
    func metadata(_ shape: DictionarySample.Shape) throws -> [String: JSONValue] {
      let sample = try #require(DictionarySample.all.first { $0.shape == shape })
      let work = Workspace()
      let given: [String: JSONValue] = [
        "training_architecture": "matryoshka_batchtopk", "hook_name": "a lie",
      ]
      try SAELensDictionary.write(sample.coder, metadata: given, to: work.file("d"))
      return try SAELensDictionary.read(work.file("d")).metadata
    }
    #expect(try metadata(.autoencoder)["hook_name"] == "blocks.0.hook_resid_pre")
    #expect(try metadata(.autoencoder)["hook_name_out"] == nil)
    #expect(try metadata(.autoencoder)["training_architecture"] == "matryoshka_batchtopk")
    #expect(try metadata(.skip)["hook_name"] == "blocks.0.hook_resid_pre")
    #expect(try metadata(.skip)["hook_name_out"] == "blocks.0.hook_mlp_out")
    #expect(
      try metadata(.crosscoder)["hook_names"]
        == ["blocks.0.hook_resid_pre", "blocks.0.hook_mlp_out", "other.0"])
  }
}
