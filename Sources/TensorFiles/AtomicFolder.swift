#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Folders that appear whole or not at all.
public enum AtomicFolder {
  /// Writes a folder by way of a temporary one beside it, `NAME.tmp-PID`, which the closure fills.
  ///
  /// Every file in it is synchronized to the disk before the folder takes its name. On any error the
  /// temporary folder is removed. An empty folder of the name is taken over; one that holds anything
  /// is refused unless it is to be replaced, and is then moved aside to `NAME.old-PID` for the instant
  /// of the exchange, and removed after it.
  ///
  /// - Parameter body: Is given the path of the temporary folder.
  public static func write(
    to path: String, replacing: Bool = false,
    _ body: (String) throws(TensorFileError) -> Void
  ) throws(TensorFileError) {
    let path = FilePath.trimmed(path)
    let occupied = try checkTarget(path, replacing: replacing)
    let temporary = try makeTemporary(for: path)
    do throws(TensorFileError) {
      try body(temporary)
      try synchronizeTree(temporary)
      if occupied {
        try exchange(temporary, with: path)
      } else if rename(temporary, path) != 0 {
        throw .system(errno, path: path)
      }
    } catch {
      removeTree(temporary)
      var error = error
      if error.path.hasPrefix(temporary) {
        error.path = path + error.path.dropFirst(temporary.count)
      }
      throw error
    }
    try synchronizeFolder(FilePath.parent(path))
  }

  /// Whether there is a folder to replace.
  private static func checkTarget(
    _ path: String, replacing: Bool
  ) throws(TensorFileError) -> Bool {
    if ["", ".", "..", "/"].contains(FilePath.name(path)) {
      throw TensorFileError(
        path: path, found: "no name of its own", expected: "the name of a folder to write")
    }
    switch PathKind(of: path) {
    case .missing: return false
    case .file, .other:
      throw TensorFileError(path: path, found: "a file", expected: "a folder or nothing")
    case .folder:
      let names = try namesInFolder(path)
      guard names.isEmpty || replacing else {
        throw TensorFileError(
          path: path, found: "a folder that holds \(quoted(names.min() ?? ""))",
          expected: "an empty folder or nothing", hint: "choose another name, or remove it first")
      }
      return !names.isEmpty
    }
  }

  private static func makeTemporary(for path: String) throws(TensorFileError) -> String {
    var attempt = 0
    while true {
      let candidate = AtomicFile.temporaryPath(for: path, attempt: attempt)
      if mkdir(candidate, 0o777) == 0 { return candidate }
      attempt += 1
      guard errno == EEXIST, attempt < 1000 else {
        throw .system(errno, path: path, expected: "a folder above it that can be written to")
      }
    }
  }

  private static func exchange(
    _ temporary: String, with path: String
  ) throws(TensorFileError) {
    let aside = path + ".old-\(getpid())"
    guard rename(path, aside) == 0 else { throw .system(errno, path: path) }
    guard rename(temporary, path) == 0 else {
      let reason = errno
      _ = rename(aside, path)
      throw .system(reason, path: path)
    }
    removeTree(aside)
  }

  private static func synchronizeTree(_ folder: String) throws(TensorFileError) {
    for name in try namesInFolder(folder) {
      let path = FilePath.join(folder, name)
      if PathKind(of: path) == .folder {
        try synchronizeTree(path)
      } else {
        try OpenDescriptor.open(path, flags: O_RDONLY | O_NONBLOCK, expected: "a readable file")
          .synchronize(path: path)
      }
    }
    try synchronizeFolder(folder)
  }

  /// Removes a folder and what is in it; never follows a link out of it.
  private static func removeTree(_ folder: String) {
    let names: [String] = (try? namesInFolder(folder)) ?? []
    for name in names {
      let path = FilePath.join(folder, name)
      if unlink(path) != 0 { removeTree(path) }
    }
    rmdir(folder)
  }
}
