#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Locks by which processes keep out of each other's way.
public enum FileLock {
  /// Runs a closure while this process alone holds the lock of a file, which is made if it is missing
  /// and stays.
  ///
  /// The system takes the lock back when the process ends, however it ends. Where the file system has no
  /// locks (some network file systems), the closure runs without one.
  ///
  /// - Parameter refusal: What is thrown, at once, if another holds the lock.
  public static func holding<Value>(
    _ path: String, else refusal: TensorFileError, _ body: () throws -> Value
  ) throws -> Value {
    let descriptor = try OpenDescriptor.open(
      path, flags: O_RDWR | O_CREAT, mode: 0o666, expected: "a file that can be written to")
    while flock(descriptor.number, LOCK_EX | LOCK_NB) != 0 {
      switch errno {
      case EINTR: continue
      case EWOULDBLOCK: throw refusal
      case ENOTSUP, ENOSYS, EINVAL, ENOLCK: break
      default: throw TensorFileError.system(errno, path: path)
      }
      break
    }
    let outcome = Result { try body() }
    // Closing is what gives the lock back; until here the descriptor has to live.
    try descriptor.closing(path: path)
    return try outcome.get()
  }
}
