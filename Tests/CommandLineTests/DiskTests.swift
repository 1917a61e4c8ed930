import Testing

/// A disk that fills, played by a limit on the size of files.
@Suite("no room on the disk") struct DiskTests {
  static let run = small.replacing("--steps 40", with: "--steps 400") + " --checkpoint-every 50"

  @Test("when the log cannot grow, the run ends with the last checkpoint intact and goes on later")
  func logFull() throws {
    let place = try Workspace.withActivations()
    let run = Self.run + " --log-every 1"
    try eluteSucceeds(run + " --out whole", in: place)
    let outcome = try Command.run(words(run + " --out r"), in: place, fileBlocks: 80)
    #expect(outcome.ending == .exit(2))
    #expect(outcome.output.isEmpty)
    let lines = outcome.errors.split(separator: "\n")
    #expect(
      lines.first?.hasPrefix(
        "error: r/seed-0/metrics.jsonl: found no room to write, expected a line for step ") == true)
    #expect(lines.last == "hint: make room on the disk and go on with --resume")
    let newest = try #require(place.names(in: "r/seed-0/checkpoints").last)
    #expect(newest != "00000400")
    try eluteSucceeds(run + " --out r --resume", in: place)
    #expect(trained("r", in: place) == trained("whole", in: place))
    #expect(try results(of: "r/seed-0", in: place) == results(of: "whole/seed-0", in: place))
  }

  @Test("when a checkpoint does not fit, the one before it stays and serves")
  func checkpointFull() throws {
    let place = try Workspace.withActivations()
    let run = Self.run + " --log-every 1000"
    let longer = run.replacing("--steps 400", with: "--steps 500")
    try eluteSucceeds(longer + " --out whole", in: place)
    try eluteSucceeds(run + " --out r", in: place)
    let before = place.contents(of: "r/seed-0")
    let outcome = try Command.run(words(longer + " --out r --resume"), in: place, fileBlocks: 20)
    #expect(outcome.ending == .exit(2))
    let lines = outcome.errors.split(separator: "\n")
    #expect(
      lines.first?.hasPrefix(
        "error: r/seed-0/checkpoints/00000450/training.safetensors: byte 10240: found that the file "
          + "would pass the size limit of this process or file system, expected room for ") == true)
    #expect(
      lines.last
        == "hint: raise the limit (ulimit -f) or choose another folder; nothing else was changed")
    for (name, bytes) in before where !name.hasSuffix("metrics.jsonl") {
      #expect(place.contents(of: "r/seed-0")[name] == bytes, "\(name)")
    }
    try eluteSucceeds(longer + " --out r --resume", in: place)
    #expect(
      place.contents(of: "r/seed-0/dictionary") == place.contents(of: "whole/seed-0/dictionary"))
    #expect(
      place.contents(of: "r/seed-0/checkpoints")
        == place.contents(of: "whole/seed-0/checkpoints"))
  }

  @Test("a report that does not fit leaves the old one")
  func reportFull() throws {
    let place = try Workspace.withActivations()
    try eluteSucceeds(small + " --out r", in: place)
    try eluteSucceeds("report r", in: place)
    let before = place.contents()
    let outcome = try Command.run(["report", "r"], in: place, fileBlocks: 8)
    #expect(outcome.ending == .exit(2))
    #expect(outcome.errors.hasPrefix("error: r/report.html: byte 4096: found that the file would"))
    #expect(outcome.output.isEmpty)
    #expect(place.contents() == before)
  }

  @Test("a report that can be written nowhere says so")
  func reportNowhere() throws {
    let place = try Workspace.withActivations()
    try eluteSucceeds(small + " --out r", in: place)
    #expect(
      try eluteRefuses("report r -o no/page.html", in: place) == """
        error: no/page.html: found no such file or folder, expected a folder that can be written to

        """)
    #expect(
      try eluteRefuses("report r -o r", in: place) == """
        error: r: found a folder, expected a file or nothing

        """)
  }

  @Test("a result that cannot be printed is none")
  func outputFull() throws {
    let outcome = try Command.run(
      words("null --width 8 --atoms 8"), in: Workspace(), fileBlocks: 0)
    #expect(outcome.ending == .exit(2))
  }
}
