import Elute
import Foundation
import Testing

@Suite("train --spike-in") struct SpikeInCommandTests {
  private static let run = small + " --seeds 0,1,2 --spike-in 24"

  @Test("the same bits from memory, read while training, with one order for all, and resumed")
  func streamed() throws {
    let place = try Workspace.withActivations()
    try eluteSucceeds(Self.run + " --out r", in: place)
    try eluteSucceeds(Self.run + " --stream --threads 2 --out read", in: place)
    #expect(!trained("r", in: place).isEmpty)
    #expect(trained("read", in: place) == trained("r", in: place))
    for seed in 0..<3 {
      let record = try results(of: "r/seed-\(seed)", in: place)
      #expect(record.spikeIn?.planted == 24)
      #expect(try results(of: "read/seed-\(seed)", in: place) == record)
    }
    try eluteSucceeds(small + " --seeds 0,1,2 --out plain", in: place)
    #expect(
      try place.bytes("plain/seed-0/dictionary/sae_weights.safetensors")
        != place.bytes("r/seed-0/dictionary/sae_weights.safetensors"))
    #expect(try place.record("plain/seed-0").data == place.record("r/seed-0").data)

    try eluteSucceeds(Self.run + " --steps 60 --out long", in: place)
    try eluteSucceeds("train --resume --out r --steps 60 --threads 1", in: place)
    for seed in 0..<3 {
      #expect(
        place.contents(of: "r/seed-\(seed)/dictionary")
          == place.contents(of: "long/seed-\(seed)/dictionary"))
    }
    #expect(
      try eluteRefuses("train --resume --out r --spike-in 25", in: place) == """
        error: spike_in: found 25, expected 24, as the run in r has it
        hint: only steps and seeds may change when a run is resumed; or choose another --out

        """)
  }

  @Test("what was found is printed, written and reported, beside chance")
  func answers() throws {
    let place = try Workspace.withActivations()
    let text = try eluteSucceeds(Self.run + " --steps 400 --out r", in: place)
    let record = try #require(place.record("r/seed-1").spikeIn)
    #expect(
      text.contains(
        "spike-in: \(record.found) of 24 planted directions found at cosine 0.9 "
          + "(\(record.foundStrictly) at 0.95), by chance \(record.nullFound); mean best cosine"))
    #expect(text.components(separatedBy: "half are found, by strength: 1.0: ").count == 4)
    let json = try JSONOutput(eluteSucceeds("train --resume --out r --json", in: place))
    let spikes = json.items[1]["spike_in"]
    #expect(spikes["found"].number == Double(record.found))
    #expect(spikes["directions"].items.count == 24)
    #expect(
      spikes["directions"].items[0].keys.isSuperset(of: [
        "frequency", "strength", "role", "training_firings", "evaluated_firings", "cosine",
        "latent", "latent_firings", "joint_firings",
      ]))
    #expect(spikes["null_cosines"].items.count == 24)
    #expect(spikes["visibility"].items.count == 4)
    #expect(try eluteSucceeds("report r", in: place).contains("planted directions  "))
    #expect(try place.text("r/report.html").contains("What this run cannot see"))
    #expect(try eluteSucceeds("evaluate r/seed-0 --data acts.npy", in: place).contains("fvu"))
  }

  @Test(
    "what cannot be planted is refused before anything is written",
    arguments: [
      (
        "--spike-in 5",
        """
        error: spike_in: found 5, expected 12 to 1024, and at most d_sae, 48
        hint: 96 are three for each of eight frequencies and four strengths

        """
      ),
      (
        "--spike-in 12 --target acts.npy",
        """
        error: spike_in: found a transcoder, expected an autoencoder
        hint: what would be planted in one site has no known counterpart in another

        """
      ),
      (
        "--spike-seed 4",
        """
        error: spike_seed: found 4 without planted directions, expected --spike-in
        hint: add --spike-in 96, or leave it out

        """
      ),
      (
        "--spike-in 12 --holdout 0.9",
        """
        error: spike_in: found 60 rows that train, expected at least 100
        hint: leave it out: among so few rows nothing is rare

        """
      ),
    ])
  func refusals(_ flags: String, _ errors: String) throws {
    let place = try Workspace.withActivations()
    #expect(try eluteRefuses(small + " --out r " + flags, in: place) == errors)
  }
}
