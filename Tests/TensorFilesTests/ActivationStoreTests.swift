import Glibc
import SparseCoding
import Testing

@testable import TensorFiles

@Suite("activation stores") struct ActivationStoreTests {
  private func refusal(_ path: String, _ location: SourceLocation = #_sourceLocation) -> String {
    let error = failure(
      of: { () throws(TensorFileError) in try ActivationStore.open(path).load() }, location)
    return error.map { $0.description + " " + $0.hint } ?? ""
  }

  @Test("a store that is written is read back, whole and in parts", arguments: [1, 3, 10, 11, 100])
  func roundTrip(shardRows: Int) throws {
    let work = Workspace()
    let matrix = ramp(11, 4)
    let site = Site(name: "blocks.8", width: 4)
    try ActivationStore.write(matrix, site: site, to: work.file("acts"), shardRows: shardRows)
    let store = try ActivationStore.open(work.file("acts"))
    #expect(store.site == site && store.rows == 11 && store.width == 4)
    #expect(store.shards.count == (11 + shardRows - 1) / shardRows)
    #expect(store.fingerprint == ActivationStore.fingerprint(of: matrix))
    #expect(try store.load() == matrix)
    for range in [0..<0, 0..<1, 2..<7, 10..<11] {
      #expect(try store.read(rows: range) == matrix.selecting(rows: range))
    }
    #expect(FileInspection.inspect(work.file("acts")).problems.isEmpty)
  }

  @Test("past the system's cache the rows are the same, wherever they lie", arguments: [7, 1300])
  func bypass(width: Int) throws {
    let work = Workspace()
    let matrix = ramp(500, width)
    try ActivationStore.write(
      matrix, site: Site(name: "here", width: width), to: work.file("acts"), shardRows: 230)
    let store = try ActivationStore.open(work.file("acts")).bypassingCache
    for range in [0..<500, 0..<1, 1..<2, 17..<333, 229..<231, 460..<500, 499..<500] {
      #expect(try store.read(rows: range) == matrix.selecting(rows: range))
    }
    try store.checkRowMajor()
    let chosen = [0, 3, 4, 90, 229, 230, 231, 499]
    #expect(try store.matrix(ofRows: chosen) == matrix.selecting(rows: chosen))
  }

  @Test("a store with a file column by column is not read while training")
  func columns() throws {
    let store = try ActivationStore.open(fixture("fortran.npy"))
    let error = failure { () throws(TensorFileError) in try store.checkRowMajor() }
    #expect(error?.found.contains("column by column") == true)
  }

