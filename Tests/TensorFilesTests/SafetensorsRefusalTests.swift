import Testing

@testable import TensorFiles

/// Every row of the table of refusals: a crafted file and what its complaint must mention.
@Suite("safetensors refusals") struct SafetensorsRefusalTests {
  private static func entry(
    _ name: String, _ type: String = "F32", _ shape: String = "[1]", _ offsets: String = "[0,4]"
  ) -> String {
    #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}"#
  }

  private static func file(
    _ header: String, dataCount: Int = 4, length: UInt64? = nil
  ) -> [UInt8] {
    safetensors(header, data: [UInt8](repeating: 0, count: dataCount), length: length)
  }

  private static let big = "9223372036854775807"

  static let cases: [Case<[UInt8]>] = [
    Case("empty file", [], "0 bytes"),
    Case("a length alone", littleEndian(2), "8 bytes"),
    Case("header length above the cap", file("{}", length: 100_000_001), "100000001 bytes"),
    Case("header length of 2^64 - 1", file("{}", length: .max), "18446744073709551615"),
    Case("header length of 2^63", file("{}", length: 1 << 63), "9223372036854775808"),
    Case("header length of zero", file("{}", length: 0), "0 bytes"),
    Case("header length beyond the end", file("{}", dataCount: 0, length: 3), "3 bytes"),
    Case("bytes after the last tensor", file("{\(entry("a"))}", dataCount: 5), "5 bytes of data"),
    Case("bytes without a tensor", file("{}"), "4 bytes of data"),
    Case("data cut short", file("{\(entry("a"))}", dataCount: 3), "3 bytes of data"),
    Case(
      "hole between tensors",
      file("{\(entry("a")),\(entry("b", "F32", "[1]", "[8,12]"))}", dataCount: 12), "hole of 4"),
    Case(
      "overlap", file("{\(entry("a")),\(entry("b", "F32", "[1]", "[2,6]"))}", dataCount: 6),
      "overlap"),
    Case("the same bytes twice", file("{\(entry("a")),\(entry("b"))}"), "overlap"),
    Case(
      "first offset not zero", file("{\(entry("a", "F32", "[1]", "[4,8]"))}", dataCount: 8), "hole"),
    Case(
      "fewer bytes than the shape", file("{\(entry("a", "F32", "[2]"))}"), "8 bytes for F32 [2]"),
    Case("more bytes than the shape", file("{\(entry("a", "U8"))}"), "1 bytes for U8 [1]"),
    Case("end before begin", file("{\(entry("a", "F32", "[1]", "[4,0]"))}"), "4 and 0"),
    Case("shape overflow", file("{\(entry("a", "F32", "[\(big),\(big)]"))}"), "2^63"),
    Case("shape overflow in bits", file("{\(entry("a", "F32", "[\(big)]"))}"), "2^63"),
    Case("overflow hidden by a zero", file("{\(entry("a", "F32", "[\(big),9,0]"))}"), "2^63"),
    Case(
      "offsets at the end of the integers",
      file("{\(entry("a", "F32", "[1]", "[9223372036854775803,\(big)]"))}"), "offset"),
    Case(
      "dimension above the integers", file("{\(entry("a", "F32", "[9223372036854775808]"))}"),
      "whole number"),
    Case("unknown type", file("{\(entry("a", "F31"))}"), "'F31'"),
    Case("negative dimension", file("{\(entry("a", "F32", "[-1]"))}"), "tensor a: found -1"),
    Case("fractional dimension", file("{\(entry("a", "F32", "[1.0]"))}"), "tensor a: found 1.0"),
    Case("exponent in a dimension", file("{\(entry("a", "F32", "[1e0]"))}"), "tensor a: found 1e0"),
    Case("leading zero", file("{\(entry("a", "F32", "[01]"))}"), "tensor a"),
    Case("dimension as text", file("{\(entry("a", "F32", "[\"1\"]"))}"), "tensor a"),
    Case("negative offset", file("{\(entry("a", "F32", "[1]", "[-4,0]"))}"), "-4"),
    Case("one offset", file("{\(entry("a", "F32", "[1]", "[0]"))}"), "not complete"),
    Case("three offsets", file("{\(entry("a", "F32", "[1]", "[0,4,8]"))}"), "at most 2"),
    Case("no type", file(#"{"a":{"shape":[1],"data_offsets":[0,4]}}"#), "not complete"),
    Case("no shape", file(#"{"a":{"dtype":"F32","data_offsets":[0,4]}}"#), "not complete"),
    Case(
      "half a byte", file("{\(entry("a", "F4", "[1]", "[0,0]"))}", dataCount: 0),
      "whole number of bytes"),
    Case(
      "duplicate tensor", file("{\(entry("a")),\(entry("a"))}"),
      "tensor a: found the name 'a' twice"),
    Case("duplicate tensor, one escaped", file("{\(entry("a")),\(entry("\\u0061"))}"), "twice"),
    Case(
      "duplicate field",
      file(#"{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#), "twice"),
    Case(
      "duplicate metadata", file(#"{"__metadata__":{},"__metadata__":{}}"#, dataCount: 0), "twice"),
    Case(
      "duplicate metadata key", file(#"{"__metadata__":{"k":"1","k":"2"}}"#, dataCount: 0), "twice"),
    Case("metadata number", file(#"{"__metadata__":{"k":1}}"#, dataCount: 0), "a string"),
    Case("metadata null", file(#"{"__metadata__":null}"#, dataCount: 0), "'{'"),
    Case("leading blank", file(" {}", dataCount: 0), "first byte of the header"),
    Case("an array", file("[]", dataCount: 0), "first byte of the header"),
    Case("text after the object", file("{} x", dataCount: 0), "nothing after"),
    Case("zero bytes after the object", file("{}\0\0", dataCount: 0), "the byte 0"),
    Case(
      "name that is not UTF-8", littleEndian(8) + Array("{\"".utf8) + [0xff] + Array("\":{}}".utf8),
      "UTF-8"),
    Case("half a surrogate pair", file(#"{"\ud800":{}}"#, dataCount: 0), "surrogate"),
    Case("wrong low surrogate", file(#"{"\ud800\u0041":{}}"#, dataCount: 0), "surrogate"),
    Case("control character in a name", file("{\"a\nb\":{}}", dataCount: 0), "control character"),
    Case("trailing comma", file("{\(entry("a")),}"), "a string"),
    Case("unclosed", file("{\(entry("a"))"), "the end of the text"),
    Case(
      "too many dimensions",
      file("{\(entry("a", "F32", "[1" + String(repeating: ",1", count: 64) + "]"))}"), "at most 64"),
    Case("long name", file("{\(entry(String(repeating: "n", count: 1025)))}"), "1025 bytes"),
    Case(
      "deep nesting",
      file("{\"a\":{\"x\":" + String(repeating: "[", count: 100_000) + "}}", dataCount: 0), "levels"
    ),
  ]

  @Test("is refused, saying where and why", arguments: cases)
  func refuses(_ crafted: Case<[UInt8]>) throws {
    let work = Workspace()
    let path = work.write(crafted.payload)
    let error = try #require(
      failure { () throws(TensorFileError) in try SafetensorsFile.open(path) })
    #expect(error.path == path)
    #expect(error.description.contains(crafted.mentions), "\(error)")
    #expect(!FileInspection.inspect(path).problems.isEmpty)
  }

  @Test("more tensors than are believed are refused")
  func refusesManyTensors() throws {
    let entries = (0...SafetensorsHeader.mostTensors).map {
      Self.entry("\($0)", "F32", "[0]", "[0,0]")
    }
    let work = Workspace()
    let path = work.write(Self.file("{\(entries.joined(separator: ","))}", dataCount: 0))
    let error = failure { () throws(TensorFileError) in try SafetensorsFile.open(path) }
    #expect(error?.description.contains("tensor number 100001") == true)
  }

  @Test("every truncation and every single added byte of a valid file is refused")
  func refusesEveryTruncation() throws {
    let work = Workspace()
    for name in ["numpy.safetensors", "torch.safetensors"] {
      let whole = try bytes(of: fixture(name))
      for count in 0..<whole.count {
        let path = work.write(Array(whole[..<count]))
        #expect(throws: TensorFileError.self) { try SafetensorsFile.open(path) }
      }
      #expect(throws: TensorFileError.self) {
        try SafetensorsFile.open(work.write(whole + [0]))
      }
    }
  }

  @Test("a name cannot write to the terminal, nor fill it")
  func escapesNames() throws {
    let work = Workspace()
    let name = "\\u001b]0;title\\u0007\\u202e" + String(repeating: "x", count: 500)
    let path = work.write(Self.file("{\(Self.entry(name, "F31"))}"))
    let error = try #require(
      failure { () throws(TensorFileError) in try SafetensorsFile.open(path) })
    #expect(error.description.contains("\\u{1b}]0;title\\u{7}\\u{202e}xxx"))
    #expect(error.description.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x202e })
    #expect(error.description.count < 500)
  }
}
