import SparseCoding
import Testing

@testable import TensorFiles

@Suite("safetensors") struct SafetensorsTests {
  @Test("a file of the reference writer is read as it was meant")
  func readsReference() throws {
    let file = try SafetensorsFile.open(fixture("numpy.safetensors"))
    #expect(file.metadata == ["site": "blocks.8 \"é\"\n"])
    #expect(file.warnings.isEmpty)
    #expect(
      file.entries.map(\.name)
        == ["state", "steps", "wide", "a", "b", "empty", "quote \" and é", "scalar"])
    #expect(try file.matrix(named: "b") == ramp(2, 3))
    #expect(try file.floats(named: "a") == [0, 0.5, 1, 1.5])
    #expect(try file.doubles(named: "wide") == [1.0 / 3, -2.5])
    #expect(try file.integers(named: "steps") == [-1, 1 << 62])
    #expect(try file.unsignedIntegers(named: "state") == [.max, 7])
    #expect(try file.floats(named: "scalar") == [1.5])
    #expect(file.entry(named: "scalar")?.shape == [])
    #expect(try file.matrix(named: "empty") == Matrix(rows: 0, columns: 3))
    #expect(try file.floats(named: "wide") == [Float(1.0 / 3), -2.5])
  }

  @Test("every type that holds plain numbers is read; of the others the name is known")
  func readsEveryType() throws {
    let file = try SafetensorsFile.open(fixture("torch.safetensors"))
    let half = try file.floats(named: "half")
    #expect(half == [1.5, 0, 65504, 5.9604645e-8, .infinity])
    #expect(half[1].sign == .minus)
    let brain = try file.doubles(named: "brain")
    #expect(brain[0] == 1.5 && brain[1] == -2)
    #expect(abs(brain[2] / 3e38 - 1) < 0.004 && abs(brain[3] / 1e-40 - 1) < 0.1)
    #expect(try file.integers(named: "bytes") == [0, 255])
    #expect(try file.integers(named: "signed") == [-128, 127])
    #expect(try file.integers(named: "short") == [-32768])
    #expect(try file.integers(named: "int") == [-5])
    #expect(try file.integers(named: "flags") == [1, 0, 1])
    #expect(file.entry(named: "float8")?.type == .float8E4M3)
    #expect(file.entry(named: "complex")?.count == 1)
    for name in ["float8", "complex"] {
      #expect(failure { () throws(TensorFileError) in try file.floats(named: name) } != nil)
    }
  }

  @Test("the bytes written are the reference writer's")
  func writesReferenceBytes() throws {
    let work = Workspace()
    let path = work.file("ours.safetensors")
    let tensors = [
      NamedTensor("b", ramp(2, 3)), NamedTensor("a", .floats([0, 0.5, 1, 1.5])),
      NamedTensor("steps", .integers([-1, 1 << 62])),
      NamedTensor("state", .unsignedIntegers([.max, 7])),
      NamedTensor("wide", shape: [2, 1], .doubles([1.0 / 3, -2.5])),
      NamedTensor("scalar", shape: [], .floats([1.5])),
      NamedTensor("empty", shape: [0, 3], .floats([])),
      NamedTensor("quote \" and é", .floats([0])),
    ]
    try SafetensorsFile.write(tensors, metadata: ["site": "blocks.8 \"é\"\n"], to: path)
    #expect(try bytes(of: path) == bytes(of: fixture("numpy.safetensors")))
    #expect(work.names == ["ours.safetensors"])
  }

  @Test("a transpose is written block by block", arguments: [(1, 1), (5, 33), (40, 16), (0, 4)])
  func writesTranspose(rows: Int, columns: Int) throws {
    let work = Workspace()
    let matrix = ramp(rows, columns)
    try SafetensorsFile.write([NamedTensor("t", transposing: matrix)], to: work.file("t"))
    #expect(try SafetensorsFile.open(work.file("t")).matrix(named: "t") == matrix.transposed())
  }

  @Test("a tensor of more than one piece is read whole")
  func readsLargeTensors() throws {
    let work = Workspace()
    let values = (0..<700_001).map { Double($0) }
    try SafetensorsFile.write(
      [NamedTensor("first", .floats([1])), NamedTensor("large", .doubles(values))],
      to: work.file("f"))
    let file = try SafetensorsFile.open(work.file("f"))
    #expect(try file.doubles(named: "large") == values)
    #expect(try file.floats(named: "first") == [1])
  }

  @Test("values at odd offsets are read")
  func readsUnaligned() throws {
    let work = Workspace()
    let header =
      #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
      + #""b":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}}"#
    let path = work.write(safetensors(header, data: [9] + floatBytes([1.5, -2])))
    let file = try SafetensorsFile.open(path)
    #expect(try file.floats(named: "b") == [1.5, -2])
    #expect(try file.integers(named: "a") == [9])
  }

  @Test("tensors are found by offset, whatever the order of the header")
  func ordersByOffset() throws {
    let work = Workspace()
    let header =
      #"{"z":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"#
      + #""y":{"dtype":"F32","shape":[0],"data_offsets":[4,4]},"#
      + #""x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
    let path = work.write(safetensors(header, data: floatBytes([1, 2])))
    let file = try SafetensorsFile.open(path)
    #expect(file.entries.map(\.name) == ["x", "y", "z"])
    #expect(try file.floats(named: "z") == [2])
  }

  @Test(
    "padding, white space and unknown fields are tolerated, the last with a warning",
    arguments: [
      ("{}", 0), ("{}   \n\t ", 0), ("{ } ", 0),
      (#"{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#, 0),
      (#"{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0],"x":[{"y":null}]}}"#, 1),
      (#"{"a" : {"shape" : [ 0 , 18446744073 ] , "data_offsets":[0,0],"dtype":"F32"}}"#, 0),
    ])
  func tolerates(header: String, warnings: Int) throws {
    let work = Workspace()
    let file = try SafetensorsFile.open(work.write(safetensors(header)))
    #expect(file.warnings.count == warnings)
  }

  @Test("a tensor that is asked for in the wrong way is refused by name")
  func refusesWrongQuestions() throws {
    let file = try SafetensorsFile.open(fixture("numpy.safetensors"))
    let errors = [
      failure { () throws(TensorFileError) in try file.floats(named: "missing") },
      failure { () throws(TensorFileError) in try file.floats(named: "steps") },
      failure { () throws(TensorFileError) in try file.doubles(named: "state") },
      failure { () throws(TensorFileError) in try file.integers(named: "a") },
      failure { () throws(TensorFileError) in try file.integers(named: "state") },
      failure { () throws(TensorFileError) in try file.unsignedIntegers(named: "steps") },
      failure { () throws(TensorFileError) in try file.matrix(named: "a") },
    ]
    #expect(
      errors.map { $0?.location } == [
        .tensor("missing"), .tensor("steps"), .tensor("state"), .tensor("a"), .tensor("state"),
        .tensor("steps"), .tensor("a"),
      ])
  }

  @Test("a file that changes after it was opened is not read half and half")
  func noticesChanges() throws {
    let work = Workspace()
    try SafetensorsFile.write([NamedTensor("a", .floats([1, 2, 3]))], to: work.file("f"))
    let file = try SafetensorsFile.open(work.file("f"))
    try SafetensorsFile.write([NamedTensor("a", .floats([4, 5]))], to: work.file("f"))
    let error = failure { () throws(TensorFileError) in try file.floats(named: "a") }
    #expect(error?.found.contains("changed") == true)
  }
}
