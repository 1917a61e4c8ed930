import RunRecords

/// At most so many latents stand in the table, half of them from either end.
private let shownAtoms = 500

/// A way in which the reader can have the table ordered.
///
/// There is no script: every row carries its place in each order as a CSS variable, and the style sheet
/// takes the one that is chosen.
enum AtomOrder: String, CaseIterable {
  case replications, q, cosine, density, atom

  var name: String {
    switch self {
    case .replications: "came back"
    case .q: "q"
    case .cosine: "cosine"
    case .density: "fires on"
    case .atom: "latent"
    }
  }

  /// Whether an atom stands before another; what it does not tell apart keeps the order it has.
  fileprivate func precedes(_ a: AtomRecord, _ b: AtomRecord) -> Bool {
    switch self {
    case .replications: (a.replications, b.qValue) > (b.replications, a.qValue)
    case .q: a.qValue < b.qValue
    case .cosine: a.cosine > b.cosine
    case .density: (a.density ?? 0) > (b.density ?? 0)
    case .atom: a.atom < b.atom
    }
  }

  /// The rules by which the choice orders the rows.
  static var style: String {
    allCases.map { order in
      """
      .atom-table:has(#atoms-by-\(order.rawValue):checked) .atoms tbody tr\
      {order:var(--\(order.rawValue))}
      """
    }.joined(separator: "\n")
  }
}

/// The latents of the first run, one a row, in the order that the reader chooses.
func atomTable(_ record: ReplicationRecord) -> Markup {
  // By cosine first: what came back as often and as surely stands by its cosine.
  let ranked = [AtomOrder.cosine, .replications].reduce(record.atoms) { atoms, order in
    sorted(atoms, by: order).map { atoms[$0] }
  }
  let isCut = ranked.count > shownAtoms
  let shown =
    isCut ? Array(ranked.prefix(shownAtoms / 2) + ranked.suffix(shownAtoms / 2)) : ranked
  let places = AtomOrder.allCases.map { order -> (AtomOrder, [Int]) in
    var places = [Int](repeating: 0, count: shown.count)
    for (place, index) in sorted(shown, by: order).enumerated() { places[index] = place }
    return (order, places)
  }
  let rows = shown.indices.map { index -> Markup in
    let style = places.map { "--\($0.rawValue):\($1[index])" }.joined(separator: ";")
    return atomRow(shown[index], style: style, record)
  }
  let caption: Markup =
    isCut
    ? """
    The \((shownAtoms / 2).grouped) latents that came back most and the \((shownAtoms / 2).grouped) that \
    came back least, of \(ranked.count.grouped); <code>elute compare --per-atom</code> writes them all
    """ : "All \(ranked.count.grouped) live latents"
  return """
    <div class="atom-table">\(orderChoice)
    <div class="tabular"><p class="caption" id="table-atoms">\(caption)</p>
    <div class="scroll" role="region" tabindex="0" aria-labelledby="table-atoms">
    <table class="atoms" role="table" aria-labelledby="table-atoms">
    <thead role="rowgroup"><tr role="row">\(headings)</tr></thead>
    <tbody role="rowgroup">\(rows)</tbody></table></div></div></div>

    """
}

/// The positions of atoms in an order, in which equal ones keep theirs; what is not a number comes last.
private func sorted(_ atoms: [AtomRecord], by order: AtomOrder) -> [Int] {
  atoms.indices.sorted { a, b in
    if order.precedes(atoms[a], atoms[b]) { return true }
    return order.precedes(atoms[b], atoms[a]) ? false : a < b
  }
}

private let orderChoice: Markup = {
  let choices = AtomOrder.allCases.map { order -> Markup in
    let isChosen: Markup = order == .replications ? #" checked="checked""# : ""
    return """
      <label><input type="radio" name="atoms-by" id="atoms-by-\(order.rawValue)"\(isChosen)>\(order.name)</label>
      """
  }
  return """
    <fieldset class="order"><legend>Order by</legend>\(choices)\
    <label><input type="checkbox" id="atoms-reversed">reversed</label></fieldset>
    """
}()

private var headings: Markup {
  func heading(_ kind: Table.Kind, _ text: Markup) -> Markup {
    #"<th role="columnheader" scope="col" class="\#(kind.rawValue)">\#(text)</th>"#
  }
  return """
    \(heading(.label, "Latent"))\
    \(heading(.number, link(.foundAgain, "came back")))\
    \(heading(.number, link(.exactInterval, "95% interval")))\
    \(heading(.similarity, link(.cosine, "cosine")))\
    \(heading(.chance, link(.chanceAgain, "by chance")))\
    \(heading(.number, link(.cosine, "with latent")))\
    \(heading(.number, link(.pValue, "p")))\
    \(heading(.number, link(.qValue, "q")))\
    \(heading(.number, link(.firingDensity, "fires on")))\
    \(heading(.text, "activated most by"))
    """
}

private func atomRow(
  _ atom: AtomRecord, style: String, _ record: ReplicationRecord
) -> Markup {
  func cell(_ kind: Table.Kind, _ text: String) -> Markup {
    #"<td role="cell" class="\#(kind.rawValue)">\#(text)</td>"#
  }
  let inputs = atom.topInputs.map(\.name).joined(separator: ", ")
  return """
    <tr role="row" style="\(style)"><th role="rowheader" scope="row" class="label">\("\(atom.atom)")</th>\
    \(cell(.number, "\(atom.replications.grouped) of \(atom.trials.grouped)"))\
    \(cell(.number, "\(atom.low.fixed(2)) to \(atom.high.fixed(2))"))\
    \(cell(.similarity, Double(atom.cosine).fixed(3)))\
    \(cell(.chance, record.nullCosine.fixed(3)))\
    \(cell(.number, "\(atom.bestMatch)" + (atom.mutual ? " ↔" : "")))\
    \(cell(.number, atom.pValue.significant(2)))\
    \(cell(.number, atom.qValue.significant(2)))\
    \(cell(.number, atom.density.map(\.percent) ?? "not known"))\
    <td role="cell" class="text" title="\(inputs)">\(inputs)</td></tr>

    """
}
