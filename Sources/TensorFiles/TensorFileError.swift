/// What is wrong with a file: where, what was found there, what was expected and what to do.
///
/// The one error of this module. It is data; the command words it as `error: DESCRIPTION` and, on a
/// line of its own, `hint: HINT`.
public struct TensorFileError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The place in the file that the error is about.
  public enum Location: Sendable, Hashable {
    /// The file or folder as a whole.
    case file
    /// A byte, counted from the start of the file.
    case byte(Int)
    /// A tensor, by its name.
    case tensor(String)
    /// A row of activations, counted from 0 within the file.
    case row(Int)
    /// A key of a JSON file, such as `metadata.elute_sha256`.
    case key(String)
  }

  /// The path of the file or folder.
  public var path: String
  /// The place in it.
  public var location: Location
  /// What is there.
  public var found: String
  /// What should be there.
  public var expected: String
  /// What to do about it; empty when there is nothing to add.
  public var hint: String

  /// An error of a path, a place in it, what is there and what should be.
  public init(
    path: String, location: Location = .file, found: String, expected: String, hint: String = ""
  ) {
    self.path = path
    self.location = location
    self.found = found
    self.expected = expected
    self.hint = hint
  }

  /// `PATH: LOCATION: found X, expected Y`, on one line, without control characters.
  public var description: String {
    let place = location.description
    return printable(
      "\(path): \(place.isEmpty ? "" : place + ": ")found \(found), expected \(expected)")
  }
}

extension TensorFileError.Location: CustomStringConvertible {
  /// The place in words, `byte 8` or `tensor W_enc`; empty for the file as a whole.
  public var description: String {
    switch self {
    case .file: ""
    case .byte(let offset): "byte \(offset)"
    case .tensor(let name): "tensor \(abbreviated(name))"
    case .row(let row): "row \(row)"
    case .key(let key): "key \(abbreviated(key))"
    }
  }
}

/// A name from a file in quotes, cut short where it is very long, for a message.
func quoted(_ name: String) -> String { "'\(abbreviated(name))'" }

/// A name from a file, cut short where it is very long.
func abbreviated(_ name: String) -> String {
  let limit = 80
  let start = name.unicodeScalars.prefix(limit + 1)
  guard start.count > limit else { return name }
  return String(String.UnicodeScalarView(start.prefix(limit))) + "…"
}

/// The text with control and direction-changing characters escaped: a file must not be able to
/// write to the reader's terminal.
private func printable(_ text: String) -> String {
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator:
      result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
    default: result.append(scalar)
    }
  }
  return String(result)
}
