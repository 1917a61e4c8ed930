public import RunRecords

/// An experiment as one HTML file: what was expected beside what was measured, in figures, and how it differs from
/// what was published.
///
/// Like the report of a run it needs nothing else, and it is the same for the same record.
public func experimentPage(_ record: ExperimentRecord) -> String {
  let sections = [
    expectationSection(record), statementSection(record), measuredSection(record),
    trainingSection(record), nullSection(record), deviationSection(record),
  ].compactMap(\.self)
  let versions = unique(
    record.cells.map(\.eluteVersion) + record.theory.map(\.eluteVersion)
  ).joined(separator: ", ")
  return document(
    title: record.title, brand: "Elute experiment · \(record.id), tier \(record.tier)",
    introduction:
      #"<p class="lead">\#(record.question)</p><p class="lead">\#(verdicts(record))</p>"#,
    sections: sections, maker: versions.isEmpty ? "Made by Elute" : "Made by Elute \(versions)"
  ).source
}

/// How many expectations came out how.
private func verdicts(_ record: ExperimentRecord) -> String {
  let counts = [ExperimentVerdict.reproduced, .notReproduced, .inconclusive, .notRun].compactMap {
    verdict -> String? in
    let count = record.expectations.count { $0.verdict == verdict }
    return count > 0 ? "\(count) \(verdict.rawValue)" : nil
  }
  guard !counts.isEmpty else { return "Nothing is judged at this size." }
  return "Of \(record.expectations.count) expectations: \(counts.joined(separator: ", "))."
}