  // Python: sha256(struct.pack("<QQ", 2, 2) + numpy.array([0, .5, 1, 1.5], "<f4").tobytes())
  @Test("the fingerprint is of shape and values, whatever the files")
  func fingerprint() throws {
    #expect(
      ActivationStore.fingerprint(of: ramp(2, 2))
        == "74a14eecae2c19947f9909e061d1feb3849b439dffbe67ea8c39c03143f87e01")
    #expect(
      ActivationStore.fingerprint(of: ramp(1, 4)) != ActivationStore.fingerprint(of: ramp(4, 1)))
    let half = try ActivationStore.open(fixture("half.npy")).load()
    let fortran = try ActivationStore.open(fixture("fortran.npy")).load()
    #expect(ActivationStore.fingerprint(of: half) == ActivationStore.fingerprint(of: fortran))
  }

  @Test("one file is a store")
  func readsFiles() throws {
    let work = Workspace()
    #expect(try ActivationStore.open(fixture("rank3.npy")).load() == ramp(6, 4))
    let path = work.file("a.safetensors")
    try SafetensorsFile.write(
      [NamedTensor("x", ramp(3, 2)), NamedTensor("tokens", .integers([1, 2]))], to: path)
    #expect(try ActivationStore.open(path).load() == ramp(3, 2))
    try SafetensorsFile.write(
      [NamedTensor("x", ramp(3, 2)), NamedTensor("activations", ramp(4, 2))], to: path)
    #expect(try ActivationStore.open(path).load() == ramp(4, 2))
    // SAELens 1 to 3 wrote a dimension for layers.
    try SafetensorsFile.write(
      [NamedTensor("activations", shape: [4, 1, 2], .floats(ramp(4, 2).values))], to: path)
    #expect(try ActivationStore.open(path).load() == ramp(4, 2))
    // Without an ending, the first bytes tell.
    work.write(try bytes(of: path), to: "plain")
    #expect(try ActivationStore.open(work.file("plain")).load() == ramp(4, 2))
    work.write(try bytes(of: fixture("c.npy")), to: "plain")
    #expect(try ActivationStore.open(work.file("plain")).load() == ramp(3, 4))
  }

  @Test("a folder of shards is read in the order of their numbers")
  func ordersShards() throws {
    let work = Workspace()
    let order = ["shard_2.npy", "shard_9.npy", "shard_10.npy", "shard_010b.npy", "shard_11.npy"]
    for (index, name) in order.enumerated() {
      try NpyFile.write(Matrix(rows: 1, columns: 2, repeating: Float(index)), to: work.file(name))
    }
    work.write("notes", to: "README.md")
    work.write("junk", to: ".hidden.npy")
    work.write("junk", to: "activations.npy.tmp-123")
    let store = try ActivationStore.open(work.path)
    #expect(store.shards.map { FilePath.name($0.path) } == order)
    #expect(try store.load().values == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
  }

  @Test(
    "a row that is not finite is refused by file and number", arguments: [Float.nan, -.infinity])
  func refusesNonFinite(bad: Float) throws {
    let work = Workspace()
    var matrix = ramp(5, 3)
    try NpyFile.write(matrix, to: work.file("activations-0.npy"))
    matrix[3, 1] = bad
    try NpyFile.write(matrix, to: work.file("activations-1.npy"))
    let error = try #require(
      failure { () throws(TensorFileError) in try ActivationStore.open(work.path).load() })
    #expect(error.path == work.file("activations-1.npy"))
    #expect(error.location == .row(3))
    #expect(error.found == "\(bad) in column 1, as float32")
    #expect(try ActivationStore.open(work.path).read(rows: 0..<8).rows == 8)
    #expect(FileInspection.inspect(work.path).problems.count == 1)
    let write = failure { () throws(TensorFileError) in
      try ActivationStore.write(matrix, site: Site(name: "s", width: 3), to: work.file("w"))
    }
    #expect(write?.location == .row(3))
    #expect(!work.names.contains { $0.hasPrefix("w") })
  }

  @Test("a double beyond the range of floats is not silently infinite")
  func refusesOverflow() throws {
    let work = Workspace()
    try NpyFile.write(.doubles([1, 1e300]), shape: [2, 1], to: work.file("a.npy"))
    #expect(refusal(work.file("a.npy")).contains("row 1: found inf"))
  }

  @Test("a folder with other tensor files is refused by their names")
  func refusesOtherNames() throws {
    let work = Workspace()
    try NpyFile.write(ramp(2, 2), to: work.file("activations.npy"))
    for name in ["labels.npy", "x.npz", "tokens.pt", "mean.safetensors"] {
      work.write("x", to: name)
      #expect(refusal(work.path).contains("'\(name)'"))
      unlink(work.file(name))
    }
    work.write("x", to: "activations-2.pt")
    #expect(refusal(work.path).contains("files of one kind"))
    unlink(work.file("activations-2.pt"))
    try NpyFile.write(ramp(2, 3), to: work.file("activations2.npy"))
    #expect(refusal(work.path).contains("activations2.npy: found rows of 3"))
    #expect(refusal(work.makeFolder("empty")).contains("no file of tensors"))
    work.write("x", to: "empty/shard0.pt")
    #expect(refusal(work.file("empty")).contains("numpy.save"))
  }

  @Test("a file without one clear tensor of activations is refused")
  func refusesUnclearTensors() throws {
    let work = Workspace()
    let path = work.file("a.safetensors")
    let tensors: [[NamedTensor]] = [
      [], [NamedTensor("a", ramp(2, 2)), NamedTensor("b", .floats([1]))],
      [NamedTensor("a", .floats([1, 2]))], [NamedTensor("activations", .integers([1, 2]))],
      [NamedTensor("a", shape: [0, 4], .floats([]))],
      [NamedTensor("a", shape: [4, 0], .floats([]))],
      [NamedTensor("a", shape: [1, 1, 1, 1], .floats([1]))],
    ]
    for tensors in tensors {
      try SafetensorsFile.write(tensors, to: path)
      #expect(!refusal(path).isEmpty)
    }
  }

  static let descriptions: [Case<(key: String, value: JSONValue?)>] = [
    Case("no version", ("version", nil), "key version"),
    Case("newer version", ("version", 2), "key version"),
    Case("unknown key", ("widht", 4), "key widht: found an unknown key"),
    Case("wrong width", ("d_in", 5), "rows of 4, expected rows of 5"),
    Case("width as text", ("d_in", "4"), "key d_in"),
    Case("no width", ("d_in", nil), "key d_in: found nothing"),
    Case("wrong rows", ("rows", 10), "11 rows in the files, expected 10"),
    Case("negative rows", ("rows", -1), "key rows"),
    Case("fractional rows", ("rows", 11.5), "key rows"),
    Case("wrong type", ("dtype", "float16"), "type float32, expected float16"),
    Case("wrong fingerprint", ("fingerprint", "00"), "key fingerprint"),
    Case("fingerprint as a number", ("fingerprint", 0), "key fingerprint"),
    Case("site as a number", ("site", 0), "key site"),
    Case("no shards", ("shards", []), "key shards"),
    Case("shards as text", ("shards", "activations-00000.npy"), "key shards"),
    Case("missing shard", ("shards", ["activations-00001.npy"]), "no such file"),
    Case(
      "a shard twice", ("shards", ["activations-00000.npy", "activations-00000.npy"]), "each once"),
    Case(
      "a shard elsewhere", ("shards", ["../acts/activations-00000.npy"]), "files in this folder"),
    Case("an absolute shard", ("shards", ["/dev/zero"]), "files in this folder"),
    Case("the folder itself", ("shards", ["."]), "files in this folder"),
    Case("a shard as a number", ("shards", [1]), "files in this folder"),
  ]

  @Test("a store.json that does not fit its files is refused by its key", arguments: descriptions)
  func refusesDescription(_ crafted: Case<(key: String, value: JSONValue?)>) throws {
    let work = Workspace()
    try ActivationStore.write(ramp(11, 4), site: Site(name: "s", width: 4), to: work.file("acts"))
    let path = work.file("acts/store.json")
    var members = try JSONValue.object(ofFile: path)
    members[crafted.payload.key] = crafted.payload.value
    work.write(JSONValue.object(members).text(indented: true), to: "acts/store.json")
    let words = refusal(work.file("acts"))
    #expect(words.contains(crafted.mentions), "\(words)")
    #expect(!FileInspection.inspect(work.file("acts")).problems.isEmpty)
  }

  @Test("a minimal store.json by hand is enough")
  func readsMinimalDescription() throws {
    let work = Workspace()
    try NpyFile.write(ramp(2, 3), to: work.file("anything.npy"))
    work.write(#"{"version":1,"d_in":3,"rows":2,"shards":["anything.npy"]}"#, to: "store.json")
    #expect(try ActivationStore.open(work.path).load() == ramp(2, 3))
  }

  @Test("a flipped bit in the data is an error")
  func noticesDamage() throws {
    let work = Workspace()
    try ActivationStore.write(ramp(11, 4), site: Site(name: "s", width: 4), to: work.file("acts"))
    let path = work.file("acts/activations-00000.npy")
    var contents = try bytes(of: path)
    contents[contents.count - 3] ^= 1
    work.write(contents, to: "acts/activations-00000.npy")
    #expect(refusal(work.file("acts")).contains("key fingerprint"))
    #expect(FileInspection.inspect(work.file("acts")).problems.count == 1)
  }
}
