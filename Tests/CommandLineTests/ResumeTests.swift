import Elute
import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("resuming") struct ResumeTests {
  static let run =
    small.replacing("--steps 40", with: "--steps 500")
    + " --checkpoint-every 50 --snapshots 5 --dead-after-rows 2000 --seeds 0,1"

  @Test(
    "killed at random moments and resumed, a run ends with the same bits",
    arguments: 1...8 as ClosedRange<UInt64>)
  func killed(_ series: UInt64) throws {
    let place = try Workspace.withActivations()
    let begin = ContinuousClock.now
    try eluteSucceeds(Self.run + " --out whole", in: place)
    let time = (ContinuousClock.now - begin) / .microseconds(1)
    var moments = RandomStream(seed: series, name: "moments of death")
    var kills = 0
    while true {
      let running = try Command.start(words(Self.run + " --resume --out r"), in: place)
      // The last of many attempts is left in peace.
      if kills < 12 { usleep(UInt32(moments.uniform() * time)) }
      if kills < 12 { running.send(SIGKILL) }
      let outcome = running.wait()
      if outcome.ending == .exit(0) { break }
      #expect(outcome.ending == .signal(SIGKILL), "\(outcome.errors)")
      kills += 1
    }
    #expect(trained("r", in: place) == trained("whole", in: place))
    for seed in ["seed-0", "seed-1"] {
      #expect(try results(of: "r/" + seed, in: place) == results(of: "whole/" + seed, in: place))
    }
    #expect(
      try eluteSucceeds(Self.run + " --resume --out r", in: place).hasPrefix(
        "nothing to do: every seed has its 500 steps\n"))
  }

  @Test(
    "asked to end, a run writes a checkpoint and goes on from there", arguments: [SIGINT, SIGTERM])
  func interrupted(_ signal: Int32) throws {
    let place = try Workspace.withActivations()
    // So many steps that it cannot end before the signal comes.
    let line = small + " --checkpoint-every 10000000 --log-every 10 --steps "
    let running = try Command.start(words(line + "10000000 --out r"), in: place)
    while place.size("r/seed-0/metrics.jsonl") < 200 { usleep(1000) }
    running.send(signal)
    let outcome = running.wait()
    #expect(outcome.ending == .exit(130))
    #expect(outcome.output.isEmpty)
    let step = try #require(place.names(in: "r/seed-0/checkpoints").first.flatMap { Int($0) })
    #expect(
      outcome.errors == "interrupted: seed 0 stands at step \(step); add --resume to go on\n")
    #expect(!place.exists("r/seed-0/dictionary"))
    try eluteSucceeds(line + "\(step + 50) --out r --resume", in: place)
    try eluteSucceeds(line + "\(step + 50) --out whole", in: place)
    #expect(
      place.contents(of: "r/seed-0/dictionary") == place.contents(of: "whole/seed-0/dictionary"))
    #expect(try results(of: "r/seed-0", in: place) == results(of: "whole/seed-0", in: place))
  }

  @Test("asked twice, a run ends at once")
  func interruptedTwice() throws {
    let place = try Workspace.withActivations()
    let line = small + " --steps 10000000 --log-every 10 --out r"
    let running = try Command.start(words(line), in: place)
    while place.size("r/seed-0/metrics.jsonl") < 200 { usleep(1000) }
    running.send(SIGINT)
    running.send(SIGTERM)
    #expect(running.wait().ending == .exit(130))
  }

  @Test(
    "more steps give the bits of a run of that length",
    arguments: ["constant", "linear", "cosine --decay 100 --warmup 20"])
  func moreSteps(_ schedule: String) throws {
    let place = try Workspace.withActivations()
    let run = small + " --checkpoint-every 50 --schedule \(schedule)"
    try eluteSucceeds(run + " --steps 500 --out fresh", in: place)
    try eluteSucceeds(run + " --steps 200 --out r", in: place)
    try eluteSucceeds(run + " --steps 350 --out r --resume", in: place)
    let text = try eluteSucceeds(run + " --steps 500 --out r --resume", in: place)
    #expect(text.hasPrefix("seed 0: fvu "))
    #expect(
      place.contents(of: "r/seed-0/dictionary") == place.contents(of: "fresh/seed-0/dictionary"))
    for step in ["00000450", "00000500"] {
      #expect(
        place.contents(of: "r/seed-0/checkpoints/" + step)
          == place.contents(of: "fresh/seed-0/checkpoints/" + step))
    }
    #expect(try place.bytes("r/run.json") == place.bytes("fresh/run.json"))
  }

  @Test("a run goes on by its own settings where none are named")
  func ownSettings() throws {
    let place = try Workspace.withActivations()
    let run =
      small + " --schedule linear --dead-after-rows 300 --holdout 0.2 --clip 1 --snapshots 3"
      + " --data-seed 4 --seeds 3,5 --encoder-scale 0.5 --log-every 7"
    try eluteSucceeds(run + " --steps 200 --out fresh", in: place)
    try eluteSucceeds(run + " --steps 100 --out r", in: place)
    #expect(
      try eluteSucceeds("train --out r --resume --threads 1", in: place).hasPrefix(
        "nothing to do: every seed has its 100 steps\n"))
    // The decay's default is a fifth of the steps, of whichever steps are asked for.
    try eluteSucceeds("train --out r --resume --steps 200 --threads 1", in: place)
    #expect(try place.bytes("r/run.json") == place.bytes("fresh/run.json"))
    for seed in ["seed-3", "seed-5"] {
      #expect(
        place.contents(of: "r/\(seed)/dictionary") == place.contents(of: "fresh/\(seed)/dictionary")
      )
    }
    #expect(
      try eluteRefuses("train --out r --resume --dead none", in: place).hasPrefix(
        "error: dead: found none, expected auxk"))
    #expect(
      try eluteRefuses("train --out r --resume --schedule constant", in: place).hasPrefix(
        "error: schedule: found constant, expected linear"))
  }

  @Test("more seeds are added to those that are done")
  func moreSeeds() throws {
    let place = try Workspace.withActivations()
    try eluteSucceeds(small + " --seeds 0,1,2 --out fresh", in: place)
    try eluteSucceeds(small + " --seeds 1 --out r", in: place)
    let text = try eluteSucceeds(small + " --seeds 0,1,2 --out r --resume", in: place)
    #expect(text.split(separator: "\n").count == 3)
    #expect(trained("r", in: place) == trained("fresh", in: place))
  }

  @Test("a run that was killed before its description was whole can be started")
  func killedAtTheStart() throws {
    let place = try Workspace.withActivations()
    try FileManager.default.createDirectory(
      atPath: place.file("r"), withIntermediateDirectories: false)
    try place.write("{", to: "r/run.json.tmp-123")
    try eluteSucceeds(small + " --out r --resume", in: place)
    #expect(place.names(in: "r") == [".lock", "run.json", "seed-0"])
  }

  @Test("two processes do not train in one folder; when the first is gone the second may go on")
  func twoAtOnce() throws {
    let place = try Workspace.withActivations()
    let line = small + " --checkpoint-every 50 --log-every 10 --steps "
    let running = try Command.start(words(line + "10000000 --out r"), in: place)
    // With a checkpoint, which a thread beside training writes.
    while !place.names(in: "r/seed-0/checkpoints").contains(where: { Int($0) != nil }) {
      usleep(1000)
    }
    // A few seconds of work end it if it is let in.
    let second = try Command.run(
      words("train --out r --resume"), in: place, under: "ulimit -t 5 && exec")
    #expect(second.ending == .exit(2))
    #expect(
      second.errors == """
        error: r: found a run that another process is training, expected nobody at work
        hint: wait until that one has ended, or stop it, and go on with --resume

        """)
    running.send(SIGKILL)
    #expect(running.wait().ending == .signal(SIGKILL))
    let done = try #require(place.names(in: "r/seed-0/checkpoints").compactMap { Int($0) }.max())
    try eluteSucceeds(line + "\(done + 50) --out r --resume", in: place)
    try eluteSucceeds(line + "\(done + 50) --out whole", in: place)
    #expect(
      place.contents(of: "r/seed-0/dictionary") == place.contents(of: "whole/seed-0/dictionary"))
  }

  @Test("a folder that holds another run, or anything, is refused")
  func occupied() throws {
    let place = try Workspace.withActivations()
    try eluteSucceeds(small + " --out r", in: place)
    #expect(
      try eluteRefuses(small + " --out r", in: place) == """
        error: r: found another run, expected a new or empty folder
        hint: add --resume to go on with that run, or choose another --out

        """)
    for flag in ["", " --resume"] {
      #expect(
        try eluteRefuses(small + " --out ." + flag, in: place) == """
          error: .: found a folder with other files, expected a new or empty folder
          hint: choose another --out; nothing is overwritten

          """)
    }
    #expect(
      try eluteRefuses(small + " --out acts.npy", in: place) == """
        error: acts.npy: found a folder that cannot be made, expected a place to write
        hint: check the path and its permissions

        """)
  }

  @Test(
    "a run goes on with its own settings only; others are refused by their key",
    arguments: [
      ("--k 5", "k: found 5, expected 4"), ("--d-sae 49", "d_sae: found 49, expected 48"),
      ("--batch 65", "batch: found 65, expected 64"),
      ("--lr 0.002", "lr: found 0.002, expected 0.003"),
      ("--warmup 3", "warmup: found 3, expected 0"),
      ("--schedule linear", "schedule: found linear, expected constant"),
      ("--encoder-scale 0.5", "encoder_scale: found 0.5, expected 1"),
      ("--decoder-rate 0.5", "decoder_rate: found 0.5, expected 1"),
      ("--beta1 0.8", "beta1: found 0.8, expected 0.9"),
      ("--beta2 0.99", "beta2: found 0.99, expected 0.999"),
      ("--epsilon 1e-6", "epsilon: found 1e-06, expected 1e-08"),
      ("--dead none", "dead: found none, expected auxk"),
      ("--auxk-coefficient 2", "auxk_coefficient: found 2, expected 1"),
      ("--auxk-k 3", "auxk_k: found 3, expected d_in / 2"),
      ("--dead-after-rows 9", "dead_after_rows: found 9, expected the default"),
      ("--normalize none", "normalize: found none, expected unit_mean_square"),
      ("--clip 1", "clip: found 1, expected off"),
      ("--holdout none", "holdout: found none, expected every:10"),
      ("--data-seed 3", "data_seed: found 3, expected each seed its own order"),
    ])
  func otherSettings(_ flags: String, _ difference: String) throws {
    let place = try Workspace.withActivations(planted(rows: 100))
    let run = small + " --steps 4 --encoder-scale 1 --decoder-rate 1 --out r"
    try eluteSucceeds(run, in: place)
    #expect(
      try eluteRefuses(run + " --resume \(flags)", in: place) == """
        error: \(difference), as the run in r has it
        hint: only steps and seeds may change when a run is resumed; or choose another --out

        """)
  }

  @Test("fewer steps than are done, and other data, are refused")
  func fewerStepsAndOtherData() throws {
    let place = try Workspace.withActivations()
    try eluteSucceeds(small + " --out r", in: place)
    #expect(
      try eluteRefuses(small + " --steps 39 --out r --resume", in: place) == """
        error: steps: found 39, expected at least 40, which seed 0 has done in r
        hint: a resumed run goes on; for fewer steps choose another --out

        """)
    var other = planted()
    other[599, 11] += 1
    try NpyFile.write(other, to: place.file("acts.npy"))
    #expect(
      try eluteRefuses(small + " --out r --resume", in: place) == """
        error: r/run.json: key data.fingerprint: found a run on other data, acts.npy, expected the \
        same rows
        hint: give the data of that run, or another --out

        """)
  }
}
