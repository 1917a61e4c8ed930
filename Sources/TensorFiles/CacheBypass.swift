import SparseCoding

/// Reading past the system's cache: whole blocks of the disk, into memory that begins at one.
///
/// Each thread that reads has its own piece of memory, kept for the next time: fresh ones cost as much
/// as reading. Where one read is refused, none is tried again.
final class CacheBypass: Sendable {
  /// Places on the disk and in memory are multiples of it.
  let block: Int

  private struct State {
    var free: [AlignedBuffer<UInt8>] = []
    var reads = 0
    var isRefused = false
  }

  private let state = Monitor(State())

  /// - Parameter block: Disks ask for 512 or 4096 bytes.
  init(block: Int = 4096) { self.block = block }

  /// How many reads went past the cache.
  var reads: Int { state.change { $0.reads } }

  /// Whether a read was refused, so that no other is tried.
  var isRefused: Bool { state.change { $0.isRefused } }

  /// Has a closure read into memory for so many bytes, which begins at a multiple of a block.
  ///
  /// - Returns: Whether it has read; once it has not, it is not called again.
  func read(_ count: Int, _ body: (UnsafeMutableRawBufferPointer) -> Bool) -> Bool {
    guard let kept = state.change({ $0.isRefused ? nil : .some($0.free.popLast()) }) else {
      return false
    }
    // One block more than asked for, as small buffers begin anywhere.
    let buffer =
      kept.flatMap { $0.count >= count + block ? $0 : nil } ?? AlignedBuffer(count: count + block)
    let address = UInt(bitPattern: buffer.start)
    let offset = Int((UInt(block) - address % UInt(block)) % UInt(block))
    let isRead = body(UnsafeMutableRawBufferPointer(start: buffer.start + offset, count: count))
    state.change {
      $0.free.append(buffer)
      if isRead { $0.reads += 1 } else { $0.isRefused = true }
    }
    return isRead
  }
}

extension CacheBypass: Hashable {
  static func == (a: CacheBypass, b: CacheBypass) -> Bool { a === b }
  func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
