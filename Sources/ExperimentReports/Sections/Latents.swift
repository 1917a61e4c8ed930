import RunRecords

/// Single latents of the first run: the ones that every run finds, and the ones that none other does.
func latentSection(_ content: ReportContent) -> Section? {
  let groups: [(heading: Markup, latents: [LatentRecord])] = [
    ("Most replicated", content.mostReplicated), ("Least replicated", content.leastReplicated),
  ].filter { !$0.latents.isEmpty }
  guard !groups.isEmpty else { return nil }
  let first = content.runNames.first.map { "the first run, \($0)" } ?? "the first run"
  return Section(
    identifier: "latents", heading: "Single latents",
    note: """
      Latents of \(first), with their nearest atoms in the others and the inputs that activate them \
      most. \(measuredAndChance)
      """,
    body: "\(groups.map { group in latentTable(group.heading, group.latents, content) })")
}

private let measuredAndChance: Markup = """
  The ruler goes from 0 to 1: a dot per other run, a bar where chance is.
  """

/// At most this many latents of a list, and inputs of a latent, are shown.
private let shownLatents = 24
private let shownInputs = 12

private func latentTable(_ heading: Markup, _ latents: [LatentRecord], _ content: ReportContent)
  -> Markup
{
  let omitted: Markup =
    latents.count > shownLatents
    ? ", the first \(shownLatents.grouped) of \(latents.count.grouped)" : ""
  return """
    <table class="latents"><caption>\(heading)\(omitted)</caption>
    <thead><tr><th scope="col" class="label">Latent</th>\
    <th scope="col" class="similarity">\(link(.replication, "replication"))</th>\
    <th scope="col" class="chance">\(link(.chance, "by chance"))</th>\
    <th scope="col" class="ruler-cell">\(link(.cosine, "cosines"))</th>\
    <th scope="col" class="number">\(link(.firingDensity, "fires on"))</th></tr></thead>
    \(latents.prefix(shownLatents).map { latentRows($0, content) })</table>

    """
}

/// What chance gives for each other run: the null of its pair with the first, else of all pairs.
private func chances(_ latent: LatentRecord, _ comparison: ComparisonRecord?) -> [Double]? {
  guard let comparison else { return nil }
  return latent.bestCosines.indices.map { position in
    comparison.pairs.first { $0.first == 0 && $0.second == position + 1 }?.nullMmcs
      ?? comparison.nullMmcs
  }
}

private func latentRows(_ latent: LatentRecord, _ content: ReportContent) -> Markup {
  let chances = chances(latent, content.comparison)
  let number: Markup = #"<td class="number">\#(latent.density.percent) <small>of rows</small></td>"#
  let cells: Markup
  let cosines: Markup
  if let chances, !chances.isEmpty {
    let values = latent.bestCosines.map { $0.fixed(3) }.joined(separator: ", ")
    cells = """
      <td class="similarity">\(latent.replication.fixed(3))</td>\
      <td class="chance">\(chances.mean.fixed(3))</td>\
      <td class="ruler-cell">\(ruler(
        latent.bestCosines, chance: chances,
        description: "Best cosines \(values), where chance gives \(chances.mean.fixed(3))"))</td>
      """
    let items = latent.bestCosines.enumerated().map { position, value -> Markup in
      """
      <li><b>\(content.dictionaryName(position + 1))</b> \
      \(similarity(value, chance: chances[position]))</li>
      """
    }
    cosines = #"<ul class="cosines">\#(items)</ul>"#
  } else {
    // Without a null no similarity is printed.
    cells = #"<td class="absent" colspan="3">no other run to compare with</td>"#
    cosines = ""
  }
  return """
    <tbody><tr><th scope="row" class="label">\("\(latent.latent)")</th>\(cells)\(number)</tr>
    <tr class="detail"><td colspan="5">\(inputs(latent.topInputs))\(cosines)</td></tr></tbody>

    """
}

private func inputs(_ inputs: [LatentRecord.Input]) -> Markup {
  guard !inputs.isEmpty else { return "" }
  let items = inputs.prefix(shownInputs).map { input -> Markup in
    """
    <li><span class="input">\(input.name)</span> \(figure(.activationValue, input.value.significant(3)))</li>
    """
  }
  return #"<ol class="inputs" aria-label="Inputs that activate it most">\#(items)</ol>"#
}
