extension SafetensorsFile {
  /// Writes tensors to a file, which appears whole or not at all.
  ///
  /// The bytes are those of the reference writer (safetensors 0.8.0): wider types first, equal types by
  /// name, the header padded with spaces to a multiple of eight; metadata by key, where the reference
  /// leaves the order open.
  ///
  /// - Precondition: Names are unique, none is `__metadata__` or longer than 1,024 bytes.
  public static func write(
    _ tensors: [NamedTensor], metadata: [String: String] = [:], to path: String
  ) throws(TensorFileError) {
    try AtomicFile.write(to: path) { (writer) throws(TensorFileError) in
      try write(tensors, metadata: metadata, to: &writer)
    }
  }

  /// Writes tensors to an open file.
  public static func write(
    _ tensors: [NamedTensor], metadata: [String: String] = [:], to writer: inout FileWriter
  ) throws(TensorFileError) {
    precondition(
      Set(tensors.map(\.name)).count == tensors.count
        && tensors.allSatisfy {
          $0.name != "__metadata__" && $0.name.utf8.count <= SafetensorsHeader.longestName
        }, "tensor names must be unique and usable: \(tensors.map(\.name))")
    let order = SafetensorsType.allCases
    let sorted = tensors.map { (rank: order.firstIndex(of: $0.values.type) ?? 0, tensor: $0) }
      .sorted {
        $0.rank == $1.rank
          ? $0.tensor.name.utf8.lexicographicallyPrecedes($1.tensor.name.utf8) : $0.rank > $1.rank
      }.map(\.tensor)
    try writer.write(header(of: sorted, metadata: metadata))
    for tensor in sorted { try tensor.values.write(to: &writer) }
  }

  private static func header(of tensors: [NamedTensor], metadata: [String: String]) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let object = JSONValue.object(metadata.mapValues { .string($0) })
      members.append("\"__metadata__\":" + object.text(indented: false))
    }
    var offset = 0
    for tensor in tensors {
      let end = offset + tensor.values.count * tensor.values.type.bits / 8
      var name = ""
      JSONValue.write(tensor.name, to: &name)
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(name):{\"dtype\":\"\(tensor.values.type.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var text = Array("{\(members.joined(separator: ","))}".utf8)
    while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
    let length = UInt64(text.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> UInt64(8 * $0)) } + text
  }
}
