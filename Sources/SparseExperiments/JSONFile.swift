import TensorFiles

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// JSON files of Codable values, sorted by key so that equal values are equal bytes.
enum JSONFile {
  static func read<Value: Decodable>(
    _ type: Value.Type, from path: String
  ) throws(TensorFileError) -> Value {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw TensorFileError(
        path: path, found: "nothing that can be read", expected: "a JSON file",
        hint: "is this the folder of a run?")
    }
    do {
      return try decoder.decode(type, from: data)
    } catch {
      throw TensorFileError(
        path: path, found: JSONFile.problem(error), expected: "what Elute writes there",
        hint: "the file was changed or cut short; restore it, or start the run anew")
    }
  }

  /// A decoder for what `text` writes: numbers that are not finite stand there as text.
  static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return decoder
  }

  static func write(_ value: some Encodable, to path: String) throws(TensorFileError) {
    try AtomicFile.write(try text(of: value, path: path) + "\n", to: path)
  }

  static func text(
    of value: some Encodable, path: String, pretty: Bool = true
  ) throws(TensorFileError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting =
      pretty
      ? [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
      : [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let data = try? encoder.encode(value) else {
      throw TensorFileError(path: path, found: "a value without JSON", expected: "numbers and text")
    }
    return String(decoding: data, as: UTF8.self)
  }

  private static func problem(_ error: any Error) -> String {
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

/// Refuses a file of a layout that is newer than this Elute.
func checkSchema(_ found: Int, upTo known: Int, of path: String) throws(TensorFileError) {
  if found > known {
    throw TensorFileError(
      path: path, location: .key("schema"), found: "\(found)", expected: "at most \(known)",
      hint: "a newer Elute wrote it; use that one")
  }
}
