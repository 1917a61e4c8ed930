#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A regular file to be read in pieces: its path, its size and what tells it from a later one.
///
/// The file is opened for each read and closed again, so that a store of ten thousand shards holds no
/// ten thousand descriptors; a file that was replaced or changed meanwhile is then an error. Reading
/// is by `pread`: a file cut short under a mapping would end the process.
struct ReadableFile: Sendable, Hashable {
  let path: String
  let size: Int
  /// With it, reading goes past the system's cache where the file system can: for files too large for it.
  var bypass: CacheBypass?
  private let source: Source

  private enum Source: Hashable {
    /// On a disk, with what tells the file from a later one.
    case disk(identity: [Int])
    case memory([UInt8])
  }

  /// Looks at a file without reading it.
  init(_ path: String) throws(TensorFileError) {
    let descriptor = try Self.openDescriptor(path)
    let status = try Self.status(of: descriptor, path: path)
    self.path = path
    size = Int(status.st_size)
    source = .disk(identity: Self.identity(status))
  }

  /// A file that lies in memory.
  init(_ bytes: [UInt8], name: String) {
    path = name
    size = bytes.count
    source = .memory(bytes)
  }

  /// Opens the file for the duration of a closure.
  func reading<Value>(
    _ body: (borrowing OpenDescriptor) throws(TensorFileError) -> Value
  ) throws(TensorFileError) -> Value {
    guard case .disk(let identity) = source else { return try body(.nothing) }
    let descriptor = try openedForReading()
    try check(descriptor, is: identity)
    let value = try body(descriptor)
    try check(descriptor, is: identity)
    return value
  }

  private func check(
    _ descriptor: borrowing OpenDescriptor, is identity: [Int]
  ) throws(TensorFileError) {
    guard try Self.identity(Self.status(of: descriptor, path: path)) == identity else {
      throw TensorFileError(
        path: path, found: "a file that changed since it was opened",
        expected: "the same file throughout", hint: "run again once nothing writes to it")
    }
  }

  /// Fills a buffer with the bytes from an offset on.
  func fill(
    _ target: UnsafeMutableRawBufferPointer, at offset: Int,
    from descriptor: borrowing OpenDescriptor
  ) throws(TensorFileError) {
    if case .memory(let bytes) = source {
      // Places come from headers that were checked against the size.
      target.copyBytes(from: bytes[offset..<offset + target.count])
      return
    }
    if descriptor.bypassesCache, fillDirectly(target, at: offset, from: descriptor) { return }
    var done = 0
    while done < target.count {
      let count = pread(
        descriptor.number, target.baseAddress?.advanced(by: done),
        min(target.count - done, 1 << 30), off_t(offset + done))
      if count > 0 {
        done += count
      } else if count == 0 {
        throw TensorFileError(
          path: path, location: .byte(offset + done), found: "the end of the file",
          expected: "\(target.count - done) bytes more", hint: "it was cut short while being read")
      } else if errno != EINTR {
        throw .system(errno, path: path, location: .byte(offset + done))
      }
    }
  }

  /// Past the system's cache, whose pages a file larger than memory fills, copies and throws away.
  ///
  /// - Returns: Whether it went well; if not, this descriptor and later ones read in the usual way, which
  ///   serves or says what is wrong.
  private func fillDirectly(
    _ target: UnsafeMutableRawBufferPointer, at offset: Int,
    from descriptor: borrowing OpenDescriptor
  ) -> Bool {
    guard let bypass else { return false }
    let block = bypass.block
    let first = offset / block * block
    let count = (offset + target.count + block - 1) / block * block - first
    let wanted = offset - first..<offset - first + target.count
    let isRead = bypass.read(count) { bytes in
      guard pread(descriptor.number, bytes.baseAddress, count, off_t(first)) >= wanted.upperBound
      else { return false }
      target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[wanted]))
      return true
    }
    // Otherwise the usual way would have to read whole blocks too.
    if !isRead { _ = fcntl(descriptor.number, F_SETFL, O_RDONLY) }
    return isRead
  }

  /// The bytes of a range, which the caller has checked to be of modest size.
  func bytes(at offset: Int, count: Int) throws(TensorFileError) -> [UInt8] {
    try reading { (descriptor) throws(TensorFileError) in
      try [UInt8].filled(count: count, path: path) { (target) throws(TensorFileError) in
        try fill(UnsafeMutableRawBufferPointer(target), at: offset, from: descriptor)
      }
    }
  }

  /// The whole file, refused above a size.
  func bytes(upTo limit: Int) throws(TensorFileError) -> [UInt8] {
    guard size <= limit else {
      throw TensorFileError(
        path: path, found: "\(size) bytes", expected: "at most \(limit) for a file of this kind")
    }
    return try bytes(at: 0, count: size)
  }

  /// Past the system's cache if that is asked for and the file system can.
  private func openedForReading() throws(TensorFileError) -> OpenDescriptor {
    if bypass?.isRefused == false, let past = OpenDescriptor.pastTheCache,
      case .success(let number) = OpenDescriptor.opened(path, flags: O_RDONLY | O_NONBLOCK | past)
    {
      return OpenDescriptor(number: number, bypassesCache: true)
    }
    return try Self.openDescriptor(path)
  }

  private static func openDescriptor(_ path: String) throws(TensorFileError) -> OpenDescriptor {
    // O_NONBLOCK: a pipe without a writer must be refused below, not waited for here.
    try .open(path, flags: O_RDONLY | O_NONBLOCK, expected: "a readable file")
  }

  private static func status(
    of descriptor: borrowing OpenDescriptor, path: String
  ) throws(TensorFileError) -> stat {
    var status = stat()
    guard fstat(descriptor.number, &status) == 0 else { throw .system(errno, path: path) }
    switch PathKind(status) {
    case .file: return status
    case .folder: throw TensorFileError(path: path, found: "a folder", expected: "a file")
    case .missing, .other:
      throw TensorFileError(
        path: path, found: "a pipe or a device", expected: "a regular file",
        hint: "sizes are checked before reading; save the data to a file first")
    }
  }

  private static func identity(_ status: stat) -> [Int] {
    #if canImport(Darwin)
      let modified = status.st_mtimespec
    #else
      let modified = status.st_mtim
    #endif
    return [
      Int(truncatingIfNeeded: status.st_dev), Int(truncatingIfNeeded: status.st_ino),
      Int(status.st_size), modified.tv_sec, modified.tv_nsec,
    ]
  }
}
