/// One entry of the glossary.
struct Definition: Sendable {
  /// The entry's name, with the field name of the files where it has one.
  var name: Markup
  /// What it is, in words.
  var meaning: Markup
  /// The formula, if words are not the shortest way to say it.
  var formula: Markup?
  /// What it is easily taken for.
  var isNot: Markup
}

/// The glossary of every term that a page links to, and of every term those entries link to.
func glossary(for page: Markup) -> Markup {
  let entries = linkedTerms(from: page).map { term -> Markup in
    let definition = term.definition
    let formula: Markup = definition.formula.map { #"<p class="formula">\#($0)</p>"# } ?? ""
    return """
      <div class="entry" id="\(term.anchor)"><dt>\(definition.name)</dt>
      <dd><p>\(definition.meaning)</p>\(formula)\
      <p class="is-not"><span>What it is not.</span> \(definition.isNot)</p></dd></div>

      """
  }
  return #"<dl class="glossary">\#(entries)</dl>"#
}

/// The terms that a page links to, directly or through their entries, in the order of the glossary.
private func linkedTerms(from page: Markup) -> [Term] {
  var linked: Set<Term> = []
  var unread = [page]
  while let text = unread.popLast() {
    for term in Term.allCases where !linked.contains(term) {
      guard text.source.contains("\"#\(term.anchor)\"") else { continue }
      linked.insert(term)
      let entry = term.definition
      unread.append("\(entry.meaning)\(entry.formula ?? "")\(entry.isNot)")
    }
  }
  return Term.allCases.filter(linked.contains)
}
