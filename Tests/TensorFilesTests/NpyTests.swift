import SparseCoding
import Testing

@testable import TensorFiles

@Suite("npy") struct NpyTests {
  @Test(
    "arrays of NumPy are read as rows, whatever their type and order",
    arguments: [
      "c", "fortran", "big_endian", "big_endian_half", "half", "double", "version2", "version3",
    ])
  func readsRows(name: String) throws {
    let file = try NpyFile.open(fixture(name + ".npy"))
    #expect(file.shape == [3, 4])
    #expect(try file.matrix() == ramp(3, 4))
    #expect(try file.floats() == ramp(3, 4).values)
    #expect(try file.doubles() == ramp(3, 4).values.map { Double($0) })
  }

  @Test("sequences are flattened to rows", arguments: ["rank3", "rank3_fortran"])
  func readsSequences(name: String) throws {
    let file = try NpyFile.open(fixture(name + ".npy"))
    #expect(file.shape == [2, 3, 4])
    #expect(try file.matrix() == ramp(6, 4))
    #expect(try file.floats() == ramp(6, 4).values)
    let stored = try file.storedRows()
    for range in [0..<1, 1..<3, 2..<5, 3..<6, 5..<6] {
      let part = try [Float].filled(count: range.count * 4, path: file.path) {
        (target) throws(TensorFileError) in
        try ReadableFile(file.path).reading { (descriptor) throws(TensorFileError) in
          try stored.read(range, into: target, from: descriptor)
        }
      }
      #expect(part == ramp(6, 4).selecting(rows: range).values)
    }
  }

  @Test("a large array in Fortran order is read in blocks")
  func readsLargeFortran() throws {
    let work = Workspace()
    let matrix = ramp(3000, 3)
    let header = "{'descr': '<f4', 'fortran_order': True, 'shape': (3000, 3), }\n"
    let path = work.write(npy(header, data: floatBytes(matrix.transposed().values)))
    #expect(try NpyFile.open(path).matrix() == matrix)
    let store = try ActivationStore.open(path, options: NpyOptions())
    #expect(try store.read(rows: 1020..<2055) == matrix.selecting(rows: 1020..<2055))
  }

  @Test("integers are read as integers")
  func readsIntegers() throws {
    #expect(try NpyFile.open(fixture("integers.npy")).integers() == [-1, 2, 3, 1 << 40])
    #expect(try NpyFile.open(fixture("integers_fortran.npy")).integers() == [1, 2, 3, 4, 5, 6])
    #expect(try NpyFile.open(fixture("bytes.npy")).integers() == [0, 127, 255])
    let scalar = try NpyFile.open(fixture("scalar.npy"))
    #expect(scalar.shape == [])
    #expect(try scalar.floats() == [2.5])
  }

