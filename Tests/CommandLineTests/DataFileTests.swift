import Elute
import Testing

@Suite("data files") struct DataFileTests {
  @Test("a missing file is named")
  func missing() throws {
    let place = try Workspace()
    let expected = """
      error: acts.npy: found no such file or folder, expected a readable file

      """
    #expect(try eluteRefuses(small + " --out r", in: place) == expected)
    #expect(try eluteRefuses(small + " --out r --plan", in: place) == expected)
  }

  @Test("a file cut short says how much is missing")
  func truncated() throws {
    let place = try Workspace.withActivations()
    try place.write(Array(try place.bytes("acts.npy").dropLast(5)), to: "acts.npy")
    #expect(
      try eluteRefuses(small + " --out r", in: place) == """
        error: acts.npy: byte 28923: found 28795 bytes of data, expected 28800 for <f4 [600, 12]
        hint: the file was cut short; copy it again

        """)
  }

  @Test("a header that claims more rows than there are is refused")
  func lying() throws {
    let place = try Workspace.withActivations()
    let text = try place.bytes("acts.npy")
    let place600 = try #require((0..<200).first { text[$0...].starts(with: "600,".utf8) })
    var lie = text
    lie[place600] = UInt8(ascii: "9")
    try place.write(lie, to: "acts.npy")
    #expect(
      try eluteRefuses(small + " --out r", in: place) == """
        error: acts.npy: byte 28928: found 28800 bytes of data, expected 43200 for <f4 [900, 12]
        hint: the file was cut short; copy it again

        """)
  }

  @Test("something else than activations is refused", arguments: ["", "k: 3\n", "PK\u{3}\u{4}"])
  func otherFiles(_ content: String) throws {
    let place = try Workspace()
    try place.write(content, to: "acts.npy")
    #expect(try eluteRefuses(small + " --out r", in: place).hasPrefix("error: acts.npy: "))
    let other = small.replacing("acts.npy", with: "acts.txt")
    try place.write(content, to: "acts.txt")
    #expect(
      try eluteRefuses(other + " --out r", in: place).hasPrefix(
        "error: acts.txt: found no format that Elute knows"))
  }

  @Test("a row that is not finite is named, wherever data are read")
  func notFinite() throws {
    var rows = planted()
    rows[17, 3] = .nan
    let place = try Workspace.withActivations()
    try eluteSucceeds(small + " --out r", in: place)
    try NpyFile.write(rows, to: place.file("nan.npy"))
    let expected = """
      error: nan.npy: row 17: found nan in column 3, as float32, expected finite numbers
      hint: drop such rows where the activations are written; one of them ruins a training run

      """
    let line = small.replacing("acts.npy", with: "nan.npy") + " --out new"
    #expect(try eluteRefuses(line, in: place) == expected)
    #expect(try eluteRefuses("evaluate r/seed-0 --data nan.npy", in: place) == expected)
    #expect(try eluteRefuses("compare r/seed-0 r/seed-0 --data nan.npy", in: place) == expected)
    #expect(try eluteRefuses("report r --data nan.npy", in: place) == expected)
  }

  @Test("data of another width are refused where a dictionary meets them")
  func otherWidth() throws {
    let place = try Workspace.withActivations()
    try eluteSucceeds(small + " --out r", in: place)
    try NpyFile.write(planted(width: 9), to: place.file("narrow.npy"))
    let expected = """
      error: narrow.npy: found rows of width 9, expected width 12, the dictionary's d_in
      hint: give the activations of the site that the dictionary was trained on

      """
    #expect(try eluteRefuses("evaluate r/seed-0 --data narrow.npy", in: place) == expected)
    #expect(
      try eluteRefuses("compare r/seed-0 r/seed-0 --data narrow.npy", in: place) == expected)
    #expect(
      try eluteRefuses("report r --data narrow.npy", in: place).hasPrefix(
        "error: r/run.json: key data.fingerprint: found 600 rows of width 9, "))
    try eluteSucceeds(small.replacing("acts", with: "narrow") + " --out n", in: place)
    #expect(
      try eluteRefuses("compare r/seed-0 n/seed-0", in: place) == """
        error: r/seed-0 and n/seed-0: found atoms of width 12 and of width 9, expected dictionaries of \
        one site
        hint: only dictionaries that were trained on the same activations can agree

        """)
  }

  @Test("data problems are said before training, on standard error, and do not stop it")
  func problems() throws {
    var rows = planted()
    for row in 0..<rows.rows {
      rows[row, 4] = 2.5
      rows[row, 7] *= 300
    }
    rows = rows.selecting(rows: Array(0..<600) + [5])
    let place = try Workspace.withActivations(rows)
    let outcome = try elute(small + " --out r", in: place)
    #expect(outcome.ending == .exit(0))
    #expect(outcome.output.hasPrefix("seed 0: fvu "))
    let lines = outcome.errors.split(separator: "\n").map(String.init)
    #expect(
      lines.first == """
        note: acts.npy: 1 constant column (4): they carry nothing; b_dec will absorb them
        """)
    #expect(
      lines.dropFirst().first == """
        note: acts.npy: 1 row repeats an earlier one (the first is row 600): held-out rows may have \
        been trained on
        """)
    #expect(lines.last?.hasPrefix("note: acts.npy: 1 outlier column (7), up to ") == true)
    #expect(lines.count == 3)
  }

  @Test("data without problems are trained on without a word")
  func noProblems() throws {
    let place = try Workspace.withActivations()
    #expect(try eluteSucceeds(small + " --out r", in: place).hasPrefix("seed 0: fvu "))
  }

  @Test(
    "data of any size and scale can be trained on, evaluated and reported",
    arguments: [1e-30, 1e9, 1e30])
  func scales(_ scale: Double) throws {
    var rows = planted(rows: 100)
    for index in rows.values.indices { rows.values[index] *= Float(scale) }
    let place = try Workspace.withActivations(rows)
    try eluteSucceeds(small + " --out r --seeds 0,1", in: place)
    try eluteSucceeds("evaluate r/seed-0 --data acts.npy", in: place)
    try eluteSucceeds("report r", in: place)
  }

  @Test("held-out rows that do not vary have no fvu, and the run still ends well")
  func constantRows() throws {
    let place = try Workspace.withActivations(planted(rows: 8))
    let text = try eluteSucceeds(small + " --out r --seeds 0,1", in: place)
    #expect(text.hasPrefix("seed 0: fvu not defined on 1 held-out rows"))
    try eluteSucceeds(small + " --out r --seeds 0,1 --resume --steps 50", in: place)
    #expect(try place.record("r/seed-0").curve.map(\.step).contains(40))
    try eluteSucceeds("report r", in: place)
  }
}
