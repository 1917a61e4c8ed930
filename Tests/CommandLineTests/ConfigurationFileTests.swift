import Elute
import Foundation
import Testing

@Suite("settings in a file") struct ConfigurationFileTests {
  static let file = """
    # the small run
    data: acts.npy
    d_sae: 48
    k: 4
    batch: 64
    lr: 3e-3
    steps: 40
    seeds: [3, 1]
    threads: 1
    """

  @Test("a file says the same as flags")
  func sameBits() throws {
    let place = try Workspace.withActivations()
    try place.write(Self.file, to: "run.yaml")
    try eluteSucceeds("train --config run.yaml --out file", in: place)
    try eluteSucceeds(small + " --seeds 3,1 --out flags", in: place)
    #expect(trained("file", in: place).isEmpty == false)
    #expect(trained("file", in: place) == trained("flags", in: place))
    #expect(try place.bytes("file/run.json") == place.bytes("flags/run.json"))
  }

  /// Settings of several methods, which together are all that there are; `yes` stands for a flag without a value.
  static let methods = [
    """
    activation topk k 5 d_sae 40 batch 50 steps 30 lr 0.002 schedule cosine warmup 2 decay 3 \
    encoder_scale 0.4 decoder_rate 0.6 beta1 0.8 beta2 0.98 epsilon 1e-7 clip 7 normalize none \
    dead auxk auxk_coefficient 0.3 auxk_k 9 dead_after_rows 300 seeds 8,9 data_seed 10 init_seed 7 parts 2 holdout 0.2 \
    checkpoint_every 11 log_every 12 snapshots 13 threads 1 data acts.npy
    """,
    """
    activation abstopk k 4 k_start 8 k_anneal 9 matryoshka 10,24,40 arip 0.3 arip_exact yes \
    arip_warmup 7 averaging 0.9 decoder free spike_in 14 spike_seed 6 d_sae 40 batch 50 steps 20 \
    data acts.npy
    """,
    """
    activation relu l1 0.3 p_end 0.5 p_start 6 sparsity_warmup 5 optimizer adamw \
    weight_decay 0.2 tied yes dead resample resample_every 4 resample_count 2 d_sae 40 batch 50 \
    steps 20 data acts.npy
    """,
    """
    activation jumprelu target_l0 6 target_l0_weight 3 bandwidth 0.2 optimizer signum \
    momentum 0.8 d_sae 40 batch 50 steps 20 data acts.npy target acts.npy skip yes
    """,
    """
    activation jumprelu l0 0.1 d_sae 40 batch 50 steps 20 sources acts.npy,acts.npy
    """,
    """
    recipe reproducible activation topk k 3 multistep 3 anchors anchors.npy anchor_weight 0.3 anchor_warmup 4 \
    anchor_count 2 anchor_centered yes d_sae 40 batch 50 steps 20 data acts.npy
    """,
  ].map { line in
    let words = line.split(separator: " ").map(String.init)
    return stride(from: 0, to: words.count, by: 2).map { (key: words[$0], value: words[$0 + 1]) }
  }

