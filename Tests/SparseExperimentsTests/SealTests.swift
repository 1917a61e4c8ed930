import Elute
import Testing

@testable import SparseExperiments

@Suite("sealed files") struct SealTests {
  @Test("whatever bit of a record is flipped, it is refused")
  func flipped() throws {
    let place = try Place()
    let record = record(densities: [0.5, 0, .infinity])
    try JSONFile.writeSealed(record, to: place.file("record.json"))
    func read() throws -> RunRecord {
      try JSONFile.readSealed(
        RunRecord.self, schema: RunRecord.currentSchema, from: place.file("record.json"))
    }
    #expect(try read() == record)
    let whole = place.bytes("record.json")
    for bit in 0..<8 * whole.count {
      var flipped = whole
      flipped[bit / 8] ^= 1 << (bit % 8)
      try place.write(flipped, to: "record.json")
      let error = #expect(throws: TensorFileError.self) { try read() }
      #expect(error?.path == place.file("record.json"))
    }
    for length in [0, 1, whole.count / 2, whole.count - 1] {
      try place.write(Array(whole.prefix(length)), to: "record.json")
      #expect(throws: TensorFileError.self) { try read() }
    }
  }

  @Test("the seal is what sha256sum gives with its own digits as zeros")
  func digest() throws {
    let place = try Place()
    // A text that looks like the seal is none.
    let value = ["a": "\n  \"sha256\" : \"" + String(repeating: "0", count: 64)]
    try JSONFile.writeSealed(value, to: place.file("x.json"))
    let text = String(decoding: place.bytes("x.json"), as: UTF8.self)
    let seal = try #require(text.ranges(of: "\n  \"sha256\" : \"").last)
    let digits = seal.upperBound..<text.index(seal.upperBound, offsetBy: 64)
    let zeros = text.replacingCharacters(digits)
    #expect(text[digits] == SHA256.digest(of: Array(zeros.utf8)))
  }

  @Test("a file without a seal, and one of another layout, are refused by what they lack")
  func foreign() throws {
    struct Note: Codable, Equatable {
      var schema = 2
      var text = "x"
    }
    let place = try Place()
    func problem(_ text: String) throws -> String? {
      try place.write(text, to: "note.json")
      return #expect(throws: TensorFileError.self) {
        try JSONFile.readSealed(Note.self, schema: 2, from: place.file("note.json"))
      }?.description.replacing(place.path + "/", with: "")
    }
    #expect(
      try problem(#"{"schema": 2, "text": "x"}"#)
        == "note.json: key sha256: found nothing, expected the file's digest")
    #expect(try problem(#"{"schema": 1}"#) == "note.json: key schema: found 1, expected 2")
    #expect(try problem(#"{"schema": 3}"#) == "note.json: key schema: found 3, expected 2")
    #expect(try problem("{}")?.contains("found no key 'schema'") == true)
  }
}

extension String {
  /// The text with zeros for the characters of a range.
  fileprivate func replacingCharacters(_ range: Range<Index>) -> String {
    self[..<range.lowerBound] + String(repeating: "0", count: self[range].count)
      + self[range.upperBound...]
  }
}
