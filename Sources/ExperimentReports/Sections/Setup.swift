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
      shared(runs) { "\($0.settings.dIn.grouped) → \($0.settings.dSae.grouped)" }
    ),
    (
      link(.topK, "activation rule"),
      shared(runs) {
        activationName($0.settings.activation)
          + ($0.settings.k.map { ", k = \($0.grouped)" } ?? "")
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
      shared(runs) { $0.settings.normalization.replacing("_", with: " ") }
    ),
    (
      link(.auxiliaryLoss, "auxiliary loss"),
      shared(runs) {
        $0.settings.auxkCoefficient == 0 ? "none" : $0.settings.auxkCoefficient.significant(2)
      }
    ),
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

/// The rule's name as publications write it.
private func activationName(_ name: String) -> String { name == "topk" ? "TopK" : name }

/// The first sixteen digits, which are enough to tell data sets apart by eye.
private func shortened(_ fingerprint: String) -> String {
  fingerprint.count > 16 ? String(fingerprint.prefix(16)) + "…" : fingerprint
}
