public import RunRecords

/// A certificate as one HTML file: what is proved, refuted or open about a dictionary, and about which of its atoms.
///
/// Like the report of a run it needs nothing else, and it is the same for the same certificate.
///
/// - Parameter atoms: What is known of each latent that fires.
public func certificatePage(_ record: CertificateRecord, atoms: [CertifiedAtom]) -> String {
  let groups: [(id: String, heading: String, note: Markup, verdicts: Set<String>)] = [
    (
      "holds", "What holds",
      "Proved: deduced from weights and rows, with rounding paid for or far below the bound. Supported: inferred from samples, with an interval of 95%.",
      ["proved", "supported"]
    ),
    (
      "fails", "What does not",
      "Refuted: there is a witness. Contradicted: the whole interval is on the other side.",
      ["refuted", "contradicted"]
    ),
    (
      "open", "What stays open",
      "Neither was shown. Supports that were found bound from one side only, and bounds by cosines prove little beyond a few active latents: an open claim is no fault of the dictionary.",
      ["inconclusive"]
    ),
    (
      "not-claimed", "What is not claimed",
      "Theorems about something else, or that need what was not given.", ["not-applicable"]
    ),
  ]
  let claims = groups.compactMap { group -> Section? in
    let claims = record.claims.filter { group.verdicts.contains($0.finding.verdict) }
    guard !claims.isEmpty else { return nil }
    return Section(
      identifier: group.id, heading: group.heading, note: group.note,
      body: #"<ol class="claims certificate">\#(claims.map(item))</ol>"#)
  }
  let sections = [codeSection(record)] + claims + [atomSection(record, atoms)].compactMap(\.self)
  return document(
    title: record.source, brand: "Elute certificate",
    introduction: #"<p class="lead">\#(summary(record))</p>"#, sections: sections,
    maker: "Made by Elute \(record.eluteVersion)"
  ).source
}

/// Certificates side by side, as one HTML file.
///
/// - Parameter folders: For each the folder beside this page that has the whole of it.
public func certificateOverviewPage(_ records: [CertificateRecord], folders: [String]) -> String {
  let names = zip(records, folders).map { record, folder -> Markup in
    #"<a href="./\#(percentEncoded(folder))/certificate.html">\#(record.source)</a>"#
  }
  let section = Section(
    identifier: "verdicts", heading: "What holds of which",
    note:
      "Proved and refuted are deduced, supported and contradicted inferred; the page of each dictionary has margins, witnesses and assumptions.",
    body: verdictTable(records, names: names))
  return document(
    title: "\(records.count) dictionaries", brand: "Elute certificates",
    introduction: "", sections: [section],
    maker: "Made by Elute \(records.first?.eluteVersion ?? "")"
  ).source
}

/// A name as a part of an address: all but letters, digits and -._~ by their bytes.
private func percentEncoded(_ name: String) -> String {
  name.utf8.map { byte in
    let scalar = Unicode.Scalar(byte)
    let isPlain =
      byte < 128 && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
      || "-._~".unicodeScalars.contains(scalar)
    guard !isPlain else { return String(Character(scalar)) }
    let digits = String(byte, radix: 16, uppercase: true)
    return "%" + (digits.count < 2 ? "0" : "") + digits
  }.joined()
}

/// A line for each claim, with what became of it for every dictionary.
func verdictTable(_ records: [CertificateRecord], names: [Markup]) -> Markup {
  let facts: [(Markup, (CertificateRecord) -> Markup)] = [
    ("rows looked at", { "\($0.rows.grouped)" }),
    ("latents that fire", { "\($0.live.grouped) of \($0.latents.grouped)" }),
    ("variance unexplained", { "\($0.fvu.significant(3))" }),
    ("codes proved at once", { "\($0.certifiedRows.percent)" }),
  ]
  let claims = CertificateRecord.ID.allCases.map { id -> [Markup] in
    [#"<code>\#(id.rawValue)</code>"#]
      + records.map { record in
        guard let claim = record.claims.first(where: { $0.id == id }) else { return "" }
        let verdict = claim.finding.verdict
        return #"<span class="verdict \#(verdict)">\#(verdict)</span>"#
      }
  }
  return Table(
    identifier: "all-verdicts", caption: "Every claim, and what became of it.",
    columns: [.label("claim")] + names.map { .init(heading: $0, kind: .text) },
    rows: facts.map { name, value in [name] + records.map(value) } + claims
  ).markup
}

/// The certificates of a run's dictionaries, in its report.
func certificateSection(_ content: ReportContent) -> Section? {
  guard let records = content.certificates, let first = records.first else { return nil }
  let note: Markup = """
    Deduced from weights and \(first.rows.grouped) \(content.isHeldOut ? "held-out rows" : "rows, the ones trained on included") \
    (proved, refuted), or inferred from them (supported, \
    contradicted). What stays inconclusive is no fault of the dictionary: most claims about all codes cannot be decided \
    at real sizes.
    """
  let list: Markup = #"<ol class="claims certificate">\#(first.claims.map(item))</ol>"#
  return Section(
    identifier: "certificate", heading: "What can be claimed", note: note,
    body: """
      \(verdictTable(records, names: records.map { "\($0.source)" }))
      \(disclosure("\(first.source), claim by claim", list))
      """)
}

private func summary(_ record: CertificateRecord) -> String {
  let counts = ["proved", "supported", "refuted", "contradicted", "inconclusive"].compactMap {
    verdict -> String? in
    let count = record.claims.count { $0.finding.verdict == verdict }
    return count > 0 ? "\(count) \(verdict)" : nil
  }
  return
    "\(record.live.grouped) of \(record.latents.grouped) latents fire on \(record.rows.grouped) rows of \(record.data). Of \(record.claims.count) claims: \(counts.joined(separator: ", "))."
}

private func codeSection(_ record: CertificateRecord) -> Section {
  var facts: [(String, String)] = [
    (
      "rows whose code is proved at once to be the only one of its size",
      record.certifiedRows.percent
    )
  ]
  if let searched = record.searchedRows {
    let range =
      searched.low == searched.high
      ? "" : " (\(searched.low.percent) to \(searched.high.percent))"
    facts.append(("with a search for each of the others", searched.value.percent + range))
  }
  facts += [
    ("variance left unexplained", record.fvu.significant(3)),
    ("active latents a row", record.l0.fixed(2)),
    ("claims at k are about", "\(record.k) active latents"),
    ("codes", record.isSigned ? "signed" : "nonnegative"),
  ]
  let list = facts.map { name, value -> Markup in "<div><dt>\(name)</dt><dd>\(value)</dd></div>" }
  return Section(
    identifier: "codes", heading: "Row by row",
    note: """
      The question that matters for a reading of one input: could another code of these atoms have given the same \
      reconstruction at the same size or less? Proved means it could not.
      """,
    body: #"<div class="statement"><div class="facts"><dl>\#(list)</dl></div></div>"#)
}

private func item(_ claim: CertificateRecord.Claim) -> Markup {
  var lines: [Markup] = []
  if let reason = claim.reason { lines.append("<p>\(reason)</p>") }
  if let margin = claim.margin {
    lines.append(#"<p class="number">margin \#(margin.significant(3))</p>"#)
  }
  if let witness = claim.witness { lines.append(#"<p class="number">\#(words(witness))</p>"#) }
  let figures = claim.figures.sorted { $0.key < $1.key }.map { key, value -> Markup in
    "<div><dt>\(key.replacing("_", with: " "))</dt><dd>\(value.significant(4))</dd></div>"
  }
  var more: [Markup] = claim.assumptions.map { "<p>Given that \($0).</p>" }
  if !figures.isEmpty { more.append(#"<div class="facts"><dl>\#(figures)</dl></div>"#) }
  let level =
    if case .statistical(_, let level) = claim.finding { ", at \(level.percent)" } else { "" }
  return """
    <li><div><p>\(sentence(claim.statement))</p><p class="source"><code>\(claim.id.rawValue)</code> · about \
    \(about(claim.scope))\(level) · \(claim.source)</p></div><div>\(lines)\
    \(more.isEmpty ? "" : disclosure("numbers and assumptions", "\(more)"))</div>\
    <p class="verdict \(claim.finding.verdict)">\(claim.finding.verdict)</p></li>

    """
}

private func about(_ scope: CertificateRecord.Scope) -> String {
  switch scope {
  case .weights: "the weights"
  case .rows: "these rows"
  case .distribution: "the distribution"
  }
}

private func words(_ witness: CertificateRecord.Witness) -> String {
  let list = { (name: String, numbers: [Int]) -> String? in
    guard let first = numbers.first else { return nil }
    guard numbers.count > 1 else { return "\(name) \(first)" }
    let shown = numbers.prefix(6).map(String.init).joined(separator: ", ")
    return "\(name)s \(shown)" + (numbers.count > 6 ? " and \(numbers.count - 6) more" : "")
  }
  let places = [list("latent", witness.latents), list("row", witness.rows)].compactMap { $0 }
  return
    "Witness: \(witness.what), \(witness.value.significant(4))"
    + (places.isEmpty ? "" : " (\(places.joined(separator: "; ")))")
}

private func atomSection(_ record: CertificateRecord, _ atoms: [CertifiedAtom]) -> Section? {
  guard !atoms.isEmpty else { return nil }
  let shown = 12
  let worst = atoms.sorted {
    ($0.certified, -$0.density, $0.latent) < ($1.certified, -$1.density, $1.latent)
  }.prefix(shown)
  let isFromSeeds = atoms.contains { $0.replications != nil }
  let heading = { (text: Markup) in Table.Column(heading: text, kind: .number) }
  var columns: [Table.Column] = [
    .label("latent"), heading("fires on"), heading("codes proved"), heading("nearest"),
    heading("cosine"), heading("on with"), heading("share"), heading("would turn"),
  ]
  if isFromSeeds { columns.append(heading("comes back in")) }
  let rows = worst.map { atom -> [Markup] in
    let number = { (value: Int?) -> Markup in value.map { "\("\($0)")" } ?? "" }
    var cells: [Markup] = [
      "\("\(atom.latent)")", "\(atom.density.percent)", "\(atom.certified.percent)",
      number(atom.nearest), atom.cosine.map { "\($0.fixed(3))" } ?? "", number(atom.parent),
      atom.parentShare.map { "\($0.percent)" } ?? "",
      atom.turn.map { "\($0.significant(2))" } ?? "",
    ]
    if isFromSeeds { cells.append(number(atom.replications)) }
    return cells
  }
  let whole = atoms.count { $0.certified == 1 }
  let half = atoms.count { $0.certified >= 0.5 }
  return Section(
    identifier: "atoms", heading: "Atom by atom",
    note: """
      Of \(atoms.count.grouped) latents \(whole.grouped) fire only in codes that are proved at once, \(half.grouped) in \
      at least as many of these as of others. The table has those least proved; <code>atoms.csv</code> beside this page has all.
      """,
    body: Table(
      identifier: "least-certified",
      caption: """
        "Nearest" is the atom with the largest cosine, "on with" the latent that is on for the largest share of \
        its activity, "would turn" by how many radians the error pushes its atom.
        """, columns: columns, rows: rows
    ).markup)
}

/// Words with a capital.
private func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
