import RunRecords

/// What an atom's dictionary is compared with; claims no more than is known to be shared.
func counterpart(_ content: ReportContent) -> String {
  guard let shared = content.comparison?.shared, content.isOneConfiguration else {
    return "another dictionary"
  }
  switch (shared.initialization, shared.dataOrder, shared.data) {
  case (.different, .different, .same): return "a run that differs only in its seed"
  case (.different, .same, .same): return "a run that differs only in its initial weights"
  case (.same, .different, .same): return "a run that differs only in the order of the data"
  case (.different, .different, .disjoint): return "a run with another seed and other rows"
  default: return "another dictionary"
  }
}

/// What the compared runs had in common, what not, and what is not known.
func sharingText(_ shared: Shared) -> String {
  let parts = [
    ("the initial weights", shared.initialization), ("the order of the data", shared.dataOrder),
    ("the data", shared.data),
  ]
  func names(_ state: Sharing) -> String? {
    let names = parts.filter { $0.1 == state }.map(\.0)
    return names.isEmpty ? nil : listed(names)
  }
  return [
    names(.same).map { "Shared between the runs: \($0)." },
    names(.different).map { "Not shared: \($0)." },
    names(.disjoint).map { "Divided, so that no row trained two of them: \($0)." },
    names(.mixed).map { "Shared by some pairs of runs, not by all: \($0)." },
    names(.unknown).map { "Not known: whether they shared \($0)." },
  ].compactMap(\.self).joined(separator: " ")
}

/// Names with commas and an `and`.
func listed(_ names: [String]) -> String {
  guard names.count > 1 else { return names.first ?? "" }
  return names.dropLast().joined(separator: ", ") + " and " + names[names.count - 1]
}

/// The jackknife interval in a sentence; empty if it was not computed.
func intervalText(_ interval: [Double]?, places: Int) -> Markup {
  guard let interval, interval.count == 2 else { return "" }
  return """
     \(link(.interval, "95% interval")): \(interval[0].fixed(places)) to \(interval[1].fixed(places)).
    """
}

/// How many pairs lie outside chance's range; empty if the draws' deviation is not known.
func outsideText(_ comparison: ComparisonRecord) -> Markup {
  let ranges = comparison.pairs.map(\.chanceRange)
  guard !ranges.isEmpty, !ranges.contains(nil) else { return "" }
  let above = zip(comparison.pairs, ranges).filter { pair, range in
    range.map { pair.mmcs > $0.upperBound } ?? false
  }
  let range = link(.chanceRange, "99.9% range of chance")
  if comparison.pairs.count == 1 {
    return above.isEmpty
      ? "The pair is not above the \(range)." : "The pair lies above the \(range)."
  }
  return "\(above.count.grouped) of \(comparison.pairs.count.grouped) pairs lie above the \(range)."
}

/// How the live atoms were found, in words.
func livenessText(_ liveness: String) -> String {
  switch liveness {
  case "data": "Which atoms are live was found by running the dictionaries on data."
  case "record": "Which atoms are live is taken from each run’s own firing record."
  case "all": "Nothing was known of which atoms are live, so every atom counts as live."
  default: "Which atoms are live was found by: \(liveness)."
  }
}

/// How cosines were taken, in words.
func conventionText(_ convention: String) -> String {
  switch convention {
  case "signed": "Cosines keep their sign, because codes are never negative."
  case "absolute": "Cosines are taken without their sign, because codes may be negative."
  default: "Cosines are taken by this convention: \(convention)."
  }
}

/// When reconstruction saturated, and when agreement began and whether it has settled.
func milestoneSentences(_ content: ReportContent) -> [Markup] {
  var sentences: [Markup] = []
  let saturations = content.runs.compactMap { Milestones.saturation(of: $0.curve) }.sorted()
  if !saturations.isEmpty && saturations.count == content.runs.count {
    let range = saturations.map(Double.init).spread { $0.fixed(0) }
    let steps: Markup =
      range.map { "between steps <b>\($0)</b>" } ?? "at step <b>\(saturations[0].grouped)</b>"
    sentences.append("\(link(.saturation, "Reconstruction saturates")) \(steps).")
  }
  guard let final = content.agreement.last else { return sentences }
  guard let onset = Milestones.onset(of: content.agreement) else {
    sentences.append(
      "\(link(.onset, "Agreement")) does not rise above chance by step <b>\(final.step.grouped)</b>."
    )
    return sentences
  }
  sentences.append("\(link(.onset, "Agreement leaves chance")) by step <b>\(onset.grouped)</b>.")
  if let movement = Milestones.lastMovement(of: content.agreement) {
    let isSettled = movement.change.magnitude < 0.01
    sentences.append(
      """
      Over the last doubling of the steps, from \(movement.from.grouped) to \(final.step.grouped), \
      \(link(.kappa, "κ")) moved by \(movement.change.fixed(3)): it \
      <b>\(isSettled ? "has settled" : "has not settled")</b> in the sense \
      \(link(.settled, "defined below")).
      """)
  }
  return sentences
}