  @Test("every setting is in one of the methods")
  func everySetting() {
    #expect(
      Set(Self.methods.joined().map(\.key)).union(["out"])
        == Set(TrainSettings.CodingKeys.allCases.map(\.rawValue)))
  }

  @Test(
    "every setting is a flag and a key of a file, which do the same", arguments: methods.indices)
  func flagsAndKeys(index: Int) throws {
    let pairs = Self.methods[index]
    let place = try Workspace.withActivations()
    try NpyFile.write(
      .integers((0..<600).map { Int64($0 % 5) }), shape: [600], to: place.file("anchors.npy"))
    let lists = ["seeds", "sources", "matryoshka"]
    let file = pairs.map { key, value in
      "\(key): \(lists.contains(key) ? "[\(value)]" : value == "yes" ? "true" : value)"
    }
    try place.write(file.joined(separator: "\n") + "\nout: file\n", to: "run.yaml")
    try eluteSucceeds("train --config run.yaml", in: place)
    let flags = pairs.map { key, value in
      "--\(key.replacing("_", with: "-"))" + (value == "yes" ? "" : " \(value)")
    }
    try eluteSucceeds("train --out flags " + flags.joined(separator: " "), in: place)
    #expect(try place.bytes("file/run.json") == place.bytes("flags/run.json"))
    #expect(trained("file", in: place) == trained("flags", in: place))
    // A recipe is written out as what it sets. No two settings of a kind are alike, so that each flag is seen to set its own.
    let settings = try #require(
      JSONSerialization.jsonObject(with: Data(place.bytes("flags/run.json"))) as? [String: Any])
    let kept = try #require(settings["settings"] as? [String: Any])
    for (key, value) in pairs
    where !["threads", "data", "target", "sources", "recipe"].contains(key) {
      let found = kept[key].map { "\($0)" } ?? "nothing"
      let list = (kept[key] as? [Any])?.map { "\($0)" }.joined(separator: ",")
      let isSame =
        value == "yes"
        ? kept[key] as? Bool == true
        : (list ?? found) == value || Double(found) == Double(value) && Double(value) != nil
      #expect(isSame, "\(key): \(found) for \(value)")
    }
  }

  @Test("a flag overrides the file, and nothing else of it")
  func overriding() throws {
    let place = try Workspace.withActivations()
    try place.write(Self.file + "\nout: file\nholdout: 0.25\n", to: "run.yaml")
    try eluteSucceeds("train --config run.yaml --k 5 --seeds 2", in: place)
    #expect(place.names(in: "file") == [".lock", "run.json", "seed-2"])
    let record = try place.record("file/seed-2")
    #expect(record.settings.k == 5)
    #expect(record.settings.dSae == 48)
    #expect(record.data.heldOutRows == 150)
  }

  @Test("an empty file sets nothing", arguments: ["", "# nothing yet\n"])
  func empty(_ text: String) throws {
    let place = try Workspace.withActivations()
    try place.write(text, to: "run.yaml")
    #expect(try eluteSucceeds(small + " --out r --config run.yaml", in: place).hasPrefix("seed 0"))
  }

  @Test(
    "what a file cannot say is refused by its key",
    arguments: [
      Refusal(
        "stepz: 3",
        """
        error: run.yaml: key stepz: found an unknown setting, expected a setting of elute train
        hint: did you mean 'steps'?

        """),
      Refusal(
        "d-sae: 3",
        """
        error: run.yaml: key d-sae: found an unknown setting, expected a setting of elute train
        hint: did you mean 'd_sae'?

        """),
      Refusal(
        "chekpoint_every: 3",
        """
        error: run.yaml: key chekpoint_every: found an unknown setting, expected a setting of elute \
        train
        hint: did you mean 'checkpoint_every'?

        """),
      Refusal(
        "temperature: 3",
        """
        error: run.yaml: key temperature: found an unknown setting, expected a setting of elute train
        hint: elute train --help lists the settings

        """),
      Refusal(
        "{a: 1}: 3",
        """
        error: run.yaml: key that is no word: found an unknown setting, expected a setting of elute \
        train
        hint: elute train --help lists the settings

        """),
      Refusal(
        "k: four",
        """
        error: run.yaml: key k: found 'four', expected a whole number
        hint: elute train --help says what each setting takes

        """),
      Refusal(
        "k: 4.5",
        """
        error: run.yaml: key k: found '4.5', expected a whole number
        hint: elute train --help says what each setting takes

        """),
      Refusal(
        "lr: [1, 2]",
        """
        error: run.yaml: key lr: found something of another kind, expected a number
        hint: elute train --help says what each setting takes

        """),
      Refusal(
        "seeds: 0,1",
        """
        error: run.yaml: key seeds: found '0,1', expected a list of whole numbers, such as [0, 1, 2, 3]
        hint: elute train --help says what each setting takes

        """),
      Refusal(
        "seeds: [0, -1]",
        """
        error: run.yaml: key seeds: found something of another kind, expected a list of whole numbers, \
        such as [0, 1, 2, 3]
        hint: elute train --help says what each setting takes

        """),
      Refusal(
        "k: 4\nk: 5",
        """
        error: run.yaml: key k: found the setting twice, expected each setting once
        hint: remove all but one

        """),
      Refusal(
        "k = 4",
        """
        error: run.yaml: found no settings, expected lines such as `k: 32`
        hint: a colon and a space stand between a setting and its value

        """),
      Refusal(
        "k: [",
        """
        error: run.yaml: found no valid YAML (line 2: did not find expected node content), expected \
        lines such as `k: 32`
        hint: a colon and a space stand between a setting and its value

        """),
      Refusal(
        "k: 49",
        """
        error: k: found 49, expected at most d_sae, 48
        hint: lower k or raise d_sae

        """),
    ])
  func refused(_ refusal: Refusal) throws {
    let place = try Workspace.withActivations()
    try place.write(refusal.line + "\n", to: "run.yaml")
    let line = small.replacing(" --k 4", with: "") + " --out r --config run.yaml"
    #expect(try eluteRefuses(line, in: place) == refusal.errors)
  }

  @Test("a file that is not there is named")
  func missing() throws {
    #expect(
      try eluteRefuses("train --config run.yaml", in: Workspace()) == """
        error: run.yaml: found nothing that can be read, expected a YAML file of settings
        hint: check the path

        """)
  }
}
