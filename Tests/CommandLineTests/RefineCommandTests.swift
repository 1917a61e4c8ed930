import Elute
import Foundation
import Testing

@Suite("refine") struct RefineCommandTests {
  private let bench =
    "synthesize lrb --features 60 --width 48 --rows 3000 --activation-probability 0.12 --interference 0.3 --seed 2 "
  private let train = " --d-sae 180 --k 16 --batch 128 --steps 1200 --lr 0.003 --out "

  @Test("a dictionary with too many latents and too many of them active becomes the true one")
  func endToEnd() throws {
    let place = try Workspace()
    try eluteSucceeds(bench + "--out b", in: place)
    try eluteSucceeds("train --data b" + train + "r", in: place)
    let text = try eluteSucceeds("refine r/seed-0 --data b --out refined", in: place)
    #expect(text.hasPrefix("left of a row  atoms      l0  fvu\n") && text.hasSuffix("-> refined\n"))
    let json = try JSONOutput(
      eluteSucceeds("evaluate refined --data b --truth b --holdout every:10 --json", in: place))
    let recovery = json["recovery"]
    #expect(try #require(recovery["decoder_cosine"]["gt_recovery"].number) >= 0.95)
    #expect(try #require(recovery["precision"].number) >= 0.9)
    // Nothing is overwritten, and the same command gives the same bits.
    let again = try elute("refine r/seed-0 --data b --out refined", in: place)
    #expect(again.status == 2 && again.errors.contains("new or empty"))
    try eluteSucceeds("refine r/seed-0 --data b --out other --threads 1", in: place)
    for name in ["cfg.json", "sae_weights.safetensors"] {
      #expect(try place.bytes("refined/" + name) == place.bytes("other/" + name), "\(name)")
    }
  }

  @Test("with a target it becomes a transcoder, in two stages")
  func stages() throws {
    let place = try Workspace()
    try eluteSucceeds(bench + "--sites 2 --out b", in: place)
    try eluteSucceeds("train --data b/site-0" + train + "r", in: place)
    let sites = "--data b/site-0 --target b/site-1 "
    let json = try JSONOutput(
      eluteSucceeds("refine r/seed-0 " + sites + "--out t --json", in: place))
    #expect(json["after"]["latents"].number != nil)
    #expect(json["rounds"].items.first?["kind"].text == "begun")
    let found = try JSONOutput(
      eluteSucceeds("evaluate t " + sites + "--truth b --json", in: place))
    #expect(
      try #require(found["recovery"]["decoder_cosine"]["gt_recovery"].number) >= 0.95)
  }

  @Test("what cannot be refined is refused, and nothing is written")
  func refused() throws {
    let place = try Workspace()
    try eluteSucceeds(bench + "--sites 2 --out b", in: place)
    let quick = " --d-sae 64 --k 4 --batch 128 --steps 5 --out "
    try eluteSucceeds("train --data b/site-0 --target b/site-1" + quick + "t", in: place)
    try eluteSucceeds("train --data b/site-0" + quick + "r", in: place)
    for (arguments, words) in [
      ("refine t/seed-0 --data b/site-0 --target b/site-1 --out x", "width 48"),
      ("refine r/seed-0 --sources b/site-0,b/site-1 --out x", "width 48"),
      ("refine r/seed-0 --data b/site-0 --merge 2 --out x", "merge"),
      ("refine r/seed-0 --out x", "--data"),
      ("refine r --data b/site-0 --out x", "whole run"),
    ] {
      let result = try elute(arguments, in: place)
      #expect(result.status == 2 && result.errors.contains(words), "\(arguments): \(result.errors)")
    }
    #expect(!place.names(in: ".").contains("x"))
  }
}
