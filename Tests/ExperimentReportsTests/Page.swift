/// An HTML page taken apart far enough to check it.
struct Page {
  /// A tag with its attributes, or the end of one.
  struct Tag {
    var name: String
    var attributes: [String: String]
    var isEnd: Bool
    var isEmpty: Bool
  }

  /// A mistake in the page.
  struct Malformed: Error, CustomStringConvertible {
    var description: String
  }

  private(set) var tags: [Tag] = []
  /// All text between tags, joined.
  private(set) var text = ""

  /// Reads the page; throws at the first tag that is not closed where it should be, at a stray `<`,
  /// and at an `&` that begins no reference.
  init(_ source: String) throws {
    let characters = Array(source.unicodeScalars)
    var position = 0
    var open: [String] = []
    while position < characters.count {
      if characters[position] == "<" {
        guard let end = characters[position...].firstIndex(of: ">") else {
          throw Malformed(description: "a tag never ends")
        }
        let inside = String(String.UnicodeScalarView(characters[position + 1..<end]))
        position = end + 1
        if inside.hasPrefix("!DOCTYPE") { continue }
        let tag = try Page.tag(inside)
        tags.append(tag)
        if tag.isEnd {
          guard open.last == tag.name else {
            throw Malformed(
              description: "</\(tag.name)> closes <\(open.last ?? "nothing")>, at tag \(tags.count)"
            )
          }
          open.removeLast()
        } else if !tag.isEmpty {
          open.append(tag.name)
        }
        // The style sheet is not HTML.
        if tag.name == "style" && !tag.isEnd {
          while position < characters.count, characters[position] != "<" { position += 1 }
        }
      } else {
        if characters[position] == "&" { try Page.checkReference(characters[position...]) }
        text.unicodeScalars.append(characters[position])
        position += 1
      }
    }
    guard open.isEmpty else { throw Malformed(description: "never closed: \(open)") }
  }

  private static func checkReference(_ rest: ArraySlice<Unicode.Scalar>) throws {
    let name = String(String.UnicodeScalarView(rest.dropFirst().prefix { $0 != ";" }.prefix(8)))
    guard ["amp", "lt", "gt", "quot", "#39", "emsp"].contains(name) else {
      throw Malformed(description: "an & begins no reference: \(name)")
    }
  }

  private static func tag(_ inside: String) throws -> Tag {
    guard !inside.contains("<") else { throw Malformed(description: "a < inside <\(inside)>") }
    if inside.hasPrefix("/") {
      return Tag(name: String(inside.dropFirst()), attributes: [:], isEnd: true, isEmpty: false)
    }
    let isSelfClosing = inside.hasSuffix("/")
    var rest = Substring(isSelfClosing ? String(inside.dropLast()) : inside)
    let name = rest.prefix { !$0.isWhitespace }
    rest = rest.dropFirst(name.count)
    var attributes: [String: String] = [:]
    while let start = rest.firstIndex(where: { !$0.isWhitespace }) {
      rest = rest[start...]
      let key = rest.prefix { $0 != "=" }
      rest = rest.dropFirst(key.count)
      guard rest.hasPrefix("=\"") else {
        throw Malformed(description: "an attribute without quotes in <\(inside)>")
      }
      rest = rest.dropFirst(2)
      let value = rest.prefix { $0 != "\"" }
      rest = rest.dropFirst(value.count)
      guard rest.hasPrefix("\"") else { throw Malformed(description: "open quotes in <\(inside)>") }
      rest = rest.dropFirst()
      guard attributes.updateValue(String(value), forKey: String(key)) == nil else {
        throw Malformed(description: "an attribute twice in <\(inside)>")
      }
    }
    let isVoid = ["meta", "br", "hr", "input", "link", "img"].contains(String(name))
    return Tag(
      name: String(name), attributes: attributes, isEnd: false, isEmpty: isSelfClosing || isVoid)
  }

  /// The tags that begin an element.
  var elements: [Tag] { tags.filter { !$0.isEnd } }

  /// The classes of the elements, in document order.
  var classes: [[Substring]] {
    elements.map { ($0.attributes["class"] ?? "").split(separator: " ") }
  }
}
