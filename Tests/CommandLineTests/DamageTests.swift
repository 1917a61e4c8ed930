import Elute
import Testing

@Suite("damaged files of a run") struct DamageTests {
  @Test("a flipped bit anywhere in a checkpoint is found before it trains on")
  func checkpoint() throws {
    let place = try Workspace.withActivations()
    try eluteSucceeds(small + " --out r", in: place)
    let name = "r/seed-0/checkpoints/00000040/training.safetensors"
    var stream = RandomStream(seed: 0, name: "flipped bits")
    let size = try place.bytes(name).count
    for bit in [0, 70, 8 * size - 1] + (0..<5).map({ _ in stream.index(below: 8 * size) }) {
      try place.flip(bit: bit, of: name)
      let errors = try eluteRefuses(small + " --steps 50 --out r --resume", in: place)
      #expect(errors.hasPrefix("error: \(name): found SHA-256 "))
      #expect(
        errors.hasSuffix(
          "hint: the checkpoint is damaged; remove its folder to resume from the one before it\n"))
      try place.flip(bit: bit, of: name)
    }
    try eluteSucceeds(small + " --steps 50 --out r --resume", in: place)
  }

  @Test("with the damaged checkpoint removed, the one before it gives the same bits")
  func fallingBack() throws {
    let place = try Workspace.withActivations()
    let run = small + " --checkpoint-every 20"
    try eluteSucceeds(run + " --steps 60 --out whole", in: place)
    try eluteSucceeds(run + " --out r", in: place)
    try place.remove("r/seed-0/checkpoints/00000040")
    try eluteSucceeds(run + " --steps 60 --out r --resume", in: place)
    #expect(
      place.contents(of: "r/seed-0/dictionary") == place.contents(of: "whole/seed-0/dictionary"))
  }

  @Test("a flipped bit anywhere in a dictionary's weights or settings is found by every reader")
  func dictionary() throws {
    let place = try Workspace.withActivations()
    try eluteSucceeds(small + " --out r --seeds 0,1", in: place)
    let weights = "r/seed-0/dictionary/sae_weights.safetensors"
    let settings = "r/seed-0/dictionary/cfg.json"
    let size = try place.bytes(weights).count
    let text = try place.text(settings)
    let digit = try #require(text.ranges(of: "\"k\": 4").first?.upperBound)
    let k = 8 * (text.utf8.distance(from: text.startIndex, to: digit) - 1)
    for (name, bit) in [(weights, 3), (weights, 4 * size), (weights, 8 * size - 1), (settings, k)] {
      try place.flip(bit: bit, of: name)
      for line in ["evaluate r/seed-0 --data acts.npy", "compare r", "report r"] {
        #expect(try eluteRefuses(line, in: place).hasPrefix("error: \(name): "))
      }
      let json = try JSONOutput(eluteSucceeds("inspect r/seed-0/dictionary --json", in: place))
      #expect(json["problems"].items.isEmpty == false)
      try place.flip(bit: bit, of: name)
    }
    try eluteSucceeds("compare r", in: place)
  }

  @Test(
    "a run's description or record that cannot be read is named",
    arguments: ["run.json", "seed-0/record.json"])
  func descriptions(_ name: String) throws {
    let place = try Workspace.withActivations()
    try eluteSucceeds(small + " --out r", in: place)
    let whole = try place.text("r/" + name)
    let schema =
      name == "run.json" ? RunDescription.currentSchema : RunRecord.currentSchema
    let damages = [
      whole.replacing("\"schema\" : \(schema)", with: "\"schema\" : \(schema + 1)"),
      whole.replacing("\"schema\" : \(schema)", with: "\"schema\" : \(schema - 1)"),
      String(whole.prefix(whole.count / 2)), "",
    ]
    let expected = [
      """
      error: r/\(name): key schema: found \(schema + 1), expected \(schema)
      hint: a newer Elute wrote it; use that one

      """,
      """
      error: r/\(name): key schema: found \(schema - 1), expected \(schema)
      hint: an older Elute wrote it; use that one

      """,
      """
      error: r/\(name): found no valid JSON, expected what Elute writes there
      hint: the file was changed or cut short; restore it, or start the run anew

      """,
    ]
    for (text, message) in zip(damages, expected + [expected[2]]) {
      try place.write(text, to: "r/" + name)
      #expect(try eluteRefuses(small + " --out r --resume", in: place) == message)
      #expect(try eluteRefuses("report r", in: place) == message)
    }
    try place.write(whole, to: "r/" + name)
    try eluteSucceeds("report r", in: place)
  }

  @Test(
    "a flipped bit of what a report is made of is found",
    arguments: [
      "run.json", "seed-0/record.json", "seed-1/snapshots/00000040/snapshot.safetensors",
    ])
  func flippedForAReport(_ name: String) throws {
    let place = try Workspace.withActivations()
    try eluteSucceeds(small + " --out r --seeds 0,1 --snapshots 3", in: place)
    var stream = RandomStream(seed: 1, name: "flipped bits")
    let size = try place.bytes("r/" + name).count
    for bit in (0..<6).map({ _ in stream.index(below: 8 * size) }) {
      try place.flip(bit: bit, of: "r/" + name)
      let errors = try eluteRefuses("report r", in: place)
      #expect(errors.hasPrefix("error: r/\(name): "), "bit \(bit): \(errors)")
      #expect(errors.contains("\nhint: "))
      try place.flip(bit: bit, of: "r/" + name)
    }
    try eluteSucceeds("report r", in: place)
  }

  @Test("a record of another dictionary is not believed")
  func otherRecord() throws {
    let place = try Workspace.withActivations()
    try eluteSucceeds(small + " --out r --seeds 0", in: place)
    try eluteSucceeds(small + " --out s --seeds 0 --d-sae 40", in: place)
    try place.remove("r/seed-0/record.json")
    try place.copy("s/seed-0/record.json", to: "r/seed-0/record.json")
    #expect(
      try eluteRefuses("compare r/seed-0 r/seed-0", in: place).contains(
        "record.json: key firing_densities: found 40 densities, expected 48, d_sae"))
  }
}
