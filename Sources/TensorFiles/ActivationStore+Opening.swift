import SparseCoding

extension ActivationStore {
  /// Opens a file or folder of activations: reads and checks the headers, not the data.
  public static func open(
    _ path: String, options: NpyOptions = NpyOptions()
  ) throws(TensorFileError) -> ActivationStore {
    guard PathKind(of: path) == .folder else {
      return try ActivationStore(path, [try .open(path, options: options)])
    }
    let descriptionPath = FilePath.join(path, StoreDescription.fileName)
    if PathKind(of: descriptionPath) != .missing {
      return try open(path, described: try .read(descriptionPath), options: options)
    }
    var shards: [ActivationShard] = []
    for name in try shardNames(in: path) {
      shards.append(try .open(FilePath.join(path, name), options: options))
    }
    return try ActivationStore(path, shards)
  }

  private init(
    _ path: String, _ shards: [ActivationShard], siteName: String = defaultSiteName,
    width: Int? = nil, fingerprint: String? = nil
  ) throws(TensorFileError) {
    let width = width ?? shards[0].width
    var rows = 0
    for shard in shards {
      guard shard.width == width else {
        throw TensorFileError(
          path: shard.path, location: shard.stored.run.location, found: "rows of \(shard.width)",
          expected: "rows of \(width), as in the rest of the store")
      }
      let (sum, overflow) = rows.addingReportingOverflow(shard.rows)
      guard !overflow else {
        throw TensorFileError(path: path, found: "more rows than can be counted", expected: "fewer")
      }
      rows = sum
    }
    self.init(
      path: path, site: Site(name: siteName, width: width), shards: shards, rows: rows,
      fingerprint: fingerprint)
  }

  private static func open(
    _ path: String, described: StoreDescription, options: NpyOptions
  ) throws(TensorFileError) -> ActivationStore {
    var shards: [ActivationShard] = []
    for name in described.shards {
      let shard = try ActivationShard.open(FilePath.join(path, name), options: options)
      if let type = described.type, type != shard.type {
        throw TensorFileError(
          path: shard.path, location: shard.stored.run.location,
          found: "numbers of type \(shard.type)",
          expected: "\(abbreviated(type)), as \(StoreDescription.fileName) says")
      }
      shards.append(shard)
    }
    let store = try ActivationStore(
      path, shards, siteName: described.site, width: described.width,
      fingerprint: described.fingerprint)
    guard store.rows == described.rows else {
      throw TensorFileError(
        path: FilePath.join(path, StoreDescription.fileName), location: .key("rows"),
        found: "\(store.rows) rows in the files", expected: "\(described.rows)",
        hint: "a file of the store is missing rows or was replaced")
    }
    return store
  }

  /// The endings of files that hold tensors, ours to read or not.
  private static let tensorFileExtensions: Set<String> = [
    "npy", "npz", "safetensors", "pt", "pth", "bin", "memmap", "arrow", "parquet", "h5", "hdf5",
  ]

  /// The tensor files of a folder without description, in the order of their names.
  private static func shardNames(in folder: String) throws(TensorFileError) -> [String] {
    let names = try namesInFolder(folder).filter {
      !$0.hasPrefix(".") && tensorFileExtensions.contains(FilePath.fileExtension($0))
    }.sorted(by: precedesCountingNumbers)
    guard let first = names.first else {
      throw TensorFileError(
        path: folder, found: "no file of tensors",
        expected: "\(StoreDescription.fileName), or files named activations* or shard*")
    }
    for name in names {
      guard name.hasPrefix("activations") || name.hasPrefix("shard") else {
        throw TensorFileError(
          path: folder, found: "the file \(quoted(name))",
          expected: "every tensor file to be named activations* or shard*",
          hint: names.contains(SAELensDictionary.weightsName)
            ? "this folder holds a dictionary, not activations"
            : "move it elsewhere, or name the store's files in \(StoreDescription.fileName)")
      }
      guard FilePath.fileExtension(name) == FilePath.fileExtension(first) else {
        throw TensorFileError(
          path: folder, found: "the files \(quoted(first)) and \(quoted(name))",
          expected: "files of one kind",
          hint: "the same rows may be there twice; keep one kind of file")
      }
    }
    return names
  }

  /// The order of names in which runs of digits count by value: `shard_2` before `shard_10`.
  static func precedesCountingNumbers(_ a: String, _ b: String) -> Bool {
    var left = Substring(a).utf8
    var right = Substring(b).utf8
    while let x = left.first, let y = right.first {
      if isDigit(x), isDigit(y) {
        let m = left.prefix(while: isDigit)
        let n = right.prefix(while: isDigit)
        let p = m.drop { $0 == UInt8(ascii: "0") }
        let q = n.drop { $0 == UInt8(ascii: "0") }
        if p.count != q.count { return p.count < q.count }
        if !p.elementsEqual(q) { return p.lexicographicallyPrecedes(q) }
        left = left[m.endIndex...]
        right = right[n.endIndex...]
      } else {
        if x != y { return x < y }
        left.removeFirst()
        right.removeFirst()
      }
    }
    if left.isEmpty != right.isEmpty { return left.isEmpty }
    return a.utf8.lexicographicallyPrecedes(b.utf8)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
