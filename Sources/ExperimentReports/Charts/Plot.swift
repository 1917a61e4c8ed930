/// What a line or an area stands for, and with that its color.
enum Ink: Equatable {
  /// One run of several.
  case run(Int)
  /// What was measured.
  case measured
  /// What chance gives.
  case chance

  /// The CSS class; past eight runs the colors come again, dashed.
  var style: String {
    switch self {
    case .run(let index): "run-\(index % 8)" + (index >= 8 ? " again" : "")
    case .measured: "measured"
    case .chance: "chance"
    }
  }
}

/// One entry of a legend.
struct Key {
  var name: String
  var ink: Ink
  /// Drawn as a patch where the chart draws an area.
  var isArea = false
}

/// A chart: axes, marks drawn over them, and the words around it.
///
/// The outer SVG is the plotting area itself and is as wide as the page lets it be; labels stand
/// outside it at percentages, so that text keeps its size and nothing needs a script. The marks are
/// paths in a square of 1000 that is stretched over the area with strokes of constant width.
struct Plot {
  /// Unique in the page; begins the identifiers of title and description.
  var identifier: String
  var title: Markup
  /// What a reader who cannot see the chart should know of it.
  var description: String
  var x: Axis
  var y: Axis
  var keys: [Key]
  /// The marks, in the coordinates of `Canvas`.
  var marks: Markup
  /// Values along x with a word each, such as an average worth pointing at.
  var pointers: [(value: Double, name: String)] = []
  /// Values along y with a word each, such as what a control reaches.
  var levels: [(value: Double, name: String)] = []

  var markup: Markup {
    """
    <figure class="chart"><figcaption>\(title)</figcaption>\(legend)
    <p class="y-title">\(y.title)</p>
    <div class="plot"><svg role="img" aria-labelledby="\(identifier)-title \(identifier)-desc">
    <title id="\(identifier)-title">\(plainTitle)</title>\
    <desc id="\(identifier)-desc">\(description)</desc>
    \(grid)\(pointerMarks)\(levelMarks)
    <svg class="marks" viewBox="0 0 1000 1000" preserveAspectRatio="none" width="100%" \
    height="100%">\(marks)</svg>
    </svg></div>
    <p class="x-title">\(x.title)</p></figure>
    """
  }

  /// The title without its links, for the accessible name.
  private var plainTitle: String { "\(y.title) against \(x.title)" }

  private var legend: Markup {
    guard !keys.isEmpty else { return "" }
    let entries = keys.map { key -> Markup in
      let shape: Markup =
        key.isArea
        ? #"<rect class="area \#(key.ink.style)" width="18" height="10"/>"#
        : #"<line class="line \#(key.ink.style)" x1="1" y1="5" x2="17" y2="5"/>"#
      return """
        <li><svg class="key" width="18" height="10" aria-hidden="true">\(shape)</svg>\(key.name)</li>
        """
    }
    return #"<ul class="legend">\#(entries)</ul>"#
  }

  private var grid: Markup {
    var lines: Markup = ""
    var labels: Markup = ""
    for tick in y.ticks {
      guard let place = y.scale.position(of: tick.value) else { continue }
      let at = percentage(1 - place)
      guard let label = tick.label else { continue }
      lines += #"<line x1="0" x2="100%" y1="\#(at)" y2="\#(at)"/>"#
      labels += #"<text class="y" x="-8" y="\#(at)" dy=".32em">\#(label)</text>"#
    }
    for tick in x.ticks {
      guard let place = x.scale.position(of: tick.value) else { continue }
      let at = percentage(place)
      let length = tick.label == nil ? "3" : "6"
      lines += """
        <svg class="tick" x="\(at)" y="100%"><line x1="0" x2="0" y1="0" y2="\(length)"/></svg>
        """
      guard let label = tick.label else { continue }
      labels += #"<text class="x" x="\#(at)" y="100%" dy="1.65em">\#(label)</text>"#
    }
    return """
      <g class="grid">\(lines)<line class="base" x1="0" x2="100%" y1="100%" y2="100%"/></g>
      <g class="labels">\(labels)</g>
      """
  }

  private var pointerMarks: Markup {
    var marks: Markup = ""
    for pointer in pointers {
      guard let place = x.scale.position(of: pointer.value), (0...1).contains(place) else {
        continue
      }
      let at = percentage(place)
      let anchor = place > 0.5 ? "end" : "start"
      let shift = place > 0.5 ? "-6" : "6"
      marks += """
        <g class="pointer"><line x1="\(at)" x2="\(at)" y1="0" y2="100%"/>\
        <text x="\(at)" y="0" dx="\(shift)" dy=".9em" text-anchor="\(anchor)">\(pointer.name)</text></g>
        """
    }
    return marks
  }
}

extension Plot {
  /// A dotted line across for each level, its word above it; words that would meet stand apart.
  fileprivate var levelMarks: Markup {
    var marks: Markup = ""
    var lowest = 1.1
    for level in levels.sorted(by: { $0.value > $1.value }) {
      guard let place = y.scale.position(of: level.value), (0...1).contains(place) else {
        continue
      }
      // A word is about a fourteenth of the chart high.
      let word = min(place, lowest - 0.07)
      lowest = word
      marks += """
        <g class="pointer"><line x1="0" x2="100%" y1="\(percentage(1 - place))" \
        y2="\(percentage(1 - place))"/><text x="0" y="\(percentage(1 - word))" dx="6" \
        dy="-.3em">\(level.name)</text></g>
        """
    }
    return marks
  }
}

/// A share of one as an SVG percentage.
func percentage(_ share: Double) -> String { plain(share * 100, places: 2) + "%" }

/// A number as SVG reads it: a full stop, a plain minus, no more decimals than needed.
func plain(_ value: Double, places: Int = 1) -> String {
  let factor = powerOfTen(Double(places))
  let rounded = (value * factor).rounded() / factor
  return rounded == rounded.rounded() && rounded.magnitude < 1e9 ? "\(Int(rounded))" : "\(rounded)"
}
