/// A piece of HTML into which text can only be inserted escaped.
///
/// A literal is HTML as it stands. Interpolating a `String` escapes it, interpolating another piece
/// inserts it unchanged, so that no caller has to remember to escape.
struct Markup: ExpressibleByStringInterpolation, Equatable, Sendable {
  /// The HTML itself.
  private(set) var source: String

  init(stringLiteral source: String) { self.source = source }

  init(stringInterpolation: StringInterpolation) { source = stringInterpolation.source }

  /// The text, escaped.
  init(text: String) { source = escaped(text) }

  static func += (piece: inout Markup, next: Markup) { piece.source += next.source }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var source = ""

    init(literalCapacity: Int, interpolationCount: Int) { source.reserveCapacity(literalCapacity) }

    mutating func appendLiteral(_ literal: String) { source += literal }
    mutating func appendInterpolation(_ text: String) { source += escaped(text) }
    mutating func appendInterpolation(_ piece: Markup) { source += piece.source }
    mutating func appendInterpolation(_ pieces: [Markup]) {
      for piece in pieces { source += piece.source }
    }
  }
}

extension [Markup] {
  /// The pieces one after another with the same piece between each two.
  func joined(by separator: Markup) -> Markup {
    var whole: Markup = ""
    for (position, piece) in enumerated() {
      if position > 0 { whole += separator }
      whole += piece
    }
    return whole
  }
}

/// The text with the five characters that HTML reads as its own replaced by references.
///
/// Control characters other than tab and line feed, which no HTML file may hold, become U+FFFD.
func escaped(_ text: String) -> String {
  var result = ""
  result.reserveCapacity(text.utf8.count)
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case "\t", "\n": result.unicodeScalars.append(scalar)
    case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}": result += "\u{FFFD}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
