import Elute
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

  @Test("every setting has a flag and a key")
  func everySetting() throws {
    let settings = """
      activation topk k 5 d_sae 40 batch 50 steps 30 lr 0.002 schedule cosine warmup 2 decay 3 \
      encoder_scale 0.4 decoder_rate 0.6 beta1 0.8 beta2 0.98 epsilon 1e-7 clip 7 normalize none \
      dead auxk auxk_coefficient 0.3 auxk_k 9 dead_after_rows 300 seeds 8,9 data_seed 10 holdout 0.2 \
      checkpoint_every 11 log_every 12 snapshots 13 threads 1 data acts.npy
      """.split(separator: " ").map(String.init)
    let pairs = stride(from: 0, to: settings.count, by: 2).map { (settings[$0], settings[$0 + 1]) }
    #expect(
      Set(pairs.map(\.0)).union(["out"])
        == Set(TrainSettings.CodingKeys.allCases.map(\.rawValue)))
    let place = try Workspace.withActivations()
    let file = pairs.map { "\($0): \($0 == "seeds" ? "[\($1)]" : $1)" }
    try place.write(file.joined(separator: "\n") + "\nout: file\n", to: "run.yaml")
    try eluteSucceeds("train --config run.yaml", in: place)
    let flags = pairs.map { "--\($0.replacing("_", with: "-")) \($1)" }
    try eluteSucceeds("train --out flags " + flags.joined(separator: " "), in: place)
    #expect(try place.bytes("file/run.json") == place.bytes("flags/run.json"))
    #expect(trained("file", in: place) == trained("flags", in: place))
    // No two settings of a kind are alike, so that each flag is seen to set its own.
    let plan = try RunFolder(place.file("flags")).description().plan
    #expect(plan.configuration.learningRate.warmup == 2)
    #expect(plan.configuration.learningRate.decay == .cosine(steps: 3))
    #expect(plan.configuration.deadLatents == .auxK(coefficient: 0.3, k: 9, afterRows: 300))
    #expect(plan.configuration.optimizer == .adam(Adam(beta1: 0.8, beta2: 0.98, epsilon: 1e-7)))
    #expect(plan.configuration.encoderScale == 0.4)
    #expect(plan.configuration.decoderRate == 0.6)
    #expect([plan.checkpointEvery, plan.logEvery, plan.snapshots] == [11, 12, 13])
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
