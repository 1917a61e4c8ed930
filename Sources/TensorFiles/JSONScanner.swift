/// A strict reader of JSON text that never trusts it: names may not repeat, nesting is bounded, and
/// every complaint carries the byte it is about.
///
/// Files are read with it rather than with a decoder because a decoder keeps one of two equal names
/// silently, and another reader of the same file may keep the other. Source: RFC 8259.
struct JSONScanner {
  private let bytes: [UInt8]
  private let path: String
  private let base: Int
  private(set) var position = 0
  /// The tensor that complaints are about, when it is known.
  var tensor: String?

  /// How deeply arrays and objects may nest.
  static let deepest = 32

  /// A scanner of bytes that start at byte `base` of the file.
  init(_ bytes: [UInt8], path: String, base: Int = 0) {
    self.bytes = bytes
    self.path = path
    self.base = base
  }

  /// The next byte that is not white space, not yet taken.
  mutating func peek() -> UInt8? {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0a, 0x0d: position += 1
      case let byte: return byte
      }
    }
    return nil
  }

  /// Takes the next byte that is not white space if it is the one given.
  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  mutating func expect(_ character: Unicode.Scalar) throws(TensorFileError) {
    guard take(character) else { throw unexpected("'\(character)'") }
  }

  /// Nothing but white space may follow.
  mutating func expectEnd() throws(TensorFileError) {
    guard peek() == nil else { throw unexpected("nothing after the JSON text") }
  }

  /// The error of a next byte that does not fit.
  mutating func unexpected(_ expected: String) -> TensorFileError {
    guard let byte = peek() else { return error("the end of the text", expected: expected) }
    let isVisible = (0x21...0x7e).contains(byte)
    return error(
      isVisible ? "'\(Unicode.Scalar(byte))'" : "the byte \(byte)", expected: expected)
  }

  /// Takes the next byte, whatever it is.
  mutating func nextByte() -> UInt8? {
    guard position < bytes.count else { return nil }
    defer { position += 1 }
    return bytes[position]
  }

  func error(
    _ found: String, expected: String, hint: String = ""
  ) -> TensorFileError {
    let place = base + position
    guard let tensor else {
      return TensorFileError(
        path: path, location: .byte(place), found: found, expected: expected, hint: hint)
    }
    return TensorFileError(
      path: path, location: .tensor(tensor), found: "\(found) at byte \(place)", expected: expected,
      hint: hint)
  }
}

extension JSONScanner {
  /// Reads an object member by member; the closure takes each value.
  ///
  /// - Parameter place: What the complaint about a repeated name points at.
  mutating func object(
    repeated place: (String) -> TensorFileError.Location = { .key($0) },
    _ member: (inout JSONScanner, String) throws(TensorFileError) -> Void
  ) throws(TensorFileError) {
    try expect("{")
    var seen: Set<String> = []
    if take("}") { return }
    repeat {
      let name = try string()
      guard seen.insert(name).inserted else {
        throw TensorFileError(
          path: path, location: tensor.map { .tensor($0) } ?? place(name),
          found: "the name \(quoted(name)) twice", expected: "each name once",
          hint: "readers disagree on which of the two counts; write the file again")
      }
      try expect(":")
      try member(&self, name)
    } while take(",")
    try expect("}")
  }

  /// Reads an array element by element; the closure takes each.
  mutating func array(
    _ element: (inout JSONScanner) throws(TensorFileError) -> Void
  ) throws(TensorFileError) {
    try expect("[")
    if take("]") { return }
    repeat { try element(&self) } while take(",")
    try expect("]")
  }

  /// A whole number from 0 to the largest `Int`, without sign, fraction or exponent.
  mutating func natural() throws(TensorFileError) -> Int {
    let text = try number()
    guard text.allSatisfy({ $0.isASCII && $0.isNumber }), let value = Int(text) else {
      throw error(abbreviated(text), expected: "a whole number from 0 to \(Int.max)")
    }
    return value
  }

  /// The text of a number, checked against the grammar.
  mutating func number() throws(TensorFileError) -> String {
    _ = peek()
    let start = position
    advance(over: "-")
    let integer = digits()
    var valid = integer == 1 || (integer > 1 && bytes[position - integer] != UInt8(ascii: "0"))
    if advance(over: ".") { valid = digits() > 0 && valid }
    if advance(over: "e") || advance(over: "E") {
      if !advance(over: "+") { advance(over: "-") }
      valid = digits() > 0 && valid
    }
    guard valid, position - start <= 400 else {
      position = start
      throw unexpected("a number as JSON writes it")
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  @discardableResult
  private mutating func advance(over character: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func digits() -> Int {
    let start = position
    while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
    return position - start
  }

  /// Any value.
  mutating func value(depth: Int = 0) throws(TensorFileError) -> JSONValue {
    guard depth < Self.deepest else {
      throw error("arrays and objects nested deeper", expected: "at most \(Self.deepest) levels")
    }
    switch peek() {
    case UInt8(ascii: "{"):
      var members: [String: JSONValue] = [:]
      try object { (scanner, name) throws(TensorFileError) in
        members[name] = try scanner.value(depth: depth + 1)
      }
      return .object(members)
    case UInt8(ascii: "["):
      var elements: [JSONValue] = []
      try array { (scanner) throws(TensorFileError) in
        elements.append(try scanner.value(depth: depth + 1))
      }
      return .array(elements)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    case UInt8(ascii: "-"), .some(0x30...0x39):
      let text = try number()
      if let integer = Int(text) { return .integer(integer) }
      guard let value = Double(text), value.isFinite else {
        throw error(abbreviated(text), expected: "a number that a double can hold")
      }
      return .number(value)
    default: throw unexpected("a JSON value")
    }
  }

  private mutating func literal(
    _ word: StaticString, _ value: JSONValue
  ) throws(TensorFileError) -> JSONValue {
    let text = Array(word.description.utf8)
    guard bytes[position...].starts(with: text) else { throw unexpected("'\(word)'") }
    position += text.count
    return value
  }
}
