/// The file `cfg.json` of a finished dictionary in the layout of SAELens 6, or of Elute beside it, checked
/// against what Elute can read.
///
/// Every complaint is collected: a reader throws the first, an inspection lists them all.
struct SAELensConfiguration: Sendable, Hashable {
  static let fileName = "cfg.json"
  /// The SAELens whose layout is written.
  static let version = "6.54.12"
  /// The metadata key of the digest of the weights file, as `sha256sum` prints it.
  static let weightsDigestKey = "elute_sha256"
  /// The metadata key of the digest of `cfg.json` itself, without `metadata` and `device`.
  static let digestKey = "elute_cfg_sha256"

  let path: String
  /// What the file says of the dictionary; `nil` where something in it stands in the way.
  private(set) var settings: DictionarySettings?
  private(set) var metadata: [String: JSONValue] = [:]
  /// What makes the dictionary unreadable.
  private(set) var problems: [TensorFileError] = []
  /// What another tool would stumble over.
  private(set) var notes: [TensorFileError] = []

  /// Reads and checks the file.
  init(_ path: String) throws(TensorFileError) {
    self.path = path
    let members = try JSONValue.object(ofFile: path)
    let metadata = members["metadata"]?.objectValue ?? [:]
    self.metadata = metadata
    var parser = SettingsParser(path: path, members: members, metadata: metadata)
    settings = parser.settings()
    problems = parser.problems
    checkVersion(members)
    checkDigest(members)
  }

  private mutating func checkVersion(_ members: [String: JSONValue]) {
    let version = metadata["sae_lens_version"] ?? members["sae_lens_version"]
    let major = version?.stringValue?.prefix { $0 != "." }
    guard Int(major ?? "") ?? 0 < 6 else { return }
    notes.append(
      TensorFileError(
        path: path, location: .key("metadata.sae_lens_version"),
        found: version?.kindInWords ?? "nothing", expected: "6.0.0 or later",
        hint: "SAELens takes the file for an older one and drops what it does not know"))
  }

  private mutating func checkDigest(_ members: [String: JSONValue]) {
    guard let declared = metadata[Self.digestKey], declared != .string(Self.digest(of: members))
    else { return }
    problems.append(
      TensorFileError(
        path: path, location: .key("metadata." + Self.digestKey),
        found: "settings of digest \(Self.digest(of: members))", expected: declared.kindInWords,
        hint: "cfg.json changed since Elute wrote it; if on purpose, remove this key"))
  }

  /// The digest of the settings: what decides the codes, not who made the dictionary or where it runs.
  static func digest(of members: [String: JSONValue]) -> String {
    let settings = members.filter { $0.key != "metadata" && $0.key != "device" }
    return SHA256.digest(of: Array(JSONValue.object(settings).text(indented: false).utf8))
  }
}
