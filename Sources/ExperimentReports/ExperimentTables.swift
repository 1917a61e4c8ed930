public import RunRecords

/// An experiment in lines: a Markdown table for each set of data, then what was expected and what became
/// of it.
///
/// Half widths of 95 % intervals over seeds stand behind ±; a cell without one has too few seeds.
public func experimentLines(_ record: ExperimentRecord) -> [String] {
  var lines = [record.question, ""]
  for data in unique(record.cells.map { cellName($0.id).data }) {
    let cells = record.cells.filter { cellName($0.id).data == data }
    let isConditioned = cells.contains { $0.measures[Measure.pairSpread.rawValue] != nil }
    let sets = [columns, isConditioned ? conditioningColumns : [], recoveryColumns, patternColumns]
    for columns in sets {
      let columns = columns.filter { isShown($0.measure, of: cells) }
      guard !columns.isEmpty else { continue }
      lines += table(
        [data] + columns.map(\.name),
        cells.map { cell in [cellName(cell.id).variant] + columns.map { $0.text(cell) } })
      lines.append("")
    }
  }
  if !record.nulls.isEmpty {
    lines += table(
      ["random dictionaries", "pairs", "exact", "simulated"] + forms.map(\.0),
      record.nulls.map { null in
        [
          "\(null.atoms) of width \(null.width)", "\(null.pairs)", null.exact.fixed(6),
          "\(null.simulated.fixed(6)) ± \((1.959964 * null.standardError).fixed(6))",
        ]
          + forms.map { _, measure in
            null.measures[measure.rawValue].map { (100 * $0.value).fixed(2) + " %" } ?? ""
          }
      })
    lines.append("")
  }
  if !record.theory.isEmpty {
    lines += table(
      ["statement", "instances", "features", "width", "latents", "measured"],
      record.theory.map { theory in
        [
          cellName(theory.id).variant, "\(theory.instances)", "\(theory.features)",
          "\(theory.width)", "\(theory.latents)",
          theory.measures.sorted { $0.key < $1.key }
            .map { key, found in
              "\(key.replacing("_", with: " ")) \(found.value.significant(3))"
            }
            .joined(separator: ", "),
        ]
      })
    lines.append("")
  }
  let reasons = unique(record.missing.map(\.reason))
  for reason in reasons {
    let cells = record.missing.filter { $0.reason == reason }.map(\.id)
    lines += ["not run: \(cells.joined(separator: ", ")): \(reason)", ""]
  }
  guard !record.expectations.isEmpty else { return lines }
  lines += table(
    ["expected", "measured", "published", "tolerance", "verdict"],
    record.expectations.map { expectation in
      [
        "\(expectation.statement) (\(expectation.source))",
        expectation.measured.map { estimate($0, expectation.interval) } ?? "",
        expectation.published.map { "\($0)" } ?? "", "\(expectation.tolerance)",
        expectation.verdict.rawValue,
      ]
    })
  return lines
}

/// What features do when they are active alone; see `TruthPattern`.
private let patternColumns = [
  Column(name: "several features %", measure: .polysemantic, factor: 100, places: 1),
  Column(name: "none %", measure: .empty, factor: 100, places: 1),
  Column(name: "latents a feature", measure: .latentsPerFeature, factor: 1, places: 1),
  Column(name: "without biases %", measure: .realizable, factor: 100, places: 1),
  Column(name: "left of features", measure: .loss, factor: 1, places: 4),
  Column(name: "slope by encoder", measure: .encoderSlope, factor: 1, places: 1),
  Column(name: "slope by atoms", measure: .atomSlope, factor: 1, places: 1),
]

/// The closed forms of the null, off by how much.
private let forms: [(String, Measure)] = [
  ("leading form", .leadingError), ("Gaussian Gumbel", .gaussianGumbelError),
  ("spherical Gumbel", .sphericalGumbelError), ("spherical quantile", .sphericalQuantileError),
]

private struct Column {
  let name: String
  let measure: Measure
  let factor: Double
  let places: Int

