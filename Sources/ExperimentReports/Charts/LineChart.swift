/// A point in the units of the data.
struct Point: Equatable {
  var x: Double
  var y: Double
}

/// A line of a chart.
struct Series {
  var ink: Ink
  var points: [Point]
  /// Points are marked where they are few and measured at moments that somebody chose.
  var showsPoints = false
}

/// The marks of line charts, as paths over a square of 1000 with the origin at the upper left.
enum Canvas {
  /// The lines, one path each; a value that has no place interrupts its line.
  static func lines(_ series: [Series], x: Axis, y: Axis) -> Markup {
    var marks: Markup = ""
    for line in series {
      let pieces = placed(line.points, x: x, y: y)
      let strokes = pieces.map { polyline(thinned($0)) }.joined()
      if !strokes.isEmpty { marks += #"<path class="line \#(line.ink.style)" d="\#(strokes)"/>"# }
      if line.showsPoints { marks += dots(line.points, ink: line.ink, x: x, y: y) }
    }
    return marks
  }

  /// The points alone; a cloud is half transparent, so that crowds show.
  static func dots(
    _ points: [Point], ink: Ink, isCloud: Bool = false, x: Axis, y: Axis
  ) -> Markup {
    let dots = placed(points, x: x, y: y).joined()
      .map { "M\(plain($0.x)) \(plain($0.y))h0" }.joined()
    let style = isCloud ? "cloud " + ink.style : ink.style
    return dots.isEmpty ? "" : #"<path class="dots \#(style)" d="\#(dots)"/>"#
  }

  /// The area between two lines.
  static func band(lower: [Point], upper: [Point], ink: Ink, x: Axis, y: Axis) -> Markup {
    let floor = placed(lower, x: x, y: y).flatMap(\.self)
    let ceiling = placed(upper, x: x, y: y).flatMap(\.self)
    guard floor.count > 1, ceiling.count > 1 else { return "" }
    let outline = polyline(ceiling + floor.reversed()) + "Z"
    return #"<path class="area \#(ink.style)" d="\#(outline)"/>"#
  }

  /// The points on the canvas, in runs without a gap.
  static func placed(_ points: [Point], x: Axis, y: Axis) -> [[Point]] {
    var pieces: [[Point]] = [[]]
    for point in points {
      if let across = x.scale.position(of: point.x), let up = y.scale.position(of: point.y) {
        pieces[pieces.count - 1].append(Point(x: across * 1000, y: (1 - up) * 1000))
      } else {
        pieces.append([])
      }
    }
    return pieces.filter { !$0.isEmpty }
  }

  /// At most four points for each of 200 columns: the first, the lowest, the highest and the last.
  ///
  /// Drawn, the line looks the same: nothing that sticks out of a column is lost.
  static func thinned(_ points: [Point]) -> [Point] {
    guard points.count > 400 else { return points }
    var kept: [Point] = []
    var start = 0
    while start < points.count {
      let column = (points[start].x / 5).rounded(.down)
      var end = start
      var lowest = start
      var highest = start
      while end + 1 < points.count && (points[end + 1].x / 5).rounded(.down) == column {
        end += 1
        if points[end].y > points[lowest].y { lowest = end }
        if points[end].y < points[highest].y { highest = end }
      }
      var previous: Int?
      for index in [start, min(lowest, highest), max(lowest, highest), end] where index != previous
      {
        kept.append(points[index])
        previous = index
      }
      start = end + 1
    }
    return kept
  }

  private static func polyline(_ points: [Point]) -> String {
    guard let first = points.first else { return "" }
    let rest = points.dropFirst().map { "L\(plain($0.x)) \(plain($0.y))" }.joined()
    // A line of one point would be invisible; a length of zero with a round cap is a dot.
    return "M\(plain(first.x)) \(plain(first.y))" + (rest.isEmpty ? "h0" : rest)
  }
}
