/// The checked header of a `.npy` file.
///
/// Layout: `\x93NUMPY`, two bytes of version, the length of the header (two bytes in version 1, four
/// after), a Python literal with exactly `descr`, `fortran_order` and `shape`, the data.
/// Source: numpy.lib.format.
struct NpyHeader: Sendable, Hashable {
  /// The type as the file writes it, `<f4`.
  let descr: String
  let type: ElementType
  let isBigEndian: Bool
  /// Whether the first dimension, not the last, is the one whose neighbors lie side by side.
  let isFortranOrder: Bool
  let shape: [Int]
  /// Where the data start.
  let dataOffset: Int
  /// The number of elements.
  let count: Int

  /// The longest header that is believed, as numpy does.
  static let longestHeader = 10_000
  /// The bytes that every file starts with.
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Reads the header of a file and checks it against the file's size.
  init(of file: ReadableFile, options: NpyOptions) throws(TensorFileError) {
    let path = file.path
    let start = try file.bytes(at: 0, count: min(file.size, 12))
    guard start.starts(with: Self.magic), start.count >= 10 else {
      throw TensorFileError(
        path: path, location: .byte(0), found: "no npy header",
        expected: "the bytes \\x93NUMPY, a version and a length",
        hint: "is this a file that numpy.save wrote?")
    }
    guard (1...3).contains(start[6]), start[7] == 0, start[6] == 1 || start.count == 12 else {
      throw TensorFileError(
        path: path, location: .byte(6), found: "version \(start[6]).\(start[7])",
        expected: "1.0, 2.0 or 3.0")
    }
    let lengthBytes = start[6] == 1 ? 2 : 4
    let length = (0..<lengthBytes).reduce(0) { $0 | Int(start[8 + $1]) << (8 * $1) }
    let textOffset = 8 + lengthBytes
    guard length <= Self.longestHeader, textOffset + length <= file.size else {
      throw TensorFileError(
        path: path, location: .byte(8), found: "a header of \(length) bytes",
        expected: "at most \(min(Self.longestHeader, file.size - textOffset))",
        hint: length <= Self.longestHeader ? "the file was cut short; copy it again" : "")
    }
    var parser = NpyHeaderParser(
      try file.bytes(at: textOffset, count: length), path: path, base: textOffset)
    let fields = try parser.fields()
    descr = fields.descr
    shape = fields.shape
    isFortranOrder = fields.isFortranOrder
    (type, isBigEndian) = try Self.type(fields.descr, options: options, path: path)
    dataOffset = textOffset + length
    count = try Self.count(shape, type: type, path: path)
    try checkSize(of: file, options: options)
  }

  private func checkSize(
    of file: ReadableFile, options: NpyOptions
  ) throws(TensorFileError) {
    let needed = count * type.byteCount
    let present = file.size - dataOffset
    guard present >= needed, present == needed || options.allowsTrailingBytes else {
      throw TensorFileError(
        path: file.path, location: .byte(dataOffset + min(present, needed)),
        found: "\(present) bytes of data", expected: "\(needed) for \(descr) \(shape)",
        hint: present < needed
          ? "the file was cut short; copy it again" : "the tail suggests a broken copy")
    }
  }

  /// The number of elements of a shape, whose bytes must be countable too.
  private static func count(
    _ shape: [Int], type: ElementType, path: String
  ) throws(TensorFileError) -> Int {
    var bytes = type.byteCount
    for dimension in shape {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: dimension)
      guard !overflow else {
        throw TensorFileError(
          path: path, location: .key("shape"), found: "\(shape)",
          expected: "an array that fits in 2^63 bytes")
      }
      bytes = product
    }
    return bytes / type.byteCount
  }

  private static func type(
    _ descr: String, options: NpyOptions, path: String
  ) throws(TensorFileError) -> (ElementType, isBigEndian: Bool) {
    let order = descr.first
    let kind = String(descr.dropFirst())
    let isWide = !kind.hasSuffix("1") && kind != "V2"
    let known: ElementType? =
      switch kind {
      case "f2": .float16
      case "f4": .float32
      case "f8": .float64
      case "V2": options.readsTwoByteTypesAsBFloat16 ? .bfloat16 : nil
      case "i2": options.readsTwoByteTypesAsBFloat16 ? .bfloat16 : .int16
      case "u2": options.readsTwoByteTypesAsBFloat16 ? .bfloat16 : .uint16
      case "i1": .int8
      case "i4": .int32
      case "i8": .int64
      case "u1": .uint8
      case "u4": .uint32
      case "u8": .uint64
      case "b1": .bool
      default: nil
      }
    if let known, order == "<" || order == ">" || (order == "|" && !isWide) {
      return (known, order == ">")
    }
    let hint =
      switch kind {
      case "O": "an object array holds pickled Python, which Elute never runs; save plain numbers"
      case "V2": NpyOptions.advice
      default: "convert it with numpy: numpy.save(path, array.astype('<f4'))"
      }
    throw TensorFileError(
      path: path, location: .key("descr"), found: quoted(descr),
      expected: "a byte order < or > and one of f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 b1", hint: hint)
  }
}

/// Leave to read `.npy` files that are refused otherwise.
public struct NpyOptions: Sendable, Hashable {
  /// Whether elements of two bytes without a type of their own (`|V2`, `<u2`, `<i2`) are bfloat16.
  public var readsTwoByteTypesAsBFloat16: Bool
  /// Whether bytes after the data are overlooked.
  public var allowsTrailingBytes: Bool

  /// What to do about elements of two bytes that the options leave as they are.
  static let advice =
    "if these are bfloat16 numbers, in Python: "
    + "numpy.save(path, (array.view('<u2').astype('<u4') << 16).view('<f4'))"

  /// Options, strict unless told otherwise.
  public init(readsTwoByteTypesAsBFloat16: Bool = false, allowsTrailingBytes: Bool = false) {
    self.readsTwoByteTypesAsBFloat16 = readsTwoByteTypesAsBFloat16
    self.allowsTrailingBytes = allowsTrailingBytes
  }
}
