import RunRecords

/// How the runs learned: loss and held-out error over steps, and where they ended.
func trainingSection(_ content: ReportContent) -> Section? {
  guard !content.runs.isEmpty else { return nil }
  let charts = [lossChart(content), fvuChart(content)].compactMap(\.self)
  let figures: Markup =
    charts.isEmpty
    ? #"<p class="absent">No curve was logged.</p>"#
    : #"<div class="figures">\#(charts)</div>"#
  return Section(
    identifier: "training", heading: "Reconstruction",
    note: """
      One thin line per seed. Where the lines lie on each other, luck has no part in how well the \
      data is rebuilt.
      """,
    body: "\(figures)\n\(runTable(content))\n\(curveTable(content))")
}

/// One line per run of a value over steps.
private func runSeries(_ content: ReportContent, _ value: (CurvePoint) -> Double?) -> [Series] {
  content.runs.enumerated().map { index, run in
    Series(
      ink: .run(index),
      points: run.curve.compactMap { point in
        value(point).map { Point(x: Double(point.step), y: $0) }
      })
  }
}

private func runKeys(_ content: ReportContent) -> [Key] {
  content.runNames.enumerated().map { index, name in Key(name: name, ink: .run(index)) }
}

private func chart(
  _ content: ReportContent, identifier: String, title: Markup, quantity: String,
  value: (CurvePoint) -> Double?
) -> Markup? {
  let series = runSeries(content, value)
  let points = series.flatMap(\.points)
  // One logged step is no curve; the tables have its numbers.
  guard Set(points.filter(\.y.isFinite).map(\.x)).count > 1 else { return nil }
  let x = Axis.steps(points.map { Int($0.x) })
  let y = Axis.values(points.map(\.y), title: quantity)
  let ends = series.compactMap(\.points.last?.y)
  let starts = series.compactMap(\.points.first?.y)
  return Plot(
    identifier: identifier, title: title,
    description: """
      \(quantity) of \(content.runs.count.grouped) runs goes from \
      \(starts.mean.significant(3)) to \(ends.mean.significant(3)), averaged over runs.
      """,
    x: x, y: y, keys: runKeys(content), marks: Canvas.lines(series, x: x, y: y)
  ).markup
}

private func lossChart(_ content: ReportContent) -> Markup? {
  chart(
    content, identifier: "chart-loss",
    title: "\(link(.loss, "Loss")) on training rows",
    quantity: "loss", value: \.loss)
}

private func fvuChart(_ content: ReportContent) -> Markup? {
  let rows: Markup = content.isHeldOut ? "held-out rows" : "evaluated rows"
  return chart(
    content, identifier: "chart-fvu",
    title: "\(link(.fvu, "Unexplained variance")) of \(rows)",
    quantity: "FVU", value: \.fvu)
}

private func runTable(_ content: ReportContent) -> Markup {
  let columns: [Table.Column] = [
    .label("Run"),
    .number(.explainedVariance, "explained variance"), .number(.fvu, "FVU"),
    .number(.mse, "MSE"), .number(.l0, "L0"), .number(.dead, "dead"), .number(.wallTime, "time"),
  ]
  let rows = zip(content.runNames, content.runs).map { name, run -> [Markup] in
    let result = run.evaluation
    return [
      Markup(text: name), Markup(text: result.explainedVariance.percent),
      Markup(text: result.fvu.fixed(4)), Markup(text: result.mse.significant(3)),
      Markup(text: result.l0.fixed(1)), Markup(text: result.deadFraction.percent),
      Markup(text: run.seconds.duration),
    ]
  }
  let rowCounts = unique(content.runs.map { $0.evaluation.rows.grouped }).joined(separator: "; ")
  return Table(
    identifier: "table-runs",
    caption: """
      The finished dictionaries on \(rowCounts) \
      \(content.isHeldOut ? "held-out rows" : "rows, the ones trained on included")
      """, columns: columns, rows: rows
  ).markup
}

/// The curves in numbers, averaged over runs at up to sixteen steps that all runs logged.
private func curveTable(_ content: ReportContent) -> Markup {
  guard let first = content.runs.first, !first.curve.isEmpty else { return "" }
  let curves = content.runs.map { run in
    Dictionary(run.curve.map { ($0.step, $0) }, uniquingKeysWith: { $1 })
  }
  let common = first.curve.map(\.step).filter { step in curves.allSatisfy { $0[step] != nil } }
  let rows = spacedSteps(common, count: 16).map { step -> [Markup] in
    let points = curves.compactMap { $0[step] }
    let errors = points.compactMap(\.fvu)
    return [
      Markup(text: step.grouped), Markup(text: points.map(\.loss).mean.significant(4)),
      errors.count == points.count ? Markup(text: errors.mean.significant(4)) : "",
      Markup(text: points.map(\.l0).mean.fixed(1)),
    ]
  }
  guard !rows.isEmpty else { return "" }
  return disclosure(
    "The curves in numbers",
    Table(
      identifier: "table-curves",
      caption: "Means over runs",
      columns: [
        .label(link(.step, "Step")), .number(.loss, "loss"), .number(.fvu, "FVU"),
        .number(.l0, "L0"),
      ], rows: rows
    ).markup)
}

/// At most a count of the steps: the first, the last, and between them about equally far apart on a
/// logarithmic scale.
func spacedSteps(_ steps: [Int], count: Int) -> [Int] {
  let steps = Set(steps).sorted()
  guard steps.count > count, let first = steps.first, let last = steps.last else { return steps }
  let low = decimalLogarithm(Double(max(first, 0) + 1))
  let high = decimalLogarithm(Double(last) + 1)
  var kept: Set<Int> = []
  for index in 0..<count {
    let share = Double(index) / Double(count - 1)
    let wanted = powerOfTen(low + (high - low) * share) - 1
    let nearest = steps.min { abs(Double($0) - wanted) < abs(Double($1) - wanted) }
    if let nearest { kept.insert(nearest) }
  }
  return kept.sorted()
}
