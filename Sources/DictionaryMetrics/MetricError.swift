/// Why dictionaries cannot be compared: where, what is there, what was expected and what to do.
///
/// The one error of this module. The command words it as `error: DESCRIPTION` and, on a line of its
/// own, `hint: HINT`. What only a caller's mistake can cause is a precondition instead.
public struct MetricError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The dictionary, as its reader named it, and the place in it.
  public var place: String
  /// What is there.
  public var found: String
  /// What should be there.
  public var expected: String
  /// What to do about it.
  public var hint: String

  /// An error of a place, what is there, what should be and what to do.
  public init(place: String, found: String, expected: String, hint: String) {
    self.place = place
    self.found = found
    self.expected = expected
    self.hint = hint
  }

  /// `PLACE: found X, expected Y`.
  public var description: String { "\(place): found \(found), expected \(expected)" }
}
