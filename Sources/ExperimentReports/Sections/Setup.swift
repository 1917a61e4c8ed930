import RunRecords

/// What was trained on what, and where.
func setupSection(_ content: ReportContent) -> Section? {
  guard !content.runs.isEmpty else { return nil }
  return Section(
    identifier: "setup", heading: "What was trained",
    note: "Settings, data and seeds decide the result; the host does not.",
    body: """
      <div class="facts">
      <div>\(facts(
        content.runs.count == 1 ? "Dictionary" : "Dictionaries", dictionaryFacts(content.runs)))</div>
      <div>\(facts("Data", dataFacts(content.runs)))
      \(facts("Host", hostFacts(content.runs)))</div>
      </div>
      \(allSettings(content.runs))
      """)
}

private func facts(_ heading: Markup, _ rows: [(Markup, String)]) -> Markup {
  let lines = rows.map { name, value -> Markup in "<div><dt>\(name)</dt><dd>\(value)</dd></div>" }
  return "<h3>\(heading)</h3><dl>\(lines)</dl>"
}

/// The values of all runs, each once.
private func shared(_ runs: [RunRecord], _ value: (RunRecord) -> String) -> String {
  unique(runs.map(value)).joined(separator: "; ")
}

private func dictionaryFacts(_ runs: [RunRecord]) -> [(Markup, String)] {
  [
    (link(.seed, "seeds"), unique(runs.map { "\($0.seed)" }).joined(separator: ", ")),
    (link(.seed, "data seeds"), orderSeeds(runs)),
    (
      link(.widths, "width → atoms"),
      shared(runs) { run in
        let (read, rebuilt) = (run.settings.dIn, run.settings.dOut)
        return "\(read.grouped) → \(run.settings.dSae.grouped)"
          + (rebuilt == read ? "" : " → \(rebuilt.grouped)")
      }
    ),
    (
      link(.architecture, "architecture"),
      shared(runs) { $0.settings.architecture.replacing("_", with: " ") }
    ),
    (
      link(.topK, "activation rule"),
      shared(runs) {
        let isMean = $0.settings.activation == "batchtopk"
        return activationName($0.settings.activation)
          + ($0.settings.k.map { ", \(isMean ? "mean k" : "k") = \($0.grouped)" } ?? "")
      }
    ),
    (
      link(.step, "steps × batch"),
      shared(runs) { "\($0.settings.steps.grouped) × \($0.settings.batch.grouped) rows" }
    ),
    (
      link(.learningRate, "learning rate"),
      shared(runs) { "\($0.settings.lr.significant(2)), \($0.settings.schedule)" }
    ),
    (
      link(.normalization, "normalization"),
      shared(runs) { ($0.settings.method["normalize"] ?? "none").replacing("_", with: " ") }
    ),
    (
      link(.auxiliaryLoss, "dead latents"),
      shared(runs) { run in
        let method = run.settings.method
        return (method["dead"] ?? "none") + (method["auxk_coefficient"].map { ", \($0)" } ?? "")
      }
    ),
    (link(.penalty, "penalties"), shared(runs) { penalties($0.settings.method) }),
  ]
}

private func dataFacts(_ runs: [RunRecord]) -> [(Markup, String)] {
  [
    ("read from", shared(runs, \.data.path)),
    ("site", shared(runs, \.data.site)),
    (link(.rows, "rows"), shared(runs) { $0.data.rows.grouped }),
    (
      link(.rows, "held out"),
      shared(runs) { $0.data.heldOutRows == 0 ? "none" : "\($0.data.heldOutRows.grouped) rows" }
    ),
    (link(.fingerprint, "fingerprint"), shared(runs) { shortened($0.data.fingerprint) }),
  ]
}

private func hostFacts(_ runs: [RunRecord]) -> [(Markup, String)] {
  [
    ("machine", shared(runs, \.host.description)),
    (
      link(.wallTime, "kernels, threads"),
      shared(runs) { "\($0.host.kernels), \($0.host.threads.grouped)" }
    ),
    ("version", "Elute " + shared(runs, \.eluteVersion)),
  ]
}

/// The seeds of the data order, unless each run has one seed for both.
private func orderSeeds(_ runs: [RunRecord]) -> String {
  runs.allSatisfy { $0.seed == $0.dataSeed }
    ? "the same" : unique(runs.map { "\($0.dataSeed)" }).joined(separator: ", ")
}

/// What the loss has beside the squared error, and what else makes the method; as in the settings file.
private func penalties(_ method: [String: String]) -> String {
  let names = [
    "l1", "p_end", "l0", "target_l0", "arip", "anchor_weight", "matryoshka", "multistep", "tied",
  ]
  let given = names.compactMap { name in method[name].map { "\(name) \($0)" } }
  return given.isEmpty ? "none" : given.joined(separator: ", ")
}

/// Every setting of the method, with the values of all runs.
private func allSettings(_ runs: [RunRecord]) -> Markup {
  let names = Set(runs.flatMap(\.settings.method.keys)).sorted()
  let rows = names.map { name -> (Markup, String) in
    (Markup("\(name)"), shared(runs) { $0.settings.method[name] ?? "—" })
  }
  return disclosure("All settings", facts("As a settings file has them", rows))
}

/// The rule's name as publications write it.
private func activationName(_ name: String) -> String {
  switch name {
  case "topk": "TopK"
  case "abstopk": "AbsTopK"
  case "batchtopk": "BatchTopK"
  case "jumprelu": "JumpReLU"
  case "relu": "ReLU"
  case "gated": "Gated"
  default: name
  }
}

/// The first sixteen digits, which are enough to tell data sets apart by eye.
private func shortened(_ fingerprint: String) -> String {
  fingerprint.count > 16 ? String(fingerprint.prefix(16)) + "…" : fingerprint
}
