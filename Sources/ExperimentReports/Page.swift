import RunRecords

/// The report of runs around its sections, with the definitions of its numbers.
func page(_ content: ReportContent, _ sections: [Section]) -> Markup {
  let body: Markup = "\(sections.map(\.markup))"
  let glossarySection = Section(
    identifier: "glossary", heading: "Definitions",
    note: "What every number on this page means, and what it is easily taken for.",
    body: glossary(for: "\(introduction(content))\(body)"))
  return document(
    title: content.title, brand: "Elute report", introduction: introduction(content),
    sections: sections + [glossarySection], maker: maker(content))
}

/// A whole document around its sections.
func document(
  title: String, brand: String, introduction: Markup, sections: [Section], maker: String
) -> Markup {
  let links = sections.map { section -> Markup in
    ##"<a href="#\##(section.identifier)">\##(section.heading)</a>"##
  }
  return """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>\(title)</title>
    <style>\(Markup(stringLiteral: styleSheet))</style>
    </head>
    <body>
    <header class="masthead">
    <p class="brand">\(brand)</p>
    <h1>\(title)</h1>
    \(introduction)
    <nav aria-label="Sections">\(links)</nav>
    </header>
    <main>
    \(sections.map(\.markup))</main>
    <footer class="colophon"><p>\(maker). This page is one file: it runs nothing and loads nothing.</p></footer>
    </body>
    </html>

    """
}

private func introduction(_ content: ReportContent) -> Markup {
  "\(content.introduction.map { paragraph -> Markup in #"<p class="lead">\#(paragraph)</p>"# })"
}

private func maker(_ content: ReportContent) -> String {
  let versions = unique(content.runs.map(\.eluteVersion)).joined(separator: ", ")
  return versions.isEmpty ? "Made by Elute" : "Made by Elute \(versions)"
}

/// The different values in the order of their first appearance.
func unique(_ values: [String]) -> [String] {
  var seen: Set<String> = []
  return values.filter { seen.insert($0).inserted }
}
