import RunRecords

/// What the numbers can and cannot say.
func scopeSection(_ content: ReportContent) -> Section {
  let items = scopeItems(content).map { item -> Markup in "<li>\(item)</li>\n" }
  return Section(
    identifier: "scope", heading: "What this can and cannot say",
    note: "Every number here is conditional on what is listed.",
    body: #"<ul class="scope">\#(items)</ul>"#)
}

private func scopeItems(_ content: ReportContent) -> [Markup] {
  var items: [Markup] = [
    """
    <b>One network, one data set.</b> Nothing here is a claim about other networks, other layers or \
    other data; that takes runs on more than one of each.
    """
  ]
  if !content.runs.isEmpty {
    items.append(
      content.isHeldOut
        ? "<b>Held-out rows.</b> Reconstruction is measured on rows that training never saw."
        : """
        <b>No held-out rows.</b> Reconstruction is measured on rows that training saw, so it may \
        flatter the dictionaries.
        """)
  }
  if !content.isOneConfiguration {
    items.append("<b>Several configurations.</b> The runs’ settings differ from each other.")
  }
  if let spikes = content.runs.compactMap(\.spikeIn).first {
    items.append(
      """
      <b>Planted directions.</b> \(spikes.planted.grouped) directions that are no features of the \
      network were planted in the rows, the same for every run. Errors are those of rows with them, \
      and agreement counts what the runs found of them.
      """)
  }
  guard let comparison = content.comparison else {
    items.append(
      "<b>One dictionary.</b> Without a second seed nothing is known of what training leaves to luck."
    )
    return items
  }
  items.append("<b>What was shared.</b> \(sharingText(comparison.shared))")
  items.append(
    """
    <b>How atoms were compared.</b> \(conventionText(comparison.convention)) \
    \(livenessText(comparison.liveness))
    """)
  items.append(intervalItem(comparison))
  if let start = content.agreement.first, start.step == 0 {
    items.append(
      """
      <b>Before training.</b> At step 0 the agreement of live atoms was \
      \(similarity(start.mmcsLive, chance: start.nullMmcsLive)) and of all atoms \
      \(similarity(start.mmcsAll, chance: start.isotropic)).
      """)
  }
  items.append(
    """
    <b>Chance is a model.</b> \(link(.chance, "Chance")) here knows the directions in which each \
    dictionary’s atoms crowd and nothing else. Agreement above it shows that runs find the same \
    thing, not that the thing is right: runs can share an artifact of the method.
    """)
  items.append(
    """
    <b>Ratios.</b> A \(link(.ratio, "ratio to isotropic chance")) is printed with its cap and does \
    not compare between widths; \(link(.kappa, "κ")) does.
    """)
  return items
}

private func intervalItem(_ comparison: ComparisonRecord) -> Markup {
  let intervals = [("κ", comparison.kappaInterval), ("MMCS", comparison.mmcsInterval)]
    .compactMap { name, interval -> String? in
      guard let interval, interval.count == 2 else { return nil }
      return "\(name) from \(interval[0].fixed(3)) to \(interval[1].fixed(3))"
    }
  guard !intervals.isEmpty else {
    return """
      <b>No interval.</b> \(comparison.dictionaries.count < 3
        ? "It takes at least three seeds to say how far the next ones would scatter."
        : "The record holds none; the pairs’ scatter is not one, because pairs share their seeds.")
      """
  }
  let chance: Markup =
    comparison.mmcsInterval == nil
    ? "" : " (chance for MMCS: \(comparison.nullMmcs.fixed(3)))"
  return """
    <b>Seeds.</b> \(link(.interval, "95% intervals")) over \
    \(comparison.dictionaries.count.grouped) seeds: \(listed(intervals))\(chance).
    """
}
