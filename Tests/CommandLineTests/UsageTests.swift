import Testing

/// What a test table holds of one refused command line.
struct Refusal: Sendable, CustomTestStringConvertible {
  var line: String
  var errors: String

  init(_ line: String, _ errors: String) {
    self.line = line
    self.errors = errors
  }

  var testDescription: String { line }
}

@Suite("usage") struct UsageTests {
  static let commands = [
    "", "demo", "train", "evaluate", "compare", "consensus", "report", "inspect", "null",
    "benchmark",
    "benchmark step", "benchmark assignment",
  ]

  @Test("help of every command has an example and ends with 0", arguments: commands)
  func help(_ command: String) throws {
    let place = try Workspace()
    let text = try eluteSucceeds((command + " --help").trimmingPrefix(" ").description, in: place)
    #expect(text.contains("\nExample:\n  elute"))
    #expect(text.contains("USAGE: elute"))
    let lines = text.split(separator: "\n").filter { !$0.hasPrefix("USAGE: ") }
    #expect(lines.allSatisfy { $0.count <= 80 })
  }

  @Test("without a command it shows how to begin")
  func noCommand() throws {
    let place = try Workspace()
    #expect(try eluteSucceeds("", in: place).contains("SUBCOMMANDS:"))
    #expect(try eluteSucceeds("benchmark", in: place).contains("SUBCOMMANDS:"))
    #expect(try eluteSucceeds("--version", in: place) == "0.1.0\n")
  }

  @Test(
    "bad usage ends with 2 and says what is wrong on standard error only",
    arguments: [
      Refusal("train --foo", "error: Unknown option '--foo'. Did you mean '--out'?"),
      Refusal("train --step 3", "error: Unknown option '--step'. Did you mean '--steps'?"),
      Refusal("train --steps", "error: Missing value for '--steps <n>'"),
      Refusal("train --steps x", "error: The value 'x' is invalid for '--steps <n>'"),
      Refusal("train --seeds 0,,1", "error: The value '0,,1' is invalid for '--seeds <list>'"),
      Refusal("train --seeds=-1", "error: The value '-1' is invalid for '--seeds <list>'"),
      Refusal("train extra", "error: Unexpected argument 'extra'"),
      Refusal("evaluate", "error: Missing expected argument '<dict>'"),
      Refusal("evaluate a", "error: Missing expected argument '--data <path>'"),
      Refusal("compare", "error: Missing expected argument '<dict> ...'"),
      Refusal("consensus r --out c", "error: Missing expected argument '--at-least <m>'"),
      Refusal(
        "compare a b --null x",
        "error: The value 'x' is invalid for '--null <law>'. Please provide one of "
          + "'decoder_second_moment', 'matched_second_moment' or 'isotropic'."),
      Refusal("inspect", "error: Missing expected argument '<path>'"),
      Refusal("inspect a b", "error: Unexpected argument 'b'"),
      Refusal("null --width 3", "error: Missing expected argument '--atoms <n>'"),
      Refusal("benchmark step --k", "error: Missing value for '--k <n>'"),
      Refusal("nul", "error: Unexpected argument 'nul'"),
      Refusal("--json", "error: Unknown option '--json'"),
    ])
  func badUsage(_ refusal: Refusal) throws {
    let errors = try eluteRefuses(refusal.line, in: Workspace())
    #expect(errors.split(separator: "\n").first.map(String.init) == refusal.errors)
    #expect(errors.contains("--help' for more information.\n"))
  }

