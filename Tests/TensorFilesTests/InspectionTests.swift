import Testing

@testable import TensorFiles

@Suite("inspection") struct InspectionTests {
  @Test("names, shapes and types are those of the file")
  func lists() {
    let arrays = FileInspection.inspect(fixture("rank3.npy"))
    #expect(arrays.format == .npy && arrays.problems.isEmpty)
    #expect(arrays.tensors == [.init(name: "rank3.npy", shape: [2, 3, 4], dtype: "<f4")])
    let tensors = FileInspection.inspect(fixture("numpy.safetensors"))
    #expect(tensors.format == .safetensors && tensors.problems.isEmpty)
    #expect(tensors.tensors.first == .init(name: "state", shape: [2], dtype: "U64"))
    #expect(FileInspection.inspect(fixture("integers.npy")).problems.isEmpty)
  }

  @Test("numbers that are not finite are counted by tensor")
  func countsNonFinite() throws {
    let problems = FileInspection.inspect(fixture("torch.safetensors")).problems
    #expect(problems.count == 1)
    #expect(problems.first?.contains("tensor half: found 1 of 5 values not finite") == true)
    let work = Workspace()
    try NpyFile.write(.floats([1, .nan]), shape: [2], to: work.file("v.npy"))
    #expect(FileInspection.inspect(work.file("v.npy")).problems.count == 1)
    try NpyFile.write(.floats([1, .nan, 2, .nan, .nan, 3]), shape: [3, 2], to: work.file("m.npy"))
    let rows = FileInspection.inspect(work.file("m.npy")).problems
    #expect(rows.first?.contains("row 0: found the first of 3 rows") == true)
  }

  @Test("all problems of a dictionary are listed, not the first alone")
  func listsAll() throws {
    let work = Workspace()
    _ = work.makeFolder("d")
    work.write(
      #"{"architecture":"topk","d_in":3,"d_sae":7,"normalize_activations":"layer_norm"}"#,
      to: "d/cfg.json")
    try SafetensorsFile.write(
      [NamedTensor("W_dec", ramp(7, 3)), NamedTensor("r_mag", .floats([.nan]))],
      to: work.file("d/sae_weights.safetensors"))
    let problems = FileInspection.inspect(work.file("d")).problems
    for mention in [
      "key normalize_activations", "key k", "tensor W_enc", "tensor b_dec",
      "tensor r_mag: found 1 of 1", "key metadata.sae_lens_version",
    ] {
      #expect(problems.contains { $0.contains(mention) }, "\(mention) in \(problems)")
    }
  }

  @Test("what Elute does not know is a problem, not a crash")
  func unknown() throws {
    let work = Workspace()
    let paths = [
      work.write("hello", to: "text.txt"), work.write([], to: "empty"),
      work.write("PK\u{3}\u{4}", to: "x.npz"), work.makeFolder("folder"), work.file("missing"),
    ]
    for path in paths {
      let inspection = FileInspection.inspect(path)
      #expect(inspection.format == .unknown && inspection.tensors.isEmpty)
      #expect(inspection.problems.count == 1)
    }
    #expect(FileInspection.inspect(work.file("x.npz")).problems[0].contains("zip archive"))
  }
}
