import Elute
import Foundation
import Testing

@Suite("evaluate --oracle") struct OracleCommandTests {
  @Test("the oracle stands beside the encoder, and the gap is their difference")
  func measures() throws {
    let place = try Workspace.withActivations()
    try eluteSucceeds(small + " --out r", in: place)
    let line = "evaluate r/seed-0 --data acts.npy --holdout every:10"
    let plain = try JSONOutput(eluteSucceeds(line + " --json", in: place))
    for (flags, solver, sparsity) in [
      ("omp", "omp", "k"), ("ols --oracle-k 2", "ols", "k"), ("fista", "fista", "l1"),
      ("fista --oracle-l1 0.05 --no-oracle-nonnegative", "fista", "l1"),
    ] {
      let text = try eluteSucceeds(line + " --json --oracle " + flags, in: place)
      let json = try JSONOutput(text)
      #expect(json.keys == plain.keys.union(["oracle", "amortization_gap"]))
      let oracle = json["oracle"]
      #expect(oracle.keys == ["solver", sparsity, "nonnegative", "fvu", "l0", "code_iou"])
      #expect(oracle["solver"].text == solver)
      let fvu = try #require(json["fvu"].number)
      #expect(fvu == plain["fvu"].number)
      let gap = try #require(json["amortization_gap"].number)
      #expect(abs(gap - (fvu - (try #require(oracle["fvu"].number)))) < 1e-12)
      for threads in [1, 3] {
        #expect(
          try eluteSucceeds(
            line + " --json --threads \(threads) --oracle " + flags, in: place) == text)
      }
    }
    let json = try JSONOutput(eluteSucceeds(line + " --json --oracle omp", in: place))
    #expect(json["oracle"]["k"].number == json["l0"].number?.rounded())
    #expect(try #require(json["amortization_gap"].number) > 0)
    let lines = try eluteSucceeds(line + " --oracle omp --oracle-k 3", in: place)
    #expect(lines.contains("\noracle omp, k 3, nonnegative codes\n  fvu      "))
    #expect(lines.contains("\n  amortization gap    "))
  }

  @Test(
    "flags that fit nothing are refused",
    arguments: [
      (
        "--oracle lars",
        "oracle: found 'lars', expected omp or ols or fista\nhint: omp is the usual one"
      ),
      (
        "--oracle-k 4",
        "oracle-k: found no oracle to apply it to, expected --oracle with it\n"
          + "hint: add --oracle omp, or leave it out"
      ),
      (
        "--oracle omp --oracle-k 0",
        "oracle-k: found 0, expected a positive number of atoms a row\n"
          + "hint: leave it out for as many as the encoder uses"
      ),
      (
        "--oracle fista --oracle-l1 0",
        "oracle-l1: found 0.0, expected a positive number\nhint: leave it out to match the encoder's l0"
      ),
    ])
  func refusals(_ flags: String, _ words: String) throws {
    let place = try Workspace.withActivations()
    #expect(
      try eluteRefuses("evaluate none --data acts.npy " + flags, in: place)
        == "error: \(words)\n")
  }
}