  func text(_ cell: CellRecord) -> String {
    guard let found = cell.measures[measure.rawValue] else { return "" }
    let half = found.interval.map { factor * ($0[1] - $0[0]) / 2 }
    // A value is given as finely as its interval is wide.
    var places = places
    if let half, half > 0, half < 1 {
      while places < 6, half < 2 / powerOfTen(Double(places)) { places += 1 }
    }
    return (factor * found.value).fixed(places) + (half.map { " ± " + $0.fixed(places) } ?? "")
  }
}

private let columns = [
  Column(name: "fvu", measure: .fvu, factor: 1, places: 4),
  Column(name: "l0", measure: .l0, factor: 1, places: 1),
  Column(name: "dead %", measure: .deadFraction, factor: 100, places: 1),
  Column(name: "mmcs", measure: .mmcs, factor: 1, places: 3),
  Column(name: "kappa", measure: .kappa, factor: 1, places: 3),
  Column(name: "one to one", measure: .dcsKappa, factor: 1, places: 3),
  Column(name: "code iou", measure: .codeIoU, factor: 1, places: 3),
  Column(name: "ms a step", measure: .stepMilliseconds, factor: 1, places: 1),
]

/// How far atoms and codes agree, those of a pursuit too, and how far supports are from orthonormal.
private let conditioningColumns = [
  Column(name: "dcs", measure: .dcs, factor: 1, places: 3),
  Column(name: "code iou", measure: .codeIoU, factor: 1, places: 3),
  Column(name: "chance", measure: .codeIoUByChance, factor: 1, places: 3),
  Column(name: "code l2", measure: .codeDistance, factor: 1, places: 3),
  Column(name: "pursuit iou", measure: .oracleCodeIoU, factor: 1, places: 3),
  Column(name: "chance", measure: .oracleCodeIoUByChance, factor: 1, places: 3),
  Column(name: "pursuit l2", measure: .oracleCodeDistance, factor: 1, places: 3),
  Column(name: "R of 2k", measure: .largestSpread, factor: 1, places: 4),
  Column(name: "random", measure: .largestRandom, factor: 1, places: 4),
  Column(name: "R of pairs", measure: .pairSpread, factor: 1, places: 4),
  Column(name: "random", measure: .pairRandom, factor: 1, places: 4),
]

/// What is recovered of a known truth, in percent of the features unless it is a mean.
private let recoveryColumns = [
  Column(name: "recovered %", measure: .recovery, factor: 100, places: 1),
  Column(name: "at 0.9 %", measure: .recovery90, factor: 100, places: 1),
  Column(name: "mean cosine", measure: .recoveryMean, factor: 1, places: 3),
  Column(name: "each site %", measure: .recoverySite, factor: 100, places: 1),
  Column(name: "not anchored %", measure: .recoveryOthers, factor: 100, places: 1),
  Column(name: "precision %", measure: .precision, factor: 100, places: 1),
  Column(name: "encoder cosine", measure: .recoveryEncoderMean, factor: 1, places: 3),
  Column(name: "read-out cosine", measure: .recoveryReadoutMean, factor: 1, places: 3),
  Column(name: "path gain", measure: .pathGain, factor: 1, places: 3),
  Column(name: "raw %", measure: .recoveryRaw, factor: 100, places: 1),
  Column(name: "raw mean", measure: .recoveryRawMean, factor: 1, places: 3),
  Column(name: "raw, not anchored %", measure: .recoveryRawOthers, factor: 100, places: 1),
]

/// A Markdown table whose columns line up.
private func table(_ heading: [String], _ rows: [[String]]) -> [String] {
  let widths = heading.indices.map { column in
    ([heading] + rows).map { $0[column].count }.max() ?? 0
  }
  func line(_ cells: [String]) -> String {
    let padded = zip(cells, widths).map {
      $0 + String(repeating: " ", count: $1 - $0.count)
    }
    return "| " + padded.joined(separator: " | ") + " |"
  }
  let rule = "|" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "|") + "|"
  return [line(heading), rule] + rows.map(line)
}
