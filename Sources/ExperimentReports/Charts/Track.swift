import RunRecords

/// Rows of one measure each: a name, a dot with its interval on a common line, and the number.
struct Tracks {
  struct Row {
    var name: Markup
    var value: Double
    var interval: [Double]?
    /// A value to hold it against, such as a published one.
    var mark: Double?
    /// What stands behind the dot's number.
    var note: Markup = ""
  }

  /// Where all rows' values are, zero included.
  let scale: Scale

  init(_ values: [Double]) {
    let finite = values.filter(\.isFinite) + [0]
    let (low, high) = (finite.min() ?? 0, finite.max() ?? 0)
    let room = high > low ? 0.02 * (high - low) : 1
    scale = Scale(kind: .linear, lower: low - room, upper: high + room)
  }

  /// One line with its dot; the words say the same.
  func track(_ row: Row, description: String) -> Markup {
    func place(_ value: Double) -> String? {
      scale.position(of: value).map { percentage(min(max($0, 0), 1)) }
    }
    var marks: Markup = ""
    if let zero = place(0) {
      marks += #"<line class="rail" x1="\#(zero)" x2="\#(zero)" y1="5" y2="15"/>"#
    }
    if let mark = row.mark.flatMap(place) {
      marks += #"<line class="line chance" x1="\#(mark)" x2="\#(mark)" y1="3" y2="17"/>"#
    }
    if let ends = row.interval, ends.count == 2, let low = place(ends[0]), let high = place(ends[1])
    {
      marks += #"<line class="line measured" x1="\#(low)" x2="\#(high)" y1="10" y2="10"/>"#
    }
    if let at = place(row.value) { marks += #"<circle class="dot" cx="\#(at)" cy="10" r="4"/>"# }
    return """
      <svg class="ruler" height="20" role="img"><title>\(description)</title>\
      <line class="rail" x1="0" x2="100%" y1="10" y2="10"/>\(marks)</svg>
      """
  }

  /// The rows as a figure.
  static func figure(_ title: Markup, _ rows: [Row]) -> Markup {
    let values = rows.flatMap { [$0.value] + ($0.interval ?? []) + [$0.mark].compactMap { $0 } }
    let tracks = Tracks(values)
    let lines = rows.map { row -> Markup in
      let text = estimate(row.value, row.interval)
      return """
        <li><span class="name">\(row.name)</span>\(tracks.track(row, description: text))\
        <span class="number">\(text)\(row.note)</span></li>

        """
    }
    return """
      <figure class="tracks"><figcaption>\(title)</figcaption><ul>\(lines)</ul></figure>

      """
  }
}

/// A value and half of its interval.
func estimate(_ value: Double, _ interval: [Double]?) -> String {
  guard let interval, interval.count == 2 else { return value.significant(3) }
  let half = (interval[1] - interval[0]) / 2
  guard half > 0 else { return value.significant(3) }
  // Both as finely as the interval is wide, unless that is not where the value is.
  let isCentered = abs((interval[0] + interval[1]) / 2 - value) < 0.05 * half
  guard isCentered else {
    return
      "\(value.significant(3)) (\(interval[0].significant(2)) to \(interval[1].significant(2)))"
  }
  return "\(value.significant(3)) ± \(half.significant(2))"
}
