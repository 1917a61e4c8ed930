public import RunRecords

/// The few numbers that matter as plain lines, for a terminal.
///
/// - Parameter content: The content of a report.
/// - Returns: Up to seven lines without markup; every similarity has what chance gives in its line.
public func summaryLines(_ content: ReportContent) -> [String] {
  [
    trainedLine(content), explainedLine(content), agreementLine(content), kappaLine(content),
    liveLine(content), plantedLine(content), scopeLine(content),
  ].compactMap(\.self)
}

private func trainedLine(_ content: ReportContent) -> String? {
  guard let first = content.runs.first else { return nil }
  let count = content.runs.count
  return """
    \(count == 1 ? "One dictionary" : "\(count.grouped) dictionaries") of \
    \(first.settings.dSae.grouped) atoms, \((first.settings.k ?? first.settings.dSae).grouped) active at most, on \
    \(first.data.rows.grouped) activations of width \(first.settings.dIn.grouped).
    """
}

private func explainedLine(_ content: ReportContent) -> String? {
  guard !content.runs.isEmpty else { return nil }
  let shares = content.runs.map(\.evaluation.explainedVariance)
  let spread = shares.spread(\.percent).map { " (\($0) over seeds)" } ?? ""
  return """
    explained variance  \(shares.mean.percent) of \
    \(content.isHeldOut ? "rows never trained on" : "the rows trained on")\(spread); \
    always guessing the mean explains 0%.
    """
}

private func agreementLine(_ content: ReportContent) -> String? {
  guard let comparison = content.comparison else {
    return content.runs.isEmpty
      ? nil : "agreement           not measured: it takes two runs with different seeds."
  }
  return """
    agreement (MMCS)    \(comparison.mmcs.fixed(3)), chance \(comparison.nullMmcs.fixed(3)), \
    with \(counterpart(content)); 1 is identical.
    """
}

private func kappaLine(_ content: ReportContent) -> String? {
  guard let comparison = content.comparison else { return nil }
  var interval = ""
  if let ends = comparison.kappaInterval, ends.count == 2 {
    interval = " (95% interval \(ends[0].fixed(3)) to \(ends[1].fixed(3)))"
  }
  return "beyond chance (κ)   \(comparison.kappa.fixed(3))\(interval); 0 is chance, 1 is identical."
}

private func liveLine(_ content: ReportContent) -> String? {
  guard let first = content.runs.first else { return nil }
  let live = content.runs.map { 1 - $0.evaluation.deadFraction }.mean
  return """
    live atoms          \((live * Double(first.settings.dSae)).fixed(0)) of \
    \(first.settings.dSae.grouped); the others fire on no evaluated row.
    """
}

private func plantedLine(_ content: ReportContent) -> String? {
  let records = content.runs.compactMap(\.spikeIn)
  guard let first = records.first else { return nil }
  return """
    planted directions  \(records.map { Double($0.found) }.mean.fixed(0)) of \(first.planted.grouped) \
    found, chance \(records.map { Double($0.nullFound) }.mean.fixed(0)); the page says how rare is too rare.
    """
}

private func scopeLine(_ content: ReportContent) -> String? {
  content.comparison.map { "One network, one data set. \(sharingText($0.shared))" }
}