  @Test(
    "two bytes are bfloat16 only where the user says so", arguments: ["bfloat16", "bfloat16_void"])
  func readsBFloat16(name: String) throws {
    let options = NpyOptions(readsTwoByteTypesAsBFloat16: true)
    #expect(try NpyFile.open(fixture(name + ".npy"), options: options).matrix() == ramp(3, 4))
    #expect(
      failure { () throws(TensorFileError) in try NpyFile.open(fixture(name + ".npy")).matrix() }
        != nil)
  }

  @Test("the bytes written are NumPy's")
  func writesReferenceBytes() throws {
    let work = Workspace()
    let path = work.file("ours.npy")
    try NpyFile.write(ramp(3, 4), to: path)
    #expect(try bytes(of: path) == bytes(of: fixture("c.npy")))
    try NpyFile.write(.floats(ramp(6, 4).values), shape: [2, 3, 4], to: path)
    #expect(try bytes(of: path) == bytes(of: fixture("rank3.npy")))
    try NpyFile.write(.floats([2.5]), shape: [], to: path)
    #expect(try bytes(of: path) == bytes(of: fixture("scalar.npy")))
    try NpyFile.write(.integers([-1, 2, 3, 1 << 40]), shape: [2, 2], to: path)
    #expect(try bytes(of: path) == bytes(of: fixture("integers.npy")))
    try NpyFile.write(.doubles(ramp(3, 4).values.map { Double($0) }), shape: [3, 4], to: path)
    #expect(try bytes(of: path) == bytes(of: fixture("double.npy")))
  }

  @Test(
    "the header may be written in any way that means the same",
    arguments: [
      "{'descr':'<f4','fortran_order':False,'shape':(2,2)}",
      "{\"shape\": (2L, 2L,), \"fortran_order\": False, \"descr\": \"<f4\",}   \n",
      "  { 'fortran_order' : False ,\n 'shape' : ( 2 , 2 ) , 'descr' : '<f4' } ",
    ])
  func toleratesSpelling(header: String) throws {
    let work = Workspace()
    let path = work.write(npy(header, data: floatBytes([0, 0.5, 1, 1.5])))
    #expect(try NpyFile.open(path).matrix() == ramp(2, 2))
  }

  @Test("bytes after the data are overlooked only on request")
  func allowsTrailingBytes() throws {
    let work = Workspace()
    let path = work.write(try bytes(of: fixture("c.npy")) + [1, 2, 3])
    let error = failure { () throws(TensorFileError) in try NpyFile.open(path) }
    #expect(error?.found == "51 bytes of data" && error?.expected.hasPrefix("48") == true)
    #expect(
      try NpyFile.open(path, options: NpyOptions(allowsTrailingBytes: true)).matrix() == ramp(3, 4))
  }
}

@Suite("npy refusals") struct NpyRefusalTests {
  private static func header(
    _ shape: String = "(1,)", descr: String = "'<f4'", order: String = "False", extra: String = ""
  ) -> String {
    "{'descr': \(descr), 'fortran_order': \(order), 'shape': \(shape), \(extra)}\n"
  }

  private static func file(_ header: String, dataCount: Int = 4) -> [UInt8] {
    npy(header, data: [UInt8](repeating: 0, count: dataCount))
  }

