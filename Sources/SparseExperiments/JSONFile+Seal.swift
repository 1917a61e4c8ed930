import TensorFiles

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Sealed files carry the digest of all their bytes, so that no flipped bit goes unnoticed.
///
/// The member `sha256` is the digest of the file in which its own 64 digits are zeros.
extension JSONFile {
  private static let unsealed = String(repeating: "0", count: 64)
  private static let sealStart = "\n  \"sha256\" : \""

  /// Writes a value, which is an object without a member `sha256`, with its seal.
  static func writeSealed(_ value: some Encodable, to path: String) throws(TensorFileError) {
    let text = try text(of: Sealed(value: value), path: path) + "\n"
    let digest = SHA256.digest(of: Array(text.utf8))
    try AtomicFile.write(
      text.replacing(sealStart + unsealed, with: sealStart + digest, maxReplacements: 1), to: path)
  }

  /// Reads a file that `writeSealed` wrote; a single bit that is another is an error.
  static func readSealed<Value: Decodable>(
    _ type: Value.Type, schema: Int, from path: String
  ) throws(TensorFileError) -> Value {
    let data = try contents(of: path)
    let value = try decode(type, schema: schema, from: data, path: path)
    var bytes = Array(data)
    // Line breaks within texts are escaped: what begins like this is the member itself.
    guard let start = bytes.firstRange(of: Array(sealStart.utf8))?.upperBound,
      bytes.count >= start + unsealed.count
    else {
      throw TensorFileError(
        path: path, location: .key("sha256"), found: "nothing", expected: "the file's digest",
        hint: "the file was changed; restore it, or start the run anew")
    }
    let digits = start..<start + unsealed.count
    let declared = String(decoding: bytes[digits], as: UTF8.self)
    bytes.replaceSubrange(digits, with: unsealed.utf8)
    let digest = SHA256.digest(of: bytes)
    guard digest == declared else {
      throw TensorFileError(
        path: path, location: .key("sha256"), found: "contents of SHA-256 \(digest.prefix(12))…",
        expected: "\(declared.prefix(12))…, as the file itself has it",
        hint: "the file was changed or damaged; restore it, or start the run anew")
    }
    return value
  }

  /// A value with a member for its digest.
  private struct Sealed<Value: Encodable>: Encodable {
    var value: Value

    private enum Key: CodingKey {
      case sha256
    }

    func encode(to encoder: any Encoder) throws {
      try value.encode(to: encoder)
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(unsealed, forKey: .sha256)
    }
  }
}
