#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Files that appear whole or not at all.
public enum AtomicFile {
  /// Writes a file by way of a temporary one beside it, `NAME.tmp-PID`.
  ///
  /// The temporary file is filled, synchronized to the disk and renamed, and then the folder is
  /// synchronized: whatever instant the process or the machine stops at, the path holds the old file
  /// or the new one. On any error the temporary file is removed and the old file stays. A link at the
  /// path is replaced, not followed.
  ///
  /// A process that may meet a file size limit must ignore `SIGXFSZ`, or the system ends it.
  public static func write(
    to path: String, _ body: (inout FileWriter) throws(TensorFileError) -> Void
  ) throws(TensorFileError) {
    switch PathKind(of: path) {
    case .missing, .file: break
    case .folder:
      throw TensorFileError(path: path, found: "a folder", expected: "a file or nothing")
    case .other:
      throw TensorFileError(
        path: path, found: "a pipe or a device", expected: "a regular file or nothing")
    }
    let (temporary, number) = try openTemporary(for: path)
    do throws(TensorFileError) {
      var writer = FileWriter(OpenDescriptor(number: number), path: path)
      try body(&writer)
      try writer.finish()
      guard rename(temporary, path) == 0 else { throw .system(errno, path: path) }
    } catch {
      unlink(temporary)
      throw error
    }
    try synchronizeFolder(FilePath.parent(path))
  }

  /// Writes a small file of text.
  public static func write(_ text: String, to path: String) throws(TensorFileError) {
    try write(to: path) { (writer) throws(TensorFileError) in try writer.write(text) }
  }

  /// Writes a small file of bytes.
  public static func write(_ bytes: [UInt8], to path: String) throws(TensorFileError) {
    try write(to: path) { (writer) throws(TensorFileError) in try writer.write(bytes) }
  }

  /// The name for a temporary sibling; `attempt` counts on where another writer has taken it.
  static func temporaryPath(for path: String, attempt: Int) -> String {
    FilePath.trimmed(path) + ".tmp-\(getpid())" + (attempt == 0 ? "" : "-\(attempt)")
  }

  private static func openTemporary(
    for path: String
  ) throws(TensorFileError) -> (path: String, number: Int32) {
    var attempt = 0
    while true {
      let candidate = temporaryPath(for: path, attempt: attempt)
      // Never an existing file: it may be another thread's, or a stale one of an equal process id.
      switch OpenDescriptor.opened(candidate, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o666) {
      case .success(let number): return (candidate, number)
      case .failure(EEXIST) where attempt < 1000: attempt += 1
      case .failure(let code):
        throw .system(code, path: path, expected: "a folder that can be written to")
      }
    }
  }
}

/// Makes the names in a folder durable, such as that of a file just renamed into it.
func synchronizeFolder(_ path: String) throws(TensorFileError) {
  try OpenDescriptor.open(path, flags: O_RDONLY, expected: "a readable folder")
    .synchronize(path: path)
}
