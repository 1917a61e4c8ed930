/// The file `store.json` of an activation store: what the store holds.
struct StoreDescription: Sendable, Hashable {
  static let fileName = "store.json"

  var site: String
  var width: Int
  var rows: Int
  var type: String?
  var shards: [String]
  var fingerprint: String?

  /// The file as JSON text.
  var text: String {
    var members: [String: JSONValue] = [
      "version": 1, "site": .string(site), "d_in": .integer(width), "rows": .integer(rows),
      "shards": .array(shards.map { .string($0) }),
    ]
    members["dtype"] = type.map { .string($0) }
    members["fingerprint"] = fingerprint.map { .string($0) }
    return JSONValue.object(members).text(indented: true) + "\n"
  }

  /// Reads and checks the file; unknown keys are refused, since they may change what the rest means.
  static func read(_ path: String) throws(TensorFileError) -> StoreDescription {
    let members = try JSONValue.object(ofFile: path)
    let known = ["version", "site", "d_in", "rows", "dtype", "shards", "fingerprint"]
    if let unknown = members.keys.sorted().first(where: { !known.contains($0) }) {
      throw TensorFileError(
        path: path, location: .key(unknown), found: "an unknown key",
        expected: "only " + known.joined(separator: ", "))
    }
    guard members["version"] == 1 else {
      throw TensorFileError(
        path: path, location: .key("version"),
        found: members["version"]?.kindInWords ?? "nothing", expected: "1",
        hint: "a newer Elute may have written it")
    }
    return StoreDescription(
      site: try text(members, "site", path) ?? ActivationStore.defaultSiteName,
      width: try positive(members, "d_in", path), rows: try positive(members, "rows", path),
      type: try text(members, "dtype", path), shards: try shards(members, path),
      fingerprint: try text(members, "fingerprint", path))
  }

  private static func text(
    _ members: [String: JSONValue], _ key: String, _ path: String
  ) throws(TensorFileError) -> String? {
    guard let value = members[key] else { return nil }
    guard let text = value.stringValue else {
      throw TensorFileError(
        path: path, location: .key(key), found: value.kindInWords, expected: "text")
    }
    return text
  }

  private static func positive(
    _ members: [String: JSONValue], _ key: String, _ path: String
  ) throws(TensorFileError) -> Int {
    guard let number = members[key]?.integerValue, number > 0 else {
      throw TensorFileError(
        path: path, location: .key(key), found: members[key]?.kindInWords ?? "nothing",
        expected: "a whole number above 0")
    }
    return number
  }

  private static func shards(
    _ members: [String: JSONValue], _ path: String
  ) throws(TensorFileError) -> [String] {
    let names = members["shards"]?.arrayValue?.map(\.stringValue) ?? []
    var seen: Set<String> = []
    for name in names {
      guard let name, FilePath.isPlainName(name), seen.insert(name).inserted else {
        throw TensorFileError(
          path: path, location: .key("shards"),
          found: name.map(quoted) ?? "something else than text",
          expected: "names of files in this folder, each once")
      }
    }
    guard !names.isEmpty else {
      throw TensorFileError(
        path: path, location: .key("shards"), found: "no names",
        expected: "the names of the store's files, in order")
    }
    return names.compactMap(\.self)
  }
}
