public import SparseCoding

/// A safetensors file: named tensors, read when asked for.
///
/// Opening reads and checks the header alone; nothing is mapped. Differences from the reference
/// reader (safetensors 0.8.0): a repeated tensor name is refused, where that one takes the last.
public struct SafetensorsFile: Sendable, Hashable {
  /// One tensor of the file.
  public struct Entry: Sendable, Hashable {
    /// The name.
    public let name: String
    /// The type of the elements.
    public let type: SafetensorsType
    /// The dimensions, outermost first; none for a single number.
    public let shape: [Int]
    /// Where its bytes start, counted from the end of the header.
    public let offset: Int
    /// The number of its bytes.
    public let byteCount: Int

    /// The number of elements.
    public var count: Int { byteCount * 8 / type.bits }
  }

  /// The path of the file.
  public var path: String { file.path }
  /// The tensors, in the order of their data.
  public var entries: [Entry] { header.entries }
  /// The free text by key that the file carries, `__metadata__`.
  public var metadata: [String: String] { header.metadata }
  /// Oddities that are not refused, in words.
  public var warnings: [String] { header.warnings }

  let file: ReadableFile
  private let header: SafetensorsHeader
  private let dataStart: Int
  private let positions: [String: Int]

  private init(file: ReadableFile, header: SafetensorsHeader) {
    self.file = file
    self.header = header
    dataStart = file.size - header.entries.reduce(0) { $0 + $1.byteCount }
    positions = Dictionary(
      uniqueKeysWithValues: header.entries.enumerated().map { ($1.name, $0) })
  }

  /// Opens a file: reads and checks its header.
  public static func open(_ path: String) throws(TensorFileError) -> SafetensorsFile {
    let file = try ReadableFile(path)
    return SafetensorsFile(file: file, header: try SafetensorsHeader(of: file))
  }

  /// Opens a file that lies in memory, such as one that is part of the program.
  ///
  /// - Parameter name: What errors name as the path.
  public static func open(
    _ bytes: [UInt8], name: String
  ) throws(TensorFileError) -> SafetensorsFile {
    let file = ReadableFile(bytes, name: name)
    return SafetensorsFile(file: file, header: try SafetensorsHeader(of: file))
  }

  /// The entry of a name, if the file has one.
  public func entry(named name: String) -> Entry? { positions[name].map { entries[$0] } }

  /// A tensor of floats of any precision as `Float`; doubles are rounded to the nearest.
  public func floats(named name: String) throws(TensorFileError) -> [Float] {
    try run(named: name).floats()
  }

  /// A tensor of floats of any precision as `Double`, exactly.
  public func doubles(named name: String) throws(TensorFileError) -> [Double] {
    try run(named: name).doubles()
  }

  /// A tensor of integers or truth values; an unsigned one above the largest `Int64` is an error.
  public func integers(named name: String) throws(TensorFileError) -> [Int64] {
    try run(named: name).integers()
  }

  /// A tensor of type `U64`.
  public func unsignedIntegers(named name: String) throws(TensorFileError) -> [UInt64] {
    try run(named: name).unsignedIntegers()
  }

  /// A tensor of two dimensions, of floats of any precision, as a matrix.
  public func matrix(named name: String) throws(TensorFileError) -> Matrix {
    let entry = try requiredEntry(named: name)
    guard entry.shape.count == 2, entry.shape.allSatisfy({ $0 <= Int32.max }) else {
      throw TensorFileError(
        path: path, location: .tensor(name), found: "the shape \(entry.shape)",
        expected: "two dimensions up to \(Int32.max)")
    }
    return Matrix(rows: entry.shape[0], columns: entry.shape[1], values: try floats(named: name))
  }

  /// The data of a tensor, not yet read.
  func run(named name: String) throws(TensorFileError) -> ElementRun {
    let entry = try requiredEntry(named: name)
    guard let type = entry.type.element else {
      throw TensorFileError(
        path: path, location: .tensor(name), found: "elements of type \(entry.type.rawValue)",
        expected: "floats of 16, 32 or 64 bits, or integers",
        hint: "convert the tensor to F32 where it was written")
    }
    return ElementRun(
      file: file, offset: dataStart + entry.offset, count: entry.count, type: type,
      isBigEndian: false, location: .tensor(name))
  }

  private func requiredEntry(named name: String) throws(TensorFileError) -> Entry {
    guard let entry = entry(named: name) else {
      let names = entries.prefix(8).map { abbreviated($0.name) }.joined(separator: ", ")
      throw TensorFileError(
        path: path, location: .tensor(name), found: "no tensor of this name",
        expected: entries.isEmpty ? "one; the file has none" : "one; the file has \(names)")
    }
    return entry
  }
}
