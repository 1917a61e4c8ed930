import Foundation
import Testing

@Suite("rival") struct RivalCommandTests {
  private let bench =
    "synthesize lrb --features 60 --width 48 --rows 3000 --activation-probability 0.05 --interference 0.3 --seed 2 --out b"
  private let train =
    "train --data b --d-sae 80 --k 6 --batch 128 --steps 400 --lr 0.003 --seeds 0,1 --out r"

  @Test("it finds a dictionary that differs, writes it, and it is one")
  func endToEnd() throws {
    let place = try Workspace()
    try eluteSucceeds(bench, in: place)
    _ = try elute(train, in: place)
    let text = try eluteSucceeds(
      "rival r/seed-0 --data b --tolerance 0.05 --rounds 3 --rows 1000 --out v", in: place)
    #expect(text.hasPrefix("r/seed-0 on 600 rows of b, fitted on ") && text.hasSuffix("-> v\n"))
    #expect(text.contains("other seeds lack"))
    let json = try JSONOutput(
      String(decoding: place.bytes("v/rival.json"), as: UTF8.self))
    let (own, rival) = (
      try #require(json["own_fvu"].number), try #require(json["rival_fvu"].number)
    )
    #expect(rival <= own + 0.05)
    let table = String(decoding: try place.bytes("v/atoms.csv"), as: UTF8.self)
      .split(separator: "\n").map(String.init)
    let replaceable = table.filter { $0.hasSuffix(",1") }.count
    #expect(Double(replaceable) == json["replaced"].number && replaceable > 0)
    #expect(Double(table.count - 1) == json["atoms"].number)
    // It is a dictionary as any other.
    try eluteSucceeds("evaluate v --data b", in: place)
    // The same whatever the threads.
    try eluteSucceeds(
      "rival r/seed-0 --data b --tolerance 0.05 --rounds 3 --rows 1000 --threads 1 --out w",
      in: place)
    #expect(try place.bytes("v/atoms.csv") == place.bytes("w/atoms.csv"))
    #expect(
      try place.bytes("v/sae_weights.safetensors") == place.bytes("w/sae_weights.safetensors"))
  }

  @Test("what has no rival is refused, and nothing is written")
  func refused() throws {
    let place = try Workspace()
    try eluteSucceeds(bench, in: place)
    _ = try elute("train --data b --d-sae 64 --k 4 --batch 128 --steps 5 --out r", in: place)
    for (arguments, words) in [
      ("rival r/seed-0 --out x", "--data"),
      ("rival r --data b --out x", "whole run"),
      ("rival r/seed-0 --data b --tolerance 0 --out x", "tolerance"),
      ("rival r/seed-0 --data b --threshold 1 --out x", "threshold"),
      ("rival r/seed-0 --data b --rounds 0 --out x", "rounds"),
      ("rival r/seed-0 --data b --rows 1 --out x", "do not vary"),
      ("rival r/seed-0 --data b --holdout none --out x", "holdout"),
    ] {
      let result = try elute(arguments, in: place)
      #expect(result.status == 2 && result.errors.contains(words), "\(arguments): \(result.errors)")
    }
    #expect(!place.names(in: ".").contains("x"))
  }
}
