import RunRecords

/// How the agreement of the runs grew while they trained.
func agreementOverTrainingSection(_ content: ReportContent) -> Section? {
  guard !content.agreement.isEmpty else { return nil }
  let x = Axis.steps(content.agreement.map(\.step))
  return Section(
    identifier: "agreement-over-training", heading: "Agreement over training",
    note: """
      Means over all pairs of runs. Dotted lines are what \(link(.control, "controls")) reach at the \
      end, dictionaries that nobody has learned. Shown twice, because atoms that die change the agreement of all \
      atoms although nothing learned has changed.
      """,
    body: """
      \(liveChart(content, x))
      <div class="figures">\(allChart(content, x))\(countChart(content, x))</div>
      \(agreementTable(content.agreement))
      """)
}

private func points(_ agreement: [AgreementPoint], _ value: (AgreementPoint) -> Double) -> [Point] {
  agreement.map { Point(x: Double($0.step), y: value($0)) }
}

/// From zero, or from below if a signed cosine asks for it, to one.
private func cosineAxis(_ values: [Double]) -> Axis {
  let lowest = values.filter(\.isFinite).min() ?? 0
  return Axis.linear(from: min(0, lowest), to: 1, title: "mean best cosine")
}

private func liveChart(_ content: ReportContent, _ x: Axis) -> Markup {
  let agreement = content.agreement
  let lower = points(agreement, \.nullLow)
  let upper = points(agreement, \.nullHigh)
  let measured = points(agreement, \.mmcsLive)
  let chance = points(agreement, \.nullMmcsLive)
  let y = cosineAxis((lower + measured + chance).map(\.y))
  let final = agreement.last
  return Plot(
    identifier: "chart-live",
    title:
      "\(link(.mmcs, "Agreement of live atoms")) and the \(link(.chanceRange, "range of chance"))",
    description: """
      The agreement of live atoms ends at \(final?.mmcsLive.fixed(3) ?? notDefined), where chance \
      gives \(final?.nullMmcsLive.fixed(3) ?? notDefined).
      """,
    x: x, y: y,
    keys: [
      Key(name: "measured", ink: .measured), Key(name: "chance", ink: .chance),
      Key(name: "its 99.9% range", ink: .chance, isArea: true),
    ],
    marks: """
      \(Canvas.band(lower: lower, upper: upper, ink: .chance, x: x, y: y))\
      \(lines(measured, chance, x, y))
      """,
    levels: (content.comparison?.controls ?? [:]).map { ($0.value.mmcs, controlName($0.key)) }
  ).markup
}

private func allChart(_ content: ReportContent, _ x: Axis) -> Markup {
  let measured = points(content.agreement, \.mmcsAll)
  let chance = points(content.agreement, \.isotropic)
  let y = cosineAxis((measured + chance).map(\.y))
  let final = content.agreement.last
  return Plot(
    identifier: "chart-all",
    title: "\(link(.mmcsAll, "Agreement of all atoms")), dead ones included",
    description: """
      The agreement of all atoms ends at \(final?.mmcsAll.fixed(3) ?? notDefined), where isotropic \
      chance gives \(final?.isotropic.fixed(3) ?? notDefined).
      """,
    x: x, y: y,
    keys: [
      Key(name: "measured", ink: .measured), Key(name: "isotropic chance", ink: .chance),
    ],
    marks: lines(measured, chance, x, y)
  ).markup
}

private func lines(_ measured: [Point], _ chance: [Point], _ x: Axis, _ y: Axis) -> Markup {
  let showsPoints = measured.count <= 60
  return Canvas.lines(
    [
      Series(ink: .chance, points: chance),
      Series(ink: .measured, points: measured, showsPoints: showsPoints),
    ], x: x, y: y)
}

private func countChart(_ content: ReportContent, _ x: Axis) -> Markup {
  let live = points(content.agreement, \.live)
  let size = content.runs.first?.settings.dSae ?? 0
  let highest = live.map(\.y).filter(\.isFinite).max() ?? 0
  let y = countAxis(upTo: max(Double(size), highest))
  return Plot(
    identifier: "chart-count", title: "\(link(.live, "Live atoms")), averaged over runs",
    description: """
      The number of live atoms ends at \(live.last?.y.fixed(0) ?? notDefined) of \(size.grouped).
      """,
    x: x, y: y, keys: [],
    marks: Canvas.lines(
      [Series(ink: .measured, points: live, showsPoints: live.count <= 60)], x: x, y: y)
  ).markup
}

/// From zero to exactly the dictionary's size, in quarters where they are whole.
private func countAxis(upTo size: Double) -> Axis {
  guard size > 0, (size / 4).rounded() == size / 4 else {
    return Axis.linear(from: 0, to: size, title: "atoms")
  }
  return Axis(
    scale: Scale(kind: .linear, lower: 0, upper: size),
    ticks: (0...4).map { quarter in
      let value = size * Double(quarter) / 4
      return Tick(value: value, label: tickLabel(value, places: 0))
    }, title: "atoms")
}

private func agreementTable(_ agreement: [AgreementPoint]) -> Markup {
  let kept = Set(spacedSteps(agreement.map(\.step), count: 20))
  let rows = agreement.filter { kept.contains($0.step) }.map { point -> [Markup] in
    [
      Markup(text: point.step.grouped),
      Markup(text: point.mmcsLive.fixed(3)), Markup(text: point.nullMmcsLive.fixed(3)),
      Markup(text: "\(point.nullLow.fixed(3)) to \(point.nullHigh.fixed(3))"),
      Markup(text: point.kappa.fixed(3)),
      Markup(text: point.mmcsAll.fixed(3)), Markup(text: point.isotropic.fixed(3)),
      Markup(text: point.live.fixed(0)),
    ]
  }
  let columns: [Table.Column] =
    [.label(link(.step, "Step"))]
    + Table.Column.similarity(.mmcs, "MMCS, live", chance: .chance)
    + [.number(.chanceRange, "range of chance"), .number(.kappa, "κ")]
    + Table.Column.similarity(.mmcsAll, "MMCS, all", chance: .isotropic)
    + [.number(.live, "live")]
  return disclosure(
    "The curves in numbers",
    Table(
      identifier: "table-agreement", caption: "Means over pairs of runs", columns: columns,
      rows: rows
    ).markup)
}
