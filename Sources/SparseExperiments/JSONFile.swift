import TensorFiles

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// JSON of Codable values, sorted by key so that equal values are equal bytes; numbers that are not
/// finite stand there as text.
public enum JSONFile {
  /// The JSON text of a value, on several lines or on one.
  public static func text(of value: some Encodable, pretty: Bool = true) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting =
      pretty
      ? [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
      : [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// A decoder for what `text` writes.
  static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return decoder
  }

  /// Reads a file of one layout; another one is refused by its number.
  static func read<Value: Decodable>(
    _ type: Value.Type, schema: Int, from path: String
  ) throws(TensorFileError) -> Value {
    try decode(type, schema: schema, from: try contents(of: path), path: path)
  }

  static func contents(of path: String) throws(TensorFileError) -> Data {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw TensorFileError(
        path: path, found: "nothing that can be read", expected: "a JSON file",
        hint: "is this the folder of a run?")
    }
    return data
  }

  static func decode<Value: Decodable>(
    _ type: Value.Type, schema: Int, from data: Data, path: String
  ) throws(TensorFileError) -> Value {
    do {
      // The layout first: what is missing from another one says nothing.
      try check(decoder.decode(Layout.self, from: data).schema, is: schema, of: path)
      return try decoder.decode(type, from: data)
    } catch let error as TensorFileError {
      throw error
    } catch {
      throw TensorFileError(
        path: path, found: JSONFile.problem(error), expected: "what Elute writes there",
        hint: "the file was changed or cut short; restore it, or start the run anew")
    }
  }

  private struct Layout: Decodable {
    var schema: Int
  }

  private static func check(
    _ found: Int, is known: Int, of path: String
  ) throws(TensorFileError) {
    guard found != known else { return }
    throw TensorFileError(
      path: path, location: .key("schema"), found: "\(found)", expected: "\(known)",
      hint: "\(found > known ? "a newer" : "an older") Elute wrote it; use that one")
  }

  static func write(_ value: some Encodable, to path: String) throws(TensorFileError) {
    try AtomicFile.write(try text(of: value, path: path) + "\n", to: path)
  }

  /// The text of a value that is to be written to a file.
  static func text(
    of value: some Encodable, path: String, pretty: Bool = true
  ) throws(TensorFileError) -> String {
    do { return try text(of: value, pretty: pretty) } catch {
      throw TensorFileError(path: path, found: "a value without JSON", expected: "numbers and text")
    }
  }

  static func problem(_ error: any Error) -> String {
    func place(_ context: DecodingError.Context) -> String {
      context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
        .joined(separator: ".")
    }
    switch error {
    case DecodingError.keyNotFound(let key, let context):
      let path = place(context)
      return "no key '\(path.isEmpty ? "" : path + ".")\(key.stringValue)'"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      return "a value of another type at '\(place(context))'"
    case DecodingError.dataCorrupted(let context):
      return place(context).isEmpty ? "no valid JSON" : "a wrong value at '\(place(context))'"
    default: return "something else"
    }
  }
}
