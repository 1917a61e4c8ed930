/// The checked header of a safetensors file: its tensors and its metadata.
///
/// Layout: the header's length as a little-endian integer of 64 bits, the header as a JSON object,
/// the data. Every refusal happens here, before any data is read or memory is set aside for it.
struct SafetensorsHeader: Sendable, Hashable {
  /// The tensors, in the order of their data.
  private(set) var entries: [SafetensorsFile.Entry] = []
  private(set) var metadata: [String: String] = [:]
  private(set) var warnings: [String] = []

  /// The largest header that is believed, as in the reference reader.
  static let longestHeader = 100_000_000
  /// The most tensors that are believed.
  static let mostTensors = 100_000
  /// The longest name that is believed, in bytes.
  static let longestName = 1024
  /// The most dimensions that are believed.
  static let mostDimensions = 64

  /// Reads the header of a file and checks it against the file's size.
  init(of file: ReadableFile) throws(TensorFileError) {
    guard file.size >= 10 else {
      throw TensorFileError(
        path: file.path, found: "\(file.size) bytes", expected: "a safetensors file, 10 or more")
    }
    let length = try file.bytes(at: 0, count: 8).enumerated()
      .reduce(UInt64(0)) { $0 | UInt64($1.element) << UInt64(8 * $1.offset) }
    guard length <= Self.longestHeader else {
      throw TensorFileError(
        path: file.path, location: .byte(0), found: "a header of \(length) bytes",
        expected: "at most \(Self.longestHeader)", hint: "is this a safetensors file?")
    }
    guard length >= 2, length <= file.size - 8 else {
      throw TensorFileError(
        path: file.path, location: .byte(0), found: "a header of \(length) bytes",
        expected: "2 to \(file.size - 8), what the file has room for",
        hint: "the file was cut short, or is no safetensors file")
    }
    let text = try file.bytes(at: 8, count: Int(length))
    try self.init(text, path: file.path, dataCount: file.size - 8 - text.count)
  }

  /// Reads the header's text and checks it against the number of bytes of data.
  init(_ text: [UInt8], path: String, dataCount: Int) throws(TensorFileError) {
    var scanner = JSONScanner(text, path: path, base: 8)
    guard text.first == UInt8(ascii: "{") else {
      throw scanner.unexpected("'{' as the first byte of the header")
    }
    let base = 8 + text.count
    try scanner.object(repeated: { .tensor($0) }) { (scanner, name) throws(TensorFileError) in
      if name == "__metadata__" {
        metadata = try Self.metadata(from: &scanner)
        return
      }
      guard name.utf8.count <= Self.longestName, entries.count < Self.mostTensors else {
        throw scanner.error(
          entries.count < Self.mostTensors
            ? "a name of \(name.utf8.count) bytes" : "tensor number \(entries.count + 1)",
          expected: "names up to \(Self.longestName) bytes, up to \(Self.mostTensors) tensors")
      }
      scanner.tensor = name
      entries.append(try entry(name, from: &scanner, base: base, path: path))
      scanner.tensor = nil
    }
    try scanner.expectEnd()
    try checkLayout(path: path, base: base, dataCount: dataCount)
  }

  private static func metadata(
    from scanner: inout JSONScanner
  ) throws(TensorFileError) -> [String: String] {
    var result: [String: String] = [:]
    scanner.tensor = "__metadata__"
    try scanner.object { (scanner, key) throws(TensorFileError) in
      result[key] = try scanner.string()
    }
    scanner.tensor = nil
    return result
  }

  private mutating func entry(
    _ name: String, from scanner: inout JSONScanner, base: Int, path: String
  ) throws(TensorFileError) -> SafetensorsFile.Entry {
    var type: SafetensorsType?
    var shape: [Int]?
    var offsets: [Int]?
    try scanner.object { (scanner, field) throws(TensorFileError) in
      switch field {
      case "dtype": type = try Self.type(from: &scanner)
      case "shape": shape = try Self.naturals(from: &scanner, atMost: Self.mostDimensions)
      case "data_offsets": offsets = try Self.naturals(from: &scanner, atMost: 2)
      default:
        if warnings.count < 100 {
          warnings.append("tensor \(abbreviated(name)): unknown field \(quoted(field))")
        }
        _ = try scanner.value(depth: 2)
      }
    }
    guard let type, let shape, let offsets, offsets.count == 2 else {
      throw scanner.error(
        "an entry that is not complete", expected: "dtype, shape and two data_offsets")
    }
    let entry = SafetensorsFile.Entry(
      name: name, type: type, shape: shape, offset: offsets[0], byteCount: offsets[1] - offsets[0])
    try checkSize(entry, end: offsets[1], path: path)
    guard !base.addingReportingOverflow(offsets[1]).overflow else {
      throw scanner.error("the data offset \(offsets[1])", expected: "an offset within the file")
    }
    return entry
  }

  private static func type(
    from scanner: inout JSONScanner
  ) throws(TensorFileError) -> SafetensorsType {
    let name = try scanner.string()
    guard let type = SafetensorsType(rawValue: name) else {
      throw scanner.error(
        "the type \(quoted(name))",
        expected: "one of " + SafetensorsType.allCases.map(\.rawValue).joined(separator: " "))
    }
    return type
  }

  private static func naturals(
    from scanner: inout JSONScanner, atMost limit: Int
  ) throws(TensorFileError) -> [Int] {
    var result: [Int] = []
    try scanner.array { (scanner) throws(TensorFileError) in
      guard result.count < limit else {
        throw scanner.error("more numbers", expected: "at most \(limit)")
      }
      result.append(try scanner.natural())
    }
    return result
  }

  /// The bytes that an entry claims must be those that its shape and type need.
  private func checkSize(
    _ entry: SafetensorsFile.Entry, end: Int, path: String
  ) throws(TensorFileError) {
    var bits = entry.type.bits
    for dimension in entry.shape {
      let (product, overflow) = bits.multipliedReportingOverflow(by: dimension)
      guard !overflow else {
        throw TensorFileError(
          path: path, location: .tensor(entry.name), found: "the shape \(entry.shape)",
          expected: "a tensor that fits in 2^63 bits")
      }
      bits = product
    }
    guard bits % 8 == 0, entry.byteCount == bits / 8 else {
      throw TensorFileError(
        path: path, location: .tensor(entry.name),
        found: "the data offsets \(entry.offset) and \(end)",
        expected: bits % 8 == 0
          ? "\(bits / 8) bytes for \(entry.type.rawValue) \(entry.shape)"
          : "a whole number of bytes for \(entry.type.rawValue) \(entry.shape)")
    }
  }

  /// The tensors must lie one after the other, from the first byte of the data to the last.
  private mutating func checkLayout(
    path: String, base: Int, dataCount: Int
  ) throws(TensorFileError) {
    entries.sort { ($0.offset, $0.byteCount, $0.name) < ($1.offset, $1.byteCount, $1.name) }
    var end = 0
    for entry in entries {
      guard entry.offset == end else {
        throw TensorFileError(
          path: path, location: .tensor(entry.name),
          found: entry.offset > end
            ? "a hole of \(entry.offset - end) bytes before its data"
            : "data that overlap the tensor before by \(end - entry.offset) bytes",
          expected: "data that start at offset \(end)")
      }
      end += entry.byteCount
    }
    guard end == dataCount else {
      throw TensorFileError(
        path: path, location: .byte(base + min(end, dataCount)),
        found: "\(dataCount) bytes of data", expected: "\(end), as the header says",
        hint: end > dataCount ? "the file was cut short; copy it again" : "the file has a tail")
    }
  }
}
