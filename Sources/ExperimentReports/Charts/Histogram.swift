/// How many values fall into each of equally wide bins.
struct Histogram: Equatable {
  let lower: Double
  let width: Double
  let counts: [Int]
  /// Values that are not finite and are in no bin.
  let undefined: Int

  /// Counts of the values; what lies outside is counted in the first or the last bin.
  ///
  /// - Precondition: `bins >= 1`, `width > 0`.
  init(_ values: some Sequence<Float>, from lower: Double, width: Double, bins: Int) {
    var counts = [Int](repeating: 0, count: bins)
    var undefined = 0
    for value in values {
      let place = ((Double(value) - lower) / width + 1e-6).rounded(.down)
      guard place.isFinite else {
        undefined += 1
        continue
      }
      counts[Int(min(max(place, 0), Double(bins - 1)))] += 1
    }
    self.lower = lower
    self.width = width
    self.counts = counts
    self.undefined = undefined
  }

  /// The values in all bins.
  var total: Int { counts.reduce(0, +) }

  /// For each bin the share of the values; their sum is one.
  var shares: [Double] { counts.map { total == 0 ? 0 : Double($0) / Double(total) } }

  /// The edges from the first bin's lower to the last bin's upper.
  var edges: [Double] { (0...counts.count).map { lower + Double($0) * width } }
}

extension Canvas {
  /// The outline of bins of a height each, closed along the base.
  static func steps(heights: [Double], edges: [Double], ink: Ink, isFilled: Bool, x: Axis, y: Axis)
    -> Markup
  {
    guard let first = edges.first.flatMap(x.scale.position) else { return "" }
    var outline = "M\(plain(first * 1000)) 1000"
    for (height, edge) in zip(heights, edges.dropFirst()) {
      guard let across = x.scale.position(of: edge), let up = y.scale.position(of: height) else {
        return ""
      }
      outline += "V\(plain((1 - up) * 1000))H\(plain(across * 1000))"
    }
    outline += "V1000"
    let area: Markup = isFilled ? #"<path class="area \#(ink.style)" d="\#(outline)Z"/>"# : ""
    return #"\#(area)<path class="line \#(ink.style)" d="\#(outline)"/>"#
  }
}
