import RunRecords

/// Which latents of the first run the others have too: how many, how sure, and each of them in a table.
func replicationSection(_ content: ReportContent) -> Section? {
  guard let record = content.replication, !record.atoms.isEmpty, record.others > 0 else {
    return nil
  }
  return Section(
    identifier: "replication", heading: "Which latents came back",
    note: """
      Every live latent of \(content.firstName), against the \(content.othersText(record)). A mean over \
      latents does not say which of them can be counted on; this does.
      """,
    body: """
      <p>\(sentence(content, record))</p>
      <div class="figures">\(replicationHistogram(record))\(cosineMap(content, record))</div>
      \(atomTable(record))
      """)
}

extension ReportContent {
  /// The run that atoms are taken from.
  fileprivate var firstName: String {
    runNames.first.map { "the first run, \($0)" } ?? "the first run"
  }

  fileprivate func othersText(_ record: ReplicationRecord) -> String {
    record.others == 1 ? "other run" : "\(record.others.grouped) other runs"
  }
}

/// At what rate of false ones an atom counts as found beyond chance.
private let rate = 0.05

private func sentence(_ content: ReportContent, _ record: ReplicationRecord) -> Markup {
  let found = record.discoveries(atRate: rate)
  let everywhere = record.counts.last ?? 0
  let byChance = (record.chance.last ?? .nan) * Double(record.atoms.count)
  let claim =
    record.others == 1
    ? "in the other run"
    : "in at least \(record.atLeast.grouped) of the \(content.othersText(record))"
  return """
    Of \(record.atoms.count.grouped) live latents, \(figure(.qValue, found.grouped)) are \(claim) \
    beyond chance, at a \(link(.qValue, "false discovery rate")) of 5%. \
    \(figure(.foundAgain, everywhere.grouped)) \
    \(link(.foundAgain, record.others == 1 ? "came back" : "came back in all of them")), a mutual best match at \
    cosine \("\(record.tau)") or more; \
    <span class="chance">\(link(.chanceAgain, "chance")) \(byChance.significant(2))</span>.
    """
}

/// How many latents came back in none of the others, in one, and so on.
private func replicationHistogram(_ record: ReplicationRecord) -> Markup {
  let edges = (0...record.others + 1).map { Double($0) - 0.5 }
  let counts = record.counts.map(Double.init)
  let chance = record.chance.map { $0 * Double(record.atoms.count) }
  let step = max(1, (record.others + 9) / 10)
  let x = Axis(
    scale: Scale(kind: .linear, lower: -0.5, upper: Double(record.others) + 0.5),
    ticks: stride(from: 0, through: record.others, by: step).map {
      Tick(value: Double($0), label: $0.grouped)
    }, title: "other runs in which a latent came back")
  let y = Axis.linear(
    from: 0, to: (counts + chance.filter(\.isFinite)).max() ?? 1, title: "latents")
  func outline(_ heights: [Double], _ ink: Ink, isFilled: Bool) -> Markup {
    Canvas.steps(heights: heights, edges: edges, ink: ink, isFilled: isFilled, x: x, y: y)
  }
  return Plot(
    identifier: "chart-replications",
    title: """
      In how many other runs latents \(link(.foundAgain, "came back")), and what \
      \(link(.chanceAgain, "chance")) gives
      """,
    description: """
      Latents that came back in 0, 1 and so on of the others: \
      \(record.counts.map(\.grouped).joined(separator: ", ")).
      """,
    x: x, y: y,
    keys: [
      Key(name: "measured", ink: .measured, isArea: true), Key(name: "chance", ink: .chance),
    ],
    marks: """
      \(outline(counts, .measured, isFilled: true))\(outline(chance, .chance, isFilled: false))
      """
  ).markup
}

/// At most so many latents of a color are drawn as dots.
private let drawnDots = 1500

/// Every latent at its cosine with its nearest in the second run and at its firing density.
private func cosineMap(_ content: ReportContent, _ record: ReplicationRecord) -> Markup {
  let atoms = record.atoms.filter { $0.cosine.isFinite && ($0.density ?? 0) > 0 }
  let densities = atoms.compactMap(\.density).filter(\.isFinite)
  guard let rarest = densities.min(), let lowest = atoms.map({ Double($0.cosine) }).min() else {
    return ""
  }
  let x = Axis.linear(
    from: min(lowest, record.nullCosine.isFinite ? record.nullCosine : lowest), to: 1,
    title: "cosine with the nearest latent of \(content.dictionaryName(1))")
  let decade = max(-9, min(-1, Int(decimalLogarithm(rarest).rounded(.down))))
  let y = Axis(
    scale: Scale(kind: .logarithmic(hasZero: false), lower: powerOfTen(Double(decade)), upper: 1),
    ticks: (decade...0).map { power in
      Tick(
        value: powerOfTen(Double(power)),
        label: power >= -5
          ? plain(powerOfTen(Double(power + 2)), places: 3) + "%"
          : powerOfTen(Double(power)).significant(1))
    }, title: "share of rows on which a latent fires, log scale")
  func dots(_ chosen: [AtomRecord], _ ink: Ink) -> Markup {
    let every = max(1, (chosen.count + drawnDots - 1) / drawnDots)
    let shown = stride(from: 0, to: chosen.count, by: every).map {
      Point(x: Double(chosen[$0].cosine), y: chosen[$0].density ?? .nan)
    }
    return Canvas.dots(shown, ink: ink, isCloud: true, x: x, y: y)
  }
  let (found, others) = (atoms.filter { $0.qValue <= rate }, atoms.filter { !($0.qValue <= rate) })
  let most = max(found.count, others.count)
  let thinning: Markup =
    most > drawnDots ? "; of many latents \((2 * drawnDots).grouped) at most are drawn" : ""
  return Plot(
    identifier: "chart-cosine-map",
    title: """
      \(link(.cosine, "Best cosine")) in \(content.dictionaryName(1)) against \
      \(link(.firingDensity, "firing density")): a dot per latent\(thinning)
      """,
    description: """
      \(found.count.grouped) latents found beyond chance and \(others.count.grouped) that are not; 95% \
      of what chance gives lies below a cosine of \(record.nullCosine95.fixed(3)).
      """,
    x: x, y: y,
    keys: [
      Key(name: "found beyond chance", ink: .measured, isArea: true),
      Key(name: "not told from chance", ink: .chance, isArea: true),
    ],
    marks: "\(dots(others, .chance))\(dots(found, .measured))",
    pointers: record.nullCosine95.isFinite ? [(record.nullCosine95, "95% of chance below")] : []
  ).markup
}
