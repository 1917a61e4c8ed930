/// What is in a file or folder and what is wrong with it: names, shapes, types, problems.
public struct Inspection: Codable, Sendable, Hashable {
  /// What a file or folder is.
  public enum Format: String, Codable, Sendable, Hashable {
    /// A NumPy array.
    case npy
    /// A safetensors file.
    case safetensors
    /// A folder of activations.
    case activationStore = "activation-store"
    /// A folder with a dictionary in the layout of SAELens.
    case saeLensDictionary = "saelens-dictionary"
    /// A folder with a dictionary that SAELens has no architecture for.
    case eluteDictionary = "elute-dictionary"
    /// Nothing that Elute knows.
    case unknown
  }

  /// One tensor.
  public struct Tensor: Codable, Sendable, Hashable {
    /// The name; of a file without names in it, the file's.
    public var name: String
    /// The dimensions, outermost first.
    public var shape: [Int]
    /// The type of the elements, as the format calls it.
    public var dtype: String
  }

  /// The path that was looked at.
  public var path: String
  /// What it is.
  public var format: Format
  /// What a dictionary is, in a few words; `nil` for all else, and where its settings cannot be read.
  public var description: String?
  /// The tensors in it.
  public var tensors: [Tensor]
  /// What is wrong, one sentence each; empty if Elute reads it as it stands.
  public var problems: [String]
}
