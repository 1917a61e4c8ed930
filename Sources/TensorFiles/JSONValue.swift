/// Any value of a JSON file: what a file's free-form metadata holds.
///
///     let metadata: [String: JSONValue] = ["model_name": "gpt2", "seed": 3]
public enum JSONValue: Sendable, Hashable {
  /// Nothing.
  case null
  /// True or false.
  case bool(Bool)
  /// A number that was written as a whole number and fits.
  case integer(Int)
  /// Any other number, finite.
  case number(Double)
  /// Text.
  case string(String)
  /// A list of values.
  case array([JSONValue])
  /// Values by name.
  case object([String: JSONValue])

  /// The text, where the value is text.
  public var stringValue: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The number, where the value is a whole number.
  public var integerValue: Int? {
    if case .integer(let number) = self { number } else { nil }
  }

  /// The truth value, where the value is one.
  public var boolValue: Bool? {
    if case .bool(let flag) = self { flag } else { nil }
  }

  /// The members, where the value is an object.
  public var objectValue: [String: JSONValue]? {
    if case .object(let members) = self { members } else { nil }
  }

  /// The elements, where the value is an array.
  public var arrayValue: [JSONValue]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  /// Reads a file that is one JSON object; a repeated name is an error.
  ///
  /// - Parameter limit: The largest size that is believed, in bytes.
  static func object(
    ofFile path: String, upTo limit: Int = 16 << 20
  ) throws(TensorFileError) -> [String: JSONValue] {
    var scanner = JSONScanner(try ReadableFile(path).bytes(upTo: limit), path: path)
    let value = try scanner.value()
    try scanner.expectEnd()
    guard let members = value.objectValue else {
      throw TensorFileError(
        path: path, found: value.kindInWords, expected: "a JSON object", hint: "it starts with {")
    }
    return members
  }

  /// What the value is, for a message.
  var kindInWords: String {
    switch self {
    case .null: "null"
    case .bool(let flag): "\(flag)"
    case .integer(let number): "\(number)"
    case .number(let number): "\(number)"
    case .string(let text): quoted(text)
    case .array: "an array"
    case .object: "an object"
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// Text.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A whole number.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// A number.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// True or false.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// Null.
  public init(nilLiteral: ()) { self = .null }
  /// A list of values.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// Values by name; of a repeated name the last.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
  }
}
