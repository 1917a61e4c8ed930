import RunRecords

/// What the runs found of the directions that were planted in their rows.
func visibilitySection(_ content: ReportContent) -> Section? {
  let records = content.runs.compactMap(\.spikeIn)
  guard let first = records.first, let levels = content.visibility, !levels.isEmpty else {
    return nil
  }
  return Section(
    identifier: "visibility", heading: "What this run cannot see",
    note: """
      Before training, \(first.planted.grouped) random directions were \
      \(link(.planted, "planted")) in the rows, each at a known frequency and strength. They are easy \
      ones, so features that are rarer or weaker than those found are hardly seen.
      """,
    body: """
      \(sentences(levels, records))
      \(cosineChart(levels, records))
      \(cellTable(levels, records))
      \(roleTable(records))
      """)
}

/// A share of rows as `1 row in 2,084`.
private func oneIn(_ share: Double) -> String {
  guard share.isFinite, share > 0 else { return notDefined }
  return "1 row in " + (1 / share).fixed(share > 0.1 ? 1 : 0)
}

private func strengthText(_ strength: Double) -> String {
  strength.isFinite ? plain(strength, places: 3) : notDefined
}

private func sentences(_ levels: [SpikeVisibility], _ records: [SpikeRecord]) -> Markup {
  let items = levels.map { level -> Markup in
    let verdict: Markup =
      level.frequency.map { "\(link(.visible, "seen")) from <b>\(oneIn($0))</b> on" }
      ?? "<b>not \(link(.visible, "seen"))</b>, not even the commonest"
    return "<li>Features of strength \(strengthText(level.strength)) are \(verdict).</li>\n"
  }
  let found = records.flatMap(\.directions).filter(\.isFound).map(\.frequency)
  let rarest: Markup =
    found.min().map { "The rarest that any run found was on <b>\(oneIn($0))</b>." }
    ?? "<b>No run found any of them.</b>"
  let counts = records.map { Double($0.found) }
  let chance = records.map { Double($0.nullFound) }
  return """
    <p>\(figure(.found, counts.mean.fixed(0))) of \(records[0].planted.grouped) planted directions \
    were found\(records.count > 1 ? ", averaged over \(records.count.grouped) runs" : ""), and \
    \(link(.plantedChance, "by chance")) \(chance.mean.fixed(0)). \(rarest)</p>
    <ul class="scope">\(items)</ul>
    """
}

private func cosineChart(_ levels: [SpikeVisibility], _ records: [SpikeRecord]) -> Markup {
  let shares = levels.flatMap { $0.cells.map(\.frequency) }.filter { $0.isFinite && $0 > 0 }
  guard let rarest = shares.min(), let commonest = shares.max(), rarest < commonest else {
    return ""
  }
  let cosines = records[0].directions.indices.map { index in
    records.map { Double($0.directions[index].cosine) }.mean
  }
  let nulls = records.flatMap(\.nullCosines).filter(\.isFinite).map(Double.init).sorted()
  let room = 1.15
  let (lower, upper) = (rarest / room, commonest * room)
  let x = Axis(
    scale: Scale(kind: .logarithmic(hasZero: false), lower: lower, upper: upper),
    ticks: logarithmicTicks(from: lower, to: upper, labels: 5),
    title: "share of rows on which a direction fires, log scale")
  let lowest = min(0, ([nulls.first ?? 0] + cosines.filter(\.isFinite)).min() ?? 0)
  let y = Axis(
    scale: Scale(kind: .linear, lower: lowest, upper: 1),
    ticks: [0, 0.2, 0.4, 0.6, SpikeRecord.threshold, 1].map {
      Tick(value: $0, label: $0.fixed(1))
    }, title: "best cosine of an atom with the direction; found from 0.9 on")
  func across(_ value: Double) -> [Point] { [lower, upper].map { Point(x: $0, y: value) } }
  var marks = Canvas.band(
    lower: across(nulls.quantile(0.025)), upper: across(nulls.quantile(0.975)), ink: .chance, x: x,
    y: y)
  marks += Canvas.lines([Series(ink: .chance, points: across(nulls.mean))], x: x, y: y)
  for (place, level) in levels.enumerated() {
    // The strengths of a frequency stand side by side, so that none hides another.
    let shift = powerOfTen(0.025 * (Double(place) - Double(levels.count - 1) / 2))
    let points = level.cells.map { cell in
      records[0].directions.indices.filter { index in
        let direction = records[0].directions[index]
        return direction.role == .alone && direction.strength == level.strength
          && direction.frequency == cell.frequency
      }.map { Point(x: cell.frequency * shift, y: cosines[$0]) }
    }
    let means = points.filter { !$0.isEmpty }.map { cell in
      Point(x: cell[0].x, y: cell.map(\.y).mean)
    }
    marks += Canvas.lines([Series(ink: .run(place), points: means)], x: x, y: y)
    marks += Canvas.dots(points.flatMap(\.self), ink: .run(place), x: x, y: y)
  }
  let plot = Plot(
    identifier: "chart-visibility",
    title: """
      How near the nearest atom comes to a \(link(.planted, "planted direction")), by how often and how \
      strongly it fires
      """,
    description: levels.map { level in
      "Strength \(strengthText(level.strength)): "
        + (level.frequency.map { "found from \(oneIn($0)) on." } ?? "not found.")
    }.joined(separator: " "),
    x: x, y: y,
    keys: levels.enumerated().map {
      Key(name: strengthText($1.strength) + " × deviation", ink: .run($0))
    } + [
      Key(name: "never planted, mean", ink: .chance),
      Key(name: "95% of these", ink: .chance, isArea: true),
    ], marks: marks)
  return """
    \(plot.markup)
    <p class="caption">A point is a direction that fires alone\(
      records.count > 1 ? ", averaged over the runs" : ""); lines join the means. Where a line lies on \
    the gray band, atoms are no nearer to what was planted than to directions that were not. The planted \
    directions add \(records[0].addedVariance.percent) to the rows’ variance. They point anywhere, and so \
    mostly where the data vary little: a feature among others is harder to see.</p>
    """
}

