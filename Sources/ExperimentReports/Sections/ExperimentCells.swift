import RunRecords

/// What the cells of an experiment measured: for each data a figure for each of the measures that matter there.
func measuredSection(_ record: ExperimentRecord) -> Section? {
  let blocks = unique(record.cells.map { cellName($0.id).data }).map { data -> Markup in
    let cells = record.cells.filter { cellName($0.id).data == data }
    let present = figureMeasures.filter { measure, _ in isShown(measure, of: cells) }
    let figures = present.map { measure, title in
      Tracks.figure(
        Markup(text: title),
        cells.compactMap { cell in
          cell.measures[measure.rawValue].map {
            Tracks.Row(
              name: Markup(text: cellName(cell.id).variant), value: $0.value,
              interval: $0.interval)
          }
        })
    }
    return """
      <h3>\(data)</h3><div class="figures">\(figures)</div>\
      \(disclosure("All measures of \(data)", everything(cells, data)))

      """
  }
  guard !blocks.isEmpty else { return nil }
  return Section(
    identifier: "measured", heading: "What was measured",
    note: "Means over seeds, with Student's 95% interval where there are two or more.",
    body: "\(blocks)")
}

/// Whether cells have a measure, and it is not another one over again: without anchors all features are those that
/// were not given.
func isShown(_ measure: Measure, of cells: [CellRecord]) -> Bool {
  let whole: Measure? =
    switch measure {
    case .recoveryOthers: .recovery
    case .recoveryRawOthers: .recoveryRaw
    default: nil
    }
  return cells.contains { cell in
    guard let found = cell.measures[measure.rawValue] else { return false }
    return whole.map { cell.measures[$0.rawValue] != found } ?? true
  }
}

private let figureMeasures: [(Measure, String)] = [
  (.recovery, "Features recovered, by decoder cosine 0.95"),
  (.precision, "Live atoms that are a feature, one to one"),
  (.recoveryOthers, "Features recovered that were no anchors"),
  (.recoveryRaw, "Features recovered by raw encoder rows, as the paper counts"),
  (.recoveryRawMean, "Mean best product of raw encoder rows"),
  (.kappa, "Agreement of seeds above chance"),
  (.fvu, "Variance left unexplained"),
  (.l0, "Active latents"),
  (.polysemantic, "Latents that several features switch on"),
  (.empty, "Latents that no feature switches on"),
]

/// A table of everything, a row a cell.
private func everything(_ cells: [CellRecord], _ data: String) -> Markup {
  let measures = unique(cells.flatMap { $0.measures.keys.sorted() }).sorted()
  return Table(
    identifier: "table-\(data)", caption: "All measures of \(data)",
    columns: [.label("Cell")]
      + measures.map { .init(heading: Markup(text: measureName($0)), kind: .number) },
    rows: cells.map { cell in
      [Markup(text: cellName(cell.id).variant)]
        + measures.map { measure in
          Markup(text: cell.measures[measure].map { estimate($0.value, $0.interval) } ?? "")
        }
    }
  ).markup
}

/// What snapshots show over the epochs; nothing without any.
func trainingSection(_ record: ExperimentRecord) -> Section? {
  let snapshots: [(Measure, String)] = [
    (.kappa, "agreement above chance"), (.fvu, "variance left unexplained"),
  ]
  let logged: [(Measure, String)] = [
    (.trainLoss, "squared error of a row"), (.deadFraction, "share of dead latents"),
    (.l0, "active latents"),
  ]
  let charts = unique(record.cells.map { cellName($0.id).data }).flatMap { data in
    let cells = record.cells.filter { cellName($0.id).data == data }
    return snapshots.compactMap { measure, title in
      stepChart(cells, \.snapshots, measure, data, title)
    }
      + logged.compactMap { measure, title in
        stepChart(cells, \.training, measure, data, title)
      }
  }
  guard !charts.isEmpty else { return nil }
  return Section(
    identifier: "training", heading: "Over training",
    note: "Means over seeds, at the steps that all seeds of a cell have kept or logged.",
    body: #"<div class="figures">\#(charts)</div>"#)
}

private func stepChart(
  _ cells: [CellRecord], _ steps: KeyPath<CellRecord, [MeasuredStep]?>, _ measure: Measure,
  _ data: String, _ title: String
) -> Markup? {
  let lines = cells.compactMap { cell -> (name: String, points: [Point])? in
    let points = (cell[keyPath: steps] ?? []).compactMap { step in
      step.measures[measure.rawValue].map { Point(x: step.epoch, y: $0.value) }
    }
    return points.count > 1 ? (cellName(cell.id).variant, points) : nil
  }
  guard !lines.isEmpty else { return nil }
  // A logarithmic axis has no place for the start.
  let points = lines.flatMap(\.points).filter { $0.x > 0 }
  let x = Axis.values(points.map(\.x), title: "epochs")
  let y = Axis.values(points.map(\.y), title: title)
  let series = lines.enumerated().map { place, line in
    Series(
      ink: .run(place), points: line.points.filter { $0.x > 0 },
      showsPoints: line.points.count < 40)
  }
  return Plot(
    identifier: "steps-\(data)-\(measure.rawValue)",
    title: Markup(text: "\(data): \(title)"),
    description: "\(title) over epochs of \(lines.map(\.name).joined(separator: ", "))", x: x,
    y: y, keys: zip(lines, series).map { Key(name: $0.name, ink: $1.ink) },
    marks: Canvas.lines(series, x: x, y: y)
  ).markup
}

/// Random dictionaries beside the exact null.
func nullSection(_ record: ExperimentRecord) -> Section? {
  guard !record.nulls.isEmpty else { return nil }
  let rows = record.nulls.map { null in
    let half = 1.959964 * null.standardError
    return Tracks.Row(
      name: "\(null.atoms.grouped) atoms of width \(null.width.grouped)", value: null.simulated,
      interval: [null.simulated - half, null.simulated + half], mark: null.exact,
      note: ", exact \(null.exact.fixed(6))")
  }
  return Section(
    identifier: "nulls", heading: "Random dictionaries",
    note: "The mean best cosine of independent pairs; the gray mark is the integral.",
    body: Tracks.figure("Mean best absolute cosine", rows))
}

/// The data and the variant of a cell.
func cellName(_ id: String) -> (data: String, variant: String) {
  let parts = id.split(separator: "/", maxSplits: 1).map(String.init)
  return (parts.first ?? "", parts.count > 1 ? parts[1] : "")
}
