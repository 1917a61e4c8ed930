/// Looks at files and folders without trusting them: the answer behind `elute inspect`.
public enum FileInspection {
  /// What a file or folder is, what it holds, and everything in it that a reader would refuse.
  ///
  /// Numbers are read through once: weights and activations that are not finite are counted, digests
  /// and fingerprints verified. What cannot be read at all is a problem too, not an error.
  public static func inspect(_ path: String, options: NpyOptions = NpyOptions()) -> Inspection {
    var result = Inspection(path: path, format: .unknown, tensors: [], problems: [])
    do throws(TensorFileError) {
      if PathKind(of: path) == .folder {
        try inspectFolder(path, options, &result)
      } else {
        switch try ActivationShard.format(of: path) {
        case .npy:
          result.format = .npy
          try inspectNpy(path, options, &result)
        case .safetensors:
          result.format = .safetensors
          inspect(try .open(path), &result)
        }
      }
    } catch {
      result.problems.append(sentence(error))
    }
    return result
  }

  private static func inspectFolder(
    _ path: String, _ options: NpyOptions, _ result: inout Inspection
  ) throws(TensorFileError) {
    let names = Set(try namesInFolder(path))
    if names.contains(StoreDescription.fileName) {
      result.format = .activationStore
      try inspect(try .open(path, options: options), &result)
    } else if names.contains(SAELensConfiguration.fileName)
      || names.contains(SAELensDictionary.weightsName)
    {
      result.format = .saeLensDictionary
      inspectDictionary(path, &result)
    } else {
      let store = try ActivationStore.open(path, options: options)
      result.format = .activationStore
      try inspect(store, &result)
    }
  }

  private static func inspect(
    _ store: ActivationStore, _ result: inout Inspection
  ) throws(TensorFileError) {
    result.tensors = store.shards.map {
      Inspection.Tensor(
        name: FilePath.name($0.path), shape: [$0.rows, $0.width], dtype: $0.type)
    }
    var fingerprint = ActivationFingerprint(rows: store.rows, width: store.width)
    var counts: [String: (rows: Int, first: Int)] = [:]
    try store.forEachBlock(in: 0..<store.rows) { (shard, first, block) throws(TensorFileError) in
      if store.fingerprint != nil { fingerprint.update(block) }
      guard firstNonFinite(block) != nil else { return }
      for row in 0..<block.count / store.width {
        let values = UnsafeBufferPointer(
          rebasing: block[row * store.width..<(row + 1) * store.width])
        guard firstNonFinite(values) != nil else { continue }
        counts[shard.path, default: (0, first + row)].rows += 1
      }
    }
    for shard in store.shards {
      guard let (rows, first) = counts[shard.path] else { continue }
      result.problems.append(
        sentence(
          TensorFileError(
            path: shard.path, location: .row(first),
            found: "the first of \(rows) rows that are not finite as float32",
            expected: "finite numbers")))
    }
    try store.check(fingerprint: fingerprint.finish())
  }

  private static func inspectDictionary(_ path: String, _ result: inout Inspection) {
    let examination = SAELensExamination(path)
    result.problems += examination.problems.map(sentence)
    result.problems += (examination.configuration?.notes ?? []).map(sentence)
    if let settings = examination.configuration?.settings {
      if settings.layout.isOwn { result.format = .eluteDictionary }
      result.description = settings.description
    }
    guard let weights = examination.weights else { return }
    inspect(weights, &result)
    // Folding and what only shows in the numbers: the reader is the judge.
    guard result.problems.isEmpty else { return }
    do throws(TensorFileError) {
      _ = try SAELensDictionary.read(path)
    } catch {
      result.problems.append(sentence(error))
    }
  }

  private static func inspect(_ file: SafetensorsFile, _ result: inout Inspection) {
    result.tensors = file.entries.map {
      Inspection.Tensor(name: $0.name, shape: $0.shape, dtype: $0.type.rawValue)
    }
    result.problems += file.warnings.map { "\(file.path): \($0)" }
    if file.entries.isEmpty { result.problems.append("\(file.path): it holds no tensor") }
    for entry in file.entries where entry.type.element?.isFloating == true {
      do throws(TensorFileError) {
        try checkFinite(try file.run(named: entry.name), &result)
      } catch {
        result.problems.append(sentence(error))
      }
    }
  }

  private static func inspectNpy(
    _ path: String, _ options: NpyOptions, _ result: inout Inspection
  ) throws(TensorFileError) {
    let file = try NpyFile.open(path, options: options)
    result.tensors = [
      Inspection.Tensor(name: FilePath.name(path), shape: file.shape, dtype: file.typeName)
    ]
    let isActivations = (2...3).contains(file.shape.count) && file.run.type.isFloating
    if isActivations, file.count > 0 {
      try inspect(try ActivationStore.open(path, options: options), &result)
      result.tensors[0].shape = file.shape
      result.tensors[0].dtype = file.typeName
    } else if file.run.type.isFloating {
      try checkFinite(file.run, &result)
    }
  }

  /// Counts the numbers of a tensor that are not finite, a mebibyte at a time.
  private static func checkFinite(
    _ run: ElementRun, _ result: inout Inspection
  ) throws(TensorFileError) {
    let piece = min(run.count, 1 << 18)
    let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: piece)
    defer { values.deallocate() }
    let count = try run.file.reading { (descriptor) throws(TensorFileError) in
      var count = 0
      for start in stride(from: 0, to: run.count, by: max(1, piece)) {
        let end = min(start + piece, run.count)
        let part = UnsafeMutableBufferPointer(rebasing: values[..<(end - start)])
        try run.read(start..<end, into: part, from: descriptor)
        guard firstNonFinite(UnsafeBufferPointer(part)) != nil else { continue }
        count += part.count { !$0.isFinite }
      }
      return count
    }
    guard count > 0 else { return }
    result.problems.append(
      sentence(
        TensorFileError(
          path: run.file.path, location: run.location,
          found: "\(count) of \(run.count) values not finite as float32",
          expected: "finite numbers")))
  }

  private static func sentence(_ error: TensorFileError) -> String {
    error.hint.isEmpty ? error.description : "\(error.description); \(error.hint)"
  }
}
