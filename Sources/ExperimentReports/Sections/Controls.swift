import RunRecords

/// A control in words.
func controlName(_ key: String) -> String {
  switch key {
  case "step_0": "atoms as they began"
  case "data_draw": "rows as atoms"
  case "pca": "principal directions"
  case "k_means": "centers of k-means"
  default: key
  }
}

/// What else was compared, each beside its chance.
func otherAgreementTable(_ comparison: ComparisonRecord) -> Markup {
  typealias Line = (
    term: Term, name: Markup, value: Double?, chance: Double?, interval: [Double]?
  )
  let lines: [Line] = [
    (.mmcs, "MMCS", comparison.mmcs, comparison.nullMmcs, comparison.mmcsInterval),
    (
      .matchedChance, "MMCS, matched moment", comparison.mmcs,
      comparison.nulls.matchedSecondMoment, comparison.mmcsInterval
    ),
    (.dcs, "DCS", comparison.dcs, comparison.nullDcs, comparison.dcsInterval),
    (
      .sharedFraction, "latents in common", comparison.sharedFraction,
      comparison.nullSharedFraction, comparison.sharedFractionInterval
    ),
    (
      .codeOverlap, "overlap of codes", comparison.codeIoU, comparison.nullCodeIoU,
      comparison.codeIoUInterval
    ),
    (
      .subspace, "leading directions", comparison.subspaceOverlap,
      comparison.nullSubspaceOverlap, nil
    ),
  ]
  let hasIntervals = lines.contains { $0.interval != nil }
  let rows = lines.compactMap { line -> [Markup]? in
    guard let value = line.value, let chance = line.chance else { return nil }
    let ends = line.interval.map { "\($0[0].fixed(3)) to \($0[1].fixed(3))" } ?? ""
    return [
      link(line.term, line.name), Markup(text: value.fixed(3)), Markup(text: chance.fixed(3)),
    ] + (hasIntervals ? [Markup(text: ends)] : [])
  }
  return Table(
    identifier: "table-agreements", caption: "Every statistic of agreement, averaged over pairs",
    columns: [.label("Statistic")] + Table.Column.similarity(.mmcs, "agreement", chance: .chance)
      + (hasIntervals ? [.number(.interval, "95% interval")] : []),
    rows: rows
  ).markup
}

/// What dictionaries reach that nobody has learned; nothing without any.
func controlTable(_ comparison: ComparisonRecord) -> Markup {
  guard !comparison.controls.isEmpty else { return "" }
  let rows = comparison.controls.sorted { $0.value.kappa > $1.value.kappa }.map {
    key, control -> [Markup] in
    [
      Markup(text: controlName(key)), Markup(text: control.mmcs.fixed(3)),
      Markup(text: control.nullMmcs.fixed(3)), Markup(text: control.kappa.fixed(3)),
      Markup(text: control.dcs.fixed(3)), Markup(text: control.nullDcs.fixed(3)),
      "\(control.atoms.first?.grouped ?? "") – \(control.atoms.last?.grouped ?? "")",
    ]
  }
  let columns: [Table.Column] =
    [.label(link(.control, "Control"))]
    + Table.Column.similarity(.mmcs, "MMCS", chance: .chance) + [.number(.kappa, "κ")]
    + Table.Column.similarity(.dcs, "DCS", chance: .dcsChance) + [.number(.atom, "atoms")]
  return Table(
    identifier: "table-controls",
    caption: "Dictionaries that nobody has learned, compared in the same way", columns: columns,
    rows: rows
  ).markup
}
