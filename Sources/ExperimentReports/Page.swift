import RunRecords

/// The whole document around its sections.
func page(_ content: ReportContent, _ sections: [Section]) -> Markup {
  let body: Markup = "\(sections.map(\.markup))"
  let glossarySection = Section(
    identifier: "glossary", heading: "Definitions",
    note: "What every number on this page means, and what it is easily taken for.",
    body: glossary(for: "\(introduction(content))\(body)"))
  let links = (sections + [glossarySection]).map { section -> Markup in
    ##"<a href="#\##(section.identifier)">\##(section.heading)</a>"##
  }
  return """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>\(content.title)</title>
    <style>\(Markup(stringLiteral: styleSheet))</style>
    </head>
    <body>
    <header class="masthead">
    <p class="brand">Elute report</p>
    <h1>\(content.title)</h1>
    \(introduction(content))
    <nav aria-label="Sections">\(links)</nav>
    </header>
    <main>
    \(body)\(glossarySection.markup)</main>
    <footer class="colophon"><p>\(colophon(content))</p></footer>
    </body>
    </html>

    """
}

private func introduction(_ content: ReportContent) -> Markup {
  "\(content.introduction.map { paragraph -> Markup in #"<p class="lead">\#(paragraph)</p>"# })"
}

private func colophon(_ content: ReportContent) -> Markup {
  let versions = unique(content.runs.map(\.eluteVersion)).joined(separator: ", ")
  let maker: Markup = versions.isEmpty ? "Made by Elute" : "Made by Elute \(versions)"
  return "\(maker). This page is one file: it runs nothing and loads nothing."
}

/// The different values in the order of their first appearance.
func unique(_ values: [String]) -> [String] {
  var seen: Set<String> = []
  return values.filter { seen.insert($0).inserted }
}
