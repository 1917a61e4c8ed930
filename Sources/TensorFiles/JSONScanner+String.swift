extension JSONScanner {
  /// A string, with its escapes resolved.
  mutating func string() throws(TensorFileError) -> String {
    guard take("\"") else { throw unexpected("a string in double quotes") }
    var units: [UInt8] = []
    while true {
      guard let byte = nextByte() else {
        throw error("the end of the text within a string", expected: "a closing quote")
      }
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: units, as: UTF8.self) else {
          throw error("a string that is not UTF-8, ending here", expected: "UTF-8")
        }
        return text
      case UInt8(ascii: "\\"):
        units.append(contentsOf: UTF8.encode(try escaped()) ?? UTF8.encodedReplacementCharacter)
      case 0..<0x20:
        throw error("the control character \(byte) in a string", expected: "an escape")
      default: units.append(byte)
      }
    }
  }

  private mutating func escaped() throws(TensorFileError) -> Unicode.Scalar {
    switch nextByte() {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let unit = try hexadecimalUnit()
      if let scalar = Unicode.Scalar(unit) { return scalar }
      // A high surrogate must be followed by the escape of a low one.
      if (0xd800...0xdbff).contains(unit), nextByte() == UInt8(ascii: "\\"),
        nextByte() == UInt8(ascii: "u")
      {
        let low = try hexadecimalUnit()
        if (0xdc00...0xdfff).contains(low) {
          let scalar = 0x10000 + ((UInt32(unit) - 0xd800) << 10) + (UInt32(low) - 0xdc00)
          if let scalar = Unicode.Scalar(scalar) { return scalar }
        }
      }
      throw error("half of a surrogate pair", expected: "both halves or neither")
    default: throw error("an unknown escape in a string", expected: "one of \\\"\\\\/bfnrtu")
    }
  }

  private mutating func hexadecimalUnit() throws(TensorFileError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = nextByte(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw error("a broken \\u escape", expected: "four hexadecimal digits")
      }
      unit = unit << 4 | UInt16(digit)
    }
    return unit
  }
}
