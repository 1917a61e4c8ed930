/// A run of equal elements in a file, within the bounds of the file: the data of one tensor.
struct ElementRun: Sendable, Hashable {
  var file: ReadableFile
  /// The first byte.
  let offset: Int
  let count: Int
  let type: ElementType
  let isBigEndian: Bool
  /// What complaints about the elements point at.
  let location: TensorFileError.Location

  /// All elements as floats; of doubles the nearest floats.
  func floats() throws(TensorFileError) -> [Float] {
    try [Float].filled(count: count, path: file.path, location: location) {
      (target) throws(TensorFileError) in
      try file.reading { (descriptor) throws(TensorFileError) in
        try read(0..<count, into: target, from: descriptor)
      }
    }
  }

  /// Some elements as floats, into a buffer of as many.
  func read(
    _ range: Range<Int>, into target: UnsafeMutableBufferPointer<Float>,
    from descriptor: borrowing OpenDescriptor
  ) throws(TensorFileError) {
    guard type.isFloating else { throw wrongType("a floating-point type") }
    if type == .float32, !isBigEndian {
      // As they lie in the file, so they lie in memory.
      precondition(
        range.lowerBound >= 0 && range.upperBound <= count && target.count == range.count,
        "elements \(range) of \(count) into \(target.count)")
      return try file.fill(
        UnsafeMutableRawBufferPointer(target), at: offset + range.lowerBound * type.byteCount,
        from: descriptor)
    }
    try decode(range, into: target, from: descriptor) { bytes, target in
      switch type {
      case .float16: convert(bytes, target) { (bits: UInt16) in float(halfBits: bits) }
      case .bfloat16: convert(bytes, target) { (bits: UInt16) in float(bfloatBits: bits) }
      case .float64: convert(bytes, target) { (bits: UInt64) in Float(Double(bitPattern: bits)) }
      default: convert(bytes, target) { (bits: UInt32) in Float(bitPattern: bits) }
      }
    }
  }

  /// All elements as doubles, exactly.
  func doubles() throws(TensorFileError) -> [Double] {
    guard type.isFloating else { throw wrongType("a floating-point type") }
    return try all { bytes, target in
      switch type {
      case .float16: convert(bytes, target) { (bits: UInt16) in Double(float(halfBits: bits)) }
      case .bfloat16: convert(bytes, target) { (bits: UInt16) in Double(float(bfloatBits: bits)) }
      case .float64: convert(bytes, target) { (bits: UInt64) in Double(bitPattern: bits) }
      default: convert(bytes, target) { (bits: UInt32) in Double(Float(bitPattern: bits)) }
      }
    }
  }

  /// All elements as signed integers.
  func integers() throws(TensorFileError) -> [Int64] {
    if type == .uint64 {
      let values = try unsignedIntegers()
      if let index = values.firstIndex(where: { $0 > UInt64(Int64.max) }) {
        throw TensorFileError(
          path: file.path, location: location, found: "\(values[index]) at element \(index)",
          expected: "integers up to \(Int64.max)")
      }
      return values.map { Int64($0) }
    }
    guard !type.isFloating else { throw wrongType("an integer type") }
    return try all { bytes, target in
      switch type {
      case .int8: convert(bytes, target) { (bits: Int8) in Int64(bits) }
      case .int16: convert(bytes, target) { (bits: Int16) in Int64(bits) }
      case .int32: convert(bytes, target) { (bits: Int32) in Int64(bits) }
      case .int64: convert(bytes, target) { (bits: Int64) in bits }
      case .uint16: convert(bytes, target) { (bits: UInt16) in Int64(bits) }
      case .uint32: convert(bytes, target) { (bits: UInt32) in Int64(bits) }
      default: convert(bytes, target) { (bits: UInt8) in Int64(bits) }
      }
    }
  }

  /// All elements as unsigned integers; only of the type that is those.
  func unsignedIntegers() throws(TensorFileError) -> [UInt64] {
    guard type == .uint64 else { throw wrongType("unsigned integers of 64 bits") }
    return try all { bytes, target in convert(bytes, target) { (bits: UInt64) in bits } }
  }

  private func wrongType(_ expected: String) -> TensorFileError {
    TensorFileError(
      path: file.path, location: location, found: "elements of type \(type.rawValue)",
      expected: expected)
  }
}

extension ElementRun {
  private func all<Value>(
    _ body: (UnsafeRawBufferPointer, UnsafeMutableBufferPointer<Value>) -> Void
  ) throws(TensorFileError) -> [Value] {
    try [Value].filled(count: count, path: file.path, location: location) {
      (target) throws(TensorFileError) in
      try file.reading { (descriptor) throws(TensorFileError) in
        try decode(0..<count, into: target, from: descriptor, body)
      }
    }
  }

  /// Reads a piece at a time and has the closure turn its bytes into values.
  private func decode<Value>(
    _ range: Range<Int>, into target: UnsafeMutableBufferPointer<Value>,
    from descriptor: borrowing OpenDescriptor,
    _ body: (UnsafeRawBufferPointer, UnsafeMutableBufferPointer<Value>) -> Void
  ) throws(TensorFileError) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= count && target.count == range.count,
      "elements \(range) of \(count) into \(target.count)")
    let piece = min(range.count, (1 << 20) / type.byteCount)
    guard piece > 0 else { return }
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: piece * type.byteCount, alignment: 64)
    defer { bytes.deallocate() }
    for start in stride(from: 0, to: range.count, by: piece) {
      let end = min(start + piece, range.count)
      let part = UnsafeMutableRawBufferPointer(rebasing: bytes[..<((end - start) * type.byteCount)])
      try file.fill(
        part, at: offset + (range.lowerBound + start) * type.byteCount, from: descriptor)
      body(
        UnsafeRawBufferPointer(part), UnsafeMutableBufferPointer(rebasing: target[start..<end]))
    }
  }

  @inline(__always)
  private func convert<Raw: FixedWidthInteger, Value>(
    _ bytes: UnsafeRawBufferPointer, _ target: UnsafeMutableBufferPointer<Value>,
    _ value: (Raw) -> Value
  ) {
    let width = MemoryLayout<Raw>.size
    if isBigEndian {
      for index in 0..<target.count {
        let raw = bytes.loadUnaligned(fromByteOffset: index * width, as: Raw.self)
        target[index] = value(Raw(bigEndian: raw))
      }
    } else {
      for index in 0..<target.count {
        let raw = bytes.loadUnaligned(fromByteOffset: index * width, as: Raw.self)
        target[index] = value(Raw(littleEndian: raw))
      }
    }
  }
}
