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
/// On disk `W_enc` is `[d_in, d_sae]`, the transpose of ours. Elsewhere: `SAE.load_from_disk` of
/// SAELens reads what is written here; it verifies no digests, and casts weights to the `dtype` of
/// `cfg.json`, where this reader keeps the numbers of the file.
public enum SAELensDictionary {
  static let weightsName = "sae_weights.safetensors"

  /// Writes a dictionary; the folder appears whole or not at all.
  ///
  /// The metadata get `hook_name` (the site), `sae_lens_version` and `written_by`, and two digests that
  /// `read` verifies: `elute_sha256`, of the weights file as `sha256sum` prints it, and
  /// `elute_cfg_sha256`, of the settings that decide the codes. Weights that are not finite, or fewer
  /// latents than are active, are an error.
  ///
  /// - Parameters:
  ///   - metadata: What else is known, under the keys that SAELens users expect (`model_name`, ...).
  ///   - replacing: Whether a folder that is there already may be replaced.
  public static func write(
    _ coder: SparseCoder, metadata: [String: JSONValue] = [:], to folder: String,
    replacing: Bool = false
  ) throws(TensorFileError) {
    guard case .topK(let k) = coder.activation, case .autoencoder = coder.architecture else {
      throw TensorFileError(
        path: folder, found: "a dictionary of \(coder.activation.name)",
        expected: "a topk autoencoder")
    }
    guard (1...max(1, coder.latents)).contains(k), coder.inputWidth > 0 else {
      throw TensorFileError(
        path: folder, location: .key("k"), found: "\(k) active of \(coder.latents) latents",
        expected: "1 to \(coder.latents)")
    }
    let tensors = [
      NamedTensor("W_enc", transposing: coder.encoder), NamedTensor("W_dec", coder.decoder),
      NamedTensor("b_enc", .floats(coder.encoderBias)),
      NamedTensor("b_dec", .floats(coder.decoderBias)),
    ]
    for tensor in tensors { try checkFinite(tensor, path: FilePath.join(folder, weightsName)) }
    try AtomicFolder.write(to: folder, replacing: replacing) {
      (temporary) throws(TensorFileError) in
      let weights = FilePath.join(temporary, weightsName)
      try SafetensorsFile.write(tensors, to: weights)
      let settings = configuration(
        of: coder, k: k, metadata: metadata, weightsDigest: try SHA256.digest(ofFile: weights))
      try AtomicFile.write(
        settings.text(indented: true) + "\n",
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

  private static func configuration(
    of coder: SparseCoder, k: Int, metadata: [String: JSONValue], weightsDigest: String
  ) -> JSONValue {
    var members: [String: JSONValue] = [
      "architecture": "topk", "d_in": .integer(coder.inputWidth), "d_sae": .integer(coder.latents),
      "k": .integer(k), "dtype": "float32", "device": "cpu", "apply_b_dec_to_input": true,
      "normalize_activations": "none", "reshape_activations": "none",
      "rescale_acts_by_decoder_norm": false,
    ]
    var metadata = metadata
    if metadata["sae_lens_training_version"] == nil {
      metadata["sae_lens_training_version"] = .null
    }
    metadata["sae_lens_version"] = .string(SAELensConfiguration.version)
    metadata["hook_name"] = .string(coder.architecture.sites[0].name)
    metadata["written_by"] = "elute"
    metadata[SAELensConfiguration.weightsDigestKey] = .string(weightsDigest)
    metadata[SAELensConfiguration.digestKey] = .string(SAELensConfiguration.digest(of: members))
    members["metadata"] = .object(metadata)
    return .object(members)
  }
}