private func expectationSection(_ record: ExperimentRecord) -> Section? {
  guard !record.expectations.isEmpty else { return nil }
  let items = record.expectations.map { expectation -> Markup in
    let alike = record.expectations.filter { $0.measure == expectation.measure }
    let tracks = Tracks(
      alike.flatMap {
        ($0.interval ?? []) + [$0.measured, $0.published, $0.tolerance].compactMap { $0 }
      })
    let found = expectation.measured.map { estimate($0, expectation.interval) }
    let track = expectation.measured.map { value -> Markup in
      tracks.track(
        Tracks.Row(
          name: "", value: value, interval: expectation.interval, mark: expectation.published),
        description: found ?? notDefined)
    }
    let aim = expectation.published.map { "\($0)" } ?? "the other cell"
    return """
      <li><div><p>\(expectation.statement)</p><p class="source">\(expectation.source)</p></div>\
      <div>\(track ?? "")<p class="number">\(found ?? "not measured"); \
      \(expectation.relation) \(aim)\(tolerance(expectation))</p></div>\
      <p class="verdict \(expectation.verdict.style)">\(expectation.verdict.rawValue)</p></li>

      """
  }
  return Section(
    identifier: "expectations", heading: "What was expected",
    note: """
      Written down with its tolerance before it was run, unless it says otherwise. The dot is what was measured, or by how much two cells differ, the bar its \
      95% interval, the gray mark what was published or expected; claims on one measure share a scale, the short \
      line on it is zero. A claim is reproduced if the whole interval is where it should be.
      """,
    body: #"<ol class="claims">\#(items)</ol>"#)
}

/// The tolerance, if there is one.
private func tolerance(_ expectation: JudgedExpectation) -> String {
  expectation.tolerance == 0 ? "" : ", tolerance \(expectation.tolerance)"
}

private func statementSection(_ record: ExperimentRecord) -> Section? {
  guard !record.theory.isEmpty else { return nil }
  let blocks = record.theory.map { theory -> Markup in
    let figures = theory.curves.enumerated().map { place, curve in
      chart(curve, identifier: theory.id.replacing("/", with: "-") + "-\(place)")
    }
    let facts = theory.measures.sorted { $0.key < $1.key }.map { key, measured -> Markup in
      "<div><dt>\(measureName(key))</dt><dd>\(estimate(measured.value, measured.interval))</dd></div>"
    }
    return """
      <article class="statement"><h3>\(sentence(theory.statement))</h3><p>\(theory.about)</p>\(figures)\
      <div class="facts"><dl>\(facts)</dl></div>\
      <p class="source">\(theory.instances.grouped) random instances of \(theory.features.grouped) features in a width \
      of \(theory.width.grouped), \(theory.latents.grouped) latents.</p></article>

      """
  }
  return Section(
    identifier: "statements", heading: "Statement by statement",
    note: """
      Over random instances: means with their 95% intervals; what should hold for all of them as the worst case, or as \
      the share of all trials.
      """,
    body: "\(blocks)")
}

private func chart(_ curve: TheoryRecord.Curve, identifier: String) -> Markup {
  let points = curve.lines.flatMap { zip($0.x, $0.y).map { Point(x: $0, y: $1) } }
  let x = Axis.values(points.map(\.x), title: curve.x)
  let y = Axis.values(points.map(\.y), title: curve.y)
  let series = curve.lines.enumerated().map { place, line in
    Series(
      ink: place == 0 ? .measured : .run(place),
      points: zip(line.x, line.y).map { Point(x: $0, y: $1) },
      showsPoints: line.x.count < 20)
  }
  return Plot(
    identifier: identifier, title: Markup(text: sentence(curve.y)),
    description: "\(curve.lines.map(\.name).joined(separator: ", ")) against \(curve.x).", x: x,
    y: y,
    keys: series.count < 2 ? [] : zip(curve.lines, series).map { Key(name: $0.name, ink: $1.ink) },
    marks: Canvas.lines(series, x: x, y: y)
  ).markup
}

private func deviationSection(_ record: ExperimentRecord) -> Section? {
  let missing = unique(record.missing.map(\.reason)).map { reason in
    let cells = record.missing.filter { $0.reason == reason }.map(\.id)
    return "Not run: \(cells.joined(separator: ", ")): \(reason)"
  }
  let all = record.deviations.map(sentence) + missing
  guard !all.isEmpty else { return nil }
  return Section(
    identifier: "deviations", heading: "How it differs",
    note: "From what was published, or what one might take it for.",
    body: #"<ul class="scope">\#(all.map { text -> Markup in "<li>\(text)</li>" })</ul>"#)
}

/// A measure in words: those of statements by what they say, others by their names.
func measureName(_ key: String) -> String {
  statementWords[key] ?? key.replacing("_", with: " ")
}

private let statementWords = [
  "bound_share": "difference over the bound, at most",
  "gap_order": "power of the chance that it goes with",
  "relative_gap": "difference over the loss, four active",
  "bent_within": "segments within a pattern that are not convex",
  "bent_across": "segments between patterns that are not convex",
  "bent_by_atoms": "segments of atoms that are not convex",
  "exists": "instances that have what is looked for",
  "is_minimum": "stationary points that are minima",
  "steps_that_help": "steps of one block that help",
  "peak": "greatest loss on the way over the start's",
  "undecided": "patterns that are not decided",
  "loss_kept": "loss at the end over the stationary point's",
  "escaped": "instances that come below half of the loss",
  "escape_steps": "steps until then",
  "any_child": "children that can be absorbed",
  "some_child": "parents with such a child",
  "code_error": "condition of codes, left at most",
  "atom_error": "condition of atoms, left at most",
  "pair_error": "condition of pairs, left at most",
  "residual_error": "condition of residuals, left at most",
  "slope_ratio": "slope over what is predicted",
  "ray_gap_at_rays": "cost beside the least, as many atoms as rays",
  "ray_gap": "cost beside the least, most atoms",
  "longest_residual": "longest residual over the penalty",
  "gap_fall": "power of the number of atoms that the gap falls with",
  "children_per_parent": "different atoms in use over those of the smallest dictionary",
  "children_growth": "and over those of half as many",
  "pair_cosine": "most opposite cosine",
  "co_activity": "rows on which both are on",
  "pair_density": "rows on which either is",
  "encoder_gradient": "largest element of the encoder's gradient",
  "atom_gradient": "largest element of the atoms' gradient",
]

/// Words with a capital.
private func sentence(_ text: String) -> String {
  let words = text.replacing("_", with: " ")
  return words.prefix(1).uppercased() + words.dropFirst()
}

extension ExperimentVerdict {
  fileprivate var style: String { rawValue.replacing(" ", with: "-") }
}
