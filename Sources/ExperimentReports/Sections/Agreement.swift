import RunRecords

/// How well the finished dictionaries agree, pair by pair and atom by atom.
func agreementSection(_ content: ReportContent) -> Section? {
  guard let comparison = content.comparison else { return nil }
  return Section(
    identifier: "agreement", heading: "Agreement at the end",
    note: """
      A mean hides what its atoms do: if few atoms agree perfectly and the others by chance, the \
      histogram has two humps.
      """,
    body: """
      \(cosineHistogram(comparison))
      \(pairTable(content, comparison))
      \(otherAgreementTable(comparison))
      \(controlTable(comparison))
      \(quantileTable(comparison))
      """)
}

/// The bins of both histograms: 0.02 wide, up to 1.
private struct CosineBins {
  static let width = 0.02
  let lower: Double
  let measured: Histogram
  let chance: Histogram

  init(_ comparison: ComparisonRecord) {
    let measured = comparison.pairs.lazy.flatMap(\.bestCosines)
    let chance = comparison.pairs.lazy.flatMap(\.nullBestCosines)
    let lowest = min(
      measured.filter(\.isFinite).min() ?? 0, chance.filter(\.isFinite).min() ?? 0)
    // Whole tenths, so that the axis begins with a tick.
    let lower = max(-1, (Double(lowest) * 10).rounded(.down) / 10)
    let bins = max(1, Int(((1 - lower) / CosineBins.width).rounded()))
    self.lower = lower
    self.measured = Histogram(measured, from: lower, width: CosineBins.width, bins: bins)
    self.chance = Histogram(chance, from: lower, width: CosineBins.width, bins: bins)
  }
}

private func cosineHistogram(_ comparison: ComparisonRecord) -> Markup {
  let bins = CosineBins(comparison)
  guard bins.measured.total > 0, bins.chance.total > 0 else {
    return """
      <p class="absent">The histogram of best cosines is not shown, because the record lacks \
      \(bins.measured.total > 0 ? "what chance gives" : "the cosines").</p>
      """
  }
  let x = Axis.linear(from: bins.lower, to: 1, title: "best cosine in another run")
  let highest = (bins.measured.shares + bins.chance.shares).max() ?? 1
  let step = linearTickStep(from: 0, to: highest, count: 5)
  let top = (highest / step - 1e-9).rounded(.up) * step
  let y = Axis(
    scale: Scale(kind: .linear, lower: 0, upper: top),
    ticks: linearTicks(from: 0, to: top, step: step).map {
      Tick(value: $0.value, label: plain($0.value * 100, places: 2) + "%")
    }, title: "share of atoms per bin of 0.02")
  func outline(_ histogram: Histogram, _ ink: Ink, isFilled: Bool) -> Markup {
    Canvas.steps(
      heights: histogram.shares, edges: histogram.edges, ink: ink, isFilled: isFilled, x: x, y: y)
  }
  return Plot(
    identifier: "chart-cosines",
    title: """
      \(link(.cosine, "Best cosines")) of all live atoms, all pairs pooled, and what \
      \(link(.chance, "chance")) gives
      """,
    description: """
      Two histograms over the same bins: \(bins.measured.total.grouped) cosines measured and \
      \(bins.chance.total.grouped) drawn by chance.
      """,
    x: x, y: y,
    keys: [
      Key(name: "measured", ink: .measured, isArea: true), Key(name: "chance", ink: .chance),
    ],
    marks: """
      \(outline(bins.measured, .measured, isFilled: true))\
      \(outline(bins.chance, .chance, isFilled: false))
      """
  ).markup
}

private func pairTable(_ content: ReportContent, _ comparison: ComparisonRecord) -> Markup {
  let columns: [Table.Column] =
    [.label("Pair")]
    + Table.Column.similarity(.mmcs, "MMCS", chance: .chance)
    + [.number(.kappa, "κ")]
    + Table.Column.similarity(.dcs, "DCS", chance: .dcsChance)
    + [
      .number(.coverage, "coverage"), .number(.live, "live atoms"),
      .number(.ratio, "ratio of most"),
    ]
  let rows = comparison.pairs.map { pair -> [Markup] in
    [
      "\(content.dictionaryName(pair.first)) – \(content.dictionaryName(pair.second))",
      Markup(text: pair.mmcs.fixed(3)), chance(pair.nullMmcs, pair.nullMmcsDeviation),
      Markup(text: pair.kappa.fixed(3)),
      Markup(text: pair.dcs.fixed(3)), chance(pair.nullDcs, pair.nullDcsDeviation),
      Markup(text: pair.coverage.percent),
      "\(pair.liveFirst.grouped) – \(pair.liveSecond.grouped)",
      ratio(pair.mmcs / pair.isotropicMmcs, cap: 1 / pair.isotropicMmcs),
    ]
  }
  let total: [Markup] = [
    "all pairs",
    Markup(text: comparison.mmcs.fixed(3)), Markup(text: comparison.nullMmcs.fixed(3)),
    Markup(text: comparison.kappa.fixed(3)),
    Markup(text: comparison.dcs.fixed(3)), Markup(text: comparison.nullDcs.fixed(3)),
    "", "",
    ratio(comparison.ratioToIsotropic, cap: comparison.ratioToIsotropic / comparison.mmcs),
  ]
  return Table(
    identifier: "table-pairs",
    caption: """
      Every pair: chance with its \(link(.spread, "±")); last, the ratio to \
      \(link(.isotropic, "isotropic chance")) and the most it could be
      """,
    columns: columns, rows: rows, totals: [total]
  ).markup
}

private func chance(_ value: Double, _ deviation: Double) -> Markup {
  guard value.isFinite, deviation.isFinite else { return Markup(text: value.fixed(3)) }
  return "\(value.fixed(3)) <span class=\"spread\">± \(deviation.fixed(4))</span>"
}

private func ratio(_ value: Double, cap: Double) -> Markup {
  guard value.isFinite else { return Markup(text: notDefined) }
  return "\(value.fixed(2)) <span class=\"spread\">of \(cap.fixed(2))</span>"
}

private func quantileTable(_ comparison: ComparisonRecord) -> Markup {
  func sorted(_ values: (PairRecord) -> [Float]) -> [Double] {
    comparison.pairs.flatMap(values).filter(\.isFinite).map(Double.init).sorted()
  }
  let measured = sorted(\.bestCosines)
  let chance = sorted(\.nullBestCosines)
  guard !measured.isEmpty, !chance.isEmpty else { return "" }
  let rows = [0.05, 0.25, 0.5, 0.75, 0.95].map { share -> [Markup] in
    [
      Markup(text: (share * 100).fixed(0) + "%"),
      Markup(text: measured.quantile(share).fixed(3)),
      Markup(text: chance.quantile(share).fixed(3)),
    ]
  }
  return disclosure(
    "The histogram in numbers",
    Table(
      identifier: "table-quantiles",
      caption: """
        Quantiles of the best cosines; a \(link(.histogram, "share per bin")) is what the chart shows
        """,
      columns: [.label(link(.quantile, "Share of atoms below"))]
        + Table.Column.similarity(.cosine, "best cosine", chance: .chance),
      rows: rows
    ).markup)
}
