import Elute
import Foundation
import Testing

/// What a command prints with `--json`, as later tools would read it.
struct JSONOutput {
  var value: Any

  init(_ text: String) throws {
    value = try JSONSerialization.jsonObject(with: Data(text.utf8))
  }

  /// Whether a number is another one, but for the last digit that JSONSerialization reads.
  func isAbout(_ other: Double) -> Bool {
    number.map { abs($0 - other) <= 1e-15 * abs(other) } ?? false
  }

  init(_ value: Any) { self.value = value }

  var keys: Set<String> { Set((value as? [String: Any] ?? [:]).keys) }
  var items: [JSONOutput] { (value as? [Any] ?? []).map { JSONOutput($0) } }
  var number: Double? { value as? Double }
  var text: String? { value as? String }

  subscript(key: String) -> JSONOutput {
    JSONOutput((value as? [String: Any])?[key] ?? NSNull())
  }
}

@Suite("--json") struct JSONOutputTests {
  @Test("null", arguments: [("", "absolute"), (" --signed", "signed")])
  func null(_ flag: String, _ convention: String) throws {
    let place = try Workspace()
    let json = try JSONOutput(
      eluteSucceeds("null --width 128 --atoms 1024 --json" + flag, in: place))
    #expect(
      json.keys == [
        "width", "atoms", "convention", "expected_mmcs", "standard_deviation_per_atom",
      ])
    #expect(json["convention"].text == convention)
    let null = IsotropicNull(
      width: 128, atoms: 1024, convention: try #require(CosineConvention(rawValue: convention)))
    #expect(json["expected_mmcs"].isAbout(null.expectedMMCS))
    #expect(json["standard_deviation_per_atom"].isAbout(null.standardDeviationPerAtom))
  }

  @Test("evaluate, compare, inspect and report read what train wrote")
  func ofARun() throws {
    let place = try Workspace.withActivations()
    let trained = try JSONOutput(
      eluteSucceeds(small + " --out r --seeds 4,5,6 --snapshots 4 --json", in: place))
    #expect(trained.items.map { $0["seed"].number } == [4, 5, 6])

    let measures: Set = ["fvu", "explained_variance", "mse", "l0", "dead_fraction", "rows"]
    let evaluated = try JSONOutput(
      eluteSucceeds("evaluate r/seed-4 --data acts.npy --holdout every:10 --json", in: place))
    #expect(
      evaluated.keys
        == measures.union([
          "live_atoms", "distinct_atoms", "effective_rank", "effective_rank_of_squares",
          "participation_ratio",
        ]))
    #expect(evaluated["rows"].number == 60)
    for key in measures {
      #expect(evaluated[key].number == trained.items[0]["evaluation"][key].number)
    }
    let dead = try #require(evaluated["dead_fraction"].number)
    #expect(evaluated["live_atoms"].number == (48 * (1 - dead)).rounded())
    let all = try JSONOutput(eluteSucceeds("evaluate r/seed-4 --data acts.npy --json", in: place))
    #expect(all["rows"].number == 600)

