import RunRecords

/// The few numbers that matter, in words a newcomer understands.
func overviewSection(_ content: ReportContent) -> Section? {
  guard !content.runs.isEmpty || content.comparison != nil else { return nil }
  let tiles = [
    explainedTile(content), agreementTile(content), kappaTile(content), liveTile(content),
  ].compactMap(\.self)
  return Section(
    identifier: "overview", heading: "In short",
    note: """
      The numbers that matter, each beside what chance or the simplest guess would give. \
      <span class="ruler-key">\(measuredDot) measured &emsp; \(chanceBar) chance</span>
      """,
    body: """
      <div class="tiles">\(tiles)</div>
      \(overTraining(content))
      """)
}

private let measuredDot: Markup = """
  <svg class="key" width="10" height="10" aria-hidden="true"><circle class="dot" cx="5" cy="5" \
  r="4"/></svg>
  """
private let chanceBar: Markup = """
  <svg class="key" width="6" height="12" aria-hidden="true"><line class="line chance" x1="3" \
  x2="3" y1="0" y2="12"/></svg>
  """

private func tile(_ heading: Markup, _ value: Markup, _ scale: Markup, _ text: Markup) -> Markup {
  """
  <article class="tile"><h3>\(heading)</h3><p class="value">\(value)</p>\(scale)<p>\(text)</p></article>

  """
}

private func explainedTile(_ content: ReportContent) -> Markup? {
  let shares = content.runs.map(\.evaluation.explainedVariance)
  guard let first = content.runs.first else { return nil }
  let mean = shares.mean
  let rows: Markup =
    content.isHeldOut
    ? link(.rows, "\(first.evaluation.rows.grouped) rows never trained on")
    : "the \(link(.rows, "\(first.evaluation.rows.grouped) rows")) trained on, for none were held out"
  let sparsity = content.runs.map(\.evaluation.l0).mean
  let spread: Markup =
    shares.spread(\.percent).map { " Over \(content.runs.count.grouped) seeds: \($0)." } ?? ""
  return tile(
    link(.explainedVariance, "Explained variance"),
    """
    \(figure(.explainedVariance, mean.percent)) \
    <span class="chance">guessing the mean 0%</span>
    """,
    ruler(
      shares, chance: [0],
      description: "Explained variance \(mean.percent), where guessing the mean gives 0%"),
    """
    Of all the variance in \(rows), this share is rebuilt from \
    \(link(.l0, "\(sparsity.fixed(1)) active latents")) a row out of \
    \(first.settings.dSae.grouped).\(spread)
    """)
}

private func agreementTile(_ content: ReportContent) -> Markup? {
  guard let comparison = content.comparison else {
    return content.runs.isEmpty
      ? nil
      : tile(
        "Agreement", "not measured", "",
        "It takes at least two runs that differ in their seed to see what training leaves to luck.")
  }
  let interval: Markup = intervalText(comparison.mmcsInterval, places: 3)
  return tile(
    link(.mmcs, "Agreement between runs, MMCS"),
    """
    <a class="figure similarity" href="#\(Term.mmcs.anchor)">\(comparison.mmcs.fixed(3))</a> \
    <a class="chance" href="#\(Term.chance.anchor)">chance \(comparison.nullMmcs.fixed(3))</a>
    """,
    ruler(
      comparison.pairs.map(\.mmcs), chance: [comparison.nullMmcs],
      description: """
        Agreement of \(comparison.pairs.count.grouped) pairs, mean \(comparison.mmcs.fixed(3)), \
        where chance gives \(comparison.nullMmcs.fixed(3))
        """),
    """
    Mean cosine between a live atom and its nearest in \(counterpart(content)); 1 is identical. \
    \(link(.chance, "Chance")) is what dictionaries of the same second moment give that share \
    nothing else.\(interval)
    """)
}

private func kappaTile(_ content: ReportContent) -> Markup? {
  guard let comparison = content.comparison else { return nil }
  let kappa = comparison.kappa
  let reading: Markup =
    if !kappa.isFinite {
      "Not defined, because the agreement or its chance is not."
    } else if kappa <= 0 {
      "The runs agree no better than chance."
    } else {
      "The runs went \((kappa * 100).fixed(kappa < 0.1 ? 1 : 0))% of the way from chance to identical."
    }
  return tile(
    link(.kappa, "Agreement beyond chance, κ"),
    "\(figure(.kappa, kappa.fixed(3))) <span class=\"chance\">chance 0</span>",
    ruler(
      comparison.pairs.map(\.kappa), chance: [0],
      description: "Kappa \(kappa.fixed(3)), where chance is 0 and identical is 1"),
    """
    0 is chance, 1 is identical. \(reading) \(outsideText(comparison))\
    \(intervalText(comparison.kappaInterval, places: 3))
    """)
}

private func liveTile(_ content: ReportContent) -> Markup? {
  guard let first = content.runs.first else { return nil }
  let dead = content.runs.map(\.evaluation.deadFraction)
  let shares = dead.map { 1 - $0 }
  let count = shares.mean * Double(first.settings.dSae)
  let spread: Markup =
    dead.spread(\.percent).map { " Over \(content.runs.count.grouped) seeds: \($0)." } ?? ""
  let left: Markup = content.comparison == nil ? "" : " Agreement leaves them out."
  return tile(
    link(.live, "Live atoms"),
    "\(figure(.live, count.fixed(0))) <span class=\"of\">of \(first.settings.dSae.grouped)</span>",
    ruler(
      shares, chance: [], description: "\(shares.mean.percent) of the latents fire on some row"),
    """
    The other \(link(.dead, dead.mean.percent == notDefined ? "latents" : "\(dead.mean.percent)")) \
    fire on none of the evaluated rows.\(left)\(spread)
    """)
}

/// What happened when, in one or two sentences; empty where nothing was logged.
private func overTraining(_ content: ReportContent) -> Markup {
  let sentences = milestoneSentences(content)
  return sentences.isEmpty
    ? "" : #"<p class="milestones">\#(sentences.joined(by: " "))</p>"#
}
