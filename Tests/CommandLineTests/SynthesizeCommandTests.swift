import Elute
import Foundation
import Testing

@Suite("synthesize") struct SynthesizeCommandTests {
  private let bench =
    "synthesize lrb --features 40 --width 32 --rows 2000 --activation-probability 0.2 --interference 0.3 "

  @Test("the bench trains like any activations, and the truth beside it says what was found")
  func endToEnd() throws {
    let place = try Workspace()
    let text = try eluteSucceeds(bench + "--out b", in: place)
    #expect(text.hasPrefix("2000 rows of width 32 at 1 site, 40 features\n"))
    #expect(
      place.names(in: "b") == [
        "activations-00000.npy", "codes.safetensors", "features.npy", "store.json", "truth.json",
      ])
    try eluteSucceeds(
      "train --data b --d-sae 64 --k 8 --batch 128 --steps 1500 --lr 0.003 --out r", in: place)
    let json = try JSONOutput(
      eluteSucceeds("evaluate r/seed-0 --data b --truth b --holdout every:10 --json", in: place))
    let recovery = json["recovery"]
    func share(_ measure: String, _ key: String) throws -> Double {
      try #require(recovery[measure][key].number)
    }
    #expect(try share("decoder_cosine", "gt_recovery") > 0.9)
    #expect(try share("decoder_cosine", "gt_recovery_90") >= share("decoder_cosine", "gt_recovery"))
    for measure in ["encoder_cosine", "encoder_readout", "path_gain", "paper_raw"] {
      #expect(try (0...2).contains(share(measure, "mean_max_inner_product")))
    }
    for key in ["features", "precision", "f1", "duplicates", "split", "absorbed"] {
      #expect(recovery[key].number != nil, "\(key)")
    }
    let words = try eluteSucceeds("evaluate r/seed-0 --data b --truth b", in: place)
    #expect(words.contains("\nrecovery of 40 features") && words.contains("\n  decoder cosine "))
    // The same bits again, whatever the threads.
    try eluteSucceeds(bench + "--out c --threads 3", in: place)
    for name in place.names(in: "b") {
      #expect(try place.bytes("b/" + name) == place.bytes("c/" + name), "\(name)")
    }
  }

  @Test("two sites are input and target, or sources")
  func sites() throws {
    let place = try Workspace()
    try eluteSucceeds(bench + "--sites 2 --overlapping 0.5 --out b", in: place)
    #expect(
      place.names(in: "b") == [
        "codes.safetensors", "features-0.npy", "features-1.npy", "site-0", "site-1", "truth.json",
      ])
    let train = " --d-sae 64 --k 8 --batch 128 --steps 600 --lr 0.003 --out "
    try eluteSucceeds("train --data b/site-0 --target b/site-1" + train + "t", in: place)
    try eluteSucceeds("train --sources b/site-0,b/site-1" + train + "x", in: place)
    for (run, data) in [
      ("t", "--data b/site-0 --target b/site-1"), ("x", "--sources b/site-0,b/site-1"),
    ] {
      let json = try JSONOutput(
        eluteSucceeds("evaluate \(run)/seed-0 \(data) --truth b --json", in: place))
      let mean = json["recovery"]["decoder_cosine"]["mean_max_inner_product"].number
      #expect(try #require(mean) > 0.6, "\(run)")
    }
  }

  @Test("features that the target does not have are left out")
  func absent() throws {
    let place = try Workspace()
    try eluteSucceeds(bench + "--sites 2 --specific 0.5 --out b", in: place)
    let train =
      "train --data b/site-0 --target b/site-1 --d-sae 64 --k 8 --batch 128 --steps 50 --out t"
    try eluteSucceeds(train, in: place)
    let recovery = try JSONOutput(
      eluteSucceeds(
        "evaluate t/seed-0 --data b/site-0 --target b/site-1 --truth b --json", in: place))[
        "recovery"]
    // Half of forty are at one site alone.
    #expect(recovery["features"].number == 20 && recovery["absent"].number == 20)
    #expect(try #require(recovery["encoder_cosine"]["mean_max_inner_product"].number) > 0)
  }

  @Test("what makes no sense is refused, and nothing is written")
  func refusals() throws {
    let place = try Workspace.withActivations()
    try eluteSucceeds(bench + "--out b", in: place)
    try eluteSucceeds(small + " --steps 2 --out r", in: place)
    for (line, words) in [
      (
        bench + "--out n --features 0",
        "features: found 0, expected 1 to 2147483647\nhint: see elute synthesize lrb --help"
      ),
      (
        "synthesize lrb --features 2000000000 --out n",
        "features: found a bench that needs about"
      ),
      (
        bench + "--out n --width 2 --descent-steps 3 --seed 1",
        "interference: found a greatest product of"
      ),
      (
        bench + "--out n --children 3 --group 4",
        "group: found group beside children, expected one of them\nhint: leave one out"
      ),
      (
        bench + "--out n --cofiring 0.4",
        "cofiring: found 0.4 without groups, expected --group with it\n"
          + "hint: add --group 5, or leave it out"
      ),
      (
        bench + "--out n --largest 3 --group 4",
        "largest: found largest beside group, expected one of them\nhint: leave one out"
      ),
      (
        bench + "--out n --nonnegative",
        "nonnegative: found no number of largest, expected --largest with it\n"
          + "hint: the other laws of activations are nonnegative by themselves"
      ),
      (
        bench + "--out n --mixture-spread 2",
        "mixture_spread: found 2.0 without clusters, expected --mixture with it\n"
          + "hint: add --mixture 64, or leave it out"
      ),
      (
        bench + "--out n --specific 0.4",
        "specific: found one site, expected --sites with it\nhint: add --sites 2, or leave it out"
      ),
      (
        bench + "--out b",
        "b: found a folder with other files, expected a new or empty folder\n"
          + "hint: choose another --out; nothing is overwritten"
      ),
      (
        "evaluate r/seed-0 --data acts.npy --truth r",
        "r: found no features.npy, expected what elute synthesize writes\n"
          + "hint: give the folder with features.npy"
      ),
      (
        "evaluate r/seed-0 --data acts.npy --truth b",
        "b: found features of width 32 in all, expected width 12, as the dictionary has\n"
          + "hint: give the truth of the data that the dictionary was trained on"
      ),
    ] {
      #expect(try eluteRefuses(line, in: place).hasPrefix("error: " + words), "\(line)")
    }
    #expect(!place.names(in: ".").contains("n"))
  }
}
