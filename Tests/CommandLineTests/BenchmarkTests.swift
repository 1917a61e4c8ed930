import Foundation
import Testing

@Suite("Benchmarks take turns with other programs") struct BenchmarkTests {
  private let shape = "--d-sae 48 --k 4 --batch 64 --threads 1"

  @Test("planted rows that were written out are the rows that are trained on otherwise")
  func export() throws {
    let place = try Workspace()
    let rows = "benchmark step --d-in 12 \(shape)"
    #expect(try eluteSucceeds(rows + " --export rows.npy", in: place).isEmpty)
    #expect(place.size("rows.npy") == 128 + 4 * 64 * 12 * 4)
    let steps = " --warmup 5 --repeats 1 --keep "
    _ = try eluteSucceeds(rows + steps + "planted", in: place)
    _ = try eluteSucceeds(
      "benchmark step --data rows.npy \(shape)" + steps + "read", in: place)
    let name = "/sae_weights.safetensors"
    for step in ["/initial", "/trained"] {
      #expect(
        try place.bytes("planted" + step + name) == place.bytes("read" + step + name))
    }
    #expect(
      try place.bytes("read/initial" + name) != place.bytes("read/trained" + name))
  }

  @Test("a paced benchmark answers each line of its input with a line")
  func paced() throws {
    let script = #"printf 'step\nstep\n' | "$0" "$@""#
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments =
      ["-c", script, Command.path]
      + words("benchmark step --paced --d-in 12 --warmup 1 \(shape)")
    process.standardOutput = output
    try process.run()
    let lines = String(
      decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self
    ).split(separator: "\n")
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    try #require(lines.count == 2)
    for line in lines {
      let json = try JSONOutput(String(line))
      #expect(
        json.keys == ["step_ms", "one_dense_product_at_peak_ms", "survivors_per_row"])
      #expect(try #require(json["survivors_per_row"].number) >= 4)
    }
  }

  @Test("rows that do not suit the benchmark are refused")
  func refusals() throws {
    let place = try Workspace.withActivations()
    let step = "benchmark step --data acts.npy "
    #expect(
      try eluteRefuses(step + "--d-in 13", in: place) == """
        error: d_in: found 13, expected the data's width, 12
        hint: leave it out

        """)
    #expect(
      try eluteRefuses(step + "--batch 601 --d-sae 48 --k 4", in: place) == """
        error: batch: found 601, expected at most the 600 rows
        hint: lower it, or give more rows

        """)
    #expect(
      try eluteRefuses(step + "--export rows.npy", in: place).hasPrefix("error: data: found "))
    #expect(
      try eluteRefuses("benchmark step --rows 0", in: place).hasPrefix("error: rows: found 0, "))
  }

  static let harness = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Benchmarks/run").path

  static var hasPython: Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .contains { FileManager.default.isExecutableFile(atPath: $0 + "/python3") }
  }

  @Test(
    "the harness that compares Elute with others runs on Elute alone and writes its table",
    .enabled(if: hasPython, "no python3 on this machine"))
  func harness() throws {
    let place = try Workspace()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "python3", "-B", Self.harness, "smoke", "--elute", Command.path, "--threads", "1",
      "--results", place.file("results.json"), "--scratch", place.file("scratch"),
    ]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let results = try JSONOutput(String(decoding: place.bytes("results.json"), as: UTF8.self))
    let rounds = results["steps"]["16,64,4,64 planted"]["rounds"].items
    #expect(rounds.count == 2)
    for round in rounds {
      #expect(try #require(round["times"]["elute"].items.first?["step_ms"].number) > 0)
    }
    let table = String(decoding: try place.bytes("results.md"), as: UTF8.self)
    #expect(table.contains("| 16,64,4,64 planted |"))
    // Training in other ways, which the harness checks to end with the same bits.
    #expect(table.contains("| NOT limited: the system may have kept the file in memory"))
    #expect(table.contains("| 16,64,4,64 20 steps |"))
  }
}
