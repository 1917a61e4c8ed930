public import SparseCoding

/// A dictionary that was read from files, and what the files say about it.
public struct LoadedDictionary: Sendable, Hashable {
  /// The dictionary; whatever the files leave to the reader is folded into its weights.
  public let coder: SparseCoder
  /// What was read, in a few words.
  public let description: String
  /// The file's free-form metadata, unchanged.
  public let metadata: [String: JSONValue]
}

/// Finished dictionaries in the layout of SAELens 6: a folder of `cfg.json` and
/// `sae_weights.safetensors`.
///
/// SAELens opens those that it has an architecture for: autoencoders of every activation rule, and
/// transcoders of relu and jumpReLU with and without a linear path. All others (transcoders of other rules,
/// crosscoders, rows scaled by themselves, encoders of several steps) have an `architecture` that begins with
/// `elute_`, which it refuses.
///
/// On disk `W_enc` is `[d_in, d_sae]`, the transpose of ours. Elsewhere: `SAE.load_from_disk` of
/// SAELens verifies no digests, and casts weights to the `dtype` of `cfg.json`, where this reader keeps the
/// numbers of the file.
public enum SAELensDictionary {
  static let weightsName = "sae_weights.safetensors"

  /// Writes a dictionary; the folder appears whole or not at all.
  ///
  /// Where the layout is SAELens' and has no bias of its own for the input, it is folded into that of the
  /// latents: `(x - b_in) W_enc + b_enc = x W_enc + (b_enc - b_in W_enc)`, rounded to `Float`; all
  /// else is read back bit for bit.
  ///
  /// The metadata get the sites' names (`hook_name`; of a transcoder `hook_name_out` too; of a crosscoder
  /// `hook_names`), `sae_lens_version` and `written_by`, and two digests that `read` verifies:
  /// `elute_sha256`, of the weights file as `sha256sum` prints it, and `elute_cfg_sha256`, of the
  /// settings that decide the codes. A dictionary that a reader would refuse is an error.
  ///
  /// - Parameters:
  ///   - metadata: What else is known, under the keys that SAELens users expect (`model_name`, ...).
  ///   - replacing: Whether a folder that is there already may be replaced.
  public static func write(
    _ coder: SparseCoder, metadata: [String: JSONValue] = [:], to folder: String,
    replacing: Bool = false
  ) throws(TensorFileError) {
    let settings = DictionarySettings(coder)
    try check(coder, settings, path: folder)
    let tensors = tensors(of: coder, settings)
    for tensor in tensors { try checkFinite(tensor, path: FilePath.join(folder, weightsName)) }
    try AtomicFolder.write(to: folder, replacing: replacing) {
      (temporary) throws(TensorFileError) in
      let weights = FilePath.join(temporary, weightsName)
      try SafetensorsFile.write(tensors, to: weights)
      let configuration = configuration(
        settings, metadata: metadata, weightsDigest: try SHA256.digest(ofFile: weights))
      try AtomicFile.write(
        configuration.text(indented: true) + "\n",
        to: FilePath.join(temporary, SAELensConfiguration.fileName))
    }
  }

  private static func checkFinite(
    _ tensor: NamedTensor, path: String
  ) throws(TensorFileError) {
    let values =
      switch tensor.values {
      case .floats(let values): values
      case .transposed(let matrix): matrix.values
      case .padded(let buffer, _, _): buffer.elements
      case .doubles, .integers, .unsignedIntegers: [Float]()
      }
    try checkFinite(values, path: path, tensor: tensor.name)
  }

  /// Refuses weights that are not finite, with their number.
  static func checkFinite(
    _ values: [Float], path: String, tensor: String
  ) throws(TensorFileError) {
    guard values.withUnsafeBufferPointer(firstNonFinite) != nil else { return }
    throw TensorFileError(
      path: path, location: .tensor(tensor),
      found: "\(values.count { !$0.isFinite }) of \(values.count) values not finite as float32",
      expected: "finite weights", hint: "the training diverged; take an earlier snapshot")
  }

  /// Refuses thresholds below zero, under which a jumpReLU would let negative values through.
  static func checkThresholds(_ values: [Float], path: String) throws(TensorFileError) {
    guard let first = values.firstIndex(where: { $0 < 0 }) else { return }
    throw TensorFileError(
      path: path, location: .tensor("threshold"),
      found:
        "\(values.count { $0 < 0 }) of \(values.count) below zero, the first of latent \(first)",
      expected: "thresholds from 0", hint: "a latent that fires above any value has 0")
  }

  private static func configuration(
    _ settings: DictionarySettings, metadata: [String: JSONValue], weightsDigest: String
  ) -> JSONValue {
    var members = settings.members
    var metadata = metadata
    if metadata["sae_lens_training_version"] == nil {
      metadata["sae_lens_training_version"] = .null
    }
    metadata["sae_lens_version"] = .string(SAELensConfiguration.version)
    switch settings.architecture {
    case .autoencoder(let site): metadata["hook_name"] = .string(site.name)
    case .transcoder(let input, let output, _):
      metadata["hook_name"] = .string(input.name)
      metadata["hook_name_out"] = .string(output.name)
    case .crosscoder(let sites):
      metadata["hook_names"] = .array(sites.map { .string($0.name) })
    }
    metadata["written_by"] = "elute"
    metadata[SAELensConfiguration.weightsDigestKey] = .string(weightsDigest)
    metadata[SAELensConfiguration.digestKey] = .string(SAELensConfiguration.digest(of: members))
    members["metadata"] = .object(metadata)
    return .object(members)
  }
}
