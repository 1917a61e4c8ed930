extension JSONValue {
  /// The value as JSON text: names in order, so that equal values have equal bytes.
  ///
  /// A number that is not finite, which JSON cannot hold, becomes `null`.
  ///
  /// - Parameter indented: Whether members and elements stand on lines of their own.
  func text(indented: Bool) -> String {
    var result = ""
    write(to: &result, indentation: indented ? "\n" : nil)
    return result
  }

  private func write(to text: inout String, indentation: String?) {
    switch self {
    case .null: text += "null"
    case .bool(let flag): text += flag ? "true" : "false"
    case .integer(let number): text += String(number)
    case .number(let number): text += number.isFinite ? "\(number)" : "null"
    case .string(let string): Self.write(string, to: &text)
    case .array(let elements):
      Self.write(elements, between: ("[", "]"), to: &text, indentation) { element, text, inner in
        element.write(to: &text, indentation: inner)
      }
    case .object(let members):
      let sorted = members.sorted { $0.key < $1.key }
      Self.write(sorted, between: ("{", "}"), to: &text, indentation) { member, text, inner in
        Self.write(member.key, to: &text)
        text += inner == nil ? ":" : ": "
        member.value.write(to: &text, indentation: inner)
      }
    }
  }

  private static func write<Item>(
    _ items: [Item], between brackets: (String, String), to text: inout String,
    _ indentation: String?, _ body: (Item, inout String, String?) -> Void
  ) {
    let inner = indentation.map { $0 + "  " }
    text += brackets.0
    for (index, item) in items.enumerated() {
      if index > 0 { text += "," }
      text += inner ?? ""
      body(item, &text, inner)
    }
    if !items.isEmpty { text += indentation ?? "" }
    text += brackets.1
  }

  /// A string in quotes, with only those characters escaped that must be.
  static func write(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{8}": text += "\\b"
      case "\u{c}": text += "\\f"
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