  @Test(
    "settings that cannot be are refused by their key, with what to do",
    arguments: [
      Refusal(
        "train --out r",
        """
        error: data: found nothing, expected --data PATH
        hint: give the activations, such as acts.npy

        """),
      Refusal(
        "train --data acts.npy",
        """
        error: out: found nothing, expected --out PATH
        hint: give the folder to write, such as runs/a

        """),
      Refusal(
        small + " --out r --k 49",
        """
        error: k: found 49, expected at most d_sae, 48
        hint: lower k or raise d_sae

        """),
      Refusal(
        small + " --out r --activation relu",
        """
        error: k: found 4 with relu, expected topk, abstopk or batchtopk
        hint: its sparsity follows from --l1

        """),
      Refusal(
        small + " --out r --schedule step",
        """
        error: schedule: found 'step', expected constant, linear or cosine
        hint: linear and cosine take --decay N, the last steps over which the rate falls

        """),
      Refusal(
        small + " --out r --normalize rms",
        """
        error: normalize: found 'rms', expected none, unit_mean_square, mean_norm, centered, unit_norm, \
        layer_norm, whitened
        hint: unit_mean_square is the default

        """),
      Refusal(
        small + " --out r --dead ghost",
        """
        error: dead: found 'ghost', expected auxk, resample or none
        hint: auxk is the default

        """),
      Refusal(
        small + " --out r --holdout every:1",
        """
        error: holdout: found 'every:1', expected a fraction such as 0.1, every:10 or none
        hint: every:10 holds out rows 0, 10, 20 and so on

        """),
      Refusal(
        small + " --out r --holdout 0.9999",
        """
        error: holdout: found all of the 600 rows, expected some rows to train on
        hint: hold out fewer, or give more data

        """),
      Refusal(
        small + " --out r --seeds 1,2,1",
        """
        error: seeds: found [1, 2, 1], expected different whole numbers
        hint: such as --seeds 0,1,2,3

        """),
      Refusal(
        small + " --out r --lr nan",
        """
        error: lr: found nan, expected a positive number
        hint: 3e-4 suits most data

        """),
      Refusal(
        small + " --out r --warmup 30 --schedule linear --decay 11",
        """
        error: warmup: found 30 and 11 steps, expected together at most the 40 steps of the run
        hint: lower them or raise steps

        """),
      Refusal(
        small + " --out r --checkpoint-every 0",
        """
        error: checkpoint_every: found 0, expected at least 1
        hint: leave it out for a default

        """),
      Refusal(
        small + " --out r --snapshots 1001",
        """
        error: snapshots: found 1001, expected 0 to 1000
        hint: 20 show a curve well

        """),
      Refusal(
        "compare r",
        """
        error: r/cfg.json: found no such file or folder, expected a readable file

        """),
      Refusal(
        "null --width 0 --atoms 3",
        """
        error: width: found 0, expected 1 to 1073741824
        hint: give a positive number

        """),
      Refusal(
        "benchmark step --repeats 0",
        """
        error: repeats: found 0 after 200, expected 1 to 1000000 after 0 to 1000000
        hint: 15 after 200 are the default

        """),
      Refusal(
        "benchmark assignment --other-atoms 0",
        """
        error: other_atoms: found 0, expected 1 to 16777216
        hint: 65536 atoms of width 768 are wide

        """),
      Refusal(
        "benchmark assignment --atoms 16777216 --d-in 16777216",
        """
        error: atoms: found a benchmark that needs about 11259.0 TB of memory, expected less than this \
        machine has
        hint: 65536 atoms of width 768 are wide

        """),
      Refusal(
        "benchmark step --k 0",
        """
        error: k: found 0, expected at least 1
        hint: choose the active latents a row, such as 32

        """),
    ])
  func badSettings(_ refusal: Refusal) throws {
    let place = try Workspace.withActivations()
    #expect(try eluteRefuses(refusal.line, in: place) == refusal.errors)
  }

  @Test("a run that no memory could hold is refused before it begins")
  func tooLarge() throws {
    let place = try Workspace.withActivations()
    let errors = try eluteRefuses(small + " --out r --d-sae 2147483647", in: place)
    let needs = try #require(
      errors.firstMatch(of: #/^error: d_sae: found a run that needs about ([0-9.]+) GB of memory,/#)
    )
    #expect(try #require(Double(needs.1)) > 1000)
    for flags in ["--warmup=9223372036854775807", "--d-in=9223372036854775807"] {
      #expect(try eluteRefuses("benchmark step " + flags, in: place).hasPrefix("error: "))
    }
  }

  @Test("threads and kernels that this machine does not have are refused")
  func badCompute() throws {
    let place = try Workspace.withActivations()
    for threads in ["0", "1025", "9223372036854775807"] {
      let errors = try eluteRefuses(small + " --out r --threads \(threads)", in: place)
      #expect(errors.hasPrefix("error: threads: found \(threads), expected 1 to 1024\nhint: "))
    }
    let errors = try eluteRefuses(small + " --out r --kernels mmx", in: place)
    #expect(errors.hasPrefix("error: kernels: found 'mmx', expected plain"))
  }

  @Test(
    "numbers at the end of their range are refused or work, and never end the process",
    arguments: [
      "k", "d-sae", "batch", "warmup", "decay", "auxk-k", "dead-after-rows", "checkpoint-every",
      "log-every", "snapshots", "data-seed",
    ])
  func extremes(_ flag: String) throws {
    let place = try Workspace.withActivations(planted(rows: 90))
    for value in ["-9223372036854775808", "9223372036854775807"] {
      let outcome = try elute(small + " --out r\(value) --steps 3 --\(flag)=\(value)", in: place)
      #expect(outcome.ending == .exit(0) || outcome.ending == .exit(2), "\(outcome.errors)")
    }
  }
}
