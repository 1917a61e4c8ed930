#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An open file or folder, closed when the value goes.
struct OpenDescriptor: ~Copyable {
  let number: Int32
  /// Whether reading goes past the system's cache, and so in whole blocks of the disk.
  let bypassesCache: Bool

  init(number: Int32, bypassesCache: Bool = false) {
    self.number = number
    self.bypassesCache = bypassesCache
  }

  /// What is open while a file in memory is read.
  static var nothing: OpenDescriptor { OpenDescriptor(number: -1) }

  deinit { if number >= 0 { _ = close(number) } }

  /// Closes now and says whether the system had kept an error back until this moment.
  consuming func closing(path: String) throws(TensorFileError) {
    let number = number
    discard self
    // An interrupted close has closed the file; a second one could close somebody else's.
    guard close(number) == 0 || errno == EINTR else { throw .system(errno, path: path) }
  }
}

extension OpenDescriptor {
  /// What an attempt to open comes to: a descriptor's number or the system's error code.
  enum Attempt {
    case success(Int32)
    case failure(Int32)
  }

  /// Linux's O_DIRECT, which the C library shows to GNU programs only; none on other systems.
  static var pastTheCache: Int32? {
    #if os(Linux) && arch(x86_64)
      0x4000
    #elseif os(Linux) && arch(arm64)
      0x10000
    #else
      nil
    #endif
  }

  static func opened(_ path: String, flags: Int32, mode: mode_t = 0) -> Attempt {
    // The empty path and a zero byte, which would end a C string early, name no file.
    guard !path.isEmpty, !path.utf8.contains(0) else { return .failure(ENOENT) }
    while true {
      #if canImport(Glibc)
        let number = Glibc.open(path, flags | O_CLOEXEC, mode)
      #elseif canImport(Musl)
        let number = Musl.open(path, flags | O_CLOEXEC, mode)
      #else
        let number = Darwin.open(path, flags | O_CLOEXEC, mode)
      #endif
      let code = errno
      if number >= 0 { return .success(number) }
      if code != EINTR { return .failure(code) }
    }
  }

  /// Opens a path, naming the path and the system's reason where that fails.
  static func open(
    _ path: String, flags: Int32, mode: mode_t = 0, expected: String
  ) throws(TensorFileError) -> OpenDescriptor {
    switch opened(path, flags: flags, mode: mode) {
    case .success(let number): return OpenDescriptor(number: number)
    case .failure(let code): throw .system(code, path: path, expected: expected)
    }
  }

  /// Waits until what was written has reached the disk.
  func synchronize(path: String) throws(TensorFileError) {
    while fsync(number) != 0 {
      switch errno {
      case EINTR: continue
      // Some network file systems cannot synchronize a folder and say so; nothing is lost by it.
      case EINVAL, ENOTSUP: return
      default: throw .system(errno, path: path)
      }
    }
  }
}

extension TensorFileError {
  /// The error of a failed system call.
  static func system(
    _ code: Int32, path: String, location: Location = .file, expected: String? = nil,
    hint: String? = nil
  ) -> TensorFileError {
    let reason: String
    switch code {
    case ENOENT: reason = "no such file or folder"
    case ENOSPC: reason = "no space left on the device"
    case EFBIG: reason = "that the file would pass the size limit of this process or file system"
    default: reason = strerror(code).map { "the error “\(String(cString: $0))”" } ?? "error \(code)"
    }
    let advice =
      switch code {
      case ENOSPC, EDQUOT: "free some space or choose another folder; nothing else was changed"
      case EFBIG: "raise the limit (ulimit -f) or choose another folder; nothing else was changed"
      case EACCES, EPERM: "check the permissions of the path and of the folders above it"
      case EMFILE, ENFILE: "raise the limit on open files (ulimit -n)"
      default: ""
      }
    return TensorFileError(
      path: path, location: location, found: reason,
      expected: expected ?? "the system call to succeed", hint: hint ?? advice)
  }
}

/// What the system says about a path.
enum PathKind: Sendable, Hashable {
  case missing, file, folder, other

  /// What a path leads to, through links.
  init(of path: String) {
    var status = stat()
    guard !path.utf8.contains(0), stat(path, &status) == 0 else {
      self = .missing
      return
    }
    self.init(status)
  }

  init(_ status: stat) {
    switch status.st_mode & S_IFMT {
    case S_IFREG: self = .file
    case S_IFDIR: self = .folder
    default: self = .other
    }
  }
}

/// The names in a folder, without `.` and `..`, in no order.
func namesInFolder(_ path: String) throws(TensorFileError) -> [String] {
  guard let stream = opendir(path) else {
    throw .system(errno, path: path, expected: "a readable folder")
  }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names
}
