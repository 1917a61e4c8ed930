import RunRecords

/// How often the latents of each run fire.
func firingSection(_ content: ReportContent) -> Section? {
  guard content.runs.contains(where: { !$0.firingDensities.isEmpty }) else { return nil }
  return Section(
    identifier: "firing", heading: "How often latents fire",
    note: """
      Every latent once, by the share of rows on which it is on. A latent on nearly every row says \
      little; one that is never on is dead and stands only in the table.
      """,
    body: "\(firingChart(content))\n\(firingTable(content))")
}

/// The decades of the axis, from the rarest latent's to one.
private func lowestDecade(_ runs: [RunRecord]) -> Int {
  let rarest = runs.lazy.flatMap(\.firingDensities).filter { $0 > 0 && $0.isFinite }.min() ?? 0.1
  return max(-9, min(-1, Int(decimalLogarithm(Double(rarest)).rounded(.down))))
}

private func firingChart(_ content: ReportContent) -> Markup {
  let binsPerDecade = 8
  let decade = lowestDecade(content.runs)
  let histograms = content.runs.map { run in
    Histogram(
      run.firingDensities.lazy.filter { $0 > 0 }.map { Float(decimalLogarithm(Double($0))) },
      from: Double(decade), width: 1 / Double(binsPerDecade), bins: -decade * binsPerDecade)
  }
  guard let highest = histograms.flatMap(\.counts).max(), highest > 0 else {
    return #"<p class="absent">No latent fires on any evaluated row.</p>"#
  }
  let x = Axis(
    scale: Scale(kind: .linear, lower: Double(decade), upper: 0),
    ticks: (decade...0).map { power in
      Tick(
        value: Double(power),
        label: power >= -5
          ? plain(powerOfTen(Double(power + 2)), places: 3) + "%"
          : powerOfTen(Double(power)).significant(1))
    }, title: "share of rows on which a latent fires")
  let y = Axis.linear(from: 0, to: Double(highest), title: "latents per eighth of a decade")
  let marks = histograms.enumerated().map { index, histogram in
    Canvas.steps(
      heights: histogram.counts.map(Double.init), edges: histogram.edges, ink: .run(index),
      isFilled: false, x: x, y: y)
  }
  let even = content.runs.map { $0.evaluation.l0 / Double(max(1, $0.settings.dSae)) }.mean
  return Plot(
    identifier: "chart-firing",
    title: "\(link(.firingDensity, "Firing densities")) of live latents",
    description: "One histogram per run over the logarithm of the firing density.",
    x: x, y: y,
    keys: content.runNames.enumerated().map { Key(name: $1, ink: .run($0)) },
    marks: "\(marks)",
    pointers: even > 0 ? [(decimalLogarithm(even), "if all fired equally")] : []
  ).markup
}

private func firingTable(_ content: ReportContent) -> Markup {
  let shares = [0.05, 0.5, 0.95]
  let rows = zip(content.runNames, content.runs).map { name, run -> [Markup] in
    let fired = run.firingDensities.filter { $0 > 0 && $0.isFinite }.map(Double.init).sorted()
    return [
      Markup(text: name), Markup(text: fired.count.grouped),
      Markup(text: run.firingDensities.count { $0 == 0 }.grouped),
    ] + shares.map { Markup(text: fired.quantile($0).percent) }
      + [Markup(text: fired.count { $0 > 0.1 }.grouped)]
  }
  return Table(
    identifier: "table-firing",
    caption: "Latents by firing density; quantiles are over live latents",
    columns: [
      .label("Run"), .number(.live, "live"), .number(.dead, "dead"),
      .number(.quantile, "5% below"), .number(.quantile, "median"),
      .number(.quantile, "95% below"), .number(.firingDensity, "on over 10% of rows"),
    ], rows: rows
  ).markup
}
