/// A place in a network whose activations are read or reconstructed.
public struct Site: Codable, Hashable, Sendable {
  /// The place's name, as the user or the file calls it, such as `blocks.8.hook_resid_post`.
  public var name: String
  /// The number of activations there, `d_in`.
  public var width: Int

  /// A site of a name and a width.
  public init(name: String, width: Int) {
    self.name = name
    self.width = width
  }
}