    let compared = try JSONOutput(eluteSucceeds("compare r --json", in: place))
    #expect(
      compared.keys == [
        "dictionaries", "d_in", "convention", "mmcs", "mmcs_all", "dcs", "dcs_all", "null_mmcs",
        "null_dcs", "kappa", "ratio_to_isotropic", "shared", "liveness", "pairs", "assignment_gap",
        "kappa_interval", "mmcs_interval", "nulls", "shared_fraction", "null_shared_fraction",
        "controls", "kappa_one_to_one", "kappa_one_to_one_interval", "dcs_interval",
        "mmcs_all_interval", "shared_fraction_interval", "kappa_matched",
        "kappa_matched_interval", "pw_mcc", "subspace_overlap", "null_subspace_overlap",
      ])
    #expect(compared["controls"].keys == ["step_0"])
    #expect(abs(try #require(compared["controls"]["step_0"]["kappa"].number)) < 0.2)
    #expect(
      compared["nulls"].keys
        == ["isotropic", "decoder_second_moment", "one_to_one", "matched_second_moment"])
    #expect(compared["nulls"]["decoder_second_moment"].number == compared["null_mmcs"].number)
    #expect(compared["nulls"]["one_to_one"].number == compared["null_dcs"].number)
    let onRows = try JSONOutput(eluteSucceeds("compare r --data acts.npy --json", in: place))
    #expect(
      onRows.keys.subtracting(compared.keys) == [
        "code_iou", "null_code_iou", "code_distance", "code_iou_interval",
        "code_distance_interval",
      ])
    let pursued = try JSONOutput(
      eluteSucceeds("compare r --data acts.npy --oracle --json", in: place))
    #expect(
      pursued.keys.subtracting(onRows.keys) == [
        "oracle_code_iou", "null_oracle_code_iou", "oracle_code_distance",
        "oracle_code_iou_interval", "oracle_code_distance_interval",
      ])
    let refused = try elute("compare r --oracle", in: place)
    #expect(refused.ending == .exit(2))
    #expect(refused.errors.contains("--data"))
    #expect(onRows["code_iou_interval"].items.count == 2)
    #expect(onRows["controls"].keys == ["step_0", "data_draw", "pca", "k_means"])
    #expect(
      onRows["controls"]["pca"].keys == [
        "mmcs", "null_mmcs", "kappa", "dcs", "null_dcs", "kappa_one_to_one", "atoms",
      ])
    #expect(compared["dictionaries"].items.map(\.text) == ["r/seed-4", "r/seed-5", "r/seed-6"])
    #expect(compared["pairs"].items.count == 3)
    #expect(compared["assignment_gap"].number == 0)
    #expect(compared["convention"].text == "signed")
    #expect(compared["liveness"].text == "record")
    #expect(compared["shared"].keys == ["initialization", "data_order", "data"])
    #expect(compared["shared"]["data"].text == "same")
    #expect(compared["pairs"].items.allSatisfy { $0["shared"]["data_order"].text == "different" })
    let two = try JSONOutput(eluteSucceeds("compare r/seed-6 r/seed-4 --json", in: place))
    #expect(two["pairs"].items.count == 1)
    #expect(!two.keys.contains("kappa_interval"))

    let inspected = try JSONOutput(
      eluteSucceeds("inspect r/seed-4/dictionary --json", in: place))
    #expect(inspected.keys == ["path", "format", "description", "tensors", "problems"])
    #expect(inspected["format"].text == "saelens-dictionary")
    #expect(inspected["problems"].items.isEmpty)
    #expect(
      inspected["tensors"].items.map { $0["name"].text } == ["W_dec", "W_enc", "b_dec", "b_enc"])
    #expect(inspected["tensors"].items.allSatisfy { $0["dtype"].text == "F32" })
    #expect(inspected["tensors"].items[1]["shape"].items.map(\.number) == [12, 48])

    let reported = try JSONOutput(eluteSucceeds("report r --json", in: place))
    #expect(reported["runs"].items.count == 3)
    #expect(reported["agreement"].items.count > 2)
    #expect(reported["most_replicated"].items.count == 8)
    #expect(!place.exists("r/report.html"))
  }

  @Test("problems of a file are findings of inspect")
  func inspectProblems() throws {
    var rows = planted()
    rows[9, 0] = .infinity
    let place = try Workspace.withActivations(rows)
    let json = try JSONOutput(eluteSucceeds("inspect acts.npy --json", in: place))
    #expect(json["format"].text == "npy")
    #expect(
      json["problems"].items.map(\.text) == [
        "acts.npy: row 9: found the first of 1 rows that are not finite as float32, expected finite "
          + "numbers"
      ])
    #expect(
      try eluteRefuses("inspect nothing", in: place) == """
        error: nothing: found no such file or folder, expected something to inspect
        hint: check the path

        """)
  }

  @Test("the training step's benchmark")
  func benchmark() throws {
    let place = try Workspace()
    let json = try JSONOutput(
      eluteSucceeds(
        """
        benchmark step --d-in 16 --d-sae 64 --k 4 --batch 64 --warmup 1 --repeats 3 --threads 1 --json
        """, in: place))
    #expect(
      json.keys.isSuperset(of: [
        "d_in", "d_sae", "k", "batch", "kernels", "threads", "step_ms", "rows_per_second",
        "one_dense_product_at_peak_ms", "ratio", "survivors_per_row", "phases_ms",
      ]))
    #expect(
      json["phases_ms"].keys == ["choose", "decode", "dead_latents", "regroup", "update"])
    let step = try #require(json["step_ms"].number)
    let rate = try #require(json["rows_per_second"].number)
    #expect(abs(rate - 64 / step * 1000) < 1e-6 * rate)
    #expect(try #require(json["survivors_per_row"].number) >= 4)
  }

  @Test("the matching's benchmark, on a matrix and without one")
  func assignmentBenchmark() throws {
    let place = try Workspace()
    for (atoms, isExact) in [("60", true), ("4200", false)] {
      let json = try JSONOutput(
        eluteSucceeds(
          "benchmark assignment --atoms \(atoms) --other-atoms 4000 --d-in 8 --kind trained --json",
          in: place))
      #expect(
        json.keys == [
          "kind", "convention", "atoms", "other_atoms", "d_in", "kernels", "threads", "mmcs",
          "mmcs_seconds", "dcs", "assignment_seconds", "assignment_gap", "peak_memory_bytes",
        ])
      let gap = try #require(json["assignment_gap"].number)
      #expect(isExact ? gap == 0 : gap >= 0 && gap < 1e-6)
      #expect(try #require(json["dcs"].number) > 0.3)
    }
  }

  @Test("a plan says what would be done, and nothing is written")
  func plan() throws {
    let place = try Workspace.withActivations()
    let before = place.contents()
    let json = try JSONOutput(
      eluteSucceeds(small + " --out r --seeds 0,1 --plan --json", in: place))
    #expect(
      json.keys == [
        "rows", "training_rows", "d_in", "d_sae", "activation", "k", "batch", "steps", "seeds",
        "epochs",
        "schedule", "streamed", "seeds_at_once", "memory_bytes", "disk_bytes", "seconds",
      ])
    #expect(json["training_rows"].number == 540)
    #expect(json["epochs"].isAbout(64.0 * 40 / 540))
    let lines = try eluteSucceeds(small + " --out r --plan", in: place)
    #expect(lines.hasPrefix("data        600 rows of width 12, 60 held out\n"))
    #expect(place.contents() == before)
  }
}
