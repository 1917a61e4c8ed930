/// A parser for the one Python literal that the header of a `.npy` file may be.
///
///     {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
///
/// Keys in any order, either quote, a comma before the end or not, and the `L` of Python 2 after an
/// integer. Nothing is evaluated, and everything else is refused by its byte.
struct NpyHeaderParser {
  struct Fields {
    var descr: String
    var isFortranOrder: Bool
    var shape: [Int]
  }

  private let bytes: [UInt8]
  private let path: String
  private let base: Int
  private var position = 0

  /// The most dimensions that numpy has.
  private static let mostDimensions = 64

  init(_ bytes: [UInt8], path: String, base: Int) {
    self.bytes = bytes
    self.path = path
    self.base = base
  }

  mutating func fields() throws(TensorFileError) -> Fields {
    var descr: String?
    var isFortranOrder: Bool?
    var shape: [Int]?
    try expect("{")
    while !take("}") {
      let key = try string()
      try expect(":")
      switch key {
      case "descr" where descr == nil: descr = try typeName()
      case "fortran_order" where isFortranOrder == nil: isFortranOrder = try truthValue()
      case "shape" where shape == nil: shape = try tuple()
      default:
        throw TensorFileError(
          path: path, location: .key(key), found: "an unknown or repeated key",
          expected: "exactly descr, fortran_order and shape")
      }
      if !take(",") {
        try expect("}")
        break
      }
    }
    guard peek() == nil else { throw unexpected("nothing after the header's '}'") }
    guard let descr, let isFortranOrder, let shape else {
      let missing =
        descr == nil ? "descr" : isFortranOrder == nil ? "fortran_order" : "shape"
      throw TensorFileError(
        path: path, location: .key(missing), found: "nothing",
        expected: "exactly descr, fortran_order and shape")
    }
    return Fields(descr: descr, isFortranOrder: isFortranOrder, shape: shape)
  }

  private mutating func typeName() throws(TensorFileError) -> String {
    if peek() == UInt8(ascii: "[") {
      throw TensorFileError(
        path: path, location: .key("descr"), found: "a structured type",
        expected: "plain numbers", hint: "save one field: numpy.save(path, array['name'])")
    }
    return try string()
  }

  private mutating func truthValue() throws(TensorFileError) -> Bool {
    if take(word: "True") { return true }
    if take(word: "False") { return false }
    throw unexpected("True or False")
  }

  private mutating func tuple() throws(TensorFileError) -> [Int] {
    var result: [Int] = []
    try expect("(")
    while !take(")") {
      guard result.count < Self.mostDimensions else {
        throw unexpected("at most \(Self.mostDimensions) dimensions")
      }
      result.append(try natural())
      if !take(",") {
        // (3) is a number in Python; the tuple of one needs its comma.
        guard result.count > 1 else { throw unexpected("a comma") }
        try expect(")")
        break
      }
    }
    return result
  }

  private mutating func natural() throws(TensorFileError) -> Int {
    _ = peek()
    let start = position
    while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
    let digits = String(decoding: bytes[start..<position], as: UTF8.self)
    guard let value = Int(digits), digits == "0" || !digits.hasPrefix("0") else {
      position = start
      throw unexpected("a whole number from 0 to \(Int.max)")
    }
    _ = take("L")
    return value
  }

  private mutating func string() throws(TensorFileError) -> String {
    guard let quote = peek(), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw unexpected("a string in quotes")
    }
    position += 1
    let start = position
    while position < bytes.count, bytes[position] != quote {
      // Printable ASCII without escapes is all that these three keys and a type need.
      guard (0x20...0x7e).contains(bytes[position]), bytes[position] != UInt8(ascii: "\\") else {
        throw unexpected("plain characters in a string")
      }
      position += 1
    }
    guard position < bytes.count else { throw unexpected("a closing quote") }
    defer { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func peek() -> UInt8? {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0a, 0x0d: position += 1
      case let byte: return byte
      }
    }
    return nil
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func take(word: String) -> Bool {
    _ = peek()
    guard bytes[position...].starts(with: word.utf8) else { return false }
    position += word.utf8.count
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(TensorFileError) {
    guard take(character) else { throw unexpected("'\(character)'") }
  }

  private mutating func unexpected(_ expected: String) -> TensorFileError {
    let found =
      switch peek() {
      case nil: "the end of the header"
      case .some(let byte) where (0x21...0x7e).contains(byte): "'\(Unicode.Scalar(byte))'"
      case .some(let byte): "the byte \(byte)"
      }
    return TensorFileError(
      path: path, location: .byte(base + position), found: found, expected: expected)
  }
}
