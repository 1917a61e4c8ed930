extension SettingsParser {
  /// Refuses keys that the layout does not have: what they ask for would be ignored in silence.
  mutating func refuseStrangers(_ layout: DictionaryLayout, _ rule: ActivationRule) {
    let own = layout.keys(rule)
    for key in members.keys.sorted() where !own.contains(key) {
      if !layout.isOwn, DictionaryLayout.descriptiveKeys.contains(key) { continue }
      if !layout.isOwn, checkFormerKey(key, rule) { continue }
      refuse(
        key, expected: "no such key in a dictionary of architecture '\(layout.rawValue)'",
        hint: "Elute does not know what it changes; if nothing, remove it")
    }
  }

  /// Whether the key is one of SAELens before version 6 that decides codes, and agrees with the rest.
  private mutating func checkFormerKey(_ key: String, _ rule: ActivationRule) -> Bool {
    let name = rule == .topk ? "topk" : "relu"
    switch (key, members[key]) {
    case ("finetuning_scaling_factor", .bool(false)), ("finetuning_scaling_factor", .null):
      return true
    case ("activation_fn", .string(name)), ("activation_fn_str", .string(name)): return true
    case ("activation_fn_kwargs", .null): return true
    case ("activation_fn_kwargs", .object(let arguments)):
      return arguments.isEmpty || rule == .topk && arguments == ["k": members["k"] ?? .null]
    default: return false
    }
  }
}

extension DictionaryLayout {
  /// The keys that decide something in this layout.
  fileprivate func keys(_ rule: ActivationRule) -> Set<String> {
    var keys: Set = [
      "architecture", "d_in", "d_sae", "dtype", "apply_b_dec_to_input", "metadata",
    ]
    if isOwn || family == .transcoder { keys.insert("d_out") }
    if rule.takesK { keys.insert("k") }
    guard isOwn else {
      keys.formUnion(["device", "normalize_activations", "reshape_activations"])
      if rule.takesK { keys.insert("rescale_acts_by_decoder_norm") }
      return keys
    }
    keys.formUnion(["activation", "row_scaling", "sites", "steps"])
    if family == .transcoder { keys.insert("skip_connection") }
    return keys
  }

  /// Keys that files of SAELens may have beside those: where the activations are from and how the
  /// dictionary was trained (6.54.12, and before 6 at the top level what are metadata now).
  fileprivate static let descriptiveKeys: Set = [
    // Where the activations are from.
    "model_name", "model_class_name", "model_from_pretrained_kwargs", "hook_point", "hook_name",
    "hook_name_out", "hook_layer", "hook_layer_out", "hook_point_layer", "hook_point_head_index",
    "hook_head_index", "hook_head_index_out", "hf_hook_name", "hf_hook_name_out", "prepend_bos",
    "exclude_special_tokens", "neuronpedia_id", "context_size", "seqpos_slice", "dataset_path",
    "dataset_trust_remote_code", "sae_lens_version", "sae_lens_training_version",
    // How it was trained.
    "decoder_init_norm", "l1_coefficient", "lp_norm", "l1_warm_up_steps", "l0_coefficient",
    "l0_warm_up_steps", "use_sparse_activations", "aux_loss_coefficient",
    "jumprelu_init_threshold", "jumprelu_bandwidth", "jumprelu_sparsity_loss_mode",
    "jumprelu_tanh_scale", "jumprelu_ste_to_input", "pre_act_loss_coefficient", "target_l0",
  ]
}
