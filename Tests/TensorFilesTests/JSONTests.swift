import Testing

@testable import TensorFiles

@Suite("JSON") struct JSONTests {
  private func parse(_ text: String) throws(TensorFileError) -> JSONValue {
    var scanner = JSONScanner(Array(text.utf8), path: "f.json")
    let value = try scanner.value()
    try scanner.expectEnd()
    return value
  }

  @Test("values are read as they are written")
  func parses() throws {
    let text = """
      {"a": [1, -2.5, 1e3, 0, -0, 12345678901234567890], "b": {"c": null, "d": true, "e": false},
       "f": "\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00 é", "": []}
      """
    let expected: JSONValue = [
      "a": [1, -2.5, 1000.0, 0, 0, 12345678901234567890.0],
      "b": ["c": nil, "d": true, "e": false],
      "f": "\"\\/\u{8}\u{c}\n\r\té😀 é", "": [],
    ]
    #expect(try parse(text) == expected)
  }

  @Test("what is written is read back", arguments: [true, false])
  func roundTrip(indented: Bool) throws {
    let value: JSONValue = [
      "text": "\u{0}\u{1f}\"\\\n\t😀", "numbers": [0.1, 1e-300, -5e300, 3], "empty": [:],
      "nested": [[], [[1]], ["k": ["v": nil]]],
    ]
    #expect(try parse(value.text(indented: indented)) == value)
  }

  @Test("names are written in order")
  func writesInOrder() {
    let value: JSONValue = ["b": 1, "a": ["z": true, "y": []]]
    #expect(value.text(indented: false) == #"{"a":{"y":[],"z":true},"b":1}"#)
    #expect(
      value.text(indented: true)
        == "{\n  \"a\": {\n    \"y\": [],\n    \"z\": true\n  },\n  \"b\": 1\n}")
    #expect(
      JSONValue.array([.number(.nan), .number(.infinity)]).text(indented: false) == "[null,null]")
  }

  @Test(
    "everything else is refused by its byte",
    arguments: [
      "", " ", "{", "[", "[1", "[1,", "[1,]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}",
      "{'a':1}",
      "nul", "truex", "NaN", "Infinity", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "0x1",
      "1 2",
      "\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\ud800\"", "\"\t\"",
      "{\"a\":1,\"a\":1}", "[{\"é\":1,\"e\u{301}\":1}]", "1e999", "// x", "\u{feff}1",
      String(repeating: "[", count: 40), String(repeating: "{\"a\":", count: 40),
      String(repeating: "9", count: 500),
    ])
  func refuses(text: String) {
    let error = failure { () throws(TensorFileError) in try parse(text) }
    #expect(error?.path == "f.json")
  }
}