  static let cases: [Case<[UInt8]>] = [
    Case("empty file", [], "no npy header"),
    Case("no magic", Array("NUMPY\u{1}\u{0}".utf8) + littleEndian(0), "no npy header"),
    Case("magic alone", NpyHeader.magic, "no npy header"),
    Case("version 0.0", npy(header(), version: [0, 0]), "version 0.0"),
    Case("version 1.1", npy(header(), version: [1, 1]), "version 1.1"),
    Case("version 4.0", npy(header(), version: [4, 0]), "version 4.0"),
    Case(
      "header above the cap", npy(header() + String(repeating: " ", count: 10_000)),
      "at most 10000"),
    Case("header beyond the end", NpyHeader.magic + [1, 0, 200, 0] + [0x7b], "a header of 200"),
    Case(
      "header of 4 GiB", NpyHeader.magic + [2, 0, 255, 255, 255, 255], "a header of 4294967295"),
    Case("object array", file(header(descr: "'|O'")), "never runs"),
    Case("object array, little-endian", file(header(descr: "'<O'")), "never runs"),
    Case("structured", file(header(descr: "[('x', '<f4')]")), "structured"),
    Case("void", file(header(descr: "'|V2'"), dataCount: 2), "array.view('<u2')"),
    Case("text", file(header(descr: "'<U1'")), "'<U1'"),
    Case("complex", file(header(descr: "'<c8'")), "'<c8'"),
    Case("long double", file(header(descr: "'<f16'")), "'<f16'"),
    Case("native byte order", file(header(descr: "'=f4'")), "'=f4'"),
    Case("no byte order", file(header(descr: "'f4'")), "'f4'"),
    Case("no byte order for four bytes", file(header(descr: "'|f4'")), "'|f4'"),
    Case("empty type", file(header(descr: "''")), "''"),
    Case("no key", file("{}"), "key descr"),
    Case(
      "missing key", file("{'descr': '<f4', 'shape': (1,)}"), "key fortran_order: found nothing"),
    Case("extra key", file(header(extra: "'x': 1")), "key x: found an unknown"),
    Case("repeated key", file(header(extra: "'shape': (1,)")), "repeated key"),
    Case("shorter than declared", file(header(), dataCount: 3), "3 bytes of data, expected 4"),
    Case("longer than declared", file(header(), dataCount: 5), "5 bytes of data, expected 4"),
    Case("negative dimension", file(header("(-1,)")), "found '-'"),
    Case("fractional dimension", file(header("(1.0,)")), "found '.'"),
    Case("dimension in hexadecimal", file(header("(0x1,)")), "found 'x'"),
    Case("dimension with underscore", file(header("(1_0,)")), "found '_'"),
    Case("leading zero", file(header("(01,)")), "whole number"),
    Case("dimension above the integers", file(header("(9223372036854775808,)")), "whole number"),
    Case("overflow", file(header("(4611686018427387904, 4611686018427387904)")), "2^63"),
    Case("overflow in bytes", file(header("(4611686018427387904,)")), "2^63"),
    Case("overflow hidden by a zero", file(header("(9223372036854775807, 9, 0)")), "2^63"),
    Case("a number for a tuple", file(header("1")), "expected '('"),
    Case("a number in parentheses", file(header("(1)")), "a comma"),
    Case("a list for a tuple", file(header("[1]")), "expected '('"),
    Case("a comma alone", file(header("(,)")), "found ','"),
    Case("two commas", file(header("(1,,)")), "found ','"),
    Case("too many dimensions", file(header("(" + String(repeating: "1,", count: 65) + ")")), "64"),
    Case("order as a number", file(header(order: "0")), "True or False"),
    Case("order misspelled", file(header(order: "Falsehood")), "found 'h'"),
    Case("an expression", file(header("__import__('os')")), "expected '('"),
    Case("an escape", file(header(descr: "'\\x3cf4'")), "plain characters"),
    Case("an unclosed string", npy("{'descr"), "a closing quote"),
    Case("unclosed", file("{'descr': '<f4'"), "the end of the header"),
    Case("text after the header", file(header() + "x"), "nothing after"),
    Case("zero bytes after the header", file(header() + "\0"), "the byte 0"),
    Case("not a dictionary", file("'descr'"), "expected '{'"),
  ]

  @Test("is refused, saying where and why", arguments: cases)
  func refuses(_ crafted: Case<[UInt8]>) throws {
    let work = Workspace()
    let path = work.write(crafted.payload, to: "crafted.npy")
    let error = try #require(failure { () throws(TensorFileError) in try NpyFile.open(path) })
    let words = error.description + " " + error.hint
    #expect(words.contains(crafted.mentions), "\(words)")
    #expect(FileInspection.inspect(path).problems.count == 1)
  }

  @Test(
    "what NumPy wrote but Elute cannot use is refused by its type",
    arguments: ["object", "structured", "text", "complex"])
  func refusesOtherTypes(name: String) throws {
    let error = failure { () throws(TensorFileError) in try NpyFile.open(fixture(name + ".npy")) }
    #expect(error?.location == .key("descr"))
  }

  @Test("rows are floats of two or three dimensions", arguments: ["integers", "bytes", "scalar"])
  func refusesOtherRows(name: String) throws {
    let file = try NpyFile.open(fixture(name + ".npy"))
    #expect(failure { () throws(TensorFileError) in try file.matrix() } != nil)
  }

  @Test(
    "every truncation and every single added byte of a valid file is refused",
    arguments: ["c", "fortran", "rank3", "half", "version2", "scalar", "bytes"])
  func refusesEveryTruncation(name: String) throws {
    let work = Workspace()
    let whole = try bytes(of: fixture(name + ".npy"))
    for count in 0..<whole.count {
      let path = work.write(Array(whole[..<count]))
      #expect(throws: TensorFileError.self) { try NpyFile.open(path) }
    }
    #expect(throws: TensorFileError.self) { try NpyFile.open(work.write(whole + [0])) }
  }
}