private func cellTable(_ levels: [SpikeVisibility], _ records: [SpikeRecord]) -> Markup {
  let frequencies = Set(levels.flatMap { $0.cells.map(\.frequency) }).sorted(by: >)
  let rows = frequencies.map { frequency -> [Markup] in
    let firings = records[0].directions
      .filter { $0.frequency == frequency && $0.role == .alone }
      .map { Double($0.trainingFirings) }
    let cells = levels.map { level -> Markup in
      guard let cell = level.cells.first(where: { $0.frequency == frequency }) else { return "" }
      let ends = cell.interval.count == 2 ? cell.interval.map { ($0 * 100).fixed(0) } : []
      let interval: Markup =
        ends.isEmpty ? "" : #" <span class="spread">\#(ends.joined(separator: "–"))%</span>"#
      return "\(cell.found.grouped) of \(cell.planted.grouped)\(interval)"
    }
    return [Markup(text: oneIn(frequency)), Markup(text: firings.mean.fixed(1))] + cells
  }
  return Table(
    identifier: "table-visibility",
    caption: """
      Directions found\(records.count > 1 ? " by at least half of the runs" : ""), of those that fire \
      alone, by strength; small, the 95% interval of the share for further such directions
      """,
    columns: [.label("Fires on"), .number(.planted, "training rows")]
      + levels.map { .number(.found, Markup(text: strengthText($0.strength) + " ×")) },
    rows: rows
  ).markup
}

/// Those that fire alone against those in pairs.
private func roleTable(_ records: [SpikeRecord]) -> Markup {
  let rows = SpikeRecord.Role.allCases.compactMap { role -> [Markup]? in
    let directions = records.flatMap(\.directions).filter { $0.role == role }
    guard !directions.isEmpty else { return nil }
    let name: Markup =
      switch role {
      case .alone: "alone"
      case .parent: "alone or with its child"
      case .child: "only where its parent does"
      }
    let correlations = directions.compactMap(\.firingCorrelation)
    return [
      name, Markup(text: (directions.count / records.count).grouped),
      Markup(text: (Double(directions.count(where: \.isFound)) / Double(records.count)).fixed(1)),
      Markup(text: directions.map { Double($0.cosine) }.mean.fixed(3)),
      Markup(text: records.map(\.nullCosine).mean.fixed(3)),
      Markup(text: correlations.mean.fixed(3)), "0",
    ]
  }
  return disclosure(
    "Directions in pairs",
    Table(
      identifier: "table-planted-pairs",
      caption: """
        Means over directions of all frequencies and strengths\(
          records.count > 1 ? ", and over runs" : ""); firing is on evaluated rows
        """,
      columns: [
        .label("Fires"), .number(.planted, "planted"), .number(.found, "found"),
      ] + Table.Column.similarity(.found, "best cosine", chance: .plantedChance)
        + Table.Column.similarity(.firingMatch, "firing", chance: .firingMatch),
      rows: rows
    ).markup)
}
