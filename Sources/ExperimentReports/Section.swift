/// A part of the page: a heading with a note on how to read it, and what it shows.
struct Section {
  /// The anchor.
  var identifier: String
  var heading: String
  /// A sentence or two beside the heading.
  var note: Markup
  var body: Markup

  var markup: Markup {
    """
    <section id="\(identifier)" aria-labelledby="\(identifier)-heading">
    <header><h2 id="\(identifier)-heading">\(heading)</h2><p>\(note)</p></header>
    <div class="body">
    \(body)
    </div>
    </section>

    """
  }
}
