/// A line from 0 to 1 with a dot for each value measured and a bar where chance is.
///
/// - Parameters:
///   - values: The values measured; what is not finite is left out.
///   - chance: The values that chance gives.
///   - description: The same in words.
func ruler(_ values: [Double], chance: [Double], description: String) -> Markup {
  func place(_ value: Double) -> String? {
    value.isFinite ? percentage(min(max(value, 0), 1)) : nil
  }
  let bars = chance.compactMap(place).map { at -> Markup in
    #"<line class="line chance" x1="\#(at)" x2="\#(at)" y1="3" y2="17"/>"#
  }
  let dots = values.compactMap(place).map { at -> Markup in
    #"<circle class="dot" cx="\#(at)" cy="10" r="4"/>"#
  }
  return """
    <svg class="ruler" height="20" role="img"><title>\(description)</title>\
    <line class="rail" x1="0" x2="100%" y1="10" y2="10"/>\
    <line class="rail" x1="0" x2="0" y1="7" y2="13"/>\
    <line class="rail" x1="100%" x2="100%" y1="7" y2="13"/>\(bars)\(dots)</svg>
    """
}
