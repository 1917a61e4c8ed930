/// A table of numbers with a linked heading over every column of them.
struct Table {
  /// What the cells of a column hold.
  enum Kind: String {
    /// The row's name; at most one column, the first.
    case label
    case text
    case number
    /// A similarity; its column of chance comes next.
    case similarity
    /// What chance gives for the column before.
    case chance
  }

  struct Column {
    var heading: Markup
    var kind: Kind
  }

  /// Unique in the page.
  var identifier: String
  var caption: Markup
  var columns: [Column]
  var rows: [[Markup]]
  /// Rows that sum the others up, below a rule.
  var totals: [[Markup]] = []

  /// The table; its caption stands outside, so that it stays in place when the table is scrolled.
  var markup: Markup {
    let headings = columns.map { column -> Markup in
      #"<th scope="col" class="\#(column.kind.rawValue)">\#(column.heading)</th>"#
    }
    let foot: Markup = totals.isEmpty ? "" : "<tfoot>\(totals.map(line))</tfoot>"
    return """
      <div class="tabular"><p class="caption" id="\(identifier)">\(caption)</p>
      <div class="scroll" role="region" tabindex="0" aria-labelledby="\(identifier)">
      <table aria-labelledby="\(identifier)">
      <thead><tr>\(headings)</tr></thead>
      <tbody>\(rows.map(line))</tbody>\(foot)</table></div></div>

      """
  }

  private func line(_ cells: [Markup]) -> Markup {
    let marked = zip(columns, cells).map { column, cell -> Markup in
      column.kind == .label
        ? #"<th scope="row" class="label">\#(cell)</th>"#
        : #"<td class="\#(column.kind.rawValue)">\#(cell)</td>"#
    }
    return "<tr>\(marked)</tr>\n"
  }
}

extension Table.Column {
  /// A column of names.
  static func label(_ heading: Markup) -> Table.Column { .init(heading: heading, kind: .label) }

  /// A column of numbers that a term defines.
  static func number(_ term: Term, _ heading: Markup) -> Table.Column {
    .init(heading: link(term, heading), kind: .number)
  }

  /// Two columns: a similarity and what chance gives for it.
  static func similarity(_ term: Term, _ heading: Markup, chance: Term) -> [Table.Column] {
    [
      .init(heading: link(term, heading), kind: .similarity),
      .init(heading: link(chance, "by chance"), kind: .chance),
    ]
  }
}

/// A similarity with what chance gives right beside it: the only way to print one in a sentence.
func similarity(_ value: Double, chance: Double, places: Int = 3) -> Markup {
  """
  <span class="similarity">\(value.fixed(places))</span> \
  <span class="chance">chance \(chance.fixed(places))</span>
  """
}

/// Something that opens when it is asked for.
func disclosure(_ summary: Markup, _ content: Markup) -> Markup {
  "<details><summary>\(summary)</summary>\(content)</details>\n"
}
