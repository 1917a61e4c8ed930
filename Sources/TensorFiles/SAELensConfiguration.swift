/// The file `cfg.json` of a finished dictionary in the layout of SAELens 6, checked against what
/// Elute can read.
///
/// Every complaint is collected: a reader throws the first, an inspection lists them all. A value that
/// could not be read is `nil`.
struct SAELensConfiguration: Sendable, Hashable {
  static let fileName = "cfg.json"
  /// The SAELens whose layout is written.
  static let version = "6.54.12"
  /// The metadata key of the digest of the weights file, as `sha256sum` prints it.
  static let weightsDigestKey = "elute_sha256"
  /// The metadata key of the digest of `cfg.json` itself, without `metadata` and `device`.
  static let digestKey = "elute_cfg_sha256"

  let path: String
  private(set) var width: Int?
  private(set) var latents: Int?
  private(set) var k: Int?
  /// Whether the decoder bias is subtracted from the input.
  private(set) var appliesDecoderBiasToInput = true
  /// Whether pre-activations are scaled by the norm of the latent's decoder row.
  private(set) var rescalesByDecoderNorm = false
  private(set) var metadata: [String: JSONValue] = [:]
  /// What makes the dictionary unreadable.
  private(set) var problems: [TensorFileError] = []
  /// What another tool would stumble over.
  private(set) var notes: [TensorFileError] = []

  private let members: [String: JSONValue]

  /// Reads and checks the file.
  init(_ path: String) throws(TensorFileError) {
    self.path = path
    members = try JSONValue.object(ofFile: path)
    checkArchitecture()
    width = wholeNumber("d_in", from: 1)
    latents = wholeNumber("d_sae", from: 1)
    k = wholeNumber("k", from: 1, to: latents)
    appliesDecoderBiasToInput = flag("apply_b_dec_to_input") ?? true
    rescalesByDecoderNorm = flag("rescale_acts_by_decoder_norm") ?? false
    checkNormalization()
    // `hook_z` only says that the rows were flattened from heads; the flat rows are the same numbers.
    choice("reshape_activations", from: ["none", "hook_z"])
    choice(
      "dtype",
      from: ["float32", "float64", "float16", "bfloat16"].flatMap { [$0, "torch." + $0] })
    readMetadata()
  }

  private mutating func refuse(_ key: String, expected: String, hint: String = "") {
    problems.append(
      TensorFileError(
        path: path, location: .key(key), found: members[key]?.kindInWords ?? "nothing",
        expected: expected, hint: hint))
  }

  private mutating func checkArchitecture() {
    switch members["architecture"] {
    case "topk": break
    case nil:
      refuse(
        "architecture", expected: "'topk'",
        hint: "a file of SAELens before version 6; load it there and save it again")
    default:
      refuse(
        "architecture", expected: "'topk'",
        hint: "this version of Elute reads and writes topk dictionaries only")
    }
  }

  private mutating func checkNormalization() {
    let key = "normalize_activations"
    let hint: String
    switch members[key] {
    case nil, "none": return
    case "expected_average_only_in":
      hint =
        "its scale is not in this folder; in SAELens, fold_activation_norm_scaling_factor and save"
    case "covariance_whitening":
      hint = "its matrix is not in these weights; in SAELens, fold_activation_whitening and save"
    case "layer_norm", "constant_norm_rescale":
      hint = "it scales every row by itself, which no weights can hold; normalize the activations"
    default: hint = "SAELens 6 knows no such normalization"
    }
    refuse(key, expected: "'none'", hint: hint)
  }

  private mutating func wholeNumber(_ key: String, from least: Int, to most: Int? = nil) -> Int? {
    guard let number = members[key]?.integerValue, number >= least, number <= most ?? .max else {
      let range = most.map { "a whole number from \(least) to \($0)" }
      refuse(key, expected: range ?? "a whole number from \(least)")
      return nil
    }
    return number
  }

  private mutating func flag(_ key: String) -> Bool? {
    guard let value = members[key] else { return nil }
    if value.boolValue == nil { refuse(key, expected: "true or false") }
    return value.boolValue
  }

  private mutating func choice(_ key: String, from known: [String]) {
    guard let value = members[key] else { return }
    if !known.contains(value.stringValue ?? "") {
      refuse(key, expected: "one of " + known.joined(separator: ", "))
    }
  }

  private mutating func readMetadata() {
    switch members["metadata"] {
    case .object(let members): metadata = members
    case nil: break
    default: refuse("metadata", expected: "an object")
    }
    let version = metadata["sae_lens_version"] ?? members["sae_lens_version"]
    let major = version?.stringValue?.prefix { $0 != "." }
    if Int(major ?? "") ?? 0 < 6 {
      notes.append(
        TensorFileError(
          path: path, location: .key("metadata.sae_lens_version"),
          found: version?.kindInWords ?? "nothing", expected: "6.0.0 or later",
          hint: "SAELens takes the file for an older one and drops what it does not know"))
    }
    if let declared = metadata[Self.digestKey], declared != .string(Self.digest(of: members)) {
      problems.append(
        TensorFileError(
          path: path, location: .key("metadata." + Self.digestKey),
          found: "settings of digest \(Self.digest(of: members))", expected: declared.kindInWords,
          hint: "cfg.json changed since Elute wrote it; if on purpose, remove this key"))
    }
  }

  /// The digest of the settings: what decides the codes, not who made the dictionary or where it runs.
  static func digest(of members: [String: JSONValue]) -> String {
    let settings = members.filter { $0.key != "metadata" && $0.key != "device" }
    return SHA256.digest(of: Array(JSONValue.object(settings).text(indented: false).utf8))
  }
}
