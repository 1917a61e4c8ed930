import SparseCoding

/// Memory for reading past the system's cache: whole blocks of the disk, into memory that begins at one.
///
/// Each thread that reads has its own piece, kept for the next time: fresh ones cost as much as reading.
final class CacheBypass: Sendable {
  /// Places on the disk and in memory are multiples of it.
  static let block = 4096

  private let free = Monitor<[AlignedBuffer<UInt8>]>([])

  /// Calls a closure with memory for so many bytes, which begins at a multiple of a block.
  func withMemory<Result>(_ count: Int, _ body: (UnsafeMutableRawBufferPointer) -> Result) -> Result
  {
    // One block more than asked for, as small buffers begin anywhere.
    let kept = free.change { $0.popLast() }
    let buffer =
      kept.flatMap { $0.count >= count + Self.block ? $0 : nil }
      ?? AlignedBuffer(count: count + Self.block)
    defer { free.change { $0.append(buffer) } }
    let address = UInt(bitPattern: buffer.start)
    let offset = Int((UInt(Self.block) - address % UInt(Self.block)) % UInt(Self.block))
    return body(UnsafeMutableRawBufferPointer(start: buffer.start + offset, count: count))
  }
}

extension CacheBypass: Hashable {
  static func == (a: CacheBypass, b: CacheBypass) -> Bool { a === b }
  func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
